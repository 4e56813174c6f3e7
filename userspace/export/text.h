/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_TEXT_H
#define MMSCOPE_EXPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

const char *text_keep(const char *text);
bool text_valid(const char *text);
void text_rights(__u32 flags, char out[5]);
size_t text_mend(char *to, const char *text);

/* text_mend() makes a byte at most so long. */
#define TEXT_MEND	3

#endif
