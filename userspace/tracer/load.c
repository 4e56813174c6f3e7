// SPDX-License-Identifier: GPL-2.0
/*
 * Loads the programs of bpf/ into the kernel: sets their constants, chooses which of them are
 * loaded, and keeps why that has failed.
 */
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "base/tool.h"
#include "tracer/tracer.h"
#include "tracer/choice.h"
#include "tracer/kfunc.h"
#include "tracer/load.h"
#include "base/proc.h"
#include "tracer/places.h"
#include "tracer/programs.h"
#include "tracer/rss_account.h"
#include "base/kernel_rules.h"

#define KERNEL_BTF	"/sys/kernel/btf/vmlinux"
#define THP_SIZES	"/sys/kernel/mm/transparent_hugepage"
#define MAX_RING_KIB	(1U << 20)
#define USUAL_BYTES	(16U << 20)	/* of the ring */
#define USUAL_FOR_STACKS (64U << 20)

#define PF_IO_WORKER	0x00000010
#define PF_USER_WORKER	0x00004000	/* since 6.4; another flag before */

static struct choice choice;	/* what is asked for, by tracer_faults() and its like */
static enum stack_way stacks;
static bool again;	/* faults that are summed up are told as well */
static struct tracer_bpf *bpf;
static size_t ring_bytes;	/* size of the ring, 0 for the usual size */
static char complaint[256];	/* libbpf's first warning: later ones say only that it gave up */
static char refused[64];	/* name of the program that the kernel would not load */
static struct kfunc_can can;	/* what programs can do with kfuncs of this kernel */

static int hear(enum libbpf_print_level level, const char *fmt, va_list args)
{
	static int debug = -1;
	char line[sizeof(complaint)];

	if (debug < 0)
		debug = !!getenv("MMSCOPE_BPF_DEBUG");
	if (debug)
		return vfprintf(stderr, fmt, args);
	/* libbpf warns of RLIMIT_MEMLOCK, which the kernel has not used for BPF since 5.11. */
	if (level != LIBBPF_WARN || strstr(fmt, "RLIMIT_MEMLOCK"))
		return 0;
	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	if (strstr(line, "failed to load"))
		sscanf(line, "libbpf: prog '%63[^']'", refused);
	if (!complaint[0])
		memcpy(complaint, line, sizeof(line));
	return 0;
}

/*
 * Set the size of the map of stacks. The kernel refuses a map of stacks that are longer than it is
 * set to find, even where no stacks are kept.
 */
static void size_stacks(void)
{
	long most = proc_field("/proc/sys/kernel/perf_event_max_stack", "");

	if (most > 0 && most < MAX_FRAMES)
		bpf_map__set_value_size(bpf->maps.stacks, most * sizeof(__u64));
	bpf_map__set_max_entries(bpf->maps.stacks, stacks == STACKS_FP ? MAX_STACKS : 1);
}

/*
 * Set the constants of the programs. They translate ids of processes into the pid namespace of the
 * tool, which they know by its device and inode.
 */
static void configure(void)
{
	bool summed = choice.faults == FAULTS_COUNTED || choice.faults == FAULTS_TIMED;
	size_t nr_sums = 1;
	bool user_workers = rules_kernel() >= KERNEL(6, 4);
	struct stat ns;

	if (!stat("/proc/self/ns/pid", &ns)) {
		bpf->rodata->pid_ns_dev = ns.st_dev;
		bpf->rodata->pid_ns_ino = ns.st_ino;
	}
	bpf->rodata->worker_flags = PF_IO_WORKER | (user_workers ? PF_USER_WORKER : 0);
	bpf->rodata->can_hold = can.hold;
	bpf->rodata->can_type = can.type;
	memcpy((void *)bpf->rodata->type_ids, can.types, sizeof(can.types));
	bpf->rodata->vmi_args = rules_kernel() >= KERNEL(6, 3);
	bpf->rodata->nr_cpus = libbpf_num_possible_cpus();
	if (!ring_bytes)
		ring_bytes = stacks == STACKS_DWARF ? USUAL_FOR_STACKS : USUAL_BYTES;
	bpf->rodata->ring_wake = ring_bytes / 8;
	bpf->rodata->ring_full = ring_bytes / 4 * 3;
	bpf->rodata->fault_entries = bpf_program__autoload(bpf->progs.fault_entries_set) ||
				     bpf_program__autoload(bpf->progs.fault_entry_set);
	bpf->rodata->signal_ends = bpf_program__autoload(bpf->progs.fault_signalled);
	bpf->rodata->fault_mode = choice.faults;
	bpf->rodata->faults_told = again || choice.faults == FAULTS_TOLD;
	bpf->rodata->stack_way = stacks;
	size_stacks();
	for (size_t i = 0; i < ARRAY_SIZE(bpf->rodata->short_times); i++)
		bpf->rodata->short_times[i] = time_bucket(i << SHORT_STEP);
	while (summed && nr_sums < MAX_SUMS && nr_sums < bpf->rodata->nr_cpus)
		nr_sums *= 2;
	bpf->rodata->sums_last = nr_sums - 1;
	bpf_map__set_max_entries(bpf->maps.sums, nr_sums);
	bpf_map__set_max_entries(bpf->maps.ring, ring_bytes);
}

