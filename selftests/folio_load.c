// SPDX-License-Identifier: GPL-2.0
/*
 * Touches 64 pages of anonymous memory that may be large, and prints "ADDRESS PAGES" for each
 * touch that found none: by pagemap, so many were there afterwards.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096UL
#define PAGES	64
#define SIZE	(PAGES * PAGE)

static int present(int pagemap, const char *p)
{
	uint64_t entry[PAGES];
	int i, n = 0;

	if (pread(pagemap, entry, sizeof(entry), (uintptr_t)p / PAGE * 8) != sizeof(entry))
		return -1;
	for (i = 0; i < PAGES; i++)
		n += entry[i] >> 63;
	return n;
}

int main(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY), i, before, after;
	char *p = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pagemap < 0 || p == MAP_FAILED || madvise(p, 2 * SIZE, MADV_HUGEPAGE))
		return 1;
	p = (char *)(((uintptr_t)p + SIZE - 1) & ~(SIZE - 1));
	for (i = 0; i < PAGES; i++) {
		before = present(pagemap, p);
		((volatile char *)p)[i * PAGE] = 1;
		after = present(pagemap, p);
		if (before < 0 || after < 0)
			return 1;
		if (after > before)
			printf("%lu %d\n", (unsigned long)(p + i * PAGE), after - before);
	}
	return 0;
}
