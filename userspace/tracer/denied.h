/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_DENIED_H
#define MMSCOPE_TRACER_DENIED_H

#include <stdbool.h>

bool denied_by_lockdown(void);

#endif
