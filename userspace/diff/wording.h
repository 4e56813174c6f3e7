/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DIFF_WORDING_H
#define MMSCOPE_DIFF_WORDING_H

#include "diff/side.h"

struct bytes;

void wording_names(struct bytes *to, __u64 (*say)(const char *text));
void wording_functions(struct bytes *to, __u64 (*say)(const char *text));

#endif
