// SPDX-License-Identifier: GPL-2.0
/*
 * Were all faults seen? The kernel counts them by thread, for getrusage(2). It runs a program on
 * one thread of a CPU at a time: where kernels preempt themselves, as 7.x does, a thread that is
 * preempted inside of it has others go unseen there. How many is known only from both counts.
 */
#include <bpf/libbpf.h>
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "base/tool.h"
#include "tracer/programs.h"
#include "tracer/usage.h"

/* Have the kernel add up the faults of all threads that live now. */
static int look(struct tracer_bpf *bpf)
{
	bpf->bss->usage_living = 0;
	bpf->bss->usage_tasks = 0;
	return programs_iterate(bpf->progs.usage_now, NULL, NULL);
}

/**
 * usage_begin - processes that are there are watched from now on
 * @bpf: loaded; all of them are attached to
 */
void usage_begin(struct tracer_bpf *bpf)
{
	struct mm_slot *slots = bpf->bss->mm_slots;

	if (!programs_run("fault_usage"))
		return;
	bpf->bss->usage_first = 1;
	if (!look(bpf))
		__atomic_add_fetch(&bpf->bss->usage_before, bpf->bss->usage_living,
				   __ATOMIC_RELAXED);
	bpf->bss->usage_first = 0;
	for (size_t i = 0; i < MM_SLOTS; i++)
		if (slots[i].first == MM_FIRST_THERE)
			slots[i].first = 0;
}

/**
 * usage_end - what getrusage(2) counts of all threads that are or were watched
 * @bpf: loaded, and attached
 * @usage: becomes it
 *
 * Return: false where it is not known
 */
bool usage_end(struct tracer_bpf *bpf, struct usage *usage)
{
	const struct tracer_bpf__bss *all = bpf->bss;

	if (!programs_run("fault_usage") || look(bpf))
		return false;
	usage->faults = all->usage_over + all->usage_living - all->usage_before;
	usage->outside = all->faults_outside;
	usage->elsewhere = all->faults_elsewhere;
	usage->living = all->usage_tasks;
	usage->skips = programs_skipped(bpf->obj, true);
	return true;
}

/**
 * usage_unseen - how many faults were not seen
 * @usage: of the same time
 * @seen: those that were, and that getrusage(2) counts; or more that is known of
 *
 * While threads run their faults are counted a little earlier here than there.
 */
__u64 usage_unseen(const struct usage *usage, __u64 seen)
{
	__u64 all = usage->faults + usage->outside;

	seen += usage->elsewhere;
	if (seen >= all)
		return 0;
	return usage->living && all - seen > usage->skips ? usage->skips : all - seen;
}
