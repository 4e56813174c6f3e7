/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TERM_PROGRESS_H
#define MMSCOPE_TERM_PROGRESS_H

#include <stdbool.h>
#include "base/tool.h"

bool progress_wanted(void);
void progress_show(const char *fmt, ...) __printf(1, 2);
void progress_clear(void);

#endif
