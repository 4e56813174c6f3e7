/* SPDX-License-Identifier: GPL-2.0 */
/* E  the allocator's story */
EXPERIMENT(chunks)
EXPERIMENT(ptmalloc_story)
