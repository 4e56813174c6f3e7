/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_SUGGEST_H
#define MMSCOPE_BASE_SUGGEST_H

#include <stddef.h>

#define SUGGEST_MOST	3

/**
 * struct suggestion - the names that come nearest to a word that is none of them
 * @word: as typed
 * @before: what is typed in front of each name, "--" or ""
 * @names: the nearest so far, equally near; they are kept as they are, and must stay
 * @n: how many
 * @cost: how far they are away
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
