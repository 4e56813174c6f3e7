// SPDX-License-Identifier: GPL-2.0
/*
 * Programs with one cause each for what mmscope why is asked, and some with none. Each name given
 * is run as a program of its own, one after the other: why_load [-d FILE] NAME...; with no name it
 * lists them, each with the question and the answer. FILE is on a file system with a device. What
 * this machine cannot do is "no NAME: REASON".
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define P	4096UL
#define MB	(1UL << 20)
#define HUGE	(2 * MB)
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

static const char *disk_file;

static void lack(const char *what)
{
	printf("no %s: %s\n", what, strerror(errno));
	exit(4);
}

static void *map(size_t size, int flags)
{
	void *at = mmap(NULL, size, RW, flags, -1, 0);

	if (at == MAP_FAILED)
		lack("mmap");
	return at;
}

static void touch(volatile char *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += P)
		at[i] = i / P + 1;
}

static void look(volatile char *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += P)
		(void)at[i];
}

static char *aligned(size_t size)
{
	char *at = map(size + HUGE, ANON);

	return (char *)(((uintptr_t)at + HUGE - 1) & -HUGE);
}

/* A file of some size that is in memory. */
static int memory_file(size_t size)
{
	int fd = memfd_create("why", 0);

	if (fd < 0 || ftruncate(fd, size))
		lack("memfd");
	return fd;
}

static void many(unsigned int n, void *(*body)(void *arg), size_t stack)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, stack);
	for (uintptr_t i = 0; i < n; i++)
		if (pthread_create(&thread, &attr, body, (void *)i))
			lack("threads");
	usleep(500000);
}

static void leak_heap(void)
{
	for (int i = 0; i < 200; i++) {
		memset(malloc(40000), 1, 40000);
		free(malloc(5000));
		usleep(2000);
	}
}

static void leak_mmap(void)
{
	for (int i = 0; i < 128; i++) {
		touch(map(64 * 1024, ANON), 64 * 1024);
		usleep(2000);
	}
}

static void *allocate(void *arg)
{
	for (int i = 0; i < 6; i++)
		memset(malloc(100000), 1, 100000);
	pause();
	return arg;
}

static void arenas(void)
{
	many(16, allocate, 256 * 1024);
}

static void *go_deep(void *arg)
{
	touch(alloca(MB), MB);
	pause();
	return arg;
}

static void thread_stacks(void)
{
	many(12, go_deep, 2 * MB);
}

static void stack_deep(void)
{
	touch(alloca(6 * MB), 6 * MB);
}

static void thp_bloat(void)
{
	char *at = aligned(8 * HUGE);

	if (madvise(at, 8 * HUGE, MADV_HUGEPAGE))
		lack("huge pages");
	for (int i = 0; i < 8; i++)
		at[i * HUGE] = 1;
}

static void collapse(void)
{
	char *at = aligned(4 * HUGE);

	madvise(at, 4 * HUGE, MADV_NOHUGEPAGE);
	for (int i = 0; i < 4; i++)
		at[i * HUGE] = 1;
	madvise(at, 4 * HUGE, MADV_HUGEPAGE);
	if (madvise(at, 4 * HUGE, MADV_COLLAPSE))
		lack("collapse");
}

static void populate(void)
{
	touch(map(12 * MB, ANON | MAP_POPULATE), 16 * P);
}

static void locked(void)
{
	char *at = map(12 * MB, ANON);

	if (mlock(at, 12 * MB))
		lack("mlock");
}

static void populate_advice(void)
{
	char *at = map(12 * MB, ANON);

	if (madvise(at, 12 * MB, MADV_POPULATE_WRITE))
		lack("populate");
}

static void lazy_free(void)
{
	char *at = map(12 * MB, ANON);

	touch(at, 12 * MB);
	madvise(at, 12 * MB, MADV_FREE);
	usleep(100000);
}

static void file_pages(void)
{
	int fd = open(disk_file ? disk_file : "", O_RDONLY);

	if (fd < 0)
		lack("file");
	look(mmap(NULL, 6 * MB, PROT_READ, MAP_SHARED, fd, 0), 6 * MB);
}

static void shared_memory(void)
{
	touch(map(12 * MB, MAP_SHARED | MAP_ANONYMOUS), 12 * MB);
}

static void swapped_out(void)
{
	char *at = map(12 * MB, ANON);

	touch(at, 12 * MB);
	if (madvise(at, 12 * MB, MADV_PAGEOUT))
		lack("swap");
	usleep(100000);
}

