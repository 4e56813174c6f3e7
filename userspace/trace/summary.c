// SPDX-License-Identifier: GPL-2.0
/*
 * What the lines of a trace add up to: faults by class, VMAs that came and went, pages given back,
 * and calls that failed. Only records that were shown are counted.
 */
#include <stdio.h>
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"
#include "term/print.h"
#include "trace/summary.h"

/**
 * struct summary - sums of the records that were shown
 * @faults: number of faults by enum record_class; 0 is for the module's, which have no class
 * @pages: number of pages that the faults mapped
 * @born: number of VMAs that were made: mapped, copied, or cut off another VMA
 * @gone: number of VMAs that went
 * @cut: number of VMAs that were cut in two
 * @back: number of pages that calls gave back, and not the end of an address space
 * @failed: number of calls that failed
 */
static struct summary {
	__u64 faults[RECORD_NR_CLASSES];
	__u64 pages;
	__u64 born;
	__u64 gone;
	__u64 cut;
	__u64 back;
	__u64 failed;
} sums;

static void note_fault(const struct mmscope_event *e)
{
	unsigned int class = RECORD_CLASS(e->flags);

	sums.faults[class < RECORD_NR_CLASSES ? class : RECORD_CLASS_NONE]++;
	if (!(e->flags & MMSCOPE_F_ERROR))
		sums.pages += e->npages;
}

static void note_back(const struct mmscope_event *e)
{
	if (e->cause != MMSCOPE_CAUSE_TEARDOWN && e->pages != MMSCOPE_PAGES_UNKNOWN)
		sums.back += e->pages;
}

/**
 * summary_note - count a record that is shown
 * @e: the record
 */
void summary_note(const struct mmscope_event *e)
{
	switch (e->type) {
	case MMSCOPE_FAULT:
		note_fault(e);
		break;
	case MMSCOPE_SPLIT:
		sums.cut++;
		sums.born++;
		break;
	case MMSCOPE_MMAP:
	case MMSCOPE_COPY:
	case MMSCOPE_DUP:
		sums.born++;
		break;
	case MMSCOPE_UNMAP:
		note_back(e);
		sums.gone++;
		break;
	case MMSCOPE_MOVE:
		sums.gone++;
		break;
	case RECORD_ADVISE:
		note_back(e);
		break;
	case RECORD_FAILED:
		sums.failed++;
		break;
	}
}

static const char *name_of(unsigned int class)
{
	return class == RECORD_CLASS_NONE ? "in the device" : class_word(class);
}

static __u64 count_faults(void)
{
	__u64 all = 0;

	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		all += sums.faults[i];
	return all;
}

static void print_faults(__u64 all)
{
	char text[1200];	/* room for all classes, each with the longest number */
	size_t n;

	n = snprintf(text, sizeof(text), "%llu faults, %llu pages:", all, sums.pages);
	for (size_t i = 0; i < RECORD_NR_CLASSES && n < sizeof(text); i++)
		if (sums.faults[i])
			n += snprintf(text + n, sizeof(text) - n, " %llu %s,", sums.faults[i],
				      name_of(i));
	n = n < sizeof(text) ? n : sizeof(text) - 1;
	report_line("%.*s", (int)n - 1, text);
}

/**
 * summary_print - print the sums: a line each for faults, VMAs and failed calls, where there are
 *	any
 */
void summary_print(void)
{
	__u64 faults = count_faults();

	if (faults)
		print_faults(faults);
	if (sums.born || sums.gone || sums.back)
		report_line("VMAs: %llu born, %llu of them by a cut, %llu gone; %llu pages given "
			    "back", sums.born, sums.cut, sums.gone, sums.back);
	if (sums.failed)
		report_line("%llu calls failed", sums.failed);
}

/**
 * summary_json - add the sums to an object, as its member "sums"
 * @line: the object
 */
void summary_json(struct json_object *line)
{
	struct json_object *o = json_object_new_object(), *faults = json_object_new_object();

	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		if (sums.faults[i])
			json_object_object_add(faults, i ? class_name(i) : "device",
					       json_object_new_uint64(sums.faults[i]));
	json_object_object_add(o, "faults", faults);
	json_object_object_add(o, "pages", json_object_new_uint64(sums.pages));
	json_object_object_add(o, "born", json_object_new_uint64(sums.born));
	json_object_object_add(o, "cut", json_object_new_uint64(sums.cut));
	json_object_object_add(o, "gone", json_object_new_uint64(sums.gone));
	json_object_object_add(o, "given_back", json_object_new_uint64(sums.back));
	json_object_object_add(o, "failed", json_object_new_uint64(sums.failed));
	json_object_object_add(line, "sums", o);
}
