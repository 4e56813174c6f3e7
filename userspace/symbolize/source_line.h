/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_SOURCE_LINE_H
#define MMSCOPE_SYMBOLIZE_SOURCE_LINE_H

#include <gelf.h>
#include <linux/types.h>

/**
 * struct line - place of an instruction in the source of a program
 * @function: name of the function, NULL when it is not known
 * @file: name of the source file without folders, NULL when it is not known
 * @number: number of the line in @file
 */
struct line {
	const char *function;
	const char *file;
	int number;
};

int line_address(Elf *elf, __u64 offset, GElf_Addr *address);
struct line line_of(const char *path, __u64 offset);

#endif