/* May a fault of anonymous memory bring several pages that are no huge page (mTHP)? */
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

/* Leave out programs for which the kernel has a place, but another variant is the one to load. */
static void choose_variants(enum tracer_use use, bool mthp)
{
	if (rules_kernel() < KERNEL(6, 4)) {
		bpf_program__set_autoload(bpf->progs.rss_uffd, false);
		bpf_program__set_autoload(bpf->progs.rss_uffd_done, false);
	}
	if (!mthp)
		bpf_program__set_autoload(bpf->progs.fault_folio, false);
	bpf_program__set_autoload(rules_kernel() < KERNEL(6, 5) ? bpf->progs.fault_gup :
				  bpf->progs.fault_gup_old, false);
	if (use == TRACER_LOOK) {
		bpf_program__set_autoload(bpf->progs.usage_now, false);
		bpf_program__set_autoload(bpf->progs.find_limits, false);
	}
	bpf_program__set_autoload(bpf->progs.hook_enter, use == TRACER_HOOKS);
	bpf_program__set_autoload(bpf->progs.hook_exit, use == TRACER_HOOKS);
}

/* Are the programs loaded without which no VMA can be followed? */
static bool can_follow(void)
{
	return bpf_program__autoload(bpf->progs.ma_write) &&
	       bpf_program__autoload(bpf->progs.perf_event_mmap) &&
	       bpf_program__autoload(bpf->progs.vm_area_free) &&
	       bpf_program__autoload(bpf->progs.exit_mmap);
}

/* Choose the programs of the opened object that are loaded, and set their constants. */
static int prepare(enum tracer_use use, int types)
{
	const bool mthp = mthp_configured();
	int error;

	choice.long_way = stacks || again || mthp;
	programs_choose(bpf->obj, use == TRACER_LOOK ? NULL : &choice);
	choose_variants(use, mthp);
	error = programs_find(bpf->obj, types);
	if (error)
		return error == -ENOENT ? TRACER_NO_BTF : error;
	if (use != TRACER_LOOK && !can_follow())
		return TRACER_OLD_KERNEL;
	configure();
	return 0;
}

/* tracer_bpf__open_opts() for an object whose calls of kfuncs have the kernel's numbers. */
static struct tracer_bpf *open_object(const struct bpf_object_open_opts *opts)
{
	struct tracer_bpf *new = calloc(1, sizeof(*new));
	size_t size;
	const void *elf = tracer_bpf__elf_bytes(&size);

	if (new && !tracer_bpf__create_skeleton(new)) {
		new->skeleton->data = (void *)kfunc_set(elf, size, places_btf(), &can);
		if (!bpf_object__open_skeleton(new->skeleton, opts))
			return new;
	}
	tracer_bpf__destroy(new);
	return NULL;
}

/*
 * Load the programs. On a kernel of the future a function may have changed so much that the kernel
 * refuses the program for it; then all are loaded again without that one.
 */
