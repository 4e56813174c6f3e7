// SPDX-License-Identifier: GPL-2.0
/*
 * The metrics: what each is called, its help, and its samples. Names and units are as Prometheus
 * asks for: https://prometheus.io/docs/practices/naming/
 */
#include <stdlib.h>
#include "base/proc.h"
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"
#include "scrape/counters.h"
#include "scrape/exposition.h"
#include "scrape/families.h"
#include "scrape/gauges.h"

/* Classes that a record of the tracer's has: all, so that what was never seen is told as 0. */
#define FIRST_CLASS	(RECORD_CLASS_NONE + 1)

static void write_faults(struct exposition *out)
{
	const struct counters *all = counters_all();
	const struct label_rows *slices = slices_all();

	exposition_metric(out, "mmscope_faults_total", "counter",
			  "Page faults, by what they did and the cgroup slice of the process.");
	for (size_t slice = 0; slice < slices->nr; slice++)
		for (size_t class = FIRST_CLASS; class < RECORD_NR_CLASSES; class++) {
			const struct sample_label labels[SAMPLE_LABELS] = {
				{ "class", class_name(class) },
				{ "slice", slices->rows[slice].values[0] },
			};

			exposition_count(out, "", labels, all->faults[slice][class]);
		}
}

/* As short as a limit in seconds can be written: 2.5e-07. */
static const char *limit_text(__u32 ns, char *buf, size_t size)
{
	snprintf(buf, size, "%g", ns / 1e9);
	return buf;
}

static void write_times_of(struct exposition *out, size_t class)
{
	const struct counter_times *times = &counters_all()->times[class];
	struct sample_label labels[SAMPLE_LABELS] = {
		{ "class", class_name(class) }, { "le", NULL },
	};
	const struct sample_label of[SAMPLE_LABELS] = { labels[0] };
	char limit[32];
	__u64 n = 0;

	for (size_t i = 0; i < NR_LIMITS; i++) {
		n += times->within[i];
		labels[1].value = limit_text(counter_limits[i], limit, sizeof(limit));
		exposition_count(out, "_bucket", labels, n);
	}
	n += times->within[NR_LIMITS];
	labels[1].value = "+Inf";
	exposition_count(out, "_bucket", labels, n);
	exposition_seconds(out, "_sum", of, times->ns);
	exposition_count(out, "_count", of, n);
}

static void write_times(struct exposition *out)
{
	exposition_metric(out, "mmscope_fault_duration_seconds", "histogram",
			  "How long page faults took, by what they did. Those whose begin the "
			  "kernel did not tell are left out.");
	for (size_t class = FIRST_CLASS; class < RECORD_NR_CLASSES; class++)
		write_times_of(out, class);
}

static void write_rows(struct exposition *out, const struct label_rows *rows, const char *first,
		       const char *second, __u64 each)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct sample_label labels[SAMPLE_LABELS] = {
			{ first, rows->rows[i].values[0] }, { second, rows->rows[i].values[1] },
		};

		exposition_count(out, "", labels, each * rows->rows[i].count);
	}
}

static void write_causes(struct exposition *out)
{
	const struct counters *all = counters_all();

	exposition_metric(out, "mmscope_refaults_total", "counter",
			  "Page faults in pages that were given back, by what had taken them.");
	write_rows(out, &all->again, "cause", NULL, 1);
	exposition_metric(out, "mmscope_refusals_total", "counter",
			  "Calls about memory that failed, and faults that were refused, by the "
			  "call (or fault) and the reason.");
	write_rows(out, &all->refused, "call", "reason", 1);
	exposition_metric(out, "mmscope_pages_given_back_total", "counter",
			  "Pages that were taken from address spaces, by what took them.");
	write_rows(out, &all->given_back, "cause", NULL, 1);
	exposition_metric(out, "mmscope_given_back_bytes_total", "counter",
			  "The same in bytes.");
	write_rows(out, &all->given_back, "cause", NULL, proc_page_size());
}

/* What has no row of its own, and why there may be less than there was. */
static void write_folded(struct exposition *out)
{
	const struct counters *all = counters_all();
	const struct {
		const char *label;
		const struct label_rows *rows;
	} folded[] = {
		{ "slice", slices_all() }, { "refault_cause", &all->again },
		{ "refusal", &all->refused }, { "given_back_cause", &all->given_back },
	};

	exposition_metric(out, "mmscope_folded_total", "counter",
			  "How often something was counted as other, since there are too many "
			  "values of a label.");
	for (size_t i = 0; i < ARRAY_SIZE(folded); i++) {
		const struct sample_label labels[SAMPLE_LABELS] = { { "of", folded[i].label } };

		exposition_count(out, "", labels, folded[i].rows->folded);
	}
}

static void write_info(struct exposition *out, const struct scraped *of)
{
	const struct sample_label labels[SAMPLE_LABELS] = {
		{ "version", MMSCOPE_VERSION }, { "kernel", of->kernel },
	};

	exposition_metric(out, "mmscope_build_info", "gauge",
			  "Always 1: the version of mmscope, and the kernel that it is told by.");
	exposition_count(out, "", labels, 1);
	exposition_metric(out, "mmscope_records_total", "counter",
			  "Records that were counted, of any kind.");
	exposition_count(out, "", NULL, counters_all()->records);
}

/**
 * families_write - write all metrics
 * @out: where to
 * @of: what they are of
 */
void families_write(struct exposition *out, const struct scraped *of)
{
	write_info(out, of);
	write_faults(out);
	write_times(out);
	write_causes(out);
	gauges_write(out, of);
	losses_write(out, of);
	write_folded(out);
}

/**
 * families_text - all metrics, as Prometheus reads them
 * @of: what they are of
 * @n: becomes the number of bytes
 *
 * Return: the text, to be freed
 */
char *families_text(const struct scraped *of, size_t *n)
{
	struct exposition out = { 0 };
	char *text = NULL;

	out.to = open_memstream(&text, n);
	if (!out.to)
		abort();
	families_write(&out, of);
	if (fclose(out.to) || !text)
		abort();
	return text;
}
