/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_VERIFY_H
#define MMSCOPE_VERIFY_H

#include "watch.h"

int verify_begin(struct watch *watch);
int verify_run(void);

#endif
