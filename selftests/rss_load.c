// SPDX-License-Identifier: GPL-2.0
/*
 * What makes pages of a process come and go, in steps. After each step it marks the place by a
 * mapping at an address of its own, and asks the kernel how many pages of which kind it has. What
 * it prints at its end, a line for each step, is "NAME MARK ANON OTHER SWAP HUGETLB"; what this
 * machine cannot do is "no NAME: REASON".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define P	4096UL
#define RW	(PROT_READ | PROT_WRITE)
#define HUGE	(2UL << 20)
#define MARKS	((char *)0x100000000UL)
#define MAX_STEPS 128

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef UFFDIO_MOVE
struct uffdio_move {
	uint64_t dst, src, len, mode;
	int64_t move;
};

#define UFFDIO_MOVE _IOWR(UFFDIO, 0x05, struct uffdio_move)
#define UFFD_FEATURE_MOVE (1 << 16)
#endif

/* What must not bring pages while it is asked: all of it is touched before. */
static struct {
	char text[65536];
	char lines[65536];
	size_t used;
	int steps;
} all;

static const char *file_name;	/* of 16 pages or more */
static const char *disk;	/* to swap to, or NULL */

static void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	all.used += vsnprintf(all.lines + all.used, sizeof(all.lines) - all.used, fmt, args);
	va_end(args);
}

static long field(const char *name)
{
	const char *at = strstr(all.text, name);

	return at ? strtol(at + strlen(name), NULL, 10) / 4 : 0;
}

