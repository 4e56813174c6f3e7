// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of classes that take more than an access, as fault_load.c has those that do not: in
 * another process's memory, by userfaultfd(2), from swap, from a disk, huge ones, and NUMA hints.
 * fault_rare_load DIR: DIR is on a disk. "no WHAT" is printed for what this machine does not have.
 */
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include "fault_load.h"

#define BALANCING	"/sys/kernel/debug/sched/numa_balancing/"
#define SAMPLES		16	/* pages of the ring */

static void lacking(const char *what)
{
	printf("no %s\n", what);
}

static pid_t sleeper(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int open_of(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open(path, flags | O_CLOEXEC);
}

/* We write, the pages are the child's. */
static void remote(void)
{
	char *p = map_small(2), byte = 1;
	struct iovec from = { &byte, 1 }, to = { p, 1 };
	uint64_t before;
	int own = pagemap, mem;
	pid_t pid = sleeper();

	pagemap = open_of(pid, "pagemap", O_RDONLY);
	before = entry_of(p);
	if (process_vm_writev(pid, &from, 1, &to, 1, 0) != 1)
		exit(2);
	judge(p, "anon", "remote,gup", before);
	mem = open_of(pid, "mem", O_RDWR);
	before = entry_of(p + PAGE);
	if (pwrite(mem, "x", 1, (uintptr_t)(p + PAGE)) != 1)
		exit(2);
	judge(p + PAGE, "anon", "remote,gup", before);
	close(mem);
	close(pagemap);
	pagemap = own;
	end(pid);
}

/**
 * struct handler - who answers a userfaultfd
 * @fd: it
 * @page: what is to be there
 */
struct handler {
	int fd;
	char *page;
};

static void *handle(void *arg)
{
	struct handler *handler = arg;
	struct uffd_msg msg;
	struct uffdio_copy copy = { .src = (uintptr_t)handler->page, .len = PAGE };

	if (read(handler->fd, &msg, sizeof(msg)) != sizeof(msg))
		exit(2);
	copy.dst = msg.arg.pagefault.address & ~(PAGE - 1);
	if (ioctl(handler->fd, UFFDIO_COPY, &copy))
		exit(2);
	return NULL;
}

static void by_user(void)
{
	struct handler handler = { .page = map_small(1) };
	struct uffdio_api api = { .api = UFFD_API };
	char *p = map_small(1);
	struct uffdio_register range = {
		.range = { (uintptr_t)p, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	pthread_t thread;

	handler.fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (handler.fd < 0 || ioctl(handler.fd, UFFDIO_API, &api) ||
	    ioctl(handler.fd, UFFDIO_REGISTER, &range)) {
		lacking("uffd");
		return;
	}
	handler.page[0] = 1;
	if (pthread_create(&thread, NULL, handle, &handler))
		exit(2);
	write_to(p, "uffd");
	pthread_join(thread, NULL);
	close(handler.fd);
}

/* Not in memory: what is of a file leaves the table at once, but perhaps not the page cache. */
static bool is_out(char *p)
{
	unsigned char there = 1;

	return !(entry_of(p) & PRESENT) && !mincore(p, PAGE, &there) && !(there & 1);
}

/* A page of ours is written, goes out, and is read. */
static void come_back(char *p, const char *before, const char *class)
{
	write_to(p, before);
	for (int i = 0; i < 100 && !is_out(p); i++) {
		madvise(p, PAGE, MADV_PAGEOUT);
		usleep(10000);
	}
	if (is_out(p))
		read_from(p, class);
	else
		lacking("swap");
}

static void from_swap(void)
{
	come_back(map_small(1), "anon", "swap");
	come_back(map(PAGE, MAP_SHARED | MAP_ANONYMOUS, -1), "shmem", "shmem");
}

/* Pages of a file, none of which is in the page cache. Nor will be before it is touched. */
static char *map_disk(int fd, int flags)
{
	char *p;

	for (int i = 0; i < 64; i++)
		if (pwrite(fd, "page", 4, i * PAGE) != 4)
			exit(2);
	if (fsync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		exit(2);
	p = map(64 * PAGE, flags, fd);
	madvise(p, 64 * PAGE, MADV_RANDOM);
	for (int i = 0; i < 64; i++)
		if (!is_out(p + i * PAGE))
			lacking("page that is not cached");
	return p;
}

static void from_disk(const char *dir)
{
	char path[256], *p;
	int fd;

	snprintf(path, sizeof(path), "%s/fault_rare_load", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		lacking("disk");
		return;
	}
	p = map_disk(fd, MAP_SHARED);
	read_from(p, "file");
	write_to(p, "dirty");
	write_to(p + 40 * PAGE, "file");
	munmap(p, 64 * PAGE);
	p = map_disk(fd, MAP_PRIVATE);
	write_to(p + 20 * PAGE, "private");
	read_from(p + 30 * PAGE, "file");
	write_to(p + 30 * PAGE, "copy");
	close(fd);
	unlink(path);
}

/* Old kernels split the huge zero page, and what they copy then is a small one. */
static void write_huge(char *p)
{
	uint64_t before = entry_of(p);

	*(volatile char *)p = 1;
	judge(p, flags_of(entry_of(p)) & KPF_THP ? "thp" : "copy", "-", before);
}

/* New ones each time: where one was split, its page table stays. NULL where there are none. */
static char *map_huge(void)
{
	char *p = map(2 * HUGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p = (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
	return madvise(p, HUGE, MADV_HUGEPAGE) ? NULL : p;
}

static void huge(void)
{
	char *p;
	pid_t pid;

	set_number("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	p = map_huge();
	if (!p) {
		lacking("thp");
		return;
	}
	read_from(p + 3 * PAGE, "thp");
	write_huge(p + 5 * PAGE);
	/* One that is shared, and one that is no longer. */
	p = map_huge();
	write_to(p, "thp");
	pid = sleeper();
	write_huge(p + PAGE);
	end(pid);
	p = map_huge();
	write_to(p, "thp");
	end(sleeper());
	write_to(p + PAGE, "reuse");
}

static void huge_of_a_pool(void)
{
	char *p;
	pid_t pid;

	set_number("/proc/sys/vm/nr_hugepages", "3");
	p = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		 -1, 0);
	if (p == MAP_FAILED) {
		lacking("hugetlb");
		return;
	}
	write_to(p + 7 * PAGE, "hugetlb");
	pid = sleeper();
	write_to(p + PAGE, "hugetlb");
	end(pid);
	munmap(p, HUGE);
	set_number("/proc/sys/vm/nr_hugepages", "0");
}

/**
 * struct sample - an exception for lack of a page, as perf tells it
 * @header: of all its records
 * @addr: where
 */
struct sample {
	struct perf_event_header header;
	uint64_t addr;
};

static struct perf_event_mmap_page *sample_exceptions(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_type = PERF_SAMPLE_ADDR,
		.sample_period = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return (void *)map((1 + SAMPLES) * PAGE, MAP_SHARED, fd);
}

/* How many of those not yet read were in a page */
static int sampled(struct perf_event_mmap_page *ring, const char *p)
{
	uint64_t head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = ring->data_tail;
	const struct sample *sample;
	int n = 0;

	while (tail < head) {
		sample = (void *)((char *)ring + PAGE + tail % (SAMPLES * PAGE));
		n += sample->header.type == PERF_RECORD_SAMPLE &&
		     sample->addr / PAGE == (uintptr_t)p / PAGE;
		tail += sample->header.size;
	}
	__atomic_store_n(&ring->data_tail, tail, __ATOMIC_RELEASE);
	return n;
}

static void *wait_for_ever(void *arg)
{
	pause();
	return arg;
}

/*
 * The kernel takes away the access to pages that are there, to see who uses them: also where
 * there is one node only, if the process has threads. Whatever fault they then take is a hint.
 */
static void hinted(void)
{
	char *p = map_small(1);
	time_t last = time(NULL) + 100;
	struct perf_event_mmap_page *ring;
	uint64_t before;
	pthread_t thread;
	int n;

	write_to(p, "anon");
	before = entry_of(p);
	if (pthread_create(&thread, NULL, wait_for_ever, NULL))
		exit(2);
	ring = sample_exceptions();
	do {
		*(volatile char *)p = 1;
		n = sampled(ring, p);
	} while (!n && time(NULL) < last);
	if (!n)
		lacking("numa");
	while (n--)
		judge(p, "numa", "-", before);
}

static void numa(void)
{
	int status;
	pid_t pid;

	if (access("/proc/sys/kernel/numa_balancing", W_OK)) {
		lacking("numa");
		return;
	}
	set_number(BALANCING "scan_delay_ms", "50");
	set_number("/proc/sys/kernel/numa_balancing", "1");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
		hinted();
		fflush(stdout);
		_exit(bad);
	}
	waitpid(pid, &status, 0);
	bad |= status;
	set_number("/proc/sys/kernel/numa_balancing", "0");
	set_number(BALANCING "scan_delay_ms", "1000");
}

#define KSM	"/sys/kernel/mm/ksm/"

/* What KSM has merged becomes one's own again: madvise(2) faults, in no other's memory. */
static void unmerged(void)
{
	char *p = map_small(2);
	uint64_t before;

	write_to(p, "anon");
	write_to(p + PAGE, "anon");
	if (access(KSM "run", W_OK) || madvise(p, 2 * PAGE, MADV_MERGEABLE)) {
		lacking("ksm");
		return;
	}
	set_number(KSM "sleep_millisecs", "10");
	set_number(KSM "run", "1");
	for (int i = 0; i < 200 && PFN(entry_of(p)) != PFN(entry_of(p + PAGE)); i++)
		usleep(50000);
	set_number(KSM "run", "0");
	before = entry_of(p);
	if (PFN(before) != PFN(entry_of(p + PAGE))) {
		lacking("ksm");
		return;
	}
	if (madvise(p, 2 * PAGE, MADV_UNMERGEABLE))
		exit(2);
	judge(p, "copy", "gup", before);
	judge(p + PAGE, "copy", "gup", before);
}

int main(int argc, char **argv)
{
	open_tables();
	remote();
	by_user();
	from_swap();
	from_disk(argc > 1 ? argv[1] : "");
	huge();
	huge_of_a_pool();
	numa();
	unmerged();
	return !!bad;
}
