// SPDX-License-Identifier: GPL-2.0
/*
 * Touches 100 pages in one way, and 400 in another: the same instruction, other stacks. Or each of
 * 2048 in a way of its own. It is built with frame pointers.
 */
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES		500
#define WAY_BITS	11
#define WAYS		(1 << WAY_BITS)

/* Lest a call is the last thing that a function does, and its frame gone by then */
static inline void stay(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) static void touch(volatile char *p, int pages)
{
	int i;

	for (i = 0; i < pages; i++)
		p[i * getpagesize()] = 1;
}

__attribute__((noinline)) static void touch_few(char *p)
{
	touch(p, PAGES / 5);
	stay();
}

__attribute__((noinline)) static void touch_many(char *p)
{
	touch(p, PAGES - PAGES / 5);
	stay();
}

__attribute__((noinline)) static void even(volatile char *p, int way, int calls);
__attribute__((noinline)) static void odd(volatile char *p, int way, int calls);

__attribute__((noinline)) static void touch_one(volatile char *p)
{
	*p = 1;
}

static inline void go_on(volatile char *p, int way, int calls)
{
	if (!calls)
		touch_one(p);
	else if (way & 1)
		odd(p, way >> 1, calls - 1);
	else
		even(p, way >> 1, calls - 1);
	stay();
}

__attribute__((noinline)) static void even(volatile char *p, int way, int calls)
{
	go_on(p, way, calls);
	stay();
}

__attribute__((noinline)) static void odd(volatile char *p, int way, int calls)
{
	go_on(p, way, calls);
	stay();
}

static int touch_in_many_ways(void)
{
	char *p = mmap(NULL, WAYS * getpagesize(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int way;

	if (p == MAP_FAILED || madvise(p, WAYS * getpagesize(), MADV_NOHUGEPAGE))
		return 1;
	for (way = 0; way < WAYS; way++)
		even(p + way * getpagesize(), way, WAY_BITS);
	return 0;
}

int main(int argc, char **argv)
{
	char *p;

	if (argc > 1)
		return touch_in_many_ways();
	p = mmap(NULL, PAGES * getpagesize(), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || madvise(p, PAGES * getpagesize(), MADV_NOHUGEPAGE))
		return 1;
	touch_few(p);
	touch_many(p + PAGES / 5 * getpagesize());
	return 0;
}
