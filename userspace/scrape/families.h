/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_FAMILIES_H
#define MMSCOPE_SCRAPE_FAMILIES_H

#include <stdbool.h>

struct exposition;

/**
 * struct scraped - what is told beside counters
 * @kernel: the release that records are of
 * @live: they are of this machine, and of now
 * @over: nothing more is going to be told, so that it is known what was not seen
 */
struct scraped {
	char kernel[80];
	bool live;
	bool over;
};

void families_write(struct exposition *out, const struct scraped *of);
char *families_text(const struct scraped *of, size_t *n);

#endif
