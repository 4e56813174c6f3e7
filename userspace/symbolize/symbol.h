/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_SYMBOL_H
#define MMSCOPE_SYMBOLIZE_SYMBOL_H

#include <linux/mmscope.h>

/**
 * struct symbol_range - code of an address space
 * @mm: id of the address space
 * @first: it is the first of those that replace all earlier ranges of the address space
 * @start: first address
 * @end: first address behind the code
 * @base: first address of the first VMA of the same file
 * @name: name of the file, without folders
 */
struct symbol_range {
	__u32 mm;
	__u32 first;
	__u64 start;
	__u64 end;
	__u64 base;
	char name[32];
};

void symbol_past(void);
void symbol_on_learn(void (*learned)(const struct symbol_range *range));
void symbol_learn(const struct symbol_range *range);
void symbol_note(const struct mmscope_event *e);
const char *symbol_of(const struct mmscope_event *e);

#endif
