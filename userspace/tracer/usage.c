// SPDX-License-Identifier: GPL-2.0
/*
 * Were all faults seen? The kernel counts faults by thread, for getrusage(2). It does not run a
 * program on a CPU where it is running already. Kernels that preempt themselves, as 7.x does, may
 * preempt a thread inside of a program, and faults of other threads on that CPU go unseen
 * meanwhile. Only both counts together say how many these are.
 */
#include <bpf/libbpf.h>
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "base/tool.h"
#include "tracer/programs.h"
#include "tracer/usage.h"

/* Let an iterator add up the faults of all threads that live now. */
static int look(struct tracer_bpf *bpf)
{
	bpf->bss->usage_living = 0;
	bpf->bss->usage_tasks = 0;
	return programs_iterate(bpf->progs.usage_now, NULL, NULL);
}

/**
 * usage_begin - begin to count faults of processes that were attached to
 * @bpf: loaded programs; all processes that are to be watched are attached to
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
 * @bpf: loaded and attached programs
 * @usage: becomes the counts
 *
 * Return: false where they are not known
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
 * usage_unseen - the number of faults that no program saw
 * @usage: counts of the kernel
 * @seen: number of faults that programs saw, and that getrusage(2) counts; or more
 *
 * The faults of a thread that still runs are counted a little earlier here than by the kernel, so
 * that at most &usage.skips are taken to be unseen then.
 */
__u64 usage_unseen(const struct usage *usage, __u64 seen)
{
	__u64 all = usage->faults + usage->outside;

	seen += usage->elsewhere;
	if (seen >= all)
		return 0;
	return usage->living && all - seen > usage->skips ? usage->skips : all - seen;
}
