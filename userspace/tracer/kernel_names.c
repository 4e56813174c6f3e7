// SPDX-License-Identifier: GPL-2.0
/*
 * Looks for names in the kernel's BTF, which has more than a hundred thousand. All names that are
 * wanted are found in one pass; libbpf would make a pass for each.
 */
#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>
#include "tracer/kernel_names.h"

/* The hash is FNV-1a. */
#define HASH_FIRST	2166136261U
#define HASH_FACTOR	16777619U

static unsigned int bucket_of(__u32 hash)
{
	return (hash ^ hash >> 16) % NAME_BUCKETS;
}

static unsigned int bucket_of_text(const char *text, size_t length)
{
	__u32 hash = HASH_FIRST;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * HASH_FACTOR;
	return bucket_of(hash);
}

static struct kernel_name *find(const struct kernel_names *wanted, unsigned int bucket,
				enum name_kind kind, const char *text, size_t length)
{
	struct kernel_name *name;

	for (unsigned int at = wanted->buckets[bucket]; at; at = name->next) {
		name = &wanted->names[at - 1];
		if (name->kind == kind && name->length == length &&
		    !memcmp(name->text, text, length))
			return name;
	}
	return NULL;
}

/**
 * kernel_names_want - add a name to those that are looked for, unless it is there already
 * @wanted: names that are looked for
 * @kind: what the name stands for
 * @text: begins with the name; is not copied
 * @length: of the name
 */
void kernel_names_want(struct kernel_names *wanted, enum name_kind kind, const char *text,
		       size_t length)
{
	unsigned int bucket = bucket_of_text(text, length);

	if (!length || find(wanted, bucket, kind, text, length))
		return;
		/* The array has room for a power of two of elements, and is full now. */
	if (!(wanted->nr & (wanted->nr - 1))) {
		wanted->names = realloc(wanted->names,
					2 * (wanted->nr + 1) * sizeof(*wanted->names));
		if (!wanted->names)
			abort();
	}
	wanted->names[wanted->nr++] = (struct kernel_name){
		.text = text,
		.length = length,
		.kind = kind,
		.next = wanted->buckets[bucket],
	};
	wanted->buckets[bucket] = wanted->nr;
}

static void take_type(struct kernel_names *wanted, __u32 id)
{
	if (!(wanted->nr_types & (wanted->nr_types - 1))) {
		wanted->types = realloc(wanted->types,
					2 * (wanted->nr_types + 1) * sizeof(*wanted->types));
		if (!wanted->types)
			abort();
	}
	wanted->types[wanted->nr_types++] = id;
}

/* What follows a prefix in a name, NULL where the name does not begin with the prefix. */
static const char *behind(const char *text, const char *prefix, size_t length)
{
	return strncmp(text, prefix, length) ? NULL : text + length;
}

static void look_at(struct kernel_names *wanted, enum name_kind kind, const char *text, __u32 id)
{
	struct kernel_name *name;
	__u32 hash = HASH_FIRST;
	const char *end = text;

	while (*end)
		hash = (hash ^ (unsigned char)*end++) * HASH_FACTOR;
	name = find(wanted, bucket_of(hash), kind, text, end - text);
	if (!name)
		return;
	if (!name->found++)
		name->id = id;
	if (kind == NAME_TYPE)
		take_type(wanted, id);
}

/**
 * kernel_names_find - look for all wanted names
 * @wanted: names that are looked for; ids and numbers are noted there
 * @btf: the kernel's BTF
 */
void kernel_names_find(struct kernel_names *wanted, const struct btf *btf)
{
	const __u32 nr = btf__type_cnt(btf);
	const struct btf_type *type;
	const char *text, *rest;

	for (__u32 id = 1; id < nr; id++) {
		type = btf__type_by_id(btf, id);
		switch (btf_kind(type)) {
		case BTF_KIND_FUNC:
			text = btf__name_by_offset(btf, type->name_off);
			look_at(wanted, NAME_FUNCTION, text, id);
			rest = behind(text, "bpf_iter_", 9);
			if (rest)
				look_at(wanted, NAME_ITERATOR, rest, id);
			break;
		case BTF_KIND_TYPEDEF:
			rest = behind(btf__name_by_offset(btf, type->name_off), "btf_trace_", 10);
			if (rest)
				look_at(wanted, NAME_TRACEPOINT, rest, id);
			break;
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
			if (type->name_off)
				look_at(wanted, NAME_TYPE,
					btf__name_by_offset(btf, type->name_off), id);
			break;
		}
	}
}

/**
 * kernel_names_get - what was found of a name
 * @wanted: names that were looked for
 * @kind: what the name stands for
 * @text: the name
 *
 * Return: the name with what was found, valid until the next kernel_names_want(); NULL for a name
 *	that was not wanted
 */
const struct kernel_name *kernel_names_get(const struct kernel_names *wanted, enum name_kind kind,
					   const char *text)
{
	size_t length = strlen(text);

	return find(wanted, bucket_of_text(text, length), kind, text, length);
}

/**
 * kernel_names_free - free the names and what was found of them
 * @wanted: becomes empty
 */
void kernel_names_free(struct kernel_names *wanted)
{
	free(wanted->names);
	free(wanted->types);
	memset(wanted, 0, sizeof(*wanted));
}
