// SPDX-License-Identifier: GPL-2.0
/*
 * Touches 100 pages in one way, and 400 in another: the same instruction, other stacks. It is built
 * with frame pointers.
 */
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES	500

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

int main(void)
{
	char *p = mmap(NULL, PAGES * getpagesize(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise(p, PAGES * getpagesize(), MADV_NOHUGEPAGE))
		return 1;
	touch_few(p);
	touch_many(p + PAGES / 5 * getpagesize());
	return 0;
}
