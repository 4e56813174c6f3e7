// SPDX-License-Identifier: GPL-2.0
/*
 * How many faults there were, and of how many it is not known where.
 */
#include <stdlib.h>
#include "record/record.h"
#include "stat/fault_stats.h"
#include "stat/report.h"
#include "tracer/tracer.h"

/**
 * tally_count - how many faults there were
 */
__u64 tally_count(void)
{
	static struct tally_class classes[RECORD_NR_CLASSES];
	__u64 count = 0;

	tally_classes(classes);
	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		count += classes[i].total.count;
	return count;
}

/**
 * tally_unknown - faults of which it is not known in which VMA they were
 */
__u64 tally_unknown(void)
{
	__u64 all = tally_count(), known = tally_no_vma();
	size_t n;
	struct tally_row **rows = tally_rows(&n);

	for (size_t i = 0; i < n; i++)
		known += rows[i]->faults;
	free(rows);
	return all > known ? all - known : 0;
}

/* Those that getrusage(2) counts */
static __u64 faults_done(void)
{
	static struct tally_class classes[RECORD_NR_CLASSES];

	tally_classes(classes);
	return tally_count() - classes[RECORD_CLASS_REFUSED].total.count;
}

/**
 * tally_unseen - faults of which the kernel did not tell
 */
__u64 tally_unseen(void)
{
	return probe_unseen(faults_done());
}
