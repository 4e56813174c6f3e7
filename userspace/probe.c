// SPDX-License-Identifier: GPL-2.0
/*
 * With programs.c the only file that knows libbpf: loads the programs of bpf/, says which processes
 * they watch, and hands out their records. What is raw in them goes through raw.c.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "bpf/probe.h"
#include "bpf/probe.skel.h"
#include "kprobe.h"
#include "mmscope.h"
#include "outbox.h"
#include "probe.h"
#include "proc.h"
#include "programs.h"
#include "raw.h"
#include "report.h"
#include "rules.h"
#include "vmas.h"

#define KERNEL_BTF	"/sys/kernel/btf/vmlinux"
#define THP_SIZES	"/sys/kernel/mm/transparent_hugepage"
#define MAX_RING_KIB	(1U << 20)
#define PAUSE_NS	20000000ULL	/* between two times of telling all VMAs anew */
#define AT_ONCE		4096	/* records taken for each VMA told anew: others may never stop */
#define STOP		(-ECANCELED)	/* of consume(): there is something to hand out */

#define PF_IO_WORKER	0x00000010
#define PF_USER_WORKER	0x00004000	/* since 6.4; another flag before */

/* Programs whose names begin so are not loaded; the second time, without short ways. */
static const char *const without[][2][8] = {
	[FAULTS_TOLD] = {
		{ "fault_counted", "fault_timed", "fault_any" },
		{ "fault_counted", "fault_timed", "fault_told" },
	},
	[FAULTS_COUNTED] = {
		{ "fault_user", "fault_kernel", "fault_gup", "fault_futex",
		  "fault_told", "fault_timed", "fault_any" },
		{ "fault_user", "fault_kernel", "fault_gup", "fault_futex",
		  "fault_told", "fault_timed", "fault_counted" },
	},
	[FAULTS_TIMED] = {
		{ "fault_told", "fault_counted", "fault_any" },
		{ "fault_told", "fault_counted", "fault_timed" },
	},
	[FAULTS_IGNORED] = { { "fault_" }, { "fault_" } },
};

static enum fault_mode faults;
static bool with_stacks;
static struct fault_sums *sums;
static size_t nr_sums;
static struct probe_bpf *bpf;
static struct ring_buffer *ring;
static size_t ring_bytes = 16 << 20;
static char complaint[256];	/* what libbpf said last */
static char refused[64];	/* program that the kernel would not load */
static __u64 told_lost[MAX_CPUS], told_vmas[MAX_CPUS];
static __u64 lost;
static bool incomplete;	/* some address space is to be told anew */
static __u64 told_anew_ns;

static int hear(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (getenv("MMSCOPE_BPF_DEBUG"))
		return vfprintf(stderr, fmt, args);
	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(complaint, sizeof(complaint), fmt, args);
	if (strstr(complaint, "failed to load"))
		sscanf(complaint, "libbpf: prog '%63[^']'", refused);
	return 0;
}

/* The kernel refuses a map for longer stacks than it is set to find, also where none are kept. */
static void size_stacks(void)
{
	long most = proc_field("/proc/sys/kernel/perf_event_max_stack", "");

	if (most > 0 && most < MAX_FRAMES)
		bpf_map__set_value_size(bpf->maps.stacks, most * sizeof(__u64));
	bpf_map__set_max_entries(bpf->maps.stacks, with_stacks ? MAX_STACKS : 1);
}

/* Numbers of processes in this tool's namespace are translated there. */
static void configure(void)
{
	bool user_workers = rules_kernel() >= KERNEL(6, 4);
	struct stat ns;

	if (!stat("/proc/self/ns/pid", &ns)) {
		bpf->rodata->pid_ns_dev = ns.st_dev;
		bpf->rodata->pid_ns_ino = ns.st_ino;
	}
	bpf->rodata->worker_flags = PF_IO_WORKER | (user_workers ? PF_USER_WORKER : 0);
	bpf->rodata->vmi_args = rules_kernel() >= KERNEL(6, 3);
	bpf->rodata->nr_cpus = libbpf_num_possible_cpus();
	bpf->rodata->ring_wake = ring_bytes / 8;
	bpf->rodata->ring_full = ring_bytes / 4 * 3;
	bpf->rodata->fault_entries = bpf_program__autoload(bpf->progs.fault_entries_set) ||
				     bpf_program__autoload(bpf->progs.fault_entry_set);
	bpf->rodata->fault_mode = faults;
	bpf->rodata->with_stacks = with_stacks;
	size_stacks();
	for (size_t i = 0; i < ARRAY_SIZE(bpf->rodata->short_times); i++)
		bpf->rodata->short_times[i] = time_bucket(i << SHORT_STEP);
	nr_sums = 1;
	while (faults != FAULTS_TOLD && nr_sums < MAX_SUMS && nr_sums < bpf->rodata->nr_cpus)
		nr_sums *= 2;
	bpf->rodata->sums_last = nr_sums - 1;
	bpf_map__set_max_entries(bpf->maps.sums, nr_sums);
	bpf_map__set_max_entries(bpf->maps.ring, ring_bytes);
}

/* One record, or as many as give nothing to hand out. */
static int consume(void *arg __unused, void *data, size_t size __unused)
{
	raw_take(data);
	return outbox_pending() ? STOP : 0;
}

