// SPDX-License-Identifier: GPL-2.0
/*
 * Sets which processes the programs of bpf/ watch, and hands out their records. Raw records go
 * through tracer/decode.c before.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tracer/again.h"
#include "tracer/context.h"
#include "tracer/rss_account.h"
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "tracer/kprobe.h"
#include "base/tool.h"
#include "tracer/queue.h"
#include "tracer/tracer.h"
#include "tracer/load.h"
#include "tracer/sums.h"
#include "base/proc.h"
#include "tracer/parts.h"
#include "tracer/programs.h"
#include "tracer/replay.h"
#include "tracer/decode.h"
#include "tracer/ring.h"
#include "tracer/tap.h"
#include "term/print.h"
#include "tracer/usage.h"
#include "aspace/aspace.h"

#define PAUSE_NS	20000000ULL	/* between two times of telling all VMAs anew */
#define AT_ONCE		4096	/* records read for each VMA that is told anew */

static struct tracer_bpf *bpf;
static __u64 told_lost[MAX_CPUS], told_vmas[MAX_CPUS];
static __u64 told_looks;
static bool incomplete;	/* some address space is to be told anew */
static __u64 told_anew_ns;
static struct usage usage;
static bool usage_known;

/* Have programs find addresses. Where that fails the vdso has no name, and a limit is not told. */
static void find_special(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	bpf->bss->own_vdso = getauxval(AT_SYSINFO_EHDR);
	bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.find_special), &opts);
	if (bpf_program__autoload(bpf->progs.find_limits))
		bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.find_limits), &opts);
}

static int start(bool follow)
{
	int error;

	find_special();
	error = follow ? programs_attach(bpf->obj) : 0;
	if (error)
		return error;
	if (follow && !parts_suffice())
		return TRACER_OLD_KERNEL;
	error = ring_open(bpf_map__fd(bpf->maps.ring), bpf_map__max_entries(bpf->maps.ring));
	return error ? error : sums_map();
}

static void tell_missing(const char *what, bool minor)
{
	if (!minor)
		report_message("%s", what);
}

/**
 * tracer_open - load and attach the programs; no process is watched yet
 * @use: what the programs are for
 *
 * Return: 0, -errno or TRACER_*
 */
int tracer_open(enum tracer_use use)
{
	int error = tracer_load(use);

	bpf = tracer_loaded();
	if (!error)
		error = start(use != TRACER_LOOK);
	if (error)
		tracer_close();
	else if (use == TRACER_FOLLOW || use == TRACER_HOOKS)
		parts_missing(tell_missing);
	return error;
}

/**
 * tracer_stop - detach the programs; records that were told are still handed out
 */
void tracer_stop(void)
{
	usage_known = usage_end(bpf, &usage);
	kprobe_detach_all();
	programs_detach();
	/* A detached program may still run, in an RCU read-side section: wait for its end. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/**
 * tracer_close - undo tracer_open()
 */
void tracer_close(void)
{
	ring_close();
	kprobe_detach_all();
	programs_detach();
	tracer_unload();
	bpf = NULL;
}

/* Give a raw record to the recorder; return true for a fault that nobody else needs. */
static bool kept(const struct mmscope_event *raw)
{
	if (!tap_takes(raw, ring_length(raw)))
		return false;
	tracer->nr_faults += !(raw->flags & MMSCOPE_F_ERROR);
	return true;
}

static void consume_some(void)
{
	const struct mmscope_event *raw;
	unsigned long end = ring_end();

	for (int i = 0; i < AT_ONCE && (raw = ring_next(end)); i++)
		if (!kept(raw))
			raw_take(raw);
}

/* Have VMAs told: those of a thread's address space, or with 0 of all that lost records. */
static int tell_all(pid_t tid)
{
	union bpf_iter_link_info info = { .task.tid = tid };
	DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info,
			    .link_info_len = sizeof(info));

	bpf->bss->have_mm = 0;
	bpf->bss->have_new = tid;
	return programs_iterate(bpf->progs.have, &opts, consume_some);
}

/* Have a process's VMAs told by a thread that has some: its first thread may have ended. */
static int tell_process(pid_t pid, bool (*done)(__u32 before), __u32 before)
{
	struct dirent *entry;
	char path[64];
	int error = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && !error && !done(before) && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			error = tell_all(atoi(entry->d_name));
	if (dir)
		closedir(dir);
	return error;
}

static bool attached(__u32 before)
{
	return bpf->bss->mm_last_id != before;
}

/* Is there an address space of which a record was lost, or, if @stale, some VMAs look different? */
static bool any_slot(bool stale)
{
	for (size_t i = 0; i < MM_SLOTS; i++) {
		const struct mm_slot *slot = &bpf->bss->mm_slots[i];

		if (slot->id && (stale ? slot->stale : slot->torn))
			return true;
	}
	return false;
}

static bool renewed(__u32 before __unused)
{
	return !any_slot(false);
}

/**
 * tracer_attach - watch a process that runs, with all its threads and its future descendants
 * @pid: the process
 *
 * Return: 0 or -errno
 */
int tracer_attach(pid_t pid)
{
	__u32 before = bpf->bss->mm_last_id;
	int error = tell_process(pid, attached, before);

	if (bpf->bss->mm_refused)
		return -ENOSPC;
	return !error && !attached(before) ? -ESRCH : error;
}

/**
 * tracer_attached - say that tracer_attach() was called for all processes that are to be watched
 */
void tracer_attached(void)
{
	usage_begin(bpf);
}

