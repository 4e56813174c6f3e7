/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_REDUCTION_H
#define MMSCOPE_REPRODUCE_REDUCTION_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct reduction - a program of which steps are removed
 * @text: of the program
 * @lines: where each line begins
 * @nr_lines: how many
 * @removable: is it a step?
 * @kept: is it still there?
 * @steps: the lines that are steps, and are still there
 * @nr: how many
 * @trial: the same without what is to be removed next
 * @nr_trial: how many
 * @tests: how often it was tested
 */
struct reduction {
	char *text;
	char **lines;
	size_t nr_lines;
	bool *removable;
	bool *kept;
	size_t *steps;
	size_t nr;
	size_t *trial;
	size_t nr_trial;
	size_t tests;
};

/**
 * enum reduction_verdict - what a test of a program found
 * @REDUCTION_GOOD: it succeeds
 * @REDUCTION_BAD: it does not
 * @REDUCTION_STOP: no more is to be tested
 */
enum reduction_verdict {
	REDUCTION_GOOD,
	REDUCTION_BAD,
	REDUCTION_STOP,
};

typedef enum reduction_verdict (*reduction_test)(struct reduction *reduction, void *arg);

int reduction_load(struct reduction *reduction, const char *path);
bool reduction_run(struct reduction *reduction, reduction_test test, void *arg);
int reduction_write(const struct reduction *reduction, const char *path);
void reduction_free(struct reduction *reduction);

#endif
