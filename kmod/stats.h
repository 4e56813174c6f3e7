/* SPDX-License-Identifier: GPL-2.0 */
/* The files of debugfs: stats.c */
#ifndef MMSCOPE_STATS_H
#define MMSCOPE_STATS_H

void mmscope_stats_init(void);
void mmscope_stats_exit(void);

#endif