/**
 * tracer_attach_again - have all VMAs of a process told anew, where its changes are not followed
 * @pid: the only process that is watched
 */
void tracer_attach_again(pid_t pid)
{
	for (size_t i = 0; i < MM_SLOTS; i++)
		bpf->bss->mm_slots[i].torn = 1;
	tell_process(pid, renewed, 0);
}

/**
 * tracer_fd - a descriptor that becomes readable when there is much to read
 */
int tracer_fd(void)
{
	return ring_fd();
}

/* Tell how many records each CPU lost; have the VMAs told anew of each mm that lost a record. */
static bool tell_losses(void)
{
	const struct mmscope_event *e;
	bool vmas = false;
	__u64 now;

	for (unsigned int cpu = 0; cpu < bpf->rodata->nr_cpus; cpu++) {
		vmas |= bpf->bss->lost_vmas[cpu] != told_vmas[cpu];
		told_vmas[cpu] = bpf->bss->lost_vmas[cpu];
		now = told_vmas[cpu] + bpf->bss->lost_faults[cpu];
		if (now == told_lost[cpu])
			continue;
		e = queue_lost(cpu, now - told_lost[cpu]);
		tap_takes(e, sizeof(*e));
		tracer->lost += now - told_lost[cpu];
		told_lost[cpu] = now;
	}
	incomplete |= vmas || bpf->bss->looks_wanted != told_looks;
	if (incomplete && time_now() - told_anew_ns > PAUSE_NS) {
		incomplete = false;
		told_looks = bpf->bss->looks_wanted;
		if (any_slot(false) || any_slot(true))
			tell_all(0);
		told_anew_ns = time_now();
	}
	return queue_pending();
}

/* A fault that the filter does not want changes the sums of pages, and is then dropped. */
static bool pass_over(const struct mmscope_event *raw)
{
	if (raw->type != MMSCOPE_FAULT || !tracer->is_unwanted || !tracer->is_unwanted(raw))
		return false;
	raw_pass_over(raw);
	tracer->nr_passed++;
	tracer->nr_faults += !(raw->flags & MMSCOPE_F_ERROR);
	return true;
}

/**
 * tracer_pass_over - set which faults are not handed out
 * @unwanted: says whether a fault is one of them; the fault has its class and time, but no VMA
 */
void tracer_pass_over(bool (*unwanted)(const struct mmscope_event *fault))
{
	tracer->is_unwanted = unwanted;
}

/**
 * tracer_passed_over - the number of faults that were not handed out because of tracer_pass_over()
 */
__u64 tracer_passed_over(void)
{
	return tracer->nr_passed;
}

/* Decode raw records of the ring until the queue has a record, or the ring has none. */
static void take_told(void)
{
	unsigned long end = ring_end();
	const struct mmscope_event *raw;

	while (!queue_pending() && (raw = ring_next(end)))
		if (!kept(raw) && !pass_over(raw))
			raw_take(raw);
	if (queue_pending())
		return;
	tap_drained();
	account_flush();
	if (!queue_pending())
		tell_losses();
}

/* Decode raw records of a recording until the queue has a record, or the recording ends. */
static void take_kept(void)
{
	const struct mmscope_event *raw;

	while (!queue_pending() && (raw = replay_next())) {
		vma_clock(raw->time_ns);
		if (raw->type == REPLAY_DRAINED) {
			account_flush();
		} else if (raw->type == MMSCOPE_LOST) {
			queue_lost(raw->cpu, raw->count)->time_ns = raw->time_ns;
			tracer->lost += raw->count;
		} else if (!pass_over(raw)) {
			raw_take(raw);
		}
	}
	if (!queue_pending())
		account_flush();
}

/**
 * tracer_next - the next record
 *
 * Return: a record that stays valid until the next call, or NULL when nothing is there now
 */
const struct mmscope_event *tracer_next(void)
{
	struct mmscope_event *e;

	if (replay_runs())
		take_kept();
	else
		take_told();
	e = queue_next();
	if (e && (replay_runs() || bpf->rodata->faults_told))
		again_observe(e);
	if (e && e->type == MMSCOPE_FAULT && !(e->flags & MMSCOPE_F_ERROR))
		tracer->nr_faults++;
	return e;
}

/**
 * tracer_lost - the number of records so far that found no room
 */
__u64 tracer_lost(void)
{
	return tracer->lost;
}

/**
 * tracer_skipped - how often the kernel did not run a program that tells of VMAs, for any process
 */
__u64 tracer_skipped(void)
{
	if (replay_runs())
		return replay_totals()->skipped;
	return bpf ? programs_skipped(bpf->obj, false) : 0;
}

/**
 * tracer_usage - what getrusage(2) counts of the processes that were watched
 *
 * Return: the counts, NULL where they are not known
 */
const struct usage *tracer_usage(void)
{
	if (replay_runs())
		return replay_totals()->usage_known ? &replay_totals()->usage : NULL;
	return usage_known ? &usage : NULL;
}

/**
 * tracer_unseen - the number of faults that getrusage(2) counts and that no program saw
 * @seen: number of faults in the sums, which is used where faults are summed up
 */
__u64 tracer_unseen(__u64 seen)
{
	const struct usage *known = tracer_usage();

	if (!known || (!replay_runs() && bpf->rodata->fault_mode == FAULTS_IGNORED))
		return 0;
	if (replay_runs() || tap_open() || bpf->rodata->fault_mode == FAULTS_TOLD)
		seen = tracer->nr_faults + tracer->lost;
	return usage_unseen(known, seen);
}
