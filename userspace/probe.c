// SPDX-License-Identifier: GPL-2.0
/*
 * With probe_load.c and programs.c the only file that knows libbpf: says which processes the
 * programs of bpf/ watch, and hands out their records. What is raw in them goes through raw.c.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "again.h"
#include "account.h"
#include "bpf/probe.h"
#include "bpf/probe.skel.h"
#include "kprobe.h"
#include "mmscope.h"
#include "outbox.h"
#include "probe.h"
#include "probe_load.h"
#include "proc.h"
#include "programs.h"
#include "raw.h"
#include "report.h"
#include "vmas.h"

#define PAUSE_NS	20000000ULL	/* between two times of telling all VMAs anew */
#define AT_ONCE		4096	/* records taken for each VMA told anew: others may never stop */
#define STOP		(-ECANCELED)	/* of consume(): there is something to hand out */

static struct fault_sums *sums;
static size_t nr_sums;
static struct probe_bpf *bpf;
static struct ring_buffer *ring;
static __u64 told_lost[MAX_CPUS], told_vmas[MAX_CPUS];
static __u64 lost, told_looks;
static bool incomplete;	/* some address space is to be told anew */
static __u64 told_anew_ns;

/* One record, or as many as give nothing to hand out. */
static int consume(void *arg __unused, void *data, size_t size __unused)
{
	raw_take(data);
	return outbox_pending() ? STOP : 0;
}

/* Where it fails, the vdso has no name. */
static void find_special(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	bpf->bss->own_vdso = getauxval(AT_SYSINFO_EHDR);
	bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.find_special), &opts);
}

static int start(bool follow)
{
	int error;

	find_special();
	error = follow ? programs_attach(bpf->obj) : 0;
	if (error)
		return error == -ENOENT ? PROBE_OLD_KERNEL : error;
	ring = ring_buffer__new(bpf_map__fd(bpf->maps.ring), consume, NULL, NULL);
	if (!ring)
		return -errno;
	nr_sums = bpf->rodata->sums_last + 1;
	sums = mmap(NULL, nr_sums * sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED,
		    bpf_map__fd(bpf->maps.sums), 0);
	return sums == MAP_FAILED ? -errno : 0;
}

static void tell_missing(const char *what, bool minor)
{
	if (!minor)
		report_message("%s", what);
}

/**
 * probe_open - begin to watch; nobody yet
 * @use: what is to be told
 *
 * Return: 0, -errno or PROBE_*
 */
int probe_open(enum probe_use use)
{
	int error = probe_load(use, &bpf);

	if (!error)
		error = start(use != PROBE_LOOK);
	if (error)
		probe_close();
	else if (use == PROBE_FOLLOW || use == PROBE_HOOKS)
		programs_missing(tell_missing);
	return error;
}

/**
 * probe_close - undo probe_open()
 */
void probe_close(void)
{
	ring_buffer__free(ring);
	kprobe_detach_all();
	programs_detach();
	probe_bpf__destroy(bpf);
	ring = NULL;
	bpf = NULL;
}

/**
 * probe_target - watch the next program that a process runs, from its first instruction
 * @pid: a process that has not called execve(2) yet
 */
void probe_target(pid_t pid)
{
	bpf->bss->target = pid;
}

/* Have VMAs told: those of a thread's address space, or of all that lost records. */
static int tell_all(pid_t tid)
{
	union bpf_iter_link_info info = { .task.tid = tid };
	DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info,
			    .link_info_len = sizeof(info));
	struct bpf_link *link = bpf_program__attach_iter(bpf->progs.have, &opts);
	ssize_t n = 0;
	char one;
	int fd;

	if (!link)
		return -errno;
	bpf->bss->have_mm = 0;
	bpf->bss->have_new = tid;
	fd = bpf_iter_create(bpf_link__fd(link));
	/* After a million VMAs it says EAGAIN. */
	while (fd >= 0 && ((n = read(fd, &one, 1)) > 0 || (n < 0 && errno == EAGAIN)))
		for (int i = 0; i < AT_ONCE && ring_buffer__consume(ring) == STOP; i++)
			;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return fd < 0 ? fd : n < 0 ? -errno : 0;
}

/* Have VMAs told of the first thread that has any: that of the process may have ended. */
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

static bool torn(void)
{
	for (size_t i = 0; i < MM_SLOTS; i++)
		if (bpf->bss->mm_slots[i].torn && bpf->bss->mm_slots[i].id)
			return true;
	return false;
}

static bool stale(void)
{
	for (size_t i = 0; i < MM_SLOTS; i++)
		if (bpf->bss->mm_slots[i].stale && bpf->bss->mm_slots[i].id)
			return true;
	return false;
}

static bool renewed(__u32 before __unused)
{
	return !torn();
}

/**
 * probe_attach - watch a process that is there, with all its threads, and its descendants to come
 * @pid: the process
 *
 * Return: 0 or -errno
 */
int probe_attach(pid_t pid)
{
	__u32 before = bpf->bss->mm_last_id;
	int error = tell_process(pid, attached, before);

	if (bpf->bss->mm_refused)
		return -ENOSPC;
	return !error && !attached(before) ? -ESRCH : error;
}

/**
 * probe_attach_again - have all VMAs of a process told anew, when its changes are not followed
 * @pid: the only one that is watched
 */
