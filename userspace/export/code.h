/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_CODE_H
#define MMSCOPE_EXPORT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct mm;

/**
 * struct code - an instruction, wherever its file was mapped
 * @name: of the program or library, "" for none
 * @ino: of that file, 0 for none
 * @offset: in it; the address where there is none
 * @exact: it is the instruction, and not where a call returns to
 * @function: NULL where it is not known
 * @file: of its source, NULL where it is not known
 * @line: in @file
 * @place: its file, without folders, and offset; NULL while it was not looked up
 * @words: function, or @place
 * @foreign: the function is of a file of that name that may be another
 */
struct code {
	const char *name;
	__u64 ino;
	__u64 offset;
	bool exact;
	const char *function;
	const char *file;
	int line;
	const char *place;
	const char *words;
	bool foreign;
};

__u32 code_at(const struct mm *mm, __u64 address, bool exact);
const struct code *code_get(__u32 id);
const struct code *code_known(__u32 id);
size_t code_number(void);
void code_look_up(void);
bool code_build_id(const char *name, __u64 ino, char *hex, size_t size);

#endif
