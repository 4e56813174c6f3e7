/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_STATEMENT_H
#define MMSCOPE_REPRODUCE_STATEMENT_H

#include <stdbool.h>
#include <stdio.h>

struct regions;
struct step;

void statement_regions(const struct step *step, struct regions *regions);
bool statement_write(const struct step *step, const struct regions *regions, FILE *out);
const char *statement_error(int error);

#endif
