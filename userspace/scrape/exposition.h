/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_EXPOSITION_H
#define MMSCOPE_SCRAPE_EXPOSITION_H

#include <stdio.h>
#include <linux/types.h>

/**
 * struct exposition - metrics while they are written, in the text format 0.0.4 of Prometheus
 * @to: where to; NULL: each sample is printed as an object of JSON
 * @name: of the metric that samples are of
 */
struct exposition {
	FILE *to;
	const char *name;
};

/**
 * struct sample_label - a label of a sample
 * @name: of it, a word
 * @value: anything; it is escaped
 */
struct sample_label {
	const char *name;
	const char *value;
};

/* A name that is NULL ends them before. */
#define SAMPLE_LABELS	2

void exposition_metric(struct exposition *out, const char *name, const char *type,
		       const char *help);
void exposition_count(struct exposition *out, const char *suffix,
		      const struct sample_label labels[SAMPLE_LABELS], __u64 value);
void exposition_seconds(struct exposition *out, const char *suffix,
			const struct sample_label labels[SAMPLE_LABELS], __u64 ns);
void exposition_escape(FILE *to, const char *value);

#endif
