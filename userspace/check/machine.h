/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CHECK_MACHINE_H
#define MMSCOPE_CHECK_MACHINE_H

#include <stdbool.h>

bool machine_is_virtual(void);

#endif
