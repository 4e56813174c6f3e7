/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_STAGES_H
#define MMSCOPE_LIB_STAGES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct stop - a place in the kernel that a fault may come by
 * @word: for it, in the order that is predicted
 * @what: it does there, for the picture
 * @functions: its names, by kernels; the first that is there is watched; NULL for the trap itself
 * @back: watch its return
 * @counted: how often, instead of when: it has no place in the order
 * @function: the one that is watched, NULL when there is none
 * @fd: of perf
 * @ring: its records
 * @hits: how often it was passed
 */
struct stop {
	const char *word;
	const char *what;
	const char *functions[3];
	bool back;
	bool counted;
	const char *function;
	int fd;
	void *ring;
	long hits;
};

void stages_open(struct stop *stops, size_t n);
void stages_begin(void);
void stages_end(void);

#endif