/* May anonymous memory come in several pages that are no huge page? */
static bool mthp_configured(void)
{
	char path[300], line[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir(THP_SIZES);

	while (dir && !found && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "hugepages-", 10) ||
		    !strcmp(entry->d_name, "hugepages-2048kB"))
			continue;
		snprintf(path, sizeof(path), THP_SIZES "/%s/enabled", entry->d_name);
		found = proc_word(path, line, sizeof(line)) && !strstr(line, "[never]");
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Those that have a place, and that nobody needs here. */
static void choose_variants(enum probe_use use, bool mthp)
{
	if (!mthp)
		bpf_program__set_autoload(bpf->progs.fault_folio, false);
	bpf_program__set_autoload(rules_kernel() < KERNEL(6, 5) ? bpf->progs.fault_gup :
				  bpf->progs.fault_gup_old, false);
	bpf_program__set_autoload(bpf->progs.hook_enter, use == PROBE_HOOKS);
	bpf_program__set_autoload(bpf->progs.hook_exit, use == PROBE_HOOKS);
}

/*
 * On a kernel of the future a function may have changed so much that the program for it is
 * refused. The others go on.
 */
static int load(enum probe_use use)
{
	/* Given a path, libbpf does not search modules for types, which takes CAP_SYS_ADMIN. */
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = KERNEL_BTF);
	const bool mthp = mthp_configured();
	int error = 0;

	do {
		refused[0] = '\0';
		probe_bpf__destroy(bpf);
		bpf = probe_bpf__open_opts(&opts);
		if (!bpf)
			return -errno;
		if (use != PROBE_LOOK)
			error = programs_choose(bpf->obj, without[faults][with_stacks || mthp]);
		else
			programs_choose_none(bpf->obj);
		if (error)
			return error == -ENOENT ? PROBE_NO_BTF : error;
		choose_variants(use, mthp);
		configure();
		error = probe_bpf__load(bpf);
	} while (error && error != -EPERM && programs_refuse(refused));
	return error;
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
	sums = mmap(NULL, nr_sums * sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED,
		    bpf_map__fd(bpf->maps.sums), 0);
	return sums == MAP_FAILED ? -errno : 0;
}

static bool locked_down(void)
{
	char word[64];

	return proc_word("/sys/kernel/security/lockdown", word, sizeof(word)) &&
	       strstr(word, "[confidentiality]");
}

/**
 * probe_buffer - how much room there is to be for records that are not yet read
 * @kib: number of KiB; it is made a power of two
 *
 * Return: NULL, or @kib when it is no such number
 */
const char *probe_buffer(const char *kib)
{
	char *end;
	unsigned long n = strtoul(kib, &end, 10);

	if (end == kib || *end || n < 16 || n > MAX_RING_KIB)
		return kib;
	for (ring_bytes = 4096; ring_bytes < n * 1024; ring_bytes *= 2)
		;
	return NULL;
}

/**
 * probe_faults - say what is to become of faults, before probe_open(); a record for each if not
 * @mode: what
 */
void probe_faults(enum fault_mode mode)
{
	faults = mode;
}

static void tell_missing(const char *what, bool minor)
{
	if (!minor)
		report_message("%s", what);
}

/**
 * probe_stacks - keep the stacks of faults that are summed up; before probe_open()
 */
void probe_stacks(void)
{
	with_stacks = true;
}

/**
 * probe_has_stacks - whether they are kept
 */
bool probe_has_stacks(void)
{
	return with_stacks;
}

/**
 * probe_open - begin to watch; nobody yet
 * @use: what is to be told
 *
 * Return: 0, -errno or PROBE_*
 */
int probe_open(enum probe_use use)
{
	int error;

	libbpf_set_print(hear);
	if (access(KERNEL_BTF, R_OK))
		return PROBE_NO_BTF;
	if (locked_down())
		return PROBE_LOCKED_DOWN;
	error = load(use);
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
	incomplete |= vmas;
	if (incomplete && time_now() - told_anew_ns > PAUSE_NS) {
		incomplete = false;
		if (torn())
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
	if (!outbox_pending())
		ring_buffer__consume(ring);
	if (!outbox_pending())
		tell_losses();
	return outbox_next();
}

/**
 * probe_reason - why processes cannot be watched
 * @error: of probe_open()
 * @todo: becomes what to do, or NULL
 */
const char *probe_reason(int error, const char **todo)
{
	switch (error) {
	case PROBE_NO_BTF:
		*todo = "it needs CONFIG_DEBUG_INFO_BTF: /sys/kernel/btf/vmlinux";
		return "the kernel does not tell its types";
	case PROBE_LOCKED_DOWN:
		*todo = "boot without lockdown=confidentiality";
		return "the kernel is locked down: nobody may read its memory";
	case PROBE_OLD_KERNEL:
		*todo = "Linux 6.1 and later do";
		return "this kernel does not tell of its VMAs";
	case -EPERM:
	case -EACCES:
		/* To root it is said why. */
		if (!geteuid())
			break;
		*todo = "be root, or have CAP_BPF and CAP_PERFMON";
		return "not permitted";
	}
	*todo = complaint;
	return strerror(-error);
}

/**
 * probe_complain - say in a sentence why processes cannot be watched, and what to do
 * @error: of probe_open()
 *
 * Return: EXIT_ENVIRONMENT
 */
int probe_complain(int error)
{
	const char *todo, *why = probe_reason(error, &todo);

	return report_fail(EXIT_ENVIRONMENT, "BPF", why, todo);
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
