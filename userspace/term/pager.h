/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TERM_PAGER_H
#define MMSCOPE_TERM_PAGER_H

#include <stdbool.h>

extern bool pager_refused;

void pager_start(void);
bool pager_runs(void);
void pager_end(void);

#endif
