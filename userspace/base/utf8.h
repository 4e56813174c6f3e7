/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_UTF8_H
#define MMSCOPE_BASE_UTF8_H

#include <stddef.h>

size_t utf8_length(const char *text);

#endif
