/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_OUTPUT_H
#define MMSCOPE_EXPORT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

/**
 * struct output - a file that is whole, or is not there
 * @file: is written
 * @path: where it is to be, NULL for stdout
 * @unfinished: its name until then, NULL where @path is written itself
 * @bytes: of it, when it is whole
 */
struct output {
	FILE *file;
	char *path;
	char *unfinished;
	__u64 bytes;
};

int output_open(struct output *output, const char *path, bool regular, const char *input);
int output_end(struct output *output, int code);

#endif
