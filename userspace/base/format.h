/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_FORMAT_H
#define MMSCOPE_BASE_FORMAT_H

#include <stdarg.h>
#include <linux/types.h>
#include "base/tool.h"

/* Room for any number in decimal digits. */
#define FORMAT_DIGITS	20

size_t format_decimal(char *at, __u64 value);
size_t format_hexadecimal(char *at, __u64 value, size_t least);
char *format_string(char *at, char *end, const char *text, int width);
size_t format_text(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
size_t format_list(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);

#endif
