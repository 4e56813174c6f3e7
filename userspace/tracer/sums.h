/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_SUMS_H
#define MMSCOPE_TRACER_SUMS_H

int sums_map(void);

#endif
