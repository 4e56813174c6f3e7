/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RAW_H
#define MMSCOPE_RAW_H

#include <linux/mmscope.h>

void raw_take(const struct mmscope_event *raw);

#endif
