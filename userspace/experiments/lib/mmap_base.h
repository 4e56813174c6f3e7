/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_MMAP_BASE_H
#define MMSCOPE_LIB_MMAP_BASE_H

#include <stdbool.h>
#include <stddef.h>

/* The end of what mmap() and execve() use unasked: TASK_SIZE of 47 bits */
#define MMAP_BASE_END	((1UL << 47) - 4096)

bool mmap_base_randomized(void);
bool mmap_base_bottom_up(void);
size_t mmap_base_room(void);
size_t mmap_base_dice(void);
size_t mmap_base_highest(void);
size_t mmap_base_lowest(void);
bool mmap_base_low(void);

#endif
