// SPDX-License-Identifier: GPL-2.0
/*
 * The text format that Prometheus reads, version 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#include <string.h>
#include "scrape/exposition.h"
#include "term/plain_text.h"
#include "term/print.h"

/**
 * exposition_metric - begin a metric: its samples follow
 * @out: is written
 * @name: of it
 * @type: counter, gauge or histogram
 * @help: what it is, a sentence of plain words
 */
void exposition_metric(struct exposition *out, const char *name, const char *type,
		       const char *help)
{
	out->name = name;
	if (out->to)
		fprintf(out->to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/**
 * exposition_escape - write the value of a label, which anybody may have chosen
 * @to: where to
 * @value: it; what a terminal would obey, and what is no UTF-8, is written by its number: \\xNN
 */
void exposition_escape(FILE *to, const char *value)
{
	char one[PLAIN_TEXT_MOST];

	while (*value) {
		size_t n = plain_text_next(&value, one);

		for (size_t i = 0; i < n; i++) {
			if (one[i] == '\\' || one[i] == '"')
				fputc('\\', to);
			fputc(one[i], to);
		}
	}
}

static void write_name(const struct exposition *out, const char *suffix,
		       const struct sample_label labels[SAMPLE_LABELS])
{
	bool any = false;

	fprintf(out->to, "%s%s", out->name, suffix);
	for (size_t i = 0; labels && i < SAMPLE_LABELS && labels[i].name; i++) {
		fprintf(out->to, "%s%s=\"", any ? "," : "{", labels[i].name);
		exposition_escape(out->to, labels[i].value);
		fputc('"', out->to);
		any = true;
	}
	if (any)
		fputc('}', out->to);
}

static void print_object(const struct exposition *out, const char *suffix,
			 const struct sample_label labels[SAMPLE_LABELS],
			 struct json_object *value)
{
	struct json_object *o = report_object(), *of = json_object_new_object();
	char name[128];

	snprintf(name, sizeof(name), "%s%s", out->name, suffix);
	for (size_t i = 0; labels && i < SAMPLE_LABELS && labels[i].name; i++)
		json_object_object_add(of, labels[i].name,
				       json_object_new_string(labels[i].value));
	json_object_object_add(o, "metric", json_object_new_string(name));
	json_object_object_add(o, "labels", of);
	json_object_object_add(o, "value", value);
	report_object_print(o);
}

/**
 * exposition_count - write a sample that is a whole number
 * @out: is written
 * @suffix: behind the name of the metric, "" for none
 * @labels: of the sample, or NULL
 * @value: it
 */
void exposition_count(struct exposition *out, const char *suffix,
		      const struct sample_label labels[SAMPLE_LABELS], __u64 value)
{
	if (!out->to) {
		print_object(out, suffix, labels, json_object_new_uint64(value));
		return;
	}
	write_name(out, suffix, labels);
	fprintf(out->to, " %llu\n", value);
}

/**
 * exposition_seconds - write a sample that is a time
 * @out: is written
 * @suffix: behind the name of the metric, "" for none
 * @labels: of the sample, or NULL
 * @ns: the time
 */
void exposition_seconds(struct exposition *out, const char *suffix,
			const struct sample_label labels[SAMPLE_LABELS], __u64 ns)
{
	if (!out->to) {
		print_object(out, suffix, labels, json_object_new_double(ns / 1e9));
		return;
	}
	write_name(out, suffix, labels);
	fprintf(out->to, " %llu.%09llu\n", ns / 1000000000, ns % 1000000000);
}
