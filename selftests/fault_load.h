/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For programs that provoke faults of known classes: what is meant is checked against the page
 * table, before and after, by pagemap and kpageflags. "ADDRESS CLASS WAYS" is printed for each;
 * WAYS are some of remote,gup,major, or a dash. getrusage(2) says what is major.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAGE		4096UL
#define HUGE		(512 * PAGE)
#define PRESENT		(1ULL << 63)
#define SWAPPED		(1ULL << 62)
#define PFN(entry)	((entry) & ((1ULL << 55) - 1))
#define KPF_ANON	(1ULL << 12)
#define KPF_HUGE	(1ULL << 17)
#define KPF_THP		(1ULL << 22)
#define KPF_ZERO_PAGE	(1ULL << 24)

static int pagemap, kpageflags, bad;

static uint64_t entry_of(const volatile void *p)
{
	uint64_t entry = 0;

	if (pread(pagemap, &entry, 8, (uintptr_t)p / PAGE * 8) != 8)
		exit(2);
	return entry;
}

static uint64_t flags_of(uint64_t entry)
{
	uint64_t flags = 0;

	if (entry & PRESENT && pread(kpageflags, &flags, 8, PFN(entry) * 8) != 8)
		exit(2);
	return flags;
}

/* Does the page table say that a fault of this class has been there? */
static bool shows(const char *class, uint64_t before, uint64_t after)
{
	bool same = PFN(before) == PFN(after);
	uint64_t flags = flags_of(after);

	if (!strcmp(class, "refused"))
		return !(after & PRESENT) || same;
	if (!(after & PRESENT))
		return false;
	if (!strcmp(class, "reuse") || !strcmp(class, "dirty"))
		return before & PRESENT && same;
	if (!strcmp(class, "numa"))
		return before & PRESENT && flags & KPF_ANON;
	if (!strcmp(class, "copy"))
		return before & PRESENT && !same && flags & KPF_ANON;
	/* Also where what was there is replaced: the huge zero page, or one that is shared. */
	if (!strcmp(class, "thp"))
		return flags & KPF_THP && !same;
	if (!strcmp(class, "hugetlb"))
		return flags & KPF_HUGE && !same;
	if (before & PRESENT)
		return false;
	if (!strcmp(class, "swap"))
		return before & SWAPPED && flags & KPF_ANON;
	if (!strcmp(class, "zero"))
		return flags & KPF_ZERO_PAGE;
	if (!strcmp(class, "anon") || !strcmp(class, "private") || !strcmp(class, "stack") ||
	    !strcmp(class, "uffd"))
		return flags & KPF_ANON && !(flags & (KPF_THP | KPF_HUGE));
	return !(flags & KPF_ANON);
}

static void say(const volatile void *p, const char *class, const char *ways)
{
	printf("%lu %s %s\n", (unsigned long)p, class, ways);
}

static void judge(const volatile void *p, const char *class, const char *ways, uint64_t before)
{
	uint64_t after = entry_of(p);

	say(p, class, ways);
	if (shows(class, before, after))
		return;
	fprintf(stderr, "not %s: %#llx, then %#llx, flags %#llx\n", class,
		(unsigned long long)before, (unsigned long long)after,
		(unsigned long long)flags_of(after));
	bad = 1;
}

/* Faults of this thread that waited for a device, or were tried again, as the kernel counts */
static long majors(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_majflt;
}

static void write_to(volatile char *p, const char *class)
{
	uint64_t before = entry_of(p);
	long n = majors();

	*p = 1;
	judge(p, class, majors() == n ? "-" : "major", before);
}

static void read_from(volatile char *p, const char *class)
{
	uint64_t before = entry_of(p);
	long n = majors();

	(void)*p;
	judge(p, class, majors() == n ? "-" : "major", before);
}

static char *map(size_t size, int flags, int fd)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

static char *map_small(size_t pages)
{
	char *p = map(pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static void set_number(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	close(fd);
}

static void open_tables(void)
{
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0 || kpageflags < 0) {
		perror("pagemap, kpageflags");
		exit(2);
	}
}