/* A child that waits, or writes, while its parent writes, or waits. */
static void copies(size_t bytes, bool child_writes)
{
	char *at = map(bytes, ANON);
	pid_t pid;

	touch(at, bytes);
	pid = fork();
	if (!pid) {
		if (child_writes)
			touch(at, bytes);
		usleep(300000);
		_exit(0);
	}
	if (!child_writes)
		touch(at, bytes);
	waitpid(pid, NULL, 0);
}

static void fork_copies(void)
{
	copies(16 * MB, false);
}

static void fork_child_copies(void)
{
	copies(16 * MB, true);
}

static void pinned(void)
{
	struct io_uring_params params = { .flags = 0 };
	int fd = syscall(SYS_io_uring_setup, 4, &params);
	struct iovec part = { map(12 * MB, ANON), 12 * MB };

	if (fd < 0 || syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &part, 1))
		lack("io_uring");
}

static void hugetlb(void)
{
	touch(map(4 * HUGE, ANON | MAP_HUGETLB), 4 * HUGE);
}

static void protect_parts(void)
{
	char *at = map(1024 * P, ANON);

	for (int i = 1; i < 1024; i += 2)
		mprotect(at + i * P, P, PROT_READ);
}

static void advise_parts(void)
{
	char *at = map(800 * P, ANON);

	for (int i = 1; i < 800; i += 2)
		madvise(at + i * P, P, MADV_DONTFORK);
}

static void *sit(void *arg)
{
	pause();
	return arg;
}

static void thread_guards(void)
{
	many(150, sit, 64 * 1024);
}

static void names(void)
{
	char *at = map(400 * P, ANON), name[32];

	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "part %d", i);
		if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, at + i * P, P, name))
			lack("names");
	}
}

static void holes(void)
{
	char *at = map(800 * P, ANON);

	for (int i = 1; i < 800; i += 2)
		munmap(at + i * P, P);
}

static void shared_maps(void)
{
	for (int i = 0; i < 400; i++) {
		map(P, MAP_SHARED | MAP_ANONYMOUS);
		usleep(1000);
	}
}

static void file_parts(void)
{
	int fd = memory_file(400 * P);

	for (int i = 0; i < 400; i++)
		mmap(NULL, P, PROT_READ, MAP_SHARED, fd, i % 20 * 20 * P);
}

static void owners(void)
{
	char *at = map(800 * P, ANON);

	munmap(at, 800 * P);
	for (int odd = 0; odd < 2; odd++)
		for (int i = odd; i < 800; i += 2)
			touch(mmap(at + i * P, P, RW, ANON | MAP_FIXED, -1, 0), P);
}

static void trim_cycle(void)
{
	mallopt(M_TRIM_THRESHOLD, 4096);
	mallopt(M_TOP_PAD, 0);
	mallopt(M_MMAP_THRESHOLD, 1024 * MB);
	for (int i = 0; i < 60; i++) {
		char *at = malloc(256 * 1024);

		touch(at, 256 * 1024);
		free(at);
		usleep(500);
	}
}

static void dontneed_cycle(void)
{
	char *at = map(64 * P, ANON);

	for (int i = 0; i < 60; i++) {
		touch(at, 64 * P);
		madvise(at, 64 * P, MADV_DONTNEED);
		usleep(500);
	}
}

static void mmap_cycle(void)
{
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	for (int i = 0; i < 30; i++) {
		char *at = malloc(512 * 1024);

		touch(at, 512 * 1024);
		free(at);
		usleep(500);
	}
}

static void zero_then_write(void)
{
	char *at = map(8 * MB, ANON);

	look(at, 8 * MB);
	touch(at, 8 * MB);
}

static void first_touches(void)
{
	touch(map(16 * MB, ANON), 16 * MB);
}

static void file_writes(void)
{
	int fd = memory_file(12 * MB);
	char *at = mmap(NULL, 12 * MB, RW, MAP_SHARED, fd, 0);

	for (size_t i = 0; i < 12 * MB; i += MB)
		(void)!pwrite(fd, at + i, 1, i);
	touch(at, 12 * MB);
}

static void swap_ins(void)
{
	char *at = map(12 * MB, ANON);

	touch(at, 12 * MB);
	for (int i = 0; i < 2; i++) {
		if (madvise(at, 12 * MB, MADV_PAGEOUT))
			lack("swap");
		look(at, 12 * MB);
	}
}

