// SPDX-License-Identifier: GPL-2.0
/*
 * The number of faults, and of those whose VMA is not known.
 */
#include <stdlib.h>
#include "record/record.h"
#include "stat/fault_stats.h"
#include "stat/report.h"
#include "tracer/tracer.h"

/**
 * stat_count - the number of faults
 */
__u64 stat_count(void)
{
	static struct stat_class classes[RECORD_NR_CLASSES];
	__u64 count = 0;

	stat_classes(classes);
	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		count += classes[i].total.count;
	return count;
}

/**
 * stat_unknown - the number of faults of which it is not known in which VMA they were
 */
__u64 stat_unknown(void)
{
	__u64 all = stat_count(), known = stat_no_vma();
	size_t n;
	struct stat_row **rows = stat_rows(&n);

	for (size_t i = 0; i < n; i++)
		known += rows[i]->faults;
	free(rows);
	return all > known ? all - known : 0;
}

/* The number of faults that getrusage(2) counts, too: those that were not refused. */
static __u64 faults_done(void)
{
	static struct stat_class classes[RECORD_NR_CLASSES];

	stat_classes(classes);
	return stat_count() - classes[RECORD_CLASS_REFUSED].total.count;
}

/**
 * stat_unseen - the number of faults that getrusage(2) counts and that no program saw
 */
__u64 stat_unseen(void)
{
	return tracer_unseen(faults_done());
}
