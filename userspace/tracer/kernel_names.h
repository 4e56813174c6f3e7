/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KERNEL_NAMES_H
#define MMSCOPE_TRACER_KERNEL_NAMES_H

#include <stddef.h>
#include <linux/types.h>

struct btf;

#define NAME_BUCKETS	1024

/**
 * enum name_kind - what a name in the kernel's BTF stands for
 * @NAME_FUNCTION: a function
 * @NAME_TRACEPOINT: a tracepoint
 * @NAME_ITERATOR: what a BPF iterator goes over
 * @NAME_TYPE: a struct, union or enum
 */
enum name_kind {
	NAME_FUNCTION,
	NAME_TRACEPOINT,
	NAME_ITERATOR,
	NAME_TYPE,
};

/**
 * struct kernel_name - a name that is looked for
 * @text: begins with the name; is not owned
 * @length: of the name
 * @kind: what the name stands for
 * @id: BTF id of the first that has the name, 0 for none
 * @found: number of those that have the name
 * @next: next name in the same bucket: its place in &kernel_names.names plus one, 0 for none
 */
struct kernel_name {
	const char *text;
	size_t length;
	enum name_kind kind;
	__u32 id;
	unsigned int found;
	unsigned int next;
};

/**
 * struct kernel_names - names that are looked for together; all members are 0 when it is empty
 * @names: the names
 * @nr: number of elements of @names
 * @types: BTF ids of all NAME_TYPE that were found
 * @nr_types: number of elements of @types
 * @buckets: first name of each bucket: its place in @names plus one, 0 for none
 */
struct kernel_names {
	struct kernel_name *names;
	size_t nr;
	__u32 *types;
	size_t nr_types;
	unsigned int buckets[NAME_BUCKETS];
};

void kernel_names_want(struct kernel_names *wanted, enum name_kind kind, const char *text,
		       size_t length);
void kernel_names_find(struct kernel_names *wanted, const struct btf *btf);
const struct kernel_name *kernel_names_get(const struct kernel_names *wanted, enum name_kind kind,
					   const char *text);
void kernel_names_free(struct kernel_names *wanted);

#endif
