/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TERM_PLAIN_TEXT_H
#define MMSCOPE_TERM_PLAIN_TEXT_H

#include <stddef.h>

const char *plain_text(char *buf, size_t size, const char *text);

#endif