void probe_attach_again(pid_t pid)
{
	for (size_t i = 0; i < MM_SLOTS; i++)
		bpf->bss->mm_slots[i].torn = 1;
	tell_process(pid, renewed, 0);
}

/**
 * probe_ops - read a vm_operations_struct
 * @ops: its address in, its hooks out; all 0 when there is nobody to ask
 */
void probe_ops(struct raw_ops *ops)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	memset(ops->hooks, 0, sizeof(ops->hooks));
	if (!bpf)
		return;
	bpf->bss->asked = *ops;
	if (!bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.read_ops), &opts))
		*ops = bpf->bss->asked;
}

/**
 * probe_device - have the operations of files of a device noticed, when one is mapped
 * @rdev: the device
 */
void probe_device(dev_t rdev)
{
	/* As the kernel keeps it inside. */
	bpf->bss->hook_rdev = major(rdev) << 20 | minor(rdev);
}

/**
 * probe_watch_ops - tell calls for VMAs with these operations
 * @ops: address of a vm_operations_struct; at most RAW_MAX_OPS
 *
 * Return: 0 or -errno
 */
int probe_watch_ops(__u64 ops)
{
	__u8 yes = 1;

	return bpf_map__update_elem(bpf->maps.hook_ops, &ops, sizeof(ops), &yes, sizeof(yes),
				    BPF_ANY);
}

/**
 * probe_hook - watch a hook's function
 * @function: its address
 * @hook: which it is
 *
 * Return: 0 or -errno
 */
int probe_hook(__u64 function, enum raw_hook hook)
{
	int error = 0;

	/* What it returns is of interest, if it returns anything. */
	if (hook != RAW_HOOK_OPEN && hook != RAW_HOOK_CLOSE)
		error = kprobe_attach(bpf->progs.hook_exit, function, true, hook);
	return error ? error : kprobe_attach(bpf->progs.hook_enter, function, false, hook);
}

/**
 * probe_fd - becomes readable when there is much to read
 */
int probe_fd(void)
{
	return ring_buffer__epoll_fd(ring);
}

/* Records that found no room, by CPU. Of an mm that lost one of its VMAs' all are told again. */
static bool tell_losses(void)
{
	bool vmas = false;
	__u64 now;

	for (unsigned int cpu = 0; cpu < bpf->rodata->nr_cpus; cpu++) {
		vmas |= bpf->bss->lost_vmas[cpu] != told_vmas[cpu];
		told_vmas[cpu] = bpf->bss->lost_vmas[cpu];
		now = told_vmas[cpu] + bpf->bss->lost_faults[cpu];
		if (now == told_lost[cpu])
			continue;
		outbox_lost(cpu, now - told_lost[cpu]);
		lost += now - told_lost[cpu];
		told_lost[cpu] = now;
	}
	incomplete |= vmas || bpf->bss->looks_wanted != told_looks;
	if (incomplete && time_now() - told_anew_ns > PAUSE_NS) {
		incomplete = false;
		told_looks = bpf->bss->looks_wanted;
		if (torn() || stale())
			tell_all(0);
		told_anew_ns = time_now();
	}
	return outbox_pending();
}

/**
 * probe_next - the next record
 *
 * Return: a record that stays valid until the next call, or NULL when nothing is there now
 */
const struct mmscope_event *probe_next(void)
{
	struct mmscope_event *e;

	if (!outbox_pending())
		ring_buffer__consume(ring);
	if (!outbox_pending())
		account_flush();
	if (!outbox_pending())
		tell_losses();
	e = outbox_next();
	if (e && bpf->rodata->faults_told)
		again_observe(e);
	return e;
}

/**
 * probe_lost - how many records found no room so far
 */
__u64 probe_lost(void)
{
	return lost;
}

/**
 * probe_sums - faults that were summed up
 * @n: becomes the number of parts, which have to be added
 */
struct fault_sums *probe_sums(size_t *n)
{
	*n = nr_sums;
	return sums;
}

/**
 * probe_driver - one that faults of class driver were of
 * @driver: the one before; becomes the next
 * @before: there was one before
 * @total: becomes its faults
 *
 * Return: false when there is none left
 */
bool probe_driver(struct fault_driver *driver, bool before, struct fault_total *total)
{
	int fd = bpf_map__fd(bpf->maps.drivers);
	struct fault_driver next;

	if (bpf_map_get_next_key(fd, before ? driver : NULL, &next))
		return false;
	*driver = next;
	return !bpf_map_lookup_elem(fd, driver, total);
}

/**
 * probe_lost_stacks - faults whose stacks found no room
 */
__u64 probe_lost_stacks(void)
{
	return bpf->bss->lost_stacks;
}

/**
 * probe_stack - what led to faults
 * @id: SITE_STACK() of them
 * @frames: becomes the addresses: the instruction, then where each function returns to
 *
 * Return: how many; 0 for no stack
 */
size_t probe_stack(__u32 id, __u64 frames[MAX_FRAMES])
{
	__u32 key = id - 1;
	size_t n = 0;

	memset(frames, 0, MAX_FRAMES * sizeof(*frames));
	if (!id || bpf_map_lookup_elem(bpf_map__fd(bpf->maps.stacks), &key, frames))
		return 0;
	while (n < MAX_FRAMES && frames[n])
		n++;
	return n;
}
