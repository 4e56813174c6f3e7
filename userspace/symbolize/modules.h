/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_MODULES_H
#define MMSCOPE_SYMBOLIZE_MODULES_H

#include <elfutils/libdwfl.h>

struct mm;

Dwfl *layout_of(struct mm *mm, const Dwfl_Thread_Callbacks *callbacks);

#endif
