// SPDX-License-Identifier: GPL-2.0
/*
 * A program that has much of one thing, and says how many faults that were: VMAs, threads, children
 * one after the other, children at the same time, programs. It waits for a line on its standard
 * input before, so that whoever counts can begin, and has no fault of its own between the last
 * look at getrusage(2) and its end: _exit(2) has a page of code, too.
 */
#include <link.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096UL
#define TOUCHED		3	/* pages, by each child */
#define AT_A_TIME	32	/* programs */

static char line[128];
static const char *self;
static int gate[2];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char *map(size_t pages, int rights)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	char *at = mmap(NULL, pages * PAGE, rights, flags, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static void touch(char *at, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		__atomic_store_n(at + i * PAGE, 1, __ATOMIC_RELAXED);
}

/* Every second page has other rights: each is a VMA. Some go before the process does. */
static void vmas(long n)
{
	char *at = map(n, PROT_READ | PROT_WRITE);

	touch(at, n);
	for (long i = 1; i < n; i += 2)
		if (mprotect(at + i * PAGE, PAGE, PROT_READ))
			die("mprotect");
	if (madvise(at, n * PAGE, MADV_DONTNEED))
		die("madvise");
	for (long i = 0; i < n; i++) {
		if (i % 2)
			__atomic_load_n(at + i * PAGE, __ATOMIC_RELAXED);
		else
			touch(at + i * PAGE, 1);
	}
	munmap(at, n / 4 * PAGE);
}

static void *in_thread(void *arg)
{
	char *at = map(20, PROT_READ | PROT_WRITE);

	touch(at, 20);
	munmap(at, 20 * PAGE);
	return arg;
}

static void threads(long n)
{
	pthread_t *ids = calloc(n, sizeof(*ids));
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (long i = 0; i < n; i++)
		if (pthread_create(&ids[i], &attr, in_thread, NULL))
			die("pthread_create");
	for (long i = 0; i < n; i++)
		pthread_join(ids[i], NULL);
	free(ids);
}

static void reap(long n)
{
	int status;

	while (n--)
		if (waitpid(-1, &status, 0) < 0 || status)
			die("waitpid");
}

static void forks(long n)
{
	char *at = map(TOUCHED, PROT_READ | PROT_WRITE);
	pid_t pid;

	for (long i = 0; i < n; i++) {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid) {
			touch(at, TOUCHED);
			_exit(0);
		}
		reap(1);
	}
}

/* All of them live when the last is made. */
static void alive(long n)
{
	char *at = map(TOUCHED, PROT_READ | PROT_WRITE), c;
	pid_t pid;

	if (pipe(gate))
		die("pipe");
	for (long i = 0; i < n; i++) {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid) {
			close(gate[1]);
			_exit(read(gate[0], &c, 1));
		}
	}
	touch(at, TOUCHED);
	close(gate[1]);
	reap(n);
}

static void programs(long n)
{
	char *const argv[] = { (char *)self, "child", "0", NULL };
	char *const envp[] = { NULL };
	pid_t pid;

	for (long i = 0; i < n; i++) {
		if (i >= AT_A_TIME)
			reap(1);
		if (posix_spawn(&pid, self, NULL, NULL, argv, envp))
			die("posix_spawn");
	}
	reap(n < AT_A_TIME ? n : AT_A_TIME);
}

static void child(long n)
{
	touch(map(TOUCHED, PROT_READ | PROT_WRITE), TOUCHED);
	_exit(n);
}

static long faults_of(int who)
{
	struct rusage usage;

	if (getrusage(who, &usage))
		die("getrusage");
	return usage.ru_minflt + usage.ru_majflt;
}

static long faults(void)
{
	return faults_of(RUSAGE_SELF) + faults_of(RUSAGE_CHILDREN);
}

/* Written as it is read, without the C library, which may touch what it has not touched yet. */
static size_t text(char *to, long n)
{
	char digits[20];
	size_t size = 0;

	do
		digits[size++] = '0' + n % 10;
	while (n /= 10);
	for (size_t i = 0; i < size; i++)
		to[i] = digits[size - 1 - i];
	to[size] = '\n';
	return size + 1;
}

static void tell(long n)
{
	if (write(1, line, text(line, n)) < 0)
		_exit(1);
}

static const struct load {
	const char *name;
	void (*run)(long n);
} loads[] = {
	{ "vmas", vmas }, { "threads", threads }, { "forks", forks }, { "alive", alive },
	{ "programs", programs }, { "child", child },
};

/* A program's code is there, all of it: the kernel may map it page by page, as it is needed. */
static int have_code(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *part = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + part->p_vaddr, from = start & ~(PAGE - 1);

		if (part->p_type == PT_LOAD && part->p_flags & PF_X &&
		    madvise((void *)from, start + part->p_memsz - from, MADV_POPULATE_READ))
			die("madvise");
	}
	/* The first is the program. */
	return 1;
}

static const struct load *load_of(const char *name)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++)
		if (!strcmp(name, loads[i].name))
			return &loads[i];
	exit(2);
}

/* Loads, each with its number */
int main(int argc, char **argv)
{
	const struct load *all[8];
	int n = 0;
	long before;

	self = argv[0];
	for (int i = 1; i + 1 < argc && n < 8; i += 2)
		all[n++] = load_of(argv[i]);
	if (!n || argc != 1 + 2 * n)
		return 2;
	if (all[0]->run == child)
		child(atol(argv[2]));
	dl_iterate_phdr(have_code, NULL);
	/* Rehearsed: all of it has been touched when it is to be exact. */
	touch(line, 1);
	before = read(-1, line, 0);
	tell(faults());
	before = read(0, line, sizeof(line));
	before = faults();
	for (int i = 0; i < n; i++)
		all[i]->run(atol(argv[2 + 2 * i]));
	touch(line, 1);
	tell(faults() - before);
	_exit(0);
}
