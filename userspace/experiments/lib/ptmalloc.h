/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_PTMALLOC_H
#define MMSCOPE_LIB_PTMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include "base/kernel_rules.h"

/**
 * enum ptmalloc_way - where a chunk comes from
 */
enum ptmalloc_way { PTMALLOC_TOP, PTMALLOC_BRK, PTMALLOC_MMAP };

/**
 * struct ptmalloc - what glibc's malloc will do, by its rules
 * @top_pad: M_TOP_PAD
 * @trim_threshold: M_TRIM_THRESHOLD
 * @mmap_threshold: M_MMAP_THRESHOLD
 * @dynamic: the thresholds move
 * @begun: the first call was made
 * @top: size of the top chunk
 * @mapped: bytes in mappings
 * @brk_change: by the last call
 * @mapped_change: by the last call
 */
struct ptmalloc {
	size_t top_pad;
	size_t trim_threshold;
	size_t mmap_threshold;
	bool dynamic;
	bool begun;
	size_t top;
	size_t mapped;
	size_t brk_change;
	size_t mapped_change;
};

extern const struct rule rule_tcache_large;

struct ptmalloc ptmalloc_today(void);
void ptmalloc_set(struct ptmalloc *p, size_t top_pad, size_t trim_threshold);
size_t ptmalloc_chunk(size_t request);
enum ptmalloc_way ptmalloc_malloc(struct ptmalloc *p, size_t request);
void ptmalloc_free_mapped(struct ptmalloc *p);
size_t ptmalloc_free_top(struct ptmalloc *p, size_t below);

/* The heap as it is, drawn below the step. */
void ptmalloc_name(const char *name, const void *chunk);
void ptmalloc_draw(void);

#endif
