/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_HTML_SET_H
#define MMSCOPE_EXPORT_HTML_SET_H

#include <stddef.h>
#include <linux/types.h>
#include "recording/bytes.h"

/**
 * struct html_set - different strings of bytes, numbered in the order in which they came
 * @bytes: all of them, one behind the other
 * @ends: of each, where the next one begins
 * @nr: how many
 * @slots: hash table of numbers, each one more than it is
 * @mask: one less than its size
 */
struct html_set {
	struct bytes bytes;
	size_t *ends;
	__u32 nr;
	__u32 *slots;
	__u32 mask;
};

__u32 html_set_add(struct html_set *set, const void *data, size_t size);
const void *html_set_get(const struct html_set *set, __u32 number, size_t *size);
__u32 html_word(struct html_set *set, const char *word);

#endif
