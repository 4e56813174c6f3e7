/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_PROGRAM_H
#define MMSCOPE_REPRODUCE_PROGRAM_H

#include <stdio.h>

struct history;

/* What is between these lines of a program can be removed line by line. */
#define PROGRAM_STEPS	"/* Steps: each line can be removed. */"
#define PROGRAM_END	"/* End of the steps. */"

/**
 * struct program - what was written
 * @steps: steps of it
 * @skipped: calls that cannot be done again, for want of what they were about
 * @processes: that it has
 * @regions: of addresses
 * @notes: what it does not keep, a sentence a line, to be freed
 */
struct program {
	size_t steps;
	size_t skipped;
	unsigned int processes;
	size_t regions;
	char *notes;
};

void program_write(struct history *history, const char *of, FILE *out, struct program *program);

#endif