/* A step is over. */
static void step(const char *name)
{
	char *mark = MARKS + all.steps++ * 2 * P;
	int fd = open("/proc/self/smaps_rollup", O_RDONLY);
	long n, rss, anon;

	mmap(mark, P, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	n = read(fd, all.text, sizeof(all.text) - 1);
	all.text[n > 0 ? n : 0] = '\0';
	close(fd);
	rss = field("\nRss:");
	anon = field("\nAnonymous:");
	say("%s %lu %ld %ld %ld %ld\n", name, (unsigned long)mark, anon, rss - anon,
	    field("\nSwap:"), field("\nShared_Hugetlb:") + field("\nPrivate_Hugetlb:"));
}

static bool lack(const char *name)
{
	say("no %s: %s\n", name, strerror(errno));
	return false;
}

static void touch(volatile char *at, long pages)
{
	for (long i = 0; i < pages; i++)
		at[i * P] = 1;
}

static void look(volatile char *at, long pages)
{
	for (long i = 0; i < pages; i++)
		(void)at[i * P];
}

static char *get(size_t pages)
{
	return mmap(NULL, pages * P, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* As large as a huge page, and at a place for one. */
static char *get_huge(void)
{
	char *at = mmap(NULL, 2 * HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *aligned = (char *)(((uintptr_t)at + HUGE - 1) & -HUGE);

	if (aligned > at)
		munmap(at, aligned - at);
	munmap(aligned + HUGE, at + HUGE - aligned);
	return aligned;
}

static bool tell_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void private_memory(void)
{
	char *a = get(32);

	touch(a, 16);
	step("touched");
	look(a + 16 * P, 8);
	step("zero_pages");
	touch(a + 16 * P, 4);
	step("zero_pages_written");
	madvise(a, 4 * P, MADV_DONTNEED);
	step("dontneed");
	madvise(a + 4 * P, 4 * P, MADV_FREE);
	step("free");
	madvise(a + 8 * P, 4 * P, MADV_COLD);
	step("cold");
	mlock(a, 4 * P);
	step("mlock");
	munmap(a + 10 * P, 3 * P);
	step("hole");
	mremap(a, 10 * P, 5 * P, 0);
	step("mremap_smaller");
	munmap(a, 32 * P);
	step("munmap");
}

static void on_cpu(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(pid, sizeof(set), &set);
}

/* It changes its CPU also while it unmaps, and somebody else does that. */
static void moving(void)
{
	pid_t child, self = getpid();
	cpu_set_t all_cpus;
	char *a;

	sched_getaffinity(0, sizeof(all_cpus), &all_cpus);
	if (!CPU_ISSET(0, &all_cpus) || !CPU_ISSET(1, &all_cpus)) {
		errno = ENXIO;
		lack("moving");
		return;
	}
	child = fork();
	for (int i = 0; !child && i < 4000; i++) {
		on_cpu(self, i & 1);
		usleep(50);
	}
	if (!child)
		_exit(0);
	for (int i = 0; i < 12; i++) {
		a = get(400);
		touch(a, 400);
		munmap(a, 399 * P);
		munmap(a + 399 * P, P);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	sched_setaffinity(0, sizeof(all_cpus), &all_cpus);
	step("moving");
}

static void files(void)
{
	int fd = memfd_create("rss", 0), file = open(file_name, O_RDONLY);
	char *s, *p, *f;

	(void)!ftruncate(fd, 64 * P);
	s = mmap(NULL, 64 * P, RW, MAP_SHARED, fd, 0);
	touch(s, 16);
	step("shared");
	p = mmap(NULL, 16 * P, RW, MAP_PRIVATE, fd, 0);
	look(p, 8);
	step("private_of_shared");
	touch(p, 4);
	touch(p + 12 * P, 2);
	step("private_of_shared_written");
	fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * P, 4 * P);
	step("punch_hole");
	(void)!ftruncate(fd, 10 * P);
	step("ftruncate");
	madvise(s, 2 * P, MADV_REMOVE);
	step("remove");
	munmap(p, 16 * P);
	munmap(s, 64 * P);
	step("shared_gone");
	close(fd);
	f = mmap(NULL, 16 * P, RW, MAP_PRIVATE, file, 0);
	look(f, 8);
	step("file");
	touch(f, 4);
	touch(f + 10 * P, 2);
	step("file_written");
	madvise(f, 16 * P, MADV_DONTNEED);
	step("file_dontneed");
	munmap(f, 16 * P);
	close(file);
	step("file_gone");
}

static void heap_and_stack(void)
{
	char *end = sbrk(0);
	volatile char deep[64 * P];

	if (brk(end + 8 * P))
		return;
	touch((char *)(((uintptr_t)end + P - 1) & -P), 8 - 1);
	step("brk");
	brk(end);
	step("brk_back");
	touch(deep, 64);
	step("stack");
}

static void forked(void)
{
	char *a = get(16);
	pid_t pid;

	touch(a, 16);
	step("before_fork");
	pid = fork();
	if (!pid) {
		step("child");
		touch(a, 4);
		step("child_wrote");
		madvise(a, 16 * P, MADV_DONTNEED);
		step("child_dontneed");
		(void)!write(1, all.lines, all.used);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	all.steps += 3;
	step("forked");
	touch(a, 16);
	step("forked_wrote");
	munmap(a, 16 * P);
	step("forked_gone");
}

/*
 * A child does it to its parent, who touches the memory when the child is there: what was touched
 * before is shared with him, and stays.
 */
static void outside(void (*what)(pid_t pid, char *a), char *a, int pages)
{
	pid_t me = getpid(), pid;
	int gate[2];
	char c = 0;

	(void)!pipe(gate);
	pid = fork();
	if (!pid) {
		close(gate[1]);
		prctl(PR_SET_NAME, "outsider");
		(void)!read(gate[0], &c, 1);
		what(me, a);
		_exit(0);
	}
	close(gate[0]);
	touch(a, pages);
	step("outsider_there");
	close(gate[1]);
	waitpid(pid, NULL, 0);
}

static void write_there(pid_t pid, char *a)
{
	char text[8] = "x";
	struct iovec from = { text, 8 }, to = { a, 8 };

	errno = 0;
	process_vm_writev(pid, &from, 1, &to, 1, 0);
	to.iov_base = a + 3 * P;
	process_vm_readv(pid, &from, 1, &to, 1, 0);
}

static void page_out_there(pid_t pid, char *a)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);
	struct iovec part[2] = { { a, 4 * P }, { a + 6 * P, 2 * P } };

	errno = 0;
	syscall(SYS_process_madvise, fd, part, 2, MADV_PAGEOUT, 0);
}

static void outsiders(void)
{
	char *a = get(16), *b = get(16);

	outside(write_there, b, 0);
	step("written_from_outside");
	outside(page_out_there, a, 8);
	step("paged_out_from_outside");
	look(a, 8);
	step("back");
	munmap(a, 16 * P);
	munmap(b, 16 * P);
	step("outsiders_gone");
}

static void back_by_swapoff(pid_t pid, char *a)
{
	(void)pid;
	(void)a;
	errno = 0;
	swapoff(disk);
}

static void swapped(void)
{
	char *a = get(32);

	if (!disk) {
		errno = ENODEV;
		lack("swap");
		return;
	}
	touch(a, 32);
	step("before_swap");
	madvise(a, 16 * P, MADV_PAGEOUT);
	step("paged_out");
	look(a, 4);
	step("read_back");
	touch(a + 4 * P, 4);
	step("written_back");
	madvise(a + 8 * P, 2 * P, MADV_DONTNEED);
	step("dropped_from_swap");
	madvise(a + 10 * P, 2 * P, MADV_FREE);
	step("freed_from_swap");
	madvise(a, 16 * P, MADV_PAGEOUT);
	step("paged_out_again");
	outside(back_by_swapoff, a, 0);
	step("swapoff");
	munmap(a, 32 * P);
	step("swap_gone");
}

static void huge(void)
{
	char *a = get_huge(), *b;
	int fd;

	if (madvise(a, HUGE, MADV_HUGEPAGE)) {
		lack("huge_pages");
		return;
	}
	touch(a, 1);
	step("huge");
	madvise(a + 8 * P, 8 * P, MADV_DONTNEED);
	step("huge_in_part");
	munmap(a + 64 * P, 64 * P);
	step("huge_cut");
	munmap(a, HUGE);
	step("huge_gone");
	b = get_huge();
	madvise(b, HUGE, MADV_NOHUGEPAGE);
	touch(b, 3);
	madvise(b, HUGE, MADV_HUGEPAGE);
	if (madvise(b, HUGE, MADV_COLLAPSE))
		lack("collapse");
	step("collapse");
	munmap(b, HUGE);
	step("collapse_gone");
	a = get_huge();
	madvise(a, HUGE, MADV_HUGEPAGE);
	look(a, 4);
	step("huge_zero");
	touch(a, 4);
	step("huge_zero_written");
	munmap(a, HUGE);
	step("huge_zero_gone");
	fd = memfd_create("huge", MFD_HUGETLB);
	b = mmap(NULL, HUGE, RW, MAP_SHARED, fd, 0);
	if (fd < 0 || b == MAP_FAILED) {
		lack("hugetlb");
		return;
	}
	touch(b, 1);
	step("hugetlb");
	munmap(b, HUGE);
	close(fd);
	step("hugetlb_gone");
}

static void khugepaged(void)
{
	char *a = get_huge();

	touch(a, 4);
	step("before_khugepaged");
	madvise(a, HUGE, MADV_HUGEPAGE);
	for (int i = 0; i < 100; i++) {
		int fd = open("/proc/self/smaps_rollup", O_RDONLY);
		long n = read(fd, all.text, sizeof(all.text) - 1);

		all.text[n > 0 ? n : 0] = '\0';
		close(fd);
		if (field("\nAnonHugePages:"))
			break;
		usleep(100000);
	}
	if (!field("\nAnonHugePages:")) {
		errno = ETIME;
		lack("khugepaged");
	}
	/* It has more to do when the page is there. */
	usleep(200000);
	step("khugepaged");
	munmap(a, HUGE);
	step("khugepaged_gone");
}

static void uffd(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	char *a = get(16), *b = get(16), *from = get(4);
	struct uffdio_register area = {
		.range = { (uintptr_t)a, 16 * P }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_copy copy = { .dst = (uintptr_t)a, .src = (uintptr_t)from, .len = 4 * P };
	struct uffdio_zeropage zero = { .range = { (uintptr_t)a + 4 * P, 2 * P } };
	struct uffdio_move move = {
		.dst = (uintptr_t)a + 8 * P, .src = (uintptr_t)b, .len = 2 * P,
	};

	touch(from, 4);
	touch(b, 4);
	step("before_uffd");
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &area)) {
		lack("userfaultfd");
		return;
	}
	ioctl(fd, UFFDIO_COPY, &copy);
	step("uffd_copy");
	ioctl(fd, UFFDIO_ZEROPAGE, &zero);
	step("uffd_zeropage");
	if (ioctl(fd, UFFDIO_MOVE, &move))
		lack("uffd_move");
	step("uffd_move");
	close(fd);
	munmap(a, 16 * P);
	munmap(b, 16 * P);
	munmap(from, 4 * P);
	step("uffd_gone");
}

static void ksm(void)
{
	char *a = get(16);

	touch(a, 16);
	memset(a, 0, 16 * P);
	step("before_ksm");
	if (madvise(a, 16 * P, MADV_MERGEABLE)) {
		lack("ksm");
		return;
	}
	usleep(1500000);
	step("ksm");
	touch(a, 4);
	step("ksm_written");
	madvise(a, 16 * P, MADV_UNMERGEABLE);
	step("ksm_unmerged");
	munmap(a, 16 * P);
	step("ksm_gone");
}

/* Memory of its cgroup is asked to be given back, by another process. */
static void reclaim_there(pid_t pid, char *a)
{
	errno = 0;
	if (!tell_file("/sys/fs/cgroup/rss_load/memory.reclaim", "1M"))
		errno = EIO;
}

static void reclaimed(void)
{
	char *a = get(512);

	if (!tell_file("/sys/fs/cgroup/rss_load/cgroup.procs", "0")) {
		lack("reclaim");
		return;
	}
	outside(reclaim_there, a, 512);
	step("reclaim");
	look(a, 512);
	step("reclaim_back");
	munmap(a, 512 * P);
	step("reclaim_gone");
}

int main(int argc, char **argv)
{
	memset(&all, 1, sizeof(all));
	memset(&all, 0, sizeof(all));
	file_name = argv[1];
	disk = argc > 2 ? argv[2] : NULL;
	step("warm");
	field("\nPss:");
	step("begin");
	private_memory();
	moving();
	files();
	heap_and_stack();
	forked();
	outsiders();
	huge();
	uffd();
	ksm();
	khugepaged();
	reclaimed();
	swapped();
	return write(1, all.lines, all.used) < 0;
}
