// SPDX-License-Identifier: GPL-2.0
/*
 * Touches pages several calls deep, in code that keeps no frame pointers: its own, what qsort(3)
 * calls, memset(3), and libraries of which one takes the other's place; by the kernel, in a signal
 * handler, a thread, a child; at the bottom of a recursion; with pages of its stack that are not
 * there; or more often than anybody could keep up with. The test names the functions.
 */
#include <alloca.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char *next;	/* memory that nobody has touched */
static size_t page;

/* Lest functions are made for these alone, under other names */
static volatile int five = 5, ten = 10, forty = 40, fifty = 50, depth = 300;
static volatile int never_return;

/* Lest a call is the last thing that a function does, and its frame gone by then */
static inline void stay(void)
{
	__asm__ volatile("");
}

/* There it has to be. */
static inline void use(char *room)
{
	__asm__ volatile("" : : "r"(room) : "memory");
}

__attribute__((noinline)) static void touch(int pages)
{
	int i;

	for (i = 0; i < pages; i++, next += page)
		*(volatile char *)next = 1;
	if (never_return)
		_exit(0);
}

__attribute__((noinline)) static void inner(int pages)
{
	touch(pages);
	stay();
}

__attribute__((noinline)) static void middle(int pages)
{
	char room[300];

	use(room);
	inner(pages);
	stay();
}

__attribute__((noinline)) static void outer(int pages)
{
	middle(pages);
	stay();
}

__attribute__((noinline)) static int compare(const void *a, const void *b)
{
	static int touched;

	if (touched++ < 30)
		touch(1);
	return *(const int *)a - *(const int *)b;
}

__attribute__((noinline)) static void by_qsort(void)
{
	int numbers[64], i;

	for (i = 0; i < 64; i++)
		numbers[i] = i * 37 % 64;
	qsort(numbers, 64, sizeof(numbers[0]), compare);
	stay();
}

__attribute__((noinline)) static void by_memset(int pages)
{
	memset(next, 1, pages * page);
	next += pages * page;
}

__attribute__((noinline)) static void by_read(int pages)
{
	int fd = open("/dev/zero", O_RDONLY);

	if (read(fd, next, pages * page) != (ssize_t)(pages * page))
		exit(4);
	next += pages * page;
}

__attribute__((noinline)) static void handler(int sig)
{
	touch(ten);
	stay();
}

__attribute__((noinline)) static void by_signal(void)
{
	signal(SIGUSR1, handler);
	kill(getpid(), SIGUSR1);
	stay();
}

__attribute__((noinline)) static void *in_thread(void *unused)
{
	touch(ten);
	stay();
	return NULL;
}

static void by_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, in_thread, NULL))
		exit(5);
	pthread_join(thread, NULL);
}

__attribute__((noinline)) static void in_child(void)
{
	pid_t child = fork();

	if (!child) {
		touch(ten);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static uintptr_t page_of(uintptr_t address)
{
	return address - address % page;
}

/* A page of its frame is not present; what called it is behind that, or is there, too. */
__attribute__((noinline)) static void wide(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	unsigned char there;
	char *hole = (char *)page_of(here) - page;

	use(alloca(here % page + page));
	if (madvise(hole, page, MADV_DONTNEED) || mincore(hole, page, &there) || there & 1)
		exit(6);
	if (never_return)
		madvise(hole + page, page, MADV_DONTNEED);
	inner(five);
	stay();
}

/* It is called with a place for where its stack is, and then with that stack where it should be. */
__attribute__((noinline)) static void *in_hole(void *where)
{
	if (where)
		*(uintptr_t *)where = (uintptr_t)__builtin_frame_address(0);
	else
		wide();
	stay();
	return NULL;
}

static void run_on(char *stack, size_t size, void *where)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) || pthread_attr_setstack(&attr, stack, size) ||
	    pthread_create(&thread, &attr, in_hole, where))
		exit(7);
	pthread_join(thread, NULL);
}

/* The frame of wide() is to begin a bit above the beginning of a page. */
static void by_hole(void)
{
	size_t size = 64 * page;
	char *stack = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t where;

	if (stack == MAP_FAILED)
		exit(7);
	run_on(stack, size, &where);
	run_on(stack + (1024 - where) % page, size, NULL);
}

__attribute__((noinline)) static void recurse(int left)
{
	char room[64];

	use(room);
	if (left)
		recurse(left - 1);
	else
		touch(20);
	stay();
}

__attribute__((noinline)) static void *by_library(const char *path, const char *name)
{
	void *library = dlopen(path, RTLD_NOW);
	void (*function)(volatile char *p, int pages);

	function = library ? (void (*)(volatile char *, int))dlsym(library, name) : NULL;
	if (!function)
		exit(2);
	function(next, 10);
	next += 10 * page;
	dlclose(library);
	return (void *)function;
}

/* Whoever watches is stopped meanwhile: it is its child. */
__attribute__((noinline)) static void too_many(void)
{
	kill(getppid(), SIGSTOP);
	touch(3000);
	kill(getppid(), SIGCONT);
}

static void libraries(char **paths)
{
	void *one = by_library(paths[0], "one_touch");
	void *two = by_library(paths[1], "two_touch");

	/* In each other's place, or this shows nothing. */
	if (one != two)
		exit(3);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	size_t size = 4096;

	page = getpagesize();
	next = mmap(NULL, size * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (next == MAP_FAILED || madvise(next, size * page, MADV_NOHUGEPAGE))
		return 1;
	if (!strcmp(what, "calls")) {
		outer(fifty);
		by_qsort();
		by_memset(forty);
		by_read(ten);
		by_signal();
		by_thread();
		in_child();
		by_hole();
	} else if (!strcmp(what, "gone")) {
		never_return = 1;
		by_hole();
	} else if (!strcmp(what, "deep")) {
		recurse(depth);
	} else if (!strcmp(what, "libraries") && argc == 4) {
		libraries(argv + 2);
	} else if (!strcmp(what, "many")) {
		too_many();
	} else {
		return 1;
	}
	return 0;
}
