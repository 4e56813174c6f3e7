// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's types that programs name, as a BTF of their own. libbpf looks through all types for
 * each that a program names: a few hundred are enough, of a hundred thousand.
 *
 * It relocates members, of which it compares kind and size: what a pointer points to is no matter,
 * nor are qualifiers and names of typedefs. So all pointers are one type here, and a member has the
 * type that is behind its typedefs.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tracer/kernel_names.h"
#include "tracer/kernel_types.h"

/**
 * struct extract - types that are copied, with the types of their members
 * @from: the BTF that has them all
 * @to: that of the copies
 * @pointer: id of the only pointer there
 * @nr: how many have an id there
 * @room: for how many there is room
 * @order: their ids in @from, in the order of those in @to
 * @ids: their ids in @to, by those in @from; 0 for those that have none
 */
struct extract {
	const struct btf *from;
	struct btf *to;
	__u32 pointer;
	__u32 nr;
	__u32 room;
	__u32 *order;
	__u32 *ids;
};

/* Length of a name without its flavour, which tells types of one name apart: mm_struct___plain. */
static size_t essential_length(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

/**
 * kernel_types_want - have all types looked for that programs name
 * @wanted: the names that are looked for
 * @programs: their BTF; it stays where it is
 */
void kernel_types_want(struct kernel_names *wanted, const struct btf *programs)
{
	const struct btf_type *type;
	const char *name;

	for (__u32 id = 1; id < btf__type_cnt(programs); id++) {
		type = btf__type_by_id(programs, id);
		if (!btf_is_composite(type) && !btf_is_any_enum(type))
			continue;
		name = btf__name_by_offset(programs, type->name_off);
		kernel_names_want(wanted, NAME_TYPE, name, essential_length(name));
	}
}

/* What a type is when nobody minds its qualifiers, its other names and what it points to. */
static __u32 strip(const struct btf *from, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(from, id);

	while (id && (btf_is_mod(type) || btf_is_typedef(type))) {
		id = type->type;
		type = btf__type_by_id(from, id);
	}
	return id;
}

/* The id that a type will have in the copy. */
static __u32 id_of(struct extract *extract, __u32 id)
{
	id = strip(extract->from, id);
	if (!id)
		return 0;
	if (btf_is_ptr(btf__type_by_id(extract->from, id)))
		return extract->pointer;
	if (extract->ids[id])
		return extract->ids[id];
	if (extract->nr == extract->room) {
		extract->room = 2 * extract->room + 256;
		extract->order = realloc(extract->order,
					 extract->room * sizeof(*extract->order));
		if (!extract->order)
			abort();
	}
	extract->order[extract->nr++] = id;
	extract->ids[id] = extract->pointer + extract->nr;
	return extract->ids[id];
}

static int copy_members(struct extract *extract, const struct btf_type *type)
{
	const struct btf_member *member = btf_members(type);
	int error = 0;

	for (__u32 i = 0; i < btf_vlen(type) && !error; i++, member++)
		error = btf__add_field(extract->to,
				       btf__name_by_offset(extract->from, member->name_off),
				       id_of(extract, member->type),
				       btf_member_bit_offset(type, i),
				       btf_member_bitfield_size(type, i));
	return error;
}

static int copy_composite(struct extract *extract, const struct btf_type *type, const char *name)
{
	int id, error;

	if (btf_is_struct(type))
		id = btf__add_struct(extract->to, name, type->size);
	else
		id = btf__add_union(extract->to, name, type->size);
	error = id < 0 ? id : copy_members(extract, type);
	return error ? error : id;
}

/* Its id in the copy, or -errno. A function has no size: no member is one. */
static int copy_type(struct extract *extract, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(extract->from, id);
	const char *name = btf__name_by_offset(extract->from, type->name_off);
	const struct btf_array *array = btf_array(type);

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		return btf__add_int(extract->to, name, type->size, btf_int_encoding(type));
	case BTF_KIND_FLOAT:
		return btf__add_float(extract->to, name, type->size);
	case BTF_KIND_ENUM:
		return btf__add_enum(extract->to, name, type->size);
	case BTF_KIND_ENUM64:
		return btf__add_enum64(extract->to, name, type->size, btf_kflag(type));
	case BTF_KIND_ARRAY:
		return btf__add_array(extract->to, id_of(extract, array->index_type),
				      id_of(extract, array->type), array->nelems);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return copy_composite(extract, type, name);
	}
	return -EINVAL;
}

static int copy_all(struct extract *extract, const __u32 *types, size_t n)
{
	int id = btf__add_ptr(extract->to, 0);

	if (id < 0)
		return id;
	extract->pointer = id;
	for (size_t i = 0; i < n; i++)
		id_of(extract, types[i]);
	/* What a type has members of is appended meanwhile. */
	for (__u32 i = 0; i < extract->nr; i++) {
		id = copy_type(extract, extract->order[i]);
		if (id < 0)
			return id;
		if ((__u32)id != extract->ids[extract->order[i]])
			return -EINVAL;
	}
	return 0;
}

/**
 * kernel_types_extract - a BTF of some types, and of what they have as members
 * @from: one that has them all
 * @types: their ids
 * @n: how many
 *
 * Return: to be freed; NULL where a type is of a kind that is not known here
 */
struct btf *kernel_types_extract(const struct btf *from, const __u32 *types, size_t n)
{
	struct extract extract = { .from = from, .to = btf__new_empty() };
	int error;

	if (!extract.to)
		return NULL;
	extract.ids = calloc(btf__type_cnt(from), sizeof(*extract.ids));
	if (!extract.ids)
		abort();
	error = copy_all(&extract, types, n);
	free(extract.ids);
	free(extract.order);
	if (!error)
		return extract.to;
	btf__free(extract.to);
	return NULL;
}
