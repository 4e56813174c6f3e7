/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_TEXT_H
#define MMSCOPE_EXPORT_TEXT_H

#include <linux/types.h>

const char *text_keep(const char *text);
void text_rights(__u32 flags, char out[5]);

#endif
