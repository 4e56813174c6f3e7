/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CMD_WHO_STACK_H
#define MMSCOPE_CMD_WHO_STACK_H

#include <linux/types.h>

void who_stack_print(__u32 callers);

#endif
