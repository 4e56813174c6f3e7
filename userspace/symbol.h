/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOL_H
#define MMSCOPE_SYMBOL_H

#include <linux/mmscope.h>

const char *symbol_of(const struct mmscope_event *e);

#endif
