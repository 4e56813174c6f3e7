/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_MODULES_H
#define MMSCOPE_SYMBOLIZE_MODULES_H

#include <elfutils/libdwfl.h>

struct space;

Dwfl *layout_of(struct space *space, const Dwfl_Thread_Callbacks *callbacks);

#endif
