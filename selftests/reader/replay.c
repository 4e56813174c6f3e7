// SPDX-License-Identifier: GPL-2.0
/*
 * The tool with a ring of records that were made here in place of the BPF programs': what it does
 * with them can be counted on any machine. It is linked to all of its objects; what is defined here
 * comes before what they or libbpf define. REPLAY in the environment says how many records.
 */
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/tool.h"
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "tracer/load.h"
#include "tracer/parts.h"
#include "tracer/programs.h"
#include "tracer/sums.h"
#include "tracer/usage.h"

#define PAGE		4096UL
#define MM		1
#define TID		1234
#define NR_VMAS		32
#define PAGES		65536UL		/* of each VMA */
#define VMA_START(i)	(0x7f0000000000UL + (i) * 2 * PAGES * PAGE)

static char *ring;
static unsigned long *produced;
static __u64 time_ns = 1000000000;

static unsigned long nr_faults(void)
{
	const char *count = getenv("REPLAY");

	return count ? strtoul(count, NULL, 10) : 0;
}

static size_t ring_size(void)
{
	size_t size = 1 << 20;

	while (size < (nr_faults() + NR_VMAS) * 128)
		size *= 2;
	return size;
}

static void *append(__u8 type, size_t size)
{
	struct mmscope_event *e = (void *)(ring + *produced + BPF_RINGBUF_HDR_SZ);

	*(__u32 *)(ring + *produced) = size;
	*produced += (BPF_RINGBUF_HDR_SZ + size + 7) & ~7UL;
	time_ns += 1234;
	*e = (struct mmscope_event){
		.time_ns = time_ns, .mm = MM, .tid = TID, .type = type,
		.cause = MMSCOPE_CAUSE_USER,
	};
	return e;
}

/* The VMAs are of a library and anonymous, in turn. */
static bool of_file(unsigned int i)
{
	return i % 4 == 0;
}

static void append_vmas(void)
{
	struct raw_file *file = append(RAW_FILE, sizeof(*file));

	file->key = 1;
	file->size = sizeof("libc.so.6\0lib\0usr");
	memcpy(file->parts, "libc.so.6\0lib\0usr", file->size);
	for (unsigned int i = 0; i < NR_VMAS; i++) {
		struct raw_vma *raw = append(RAW_HAVE, sizeof(*raw));

		raw->e.start = VMA_START(i);
		raw->e.end = raw->e.start + PAGES * PAGE;
		raw->vma = (struct vma_image){
			.object = 0xffff888000000000 + i * 192,
			.start = raw->e.start, .end = raw->e.end,
			.flags = RAW_VM_READ | (of_file(i) ? RAW_VM_EXEC : RAW_VM_WRITE),
			.file = of_file(i), .path = of_file(i), .ino = of_file(i),
			.ops = of_file(i) ? 0xffffffff81000000 : 0,
		};
	}
}

static void append_fault(unsigned long n)
{
	unsigned int vma = n * 7 % NR_VMAS;
	struct mmscope_event *e = append(MMSCOPE_FAULT, sizeof(*e));

	e->addr = VMA_START(vma) + n / NR_VMAS % PAGES * PAGE;
	e->ip = VMA_START(0) + n * 13 % (PAGES * PAGE);
	e->npages = 1;
	e->ns = 800 + n % 5000;
	e->flags = MMSCOPE_F_USER | MMSCOPE_F_VMA_LOCK | (of_file(vma) ?
		RECORD_CLASS_FILE << RECORD_CLASS_SHIFT | MMSCOPE_F_READ :
		RECORD_CLASS_ANON << RECORD_CLASS_SHIFT | MMSCOPE_F_WRITE);
}

/* A process, its VMAs, and faults in them. */
static void append_all(void)
{
	unsigned long count = nr_faults();
	struct raw_task *task;

	append(RAW_MM, sizeof(struct mmscope_event));
	task = append(RAW_HAVE_TASK, sizeof(*task));
	task->tgid = TID;
	strcpy(task->comm, "replay");
	append_vmas();
	for (unsigned long n = 0; n < count; n++)
		append_fault(n);
}

/* libbpf's: a map that can be mapped as the kernel's can. Nothing is behind its end twice. */
int bpf_map__fd(const struct bpf_map *map __unused)
{
	size_t bytes = 2 * PAGE + 2 * ring_size();
	int fd = memfd_create("ring", MFD_CLOEXEC);
	char *at;

	if (fd < 0 || ftruncate(fd, bytes))
		abort();
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		abort();
	produced = (unsigned long *)(at + PAGE);
	ring = at + 2 * PAGE;
	append_all();
	return fd;
}

__u32 bpf_map__max_entries(const struct bpf_map *map __unused)
{
	return ring_size();
}

/* A file cannot be waited for. */
int epoll_ctl(int epoll __unused, int op __unused, int fd __unused,
	      struct epoll_event *event __unused)
{
	return 0;
}

/* tracer/load.c: there is nothing to load. */
int tracer_load(enum tracer_use use __unused)
{
	return 0;
}

struct tracer_bpf *tracer_loaded(void)
{
	static __typeof__(*((struct tracer_bpf *)0)->rodata) rodata = {
		.nr_cpus = 1, .faults_told = 1, .fault_mode = FAULTS_TOLD,
	};
	static __typeof__(*((struct tracer_bpf *)0)->bss) bss;
	static struct tracer_bpf bpf;

	bpf.rodata = (void *)&rodata;
	bpf.bss = &bss;
	return &bpf;
}

void tracer_unload(void)
{
}

int programs_attach(const struct bpf_object *object __unused)
{
	return 0;
}

void programs_detach(void)
{
}

__u64 programs_skipped(const struct bpf_object *object __unused, bool faults __unused)
{
	return 0;
}

bool parts_suffice(void)
{
	return true;
}

void parts_missing(void (*tell)(const char *what, bool minor) __unused)
{
}

int sums_map(void)
{
	return 0;
}

bool usage_end(struct tracer_bpf *bpf __unused, struct usage *usage __unused)
{
	return false;
}