static void allow(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	mprotect((void *)((uintptr_t)info->si_addr & -P), P, RW);
}

static void write_barrier(void)
{
	struct sigaction action = { .sa_sigaction = allow, .sa_flags = SA_SIGINFO };
	char *at = map(2000 * P, ANON);

	touch(at, 2000 * P);
	sigaction(SIGSEGV, &action, NULL);
	mprotect(at, 2000 * P, PROT_READ);
	touch(at, 2000 * P);
}

static void same_pages(void)
{
	char *at = map(8 * MB, ANON);

	memset(at, 7, 8 * MB);
	if (madvise(at, 8 * MB, MADV_MERGEABLE))
		lack("ksm");
	usleep(2500000);
	touch(at, 8 * MB);
}

static void huge_zeroing(void)
{
	char *at = aligned(16 * HUGE);

	if (madvise(at, 16 * HUGE, MADV_HUGEPAGE))
		lack("huge pages");
	for (size_t i = 0; i < 16 * HUGE; i += 8 * P)
		at[i] = 1;
}

static int uffd;

static void *handle(void *arg)
{
	static char page[P];
	struct uffd_msg msg;

	while (read(uffd, &msg, sizeof(msg)) == sizeof(msg)) {
		struct uffdio_copy copy = {
			.dst = msg.arg.pagefault.address & -P, .src = (uintptr_t)page, .len = P,
		};

		usleep(5000);
		ioctl(uffd, UFFDIO_COPY, &copy);
	}
	return arg;
}

static void user_handler(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	char *at = map(100 * P, ANON);
	struct uffdio_register area = {
		.range = { (uintptr_t)at, 100 * P }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &area))
		lack("userfaultfd");
	many(1, handle, 64 * 1024);
	touch(at, 100 * P);
}

static void device_reads(void)
{
	int fd = open(disk_file ? disk_file : "", O_RDONLY);
	char *at;

	if (fd < 0)
		lack("file");
	at = mmap(NULL, 6 * MB, PROT_READ, MAP_PRIVATE, fd, 0);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	madvise(at, 6 * MB, MADV_RANDOM);
	for (size_t i = 0; i < 6 * MB; i += 4 * P)
		look(at + i, P);
}

static char *protected;

static void *protect(void *arg)
{
	for (int i = 0; i < 400; i++)
		mprotect(protected, 32 * MB, i & 1 ? RW : PROT_READ);
	return arg;
}

static void lock_waits(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char *at = map(64 * P, ANON);

	protected = map(32 * MB, ANON);
	touch(protected, 32 * MB);
	many(2, protect, 64 * 1024);
	for (int i = 0; i < 30; i++) {
		(void)!read(fd, at, 64 * P);
		madvise(at, 64 * P, MADV_DONTNEED);
	}
}

static void none_small(void)
{
	touch(map(200 * P, ANON), 200 * P);
}

/* What a program has got once it works with until its end. */
static void none_buffer(void)
{
	char *at = map(12 * MB, ANON);

	for (int i = 0; i < 20; i++) {
		touch(at, 12 * MB);
		usleep(30000);
	}
}

static void none_freed(void)
{
	for (int i = 0; i < 2; i++) {
		char *at = map(2 * MB, ANON);

		touch(at, 2 * MB);
		munmap(at, 2 * MB);
	}
}

static void none_steady(void)
{
	static char *parts[100];

	for (int i = 0; i < 3000; i++) {
		free(parts[i % 100]);
		parts[i % 100] = malloc(50000);
		memset(parts[i % 100], 1, 50000);
	}
}

static void none_vmas(void)
{
	for (int i = 0; i < 12; i++)
		map(P, MAP_SHARED | MAP_ANONYMOUS);
}

static void none_threads(void)
{
	many(4, sit, 256 * 1024);
}

static void none_faults(void)
{
	char *at = map(50 * P, ANON);

	for (int i = 0; i < 4; i++) {
		touch(at, 50 * P);
		madvise(at, 50 * P, MADV_DONTNEED);
	}
}

static void none_files(void)
{
	int fd = memory_file(MB);

	for (int i = 0; i < 10; i++) {
		char *at = mmap(NULL, MB, PROT_READ, MAP_SHARED, fd, 0);

		look(at, MB);
		munmap(at, MB);
	}
}

static void none_slow(void)
{
	touch(map(300 * P, ANON), 300 * P);
	usleep(200000);
}

