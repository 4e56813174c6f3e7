/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DOCTOR_DOCTOR_H
#define MMSCOPE_DOCTOR_DOCTOR_H

#include "base/tool.h"

/**
 * enum finding - what mmscope doctor thinks of something
 * @FOUND_GOOD: it is as it should be
 * @FOUND_WARNING: something is not told, or not proved
 * @FOUND_BAD: mmscope does not work, or tells what is not so: the exit status says it too
 */
enum finding { FOUND_GOOD, FOUND_WARNING, FOUND_BAD };

void doctor_find(enum finding finding, const char *todo, const char *fmt, ...) __printf(3, 4);
int doctor_end(void);

void doctor_deep(void);

#endif
