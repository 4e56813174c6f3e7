/* SPDX-License-Identifier: GPL-2.0 */
/* E  the allocator's story */
EXPERIMENT(chunks)
EXPERIMENT(top_chunk)
EXPERIMENT(bins_fast)
EXPERIMENT(bins_small)
EXPERIMENT(bins_large)
EXPERIMENT(bins_unsorted)
EXPERIMENT(malloc_order)
EXPERIMENT(malloc_path)
EXPERIMENT(wholesale)
EXPERIMENT(ptmalloc_story)
EXPERIMENT(heap_wall)
EXPERIMENT(dangling)
