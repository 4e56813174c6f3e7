/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_PAGES_BUDDY_H
#define MMSCOPE_PAGES_BUDDY_H

#include <stddef.h>

#include "experiments/lib/free_lists.h"

/* The second part of buddy, in a file of its own. */
void buddy_fragments(size_t size);

#endif
