/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_SOURCE_LINE_H
#define MMSCOPE_SYMBOLIZE_SOURCE_LINE_H

#include <gelf.h>
#include <linux/types.h>

/**
 * struct line - where in a program's source an instruction is
 * @function: NULL when not known
 * @file: without folders, NULL when not known
 * @number: line in @file
 */
struct line {
	const char *function;
	const char *file;
	int number;
};

int line_address(Elf *elf, __u64 offset, GElf_Addr *address);
struct line line_of(const char *path, __u64 offset);

#endif
