/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CHECK_BEFORE_H
#define MMSCOPE_CHECK_BEFORE_H

#include "check/check.h"

const char *before_read(const char *path);
void before_now(const char *id, enum check_verdict verdict);

#endif
