// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a budget from a run, with a margin, so that the next run of the same program keeps it:
 * counts a quarter more, and at least 16, since where a stack and a heap begin is random; what
 * programs ask for (calls, processes) an eighth more, and at least 4; memory a quarter more, and at
 * least 1 MiB; times ten times as long, and at least 10 ms, for they are of the machine more than
 * of the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "base/tool.h"
#include "budget/budget.h"
#include "figures/figures.h"
#include "record/text.h"
#include "record/times.h"
#include "term/plain_text.h"
#include "term/print.h"

#define ENOUGH	20	/* faults of a class of which a percentile says something */

static __u64 larger(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

static __u64 round_up(__u64 value, __u64 to)
{
	return (value + to - 1) / to * to;
}

static __u64 with_margin(const struct figure_kind *kind, __u64 value)
{
	switch (kind->unit) {
	case UNIT_BYTES:
		return round_up(value + larger(value / 4, 1 << 20), 1 << 16);
	case UNIT_NS:
		return round_up(larger(10 * value, 10000000), 1000000);
	default:
		return value + (kind->classes ? larger(value / 4, 16) : larger(value / 8, 4));
	}
}

static void write_limit(FILE *file, const struct figure_kind *kind, const char *name, __u32 class,
			__u64 value)
{
	char figure[64], limit[64], measured[64], line[160];

	kinds_value_text(kind->unit, with_margin(kind, value), limit, sizeof(limit));
	kinds_value_text(kind->unit, value, measured, sizeof(measured));
	if (kind->classes)
		snprintf(figure, sizeof(figure), "%s(%s)", name,
			 class == CLASS_ALL ? "total" : class_name(class));
	else
		snprintf(figure, sizeof(figure), "%s", name);
	snprintf(line, sizeof(line), "%s <= %s", figure, limit);
	fprintf(file, "%-32s # %s\n", line, measured);
}

static void write_classes(FILE *file, const struct figure_kind *faults,
			  const struct figure_kind *p99)
{
	const struct figures *all = figures_all();

	write_limit(file, faults, "faults", CLASS_ALL, figures_faults());
	for (__u32 i = 1; i < RECORD_NR_CLASSES; i++)
		if (all->classes[i].total.count)
			write_limit(file, faults, "faults", i, all->classes[i].total.count);
	for (__u32 i = 1; i < RECORD_NR_CLASSES; i++)
		if (all->classes[i].total.count >= ENOUGH && times_below(all->classes[i].times, 99))
			write_limit(file, p99, "p99", i, times_below(all->classes[i].times, 99));
}

static void write_all(FILE *file, const char *command)
{
	unsigned int none, percent;

	fprintf(file, "# For mmscope stat --budget, written by --write-budget from one run%s\n",
		*command ? " of" : ".");
	if (*command)
		fprintf(file, "#\t%s\n", command);
	fprintf(file, "# Behind each limit is what was measured; the limits have a margin.\n\n");
	write_classes(file, kinds_find("faults", &none), kinds_find("p99", &percent));
	for (size_t i = 0; kinds_each(i); i++) {
		const struct figure_kind *kind = kinds_each(i);

		/* Peaks without all that came and went would be too low. */
		if (kind->classes || (kind->unit == UNIT_BYTES && !figures_all()->rss_known))
			continue;
		if (strcmp(kind->name, "given_back"))
			write_limit(file, kind, kind->name, 0, kind->value(0, 0));
	}
}

static int complain(const char *path, int error)
{
	char name[300];

	plain_text(name, sizeof(name), path);
	if (error == EEXIST)
		return report_fail(EXIT_USAGE, name, "it is there already, and is not overwritten",
				   "remove it, or choose another name");
	return report_fail(EXIT_ENVIRONMENT, name, strerror(error), "where may it be written?");
}

/**
 * draft_check - may a budget be written there? Asked before a run that may take long
 * @path: the file
 *
 * Return: 0, or an exit code after a complaint
 */
int draft_check(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) ? 0 : complain(path, EEXIST);
}

/**
 * draft_write - write a budget from what was added up
 * @path: the file, which must not be there
 * @command: that ran, as a shell reads it, on one line; "" where that is not known
 *
 * Return: 0, or an exit code after a complaint
 */
int draft_write(const char *path, const char *command)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int error = 0;

	if (!file)
		return complain(path, errno);
	write_all(file, command);
	if (fflush(file))
		error = errno;
	if (fclose(file) && !error)
		error = errno;
	if (!error)
		return 0;
	unlink(path);
	return complain(path, error);
}
