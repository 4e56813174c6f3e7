// SPDX-License-Identifier: GPL-2.0
/*
 * Touches as many pages as it is told, at one place in the program: a run that takes one fault more
 * than another, and nothing else that is not the same.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES	256

__attribute__((noinline)) static void touch_pages(volatile char *p, int pages)
{
	int i;

	for (i = 0; i < pages; i++)
		p[i * getpagesize()] = 1;
}

int main(int argc, char **argv)
{
	int pages = argc > 1 ? atoi(argv[1]) : 0;
	char *p;

	if (pages < 0 || pages > PAGES)
		return 1;
	p = mmap(NULL, PAGES * getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0);
	if (p == MAP_FAILED || madvise(p, PAGES * getpagesize(), MADV_NOHUGEPAGE))
		return 1;
	touch_pages(p, pages);
	return 0;
}
