/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_PARTS_H
#define MMSCOPE_TRACER_PARTS_H

#include <stdbool.h>

bool parts_suffice(void);
void parts_missing(void (*tell)(const char *what, bool minor));

#endif
