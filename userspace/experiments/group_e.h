/* SPDX-License-Identifier: GPL-2.0 */
/* E  the allocator's story */
EXPERIMENT(chunks)
EXPERIMENT(top_chunk)
EXPERIMENT(ptmalloc_story)
