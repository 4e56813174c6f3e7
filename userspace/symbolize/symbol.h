/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_SYMBOL_H
#define MMSCOPE_SYMBOLIZE_SYMBOL_H

#include <linux/mmscope.h>

void symbol_note(const struct mmscope_event *e);
const char *symbol_of(const struct mmscope_event *e);

#endif
