/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_CHUNK_H
#define MMSCOPE_LIB_CHUNK_H

#include <stdbool.h>
#include <stddef.h>

#define CHUNK_PREV_INUSE	1UL
#define CHUNK_MMAPPED		2UL
#define CHUNK_FOREIGN		4UL	/* NON_MAIN_ARENA */

#define WITHOUT_TCACHE		"GLIBC_TUNABLES=glibc.malloc.tcache_count=0"

/* malloc() and free() as acts; addresses as numbers, so that they may outlive the block. */
size_t chunk_get(size_t request);
void chunk_put(size_t block);

/* The words of a block, and those of malloc() in front of it. */
size_t chunk_word(size_t block, int index);
size_t chunk_size(size_t block);
bool chunk_flag(size_t block, size_t flag);

/* Which bin a free chunk is in, when it is alone there. */
void chunk_bins_find(void);
long chunk_bin(size_t block);
size_t chunk_bin_index(size_t size);
void chunk_sort(void);

bool chunk_has_fastbins(void);

#endif
