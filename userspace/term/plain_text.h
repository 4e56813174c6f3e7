/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TERM_PLAIN_TEXT_H
#define MMSCOPE_TERM_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PLAIN_TEXT_MOST	17	/* \xNN for each byte of a character, and a NUL */

bool plain_text_is(const char *text, size_t n);
size_t plain_text_next(const char **text, char buf[PLAIN_TEXT_MOST]);
const char *plain_text(char *buf, size_t size, const char *text);

#endif
