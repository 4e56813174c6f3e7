/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_GIVE_BACK_H
#define MMSCOPE_LIB_GIVE_BACK_H

#include "lab/experiment.h"

/* The second half of partial-munmap, in a file of its own. */
void give_back(void);

/* The last part: all ways, side by side. */
void ways_all(void);

#endif
