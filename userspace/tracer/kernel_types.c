// SPDX-License-Identifier: GPL-2.0
/*
 * A small BTF with those types of the kernel that the programs name. libbpf searches all types of a
 * BTF for each type that a program names: in this one there are a few hundred, not a hundred
 * thousand.
 *
 * libbpf relocates members of structures, for which it compares their kinds and sizes. It does not
 * look at what a pointer points to, nor at qualifiers and names of typedefs. So all pointers are
 * one type in this BTF, and a member has the type that is behind its typedefs.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tracer/kernel_names.h"
#include "tracer/kernel_types.h"

/**
 * struct extract - a BTF that is made of some types of another one, and of the types of their
 *	members
 * @from: BTF that has all types
 * @to: BTF that is made
 * @pointer: id of the only pointer type in @to
 * @nr: number of types that have an id in @to
 * @room: number of elements for which @order has room
 * @order: ids of the types in @from, in the order of their ids in @to
 * @ids: ids of the types in @to, by their ids in @from; 0 for a type that has none
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

/* The length of a name without its flavour, as "___plain" of mm_struct___plain (libbpf, CO-RE). */
static size_t essential_length(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

/**
 * kernel_types_want - look for all types that programs name
 * @wanted: names that are looked for
 * @programs: BTF of the programs; must live as long as @wanted
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

/* The type behind qualifiers and typedefs. */
static __u32 strip(const struct btf *from, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(from, id);

	while (id && (btf_is_mod(type) || btf_is_typedef(type))) {
		id = type->type;
		type = btf__type_by_id(from, id);
	}
	return id;
}

/* The id that a type has, or will have, in the BTF that is made. */
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

/* Copy a type; return its id in the BTF that is made, or -errno for a kind that no member has. */
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
		/* copy_type() appends the types of members to extract->order. */
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
 * kernel_types_extract - make a BTF of some types, and of the types of their members
 * @from: BTF that has all types
 * @types: ids of the types in @from
 * @n: number of elements of @types
 *
 * Return: the BTF, which the caller frees; NULL where a type is of a kind that is not known here
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
