// SPDX-License-Identifier: GPL-2.0
/*
 * Touches pages of the device and anonymous ones in turn, and changes what they allow: prints
 * "SOURCE EVENT ADDRESS" for each, in the order of the program.
 */
#include <fcntl.h>
#include <linux/mmscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096UL
#define PAGES	32

static volatile char *map(int flags, int fd)
{
	char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	madvise(p, PAGES * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static void touch(const char *source, volatile char *p)
{
	*p = 1;
	printf("%s fault %lu\n", source, (unsigned long)p);
}

static void forbid(const char *source, volatile char *p)
{
	mprotect((char *)p, PAGE, PROT_NONE);
	printf("%s mprotect %lu\n", source, (unsigned long)p);
}

int main(void)
{
	struct mmscope_setup setup = { .size = sizeof(setup), .pages = PAGES };
	int fd = open("/dev/mmscope", O_RDWR | O_CLOEXEC), i;
	volatile char *ours, *others;

	if (fd < 0 || ioctl(fd, MMSCOPE_SETUP, &setup)) {
		perror("/dev/mmscope");
		return 1;
	}
	setvbuf(stdout, malloc(1 << 16), _IOFBF, 1 << 16);
	ours = map(MAP_SHARED, fd);
	others = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (i = 0; i < PAGES; i++) {
		touch("device", ours + i * PAGE);
		touch("bpf", others + i * PAGE);
	}
	for (i = 1; i < PAGES; i += 4) {
		forbid("device", ours + i * PAGE);
		forbid("bpf", others + i * PAGE);
	}
	return 0;
}
