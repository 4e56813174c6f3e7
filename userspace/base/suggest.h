/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_SUGGEST_H
#define MMSCOPE_BASE_SUGGEST_H

#include <stddef.h>

#define SUGGEST_MOST	3

/**
 * struct suggestion - the names that are nearest to a word that is no name
 * @word: the word as typed
 * @before: what is typed in front of each name, "--" or ""
 * @names: the nearest names so far, all equally near; only pointers are kept
 * @n: number of elements of @names
 * @cost: distance between @word and @names; two for each letter that differs
 */
struct suggestion {
	const char *word;
	const char *before;
	const char *names[SUGGEST_MOST];
	size_t n;
	unsigned int cost;
};

void suggest_begin(struct suggestion *s, const char *word);
void suggest_offer(struct suggestion *s, const char *name);
const char *suggest_todo(const struct suggestion *s, const char *todo);

#endif