static void none_fork(void)
{
	copies(MB / 2, false);
}

/* The name of what is planted, the question, the answer, and what does it. */
static const struct load {
	const char *name;
	const char *question;
	const char *answer;
	void (*run)(void);
} loads[] = {
	{ "leak_heap", "rss", "leak", leak_heap },
	{ "leak_mmap", "rss", "leak", leak_mmap },
	{ "arenas", "rss", "arenas", arenas },
	{ "thread_stacks", "rss", "thread_stacks", thread_stacks },
	{ "stack_deep", "rss", "stack", stack_deep },
	{ "thp_bloat", "rss", "huge_pages", thp_bloat },
	{ "collapse", "rss", "huge_pages", collapse },
	{ "populate", "rss", "populated", populate },
	{ "locked", "rss", "populated", locked },
	{ "populate_advice", "rss", "populated", populate_advice },
	{ "lazy_free", "rss", "lazily_freed", lazy_free },
	{ "file_pages", "rss", "file_pages", file_pages },
	{ "shared_memory", "rss", "shared_memory", shared_memory },
	{ "swapped_out", "rss", "swapped", swapped_out },
	{ "fork_copies", "rss", "fork_copies", fork_copies },
	{ "fork_child_copies", "rss", "fork_copies", fork_child_copies },
	{ "pinned", "rss", "pinned", pinned },
	{ "hugetlb", "rss", "hugetlb", hugetlb },
	{ "protect_parts", "vmas", "mprotect", protect_parts },
	{ "advise_parts", "vmas", "advice", advise_parts },
	{ "thread_guards", "vmas", "thread_stacks", thread_guards },
	{ "names", "vmas", "names", names },
	{ "holes", "vmas", "holes", holes },
	{ "shared_maps", "vmas", "files", shared_maps },
	{ "file_parts", "vmas", "offsets", file_parts },
	{ "owners", "vmas", "owners", owners },
	{ "trim_cycle", "faults", "again_brk", trim_cycle },
	{ "dontneed_cycle", "faults", "again_advice", dontneed_cycle },
	{ "mmap_cycle", "faults", "again_unmap", mmap_cycle },
	{ "faults_of_copies", "faults", "fork_copies", fork_copies },
	{ "zero_then_write", "faults", "read_first", zero_then_write },
	{ "first_touches", "faults", "first_touches", first_touches },
	{ "file_writes", "faults", "no_fault_around", file_writes },
	{ "swap_ins", "faults", "swap", swap_ins },
	{ "write_barrier", "faults", "refused", write_barrier },
	{ "same_pages", "faults", "merged_copies", same_pages },
	{ "huge_zeroing", "slow", "huge_pages", huge_zeroing },
	{ "user_handler", "slow", "userfaultfd", user_handler },
	{ "slow_swap", "slow", "swap", swap_ins },
	{ "device_reads", "slow", "device", device_reads },
	{ "lock_waits", "slow", "mmap_lock", lock_waits },
	{ "none_small", "rss", "none", none_small },
	{ "none_buffer", "rss", "none", none_buffer },
	{ "none_freed", "rss", "none", none_freed },
	{ "none_steady", "rss", "none", none_steady },
	{ "none_vmas", "vmas", "none", none_vmas },
	{ "none_threads", "vmas", "none", none_threads },
	{ "none_faults", "faults", "none", none_faults },
	{ "none_files", "faults", "none", none_files },
	{ "none_slow", "slow", "none", none_slow },
	{ "none_fork", "rss", "none", none_fork },
	{ 0 }
};

static const struct load *find(const char *name)
{
	for (size_t i = 0; loads[i].name; i++)
		if (!strcmp(loads[i].name, name))
			return &loads[i];
	return NULL;
}

static void run_apart(char *self, char *name)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/proc/self/exe", self, "-d", disk_file ? disk_file : "", "--", name, NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	bool one = argc == 5 && !strcmp(argv[1], "-d") && !strcmp(argv[3], "--");
	int first = 1;

	if (argc > 2 && !strcmp(argv[1], "-d")) {
		disk_file = *argv[2] ? argv[2] : NULL;
		first = 3 + one;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; first == argc && loads[i].name; i++)
		printf("%s %s %s\n", loads[i].name, loads[i].question, loads[i].answer);
	for (int i = first; i < argc; i++)
		if (!find(argv[i]))
			return 2;
		else if (one)
			find(argv[i])->run();
		else
			run_apart(argv[0], argv[i]);
	return 0;
}