static int load(enum tracer_use use)
{
		/*
		 * With a path, libbpf does not search modules for types, which takes CAP_SYS_ADMIN.
		 */
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = KERNEL_BTF);
	int types = places_file(), error;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", types);
	if (types >= 0)
		opts.btf_custom_path = path;
	do {
		refused[0] = '\0';
		complaint[0] = '\0';
		tracer_bpf__destroy(bpf);
		bpf = open_object(&opts);
		error = bpf ? prepare(use, types) : -errno;
		if (error)
			break;
		error = tracer_bpf__load(bpf);
	} while (error && error != -EPERM && programs_refuse(refused));
	places_forget();
	if (types >= 0)
		close(types);
	if (!error)
		complaint[0] = '\0';
	return error;
}

/* Is the kernel locked down so that nobody may read its memory? */
static bool locked_down(void)
{
	char word[64];

	return proc_word("/sys/kernel/security/lockdown", word, sizeof(word)) &&
	       strstr(word, "[confidentiality]");
}

/**
 * tracer_loaded - the skeleton of the loaded programs
 *
 * Return: the skeleton, NULL while nothing is loaded
 */
struct tracer_bpf *tracer_loaded(void)
{
	return bpf;
}

/**
 * tracer_unload - undo tracer_load(), even if that failed
 */
void tracer_unload(void)
{
	tracer_bpf__destroy(bpf);
	bpf = NULL;
}

/**
 * tracer_load - load the programs that are needed; tracer_loaded() has them then
 * @use: what they are loaded for
 *
 * Return: 0, -errno or TRACER_*
 */
int tracer_load(enum tracer_use use)
{
	int error;

	libbpf_set_print(hear);
	if (access(KERNEL_BTF, R_OK))
		return TRACER_NO_BTF;
	if (locked_down())
		return TRACER_LOCKED_DOWN;
	error = places_handle();
	return error ? error : load(use);
}

/**
 * tracer_buffer - set the size of the ring for records that the tool has not read yet
 * @kib: size in KiB, as typed; it is rounded up to a power of two
 *
 * Return: NULL, or @kib when it is no number of KiB that the ring can have
 */
const char *tracer_buffer(const char *kib)
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
 * tracer_faults - set what becomes of faults; FAULTS_TOLD if this is not called before
 *	tracer_open()
 * @mode: enum fault_mode
 */
void tracer_faults(enum fault_mode mode)
{
	choice.faults = mode;
	account_without_faults(mode == FAULTS_IGNORED);
}

/**
 * tracer_types - set which types of records are wanted; all if this is not called before
 *	tracer_open()
 * @types: set of bits by enum mmscope_type and enum record_type
 */
void tracer_types(const __u64 types[RECORD_SET])
{
	memcpy(choice.types, types, sizeof(choice.types));
	if (choice.faults == FAULTS_TOLD && !choice_has_faults(&choice))
		choice.faults = FAULTS_IGNORED;
}

/**
 * tracer_wide - watch programs whoever starts them; is called before tracer_open()
 * @whom: which programs
 */
void tracer_wide(const struct wide *whom)
{
	choice.wide = *whom;
}

/**
 * tracer_begin_wide - begin to watch the programs of tracer_wide(); all BPF programs are attached
 *
 * While only some BPF programs are attached nobody is watched, since all faults of a process that
 * is watched are compared with what getrusage(2) counts.
 */
void tracer_begin_wide(void)
{
	bpf->bss->wide = choice.wide;
}

/**
 * tracer_again - tell each fault even where faults are summed up; is called before tracer_open()
 */
void tracer_again(void)
{
	again = true;
}

/**
 * tracer_failures - tell failed mmap(2) and munmap(2), too; is called before tracer_open()
 *
 * Then each successful call of these pays a little, in all processes of the machine.
 */
void tracer_failures(void)
{
	choice.failures = true;
}

/**
 * tracer_tells_again - was tracer_again() called?
 */
bool tracer_tells_again(void)
{
	return again;
}

/**
 * tracer_stacks - keep the stacks of faults that are summed up; is called before tracer_open()
 * @way: how the stacks are found
 */
void tracer_stacks(enum stack_way way)
{
	stacks = way;
}

/**
 * tracer_stack_way - how the stacks of faults are found, STACKS_NONE if they are not kept
 */
enum stack_way tracer_stack_way(void)
{
	return stacks;
}

/**
 * tracer_complaint - what libbpf said when programs could not be loaded
 *
 * Return: one line, "" if libbpf said nothing
 */
const char *tracer_complaint(void)
{
	return complaint;
}
