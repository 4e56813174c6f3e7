// SPDX-License-Identifier: GPL-2.0
/*
 * Figures that a step can predict, and how each is observed. A figure is a row in the table below:
 * "name value", several in one expectation separated by ", ".
 *
 *	vmas, space, rss, pss, lazyfree	of the window: VMAs, and pages by /proc/self/maps and smaps
 *	held				pages the device's files hold
 *	minor, major			faults of this step's acts, by getrusage(2)
 *	vma_lock			->fault calls under the per-VMA lock, by the log
 *	entries				calls of the function count_entries() watches, by perf
 *	errno, signal, byte, text	what acts met: EINVAL, SIGSEGV MAPERR, the byte read last
 *	result				of the last call: "page 4 of NAME", "elsewhere", a number
 *	lineage, hooks			whole lines: "#1 0-3 from #0, ...", "may_split 4, open ..."
 */
#include <stdio.h>
#include <string.h>
#include "lineage.h"
#include "proc.h"
#include "scope.h"
#include "step.h"

/**
 * struct figure - one figure
 * @name: as predicted
 * @line: it takes the whole line
 * @number: how to get it, or NULL
 * @text: how to get it, where it is no number
 */
struct figure {
	const char *name;
	bool line;
	long (*number)(void);
	const char *(*text)(void);
};

/**
 * struct sum - VMAs of the window, added up
 * @vmas: how many
 * @bytes: their size
 */
struct sum {
	long vmas;
	long bytes;
};

static void add_map(const struct proc_map *map, void *arg)
{
	struct sum *sum = arg;

	if (map->start < region_window() || map->start >= region_window_end())
		return;
	sum->vmas++;
	sum->bytes += map->end - map->start;
}

static long vmas(void)
{
	struct sum sum = { 0 };

	proc_maps(0, add_map, &sum);
	return sum.vmas;
}

static long space(void)
{
	struct sum sum = { 0 };

	proc_maps(0, add_map, &sum);
	return sum.bytes / (long)proc_page_size();
}

static long smaps(const char *field)
{
	return proc_smaps(field, region_window(), region_window_end()) * 1024 /
	       (long)proc_page_size();
}

static long rss(void)
{
	return smaps("Rss:");
}

static long pss(void)
{
	return smaps("Pss:");
}

static long lazyfree(void)
{
	return smaps("LazyFree:");
}

static bool counted(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (regions[j].fd == regions[i].fd)
			return true;
	return false;
}

static long held(void)
{
	struct mmscope_info info;
	long sum = 0;

	for (size_t i = 0; i < MAX_REGIONS; i++)
		if (regions[i].live && regions[i].fd >= 0 && !counted(i) &&
		    !scope_info(regions[i].fd, &info))
			sum += info.held;
	return sum;
}

static long minor(void)
{
	return outcome->minor;
}

static long major(void)
{
	return outcome->major;
}

static long vma_lock(void)
{
	long n = 0;

	for (size_t i = 0; i < step.nr_records; i++)
		n += step.records[i].type == MMSCOPE_FAULT &&
		     step.records[i].flags & MMSCOPE_F_VMA_LOCK;
	return n;
}

static long entries(void)
{
	return outcome->entries;
}

static long byte(void)
{
	return outcome->byte;
}

static const char *text(void)
{
	return outcome->text;
}

/**
 * struct writing - a lineage or a list of ranges being written
 * @buf: where
 * @size: of @buf
 */
struct writing {
	char *buf;
	size_t size;
};

static void write_vma(const struct vma *vma, void *arg)
{
	struct writing *w = arg;
	size_t n = strlen(w->buf);

	n += snprintf(w->buf + n, w->size - n, "%s", n ? ", " : "");
	if (n < w->size)
		lineage_text(vma, w->buf + n, w->size - n);
}

/**
 * observe_lineage - the VMAs that live, and which they came from, by the log
 * @from: first address of interest
 * @to: first address behind it
 * @buf: for the text
 * @size: of @buf
 */
void observe_lineage(__u64 from, __u64 to, char *buf, size_t size)
{
	struct writing w = { buf, size };

	buf[0] = '\0';
	lineage_walk(story_own(), from, to, write_vma, &w);
	if (!buf[0])
		snprintf(buf, size, "none");
}

static const char *lineage(void)
{
	static char buf[TEXT];

	observe_lineage(region_window(), region_window_end(), buf, sizeof(buf));
	return buf;
}

static const struct figure figures[] = {
	{ "vmas", false, vmas, NULL },
	{ "space", false, space, NULL },
	{ "rss", false, rss, NULL },
	{ "pss", false, pss, NULL },
	{ "lazyfree", false, lazyfree, NULL },
	{ "held", false, held, NULL },
	{ "minor", false, minor, NULL },
	{ "major", false, major, NULL },
	{ "vma_lock", false, vma_lock, NULL },
	{ "entries", false, entries, NULL },
	{ "byte", false, byte, NULL },
	{ "errno", false, NULL, outcome_errno },
	{ "result", false, NULL, outcome_result },
	{ "signal", false, NULL, outcome_signal },
	{ "text", true, NULL, text },
	{ "lineage", true, NULL, lineage },
	{ "hooks", true, NULL, story_hooks },
};

static const struct figure *find(const char *predicted)
{
	size_t n = strcspn(predicted, " ");

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		if (strlen(figures[i].name) == n && !strncmp(figures[i].name, predicted, n))
			return &figures[i];
	return NULL;
}

/**
 * observe_is_figure - is an expectation about figures, not a record of the log?
 * @predicted: the expectation
 */
bool observe_is_figure(const char *predicted)
{
	return find(predicted);
}

/**
 * observe - write what an expectation about figures should have said
 * @predicted: the expectation
 * @buf: for the same figures as they are
 * @size: of @buf
 *
 * Return: false when there is no such figure
 */
bool observe(const char *predicted, char *buf, size_t size)
{
	const struct figure *figure;
	const char *separator = "";
	size_t n = 0;

	while (predicted) {
		figure = find(predicted);
		if (!figure)
			return false;
		if (figure->number)
			n += snprintf(buf + n, size - n, "%s%s %ld", separator, figure->name,
				      figure->number());
		else
			n += snprintf(buf + n, size - n, "%s%s %s", separator, figure->name,
				      figure->text());
		if (n >= size || figure->line)
			return true;
		separator = ", ";
		predicted = strstr(predicted, ", ");
		predicted = predicted ? predicted + 2 : NULL;
	}
	return true;
}
