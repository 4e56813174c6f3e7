// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of known classes, for the tracer to tell, as fault_load.h prints them, in order. What was
 * meant is checked against the page table, before and after, by pagemap and kpageflags: the
 * program fails where a page is not what the class says. At the end, "counted N FROM TO": by
 * getrusage(2) there were N faults between those at the two addresses.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fault_load.h"

static void anonymous(void)
{
	char *p = map_small(4);

	write_to(p, "anon");
	read_from(p + PAGE, "zero");
	write_to(p + PAGE, "copy");
	mprotect(p, PAGE, PROT_READ);
	/* A child that lives keeps what it shares with us shared. */
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	mprotect(p, PAGE, PROT_READ | PROT_WRITE);
	write_to(p, "copy");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	write_to(p + PAGE, "reuse");
}

/* A file on disk, as far as faults are concerned: its pages are in the page cache. */
static void file(void)
{
	char *p;
	int fd;

	mkdir("/tmp/fault_load", 0700);
	if (mount("none", "/tmp/fault_load", "ramfs", 0, NULL))
		return;
	fd = open("/tmp/fault_load/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 64; i++)
		if (write(fd, "page", 4) != 4 || lseek(fd, (i + 1) * PAGE, SEEK_SET) < 0)
			exit(2);
	p = map(64 * PAGE, MAP_PRIVATE, fd);
	write_to(p + 20 * PAGE, "private");
	read_from(p, "file");
	/* Fault-around passes over a page that somebody holds the lock of. */
	if (!(entry_of(p + PAGE) & PRESENT))
		read_from(p + PAGE, "file");
	write_to(p + PAGE, "copy");
	/* No fault around where a page would be written at once. */
	p = map(64 * PAGE, MAP_SHARED, fd);
	madvise(p, 64 * PAGE, MADV_RANDOM);
	write_to(p, "file");
	close(fd);
	umount2("/tmp/fault_load", MNT_DETACH);
}

static void shared(void)
{
	char *p = map(8 * PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);

	write_to(p, "shmem");
	read_from(p + PAGE, "shmem");
}

static void huge(void)
{
	char *p = map(2 * HUGE, MAP_PRIVATE | MAP_ANONYMOUS, -1), *at;

	at = (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
	set_number("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	if (!madvise(at, HUGE, MADV_HUGEPAGE))
		write_to(at + 3 * PAGE, "thp");
	set_number("/proc/sys/vm/nr_hugepages", "2");
	p = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		 -1, 0);
	if (p != MAP_FAILED)
		write_to(p, "hugetlb");
	set_number("/proc/sys/vm/nr_hugepages", "0");
}

/* Farther down than anything has been. */
static __attribute__((noinline)) void stack(void)
{
	volatile char *p = (char *)__builtin_frame_address(0) - 64 * PAGE;

	write_to(p, "stack");
}

/* Exceptions for lack of a page that this thread causes, also in the kernel, as that counts them */
static int exceptions(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0) {
		perror("perf_event_open");
		exit(2);
	}
	return fd;
}

static uint64_t count_of(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		exit(2);
	return count;
}

/* The copy of 6.1 tries the last bytes once more, one by one, and is refused again. */
static void refused_copy(int from, char *p)
{
	uint64_t before = entry_of(p), n;
	int fd = exceptions();

	n = count_of(fd);
	if (read(from, p, 4) != -1 || errno != EFAULT)
		exit(2);
	n = count_of(fd) - n;
	close(fd);
	for (uint64_t i = 0; i < n; i++)
		judge(p, "refused", "-", before);
}

static void by_kernel(void)
{
	char *p = map_small(4);
	int fds[2], mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	uint64_t before = entry_of(p);

	if (pipe(fds) || write(fds[1], "abcd", 4) != 4 || read(fds[0], p, 4) != 4)
		exit(2);
	judge(p, "anon", "-", before);
	before = entry_of(p + PAGE);
	if (pwrite(mem, "x", 1, (uintptr_t)(p + PAGE)) != 1)
		exit(2);
	/* By way of an mm, as if it were another's. */
	judge(p + PAGE, "anon", "gup", before);
	if (write(fds[1], "abcd", 4) != 4)
		exit(2);
	munmap(p + 3 * PAGE, PAGE);
	refused_copy(fds[0], p + 3 * PAGE);
	madvise(p + 2 * PAGE, PAGE, MADV_POPULATE_WRITE);
	judge(p + 2 * PAGE, "anon", "gup", 0);
}

static void in_child(volatile char *p, const char *class)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		*p = 1;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	say(p, class, "-");
}

static void refused(void)
{
	char *p = map_small(4);
	int fd = memfd_create("empty", MFD_CLOEXEC);

	mprotect(p, PAGE, PROT_READ);
	munmap(p + 3 * PAGE, PAGE);
	in_child(p, "refused");
	in_child(p + 3 * PAGE, "refused");
	/* SIGBUS: the VMA is that of a file, which ends before. */
	in_child(map(PAGE, MAP_SHARED, fd), "refused");
}

static void counted(void)
{
	static struct rusage from, to;
	volatile char *p = map_small(40);

	getrusage(RUSAGE_SELF, &from);
	getrusage(RUSAGE_SELF, &to);
	p[0] = 1;
	getrusage(RUSAGE_SELF, &from);
	for (int i = 1; i < 33; i++)
		p[i * PAGE] = 1;
	madvise((char *)p + 33 * PAGE, 5 * PAGE, MADV_POPULATE_WRITE);
	getrusage(RUSAGE_SELF, &to);
	p[39 * PAGE] = 1;
	printf("counted %ld %lu %lu\n", to.ru_minflt + to.ru_majflt - from.ru_minflt -
	       from.ru_majflt, (unsigned long)p, (unsigned long)(p + 39 * PAGE));
}

/*
 * Not elsewhere: a page that is still on the way to the LRU lists of another CPU is copied where it
 * could be reused.
 */
static void stay_here(void)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	if (sched_setaffinity(0, sizeof(here), &here))
		exit(2);
}

int main(void)
{
	open_tables();
	stay_here();
	anonymous();
	file();
	shared();
	huge();
	stack();
	by_kernel();
	refused();
	counted();
	return bad;
}
