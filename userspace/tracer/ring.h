/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_RING_H
#define MMSCOPE_TRACER_RING_H

#include <stddef.h>

int ring_open(int map, size_t size);
int ring_fd(void);
unsigned long ring_end(void);
const void *ring_next(unsigned long end);
size_t ring_length(const void *record);
void ring_close(void);

#endif
