/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests share: a device file with what it has told so far (struct scope) */
#ifndef SCOPE_H
#define SCOPE_H

/* A program that is no set of tests does without it */
#ifndef SCOPE_WITHOUT_HARNESS
#include "kselftest_harness.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/mmscope.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"
#include "touch.h"

#define SCOPE_DEVICE	"/dev/mmscope"
#define SCOPE_STORY	8192

/* Rights as they are in records */
#define SCOPE_RWX	(MMSCOPE_F_READ | MMSCOPE_F_WRITE | MMSCOPE_F_EXEC | MMSCOPE_F_SHARED)

struct scope_area {
	const char *name;
	uintptr_t base;
	size_t pages;
};

/**
 * struct scope - a device file and all it has told
 * @fd: the file, non-blocking
 * @ev: records read so far, in the order read() gave them
 * @nr: how many
 * @told: how many of them scope_story() has told
 * @bad: records that broke a rule that holds for all (scope_check)
 */
struct scope {
	int fd;
	struct mmscope_event *ev;
	size_t nr;
	size_t room;
	size_t told;
	unsigned int bad;
	unsigned int max_cpus;
	struct scope_area area[8];
	unsigned int areas;
	char text[SCOPE_STORY];
};

/* The ABI */

static inline int scope_info(int fd, struct mmscope_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return ioctl(fd, MMSCOPE_INFO, info);
}

static inline int scope_setup(int fd, __u32 backing, __u64 flags, __u64 pages)
{
	struct mmscope_setup setup = {
		.size = sizeof(setup),
		.backing = backing,
		.flags = flags,
		.pages = pages,
	};

	return ioctl(fd, MMSCOPE_SETUP, &setup);
}

static inline int scope_attach(int fd, pid_t pid, __u32 mm, __u32 flags)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach),
		.flags = flags,
		.pid = pid,
		.mm = mm,
	};

	return ioctl(fd, MMSCOPE_ATTACH, &attach);
}

static inline int scope_stat(int fd, __u32 mm, __u32 flags, struct mmscope_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	stat->mm = mm;
	stat->flags = flags;
	return ioctl(fd, MMSCOPE_STAT, stat);
}

static inline __u32 scope_mm(int fd)
{
	struct mmscope_info info;

	return scope_info(fd, &info) ? 0 : info.mm;
}

/* A module parameter, or -1 */
static inline long long scope_param(const char *name)
{
	long long value = -1;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/mmscope/parameters/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%lld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

/* Files */

static inline int scope_open_as(struct scope *s, __u32 backing, __u64 flags, __u64 pages)
{
	struct mmscope_info info;

	memset(s, 0, sizeof(*s));
	s->fd = open(SCOPE_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0)
		return -errno;
	if (scope_setup(s->fd, backing, flags, pages) || scope_info(s->fd, &info))
		return -errno;
	s->max_cpus = info.max_cpus;
	return 0;
}

static inline int scope_open(struct scope *s)
{
	return scope_open_as(s, MMSCOPE_PAGE, 0, 0);
}

static inline void scope_close(struct scope *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	free(s->ev);
	s->ev = NULL;
}

static inline void scope_area(struct scope *s, const char *name, void *base, size_t pages)
{
	s->area[s->areas++] = (struct scope_area){ name, (uintptr_t)base, pages };
}

/* A shared read-write mapping from page @pgoff of the store */
static inline char *scope_map_at(struct scope *s, size_t pages, size_t pgoff)
{
	void *p = mmap(NULL, pages * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, s->fd,
		       pgoff * page_size());

	return p == MAP_FAILED ? NULL : p;
}

/* The same from page 0; the area without a name in stories */
static inline char *scope_map(struct scope *s, size_t pages)
{
	char *p = scope_map_at(s, pages, 0);

	if (p)
		scope_area(s, "", p, pages);
	return p;
}

/* Address space that belongs to nobody, to map into with MAP_FIXED */
static inline char *scope_reserve(size_t pages)
{
	void *p = mmap(NULL, pages * page_size(), PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Records */

static inline const char *scope_type(unsigned int type)
{
	static const char * const name[MMSCOPE_NR_TYPES] = {
		[MMSCOPE_MMAP] = "mmap", [MMSCOPE_MAY_SPLIT] = "may_split",
		[MMSCOPE_SPLIT] = "split", [MMSCOPE_COPY] = "copy", [MMSCOPE_DUP] = "dup",
		[MMSCOPE_MREMAP] = "mremap", [MMSCOPE_MPROTECT] = "mprotect",
		[MMSCOPE_UNMAP] = "unmap", [MMSCOPE_MOVE] = "move", [MMSCOPE_FORK] = "fork",
		[MMSCOPE_END] = "end", [MMSCOPE_FAULT] = "fault", [MMSCOPE_MKWRITE] = "mkwrite",
		[MMSCOPE_PFN_MKWRITE] = "pfn_mkwrite", [MMSCOPE_ACCESS] = "access",
		[MMSCOPE_NAME] = "name", [MMSCOPE_LOST] = "lost",
	};

	return type < MMSCOPE_NR_TYPES && name[type] ? name[type] : "?";
}

static inline const char *scope_cause(int cause)
{
	static char other[16];

	switch (cause) {
	case SYS_read:			return "read";
	case SYS_write:			return "write";
	case SYS_mmap:			return "mmap";
	case SYS_mprotect:		return "mprotect";
	case SYS_munmap:		return "munmap";
	case SYS_mremap:		return "mremap";
	case SYS_madvise:		return "madvise";
	case SYS_mlock:			return "mlock";
	case SYS_remap_file_pages:	return "remap_file_pages";
	case SYS_mbind:			return "mbind";
	case SYS_clone:
	case SYS_fork:
	case SYS_vfork:			return "fork";
	case SYS_execve:		return "execve";
	case SYS_exit_group:		return "exit_group";
	case 462:			return "mseal";
	case MMSCOPE_CAUSE_USER:	return "user";
	case MMSCOPE_CAUSE_TEARDOWN:	return "teardown";
	case MMSCOPE_CAUSE_KTHREAD:	return "kthread";
	case MMSCOPE_CAUSE_COMPAT:	return "compat";
	case MMSCOPE_CAUSE_REMOTE:	return "remote";
	}
	snprintf(other, sizeof(other), "syscall %d", cause);
	return other;
}

static inline bool scope_is_range(const struct mmscope_event *e)
{
	return e->type >= MMSCOPE_MMAP && e->type < MMSCOPE_FAULT;
}

static inline bool scope_is_fault(const struct mmscope_event *e)
{
	return e->type >= MMSCOPE_FAULT && e->type < MMSCOPE_NAME;
}

static inline bool scope_zero(const void *from, const void *to)
{
	const char *p = from;

	while (p < (const char *)to)
		if (*p++)
			return false;
	return true;
}

/* Bits of a record's flags that no MMSCOPE_F_* has */
#define SCOPE_RESERVED_FLAGS	0xfc8000

/* What every record obeys; NULL when it does */
static inline const char *scope_check(const struct scope *s, const struct mmscope_event *e)
{
	size_t len;

	if (!strcmp(scope_type(e->type), "?"))
		return "unknown type";
	if (e->flags & SCOPE_RESERVED_FLAGS)
		return "flag that no module sets";
	if (e->cause < MMSCOPE_CAUSE_REMOTE)
		return "unknown cause";
	if (e->cause == MMSCOPE_CAUSE_REMOTE && (e->tid || e->ip || !(e->flags & MMSCOPE_F_REMOTE)))
		return "another process, and who it was";
	if (e->cpu >= s->max_cpus && !(e->flags & MMSCOPE_F_DROPPED && e->cpu == 65535))
		return "cpu out of range";
	if (e->type == MMSCOPE_LOST)
		return e->count && !e->mm && scope_zero(&e->ip, e + 1) ? NULL : "bad loss";
	if (!e->time_ns || !e->mm)
		return "no time or no mm";
	if (e->type == MMSCOPE_NAME) {
		len = strnlen(e->text, sizeof(e->text));
		if (len == sizeof(e->text) || !scope_zero(e->text + len, e + 1))
			return "name without an end, or with something behind it";
	} else if (scope_is_fault(e)) {
		if (e->type != MMSCOPE_ACCESS && e->addr % page_size())
			return "address is not a page's";
		if (e->flags & MMSCOPE_F_USER && e->cause != MMSCOPE_CAUSE_USER)
			return "USER, but by someone else";
	} else if (e->start > e->end || e->start % page_size() || e->end % page_size()) {
		return "not a range";
	}
	return NULL;
}

static inline void scope_print(const struct mmscope_event *e)
{
	fprintf(stderr, "# %llu ns %s: mm %u vma %u seq %u tid %u %s flags %#x cpu %u",
		(long long)e->time_ns, scope_cause(e->cause), e->mm, e->vma, e->seq, e->tid,
		scope_type(e->type), e->flags, e->cpu);
	fprintf(stderr, " %#llx %#llx %#llx %#x %#x\n", (long long)e->start, (long long)e->end,
		(long long)e->aux, e->parent, e->pages);
}

static inline bool scope_after(const struct mmscope_event *e, const struct mmscope_event *f)
{
	if (e->seq != f->seq)
		return (__s32)(e->seq - f->seq) > 0;
	return e->time_ns > f->time_ns;
}

/* One read(2); what it gives is checked and kept. Returns the number of records or -errno. */
static inline int scope_read(struct scope *s)
{
	size_t want = 512, i, got;
	ssize_t n;

	if (s->nr + want > s->room) {
		s->room = 2 * s->room + want;
		s->ev = realloc(s->ev, s->room * sizeof(*s->ev));
		if (!s->ev)
			abort();
	}
	n = read(s->fd, s->ev + s->nr, want * sizeof(*s->ev));
	if (n < 0)
		return -errno;
	if (n % sizeof(*s->ev))
		s->bad++;
	got = n / sizeof(*s->ev);
	for (i = s->nr; i < s->nr + got; i++) {
		const char *why = scope_check(s, s->ev + i);

		if (!why && i > s->nr && scope_after(s->ev + i - 1, s->ev + i))
			why = "out of order";
		if (!why)
			continue;
		if (!s->bad++) {
			fprintf(stderr, "# bad record: %s\n", why);
			if (i > s->nr)
				scope_print(s->ev + i - 1);
			scope_print(s->ev + i);
		}
	}
	s->nr += got;
	return got;
}

/* All there is. Returns how many records came. */
static inline size_t scope_drain(struct scope *s)
{
	size_t before = s->nr;

	while (scope_read(s) > 0)
		;
	return s->nr - before;
}

/* Leave out what has been recorded so far */
static inline void scope_skip(struct scope *s)
{
	scope_drain(s);
	s->told = s->nr;
}

/* The nth record of a type, from 0, of those read so far */
static inline struct mmscope_event *scope_nth(struct scope *s, unsigned int type, size_t n)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->ev[i].type == type && !n--)
			return s->ev + i;
	return NULL;
}

/* The last record of a type; reads what there is first */
static inline struct mmscope_event *scope_last(struct scope *s, unsigned int type)
{
	size_t i;

	scope_drain(s);
	for (i = s->nr; i-- > 0;)
		if (s->ev[i].type == type)
			return s->ev + i;
	return NULL;
}

/* How many records of a type; reads what there is first */
static inline size_t scope_count(struct scope *s, unsigned int type)
{
	size_t i, n = 0;

	scope_drain(s);
	for (i = 0; i < s->nr; i++)
		n += s->ev[i].type == type;
	return n;
}

/* The only record of its type since the last story or skip; NULL when there are more or none */
static inline struct mmscope_event *scope_only(struct scope *s, unsigned int type)
{
	struct mmscope_event *e = NULL;
	size_t i, n = 0;

	scope_drain(s);
	for (i = s->told; i < s->nr; i++) {
		if (s->ev[i].type != type)
			continue;
		e = s->ev + i;
		n++;
	}
	s->told = s->nr;
	return n == 1 ? e : NULL;
}

/* How many records LOST speaks of */
static inline __u64 scope_lost(struct scope *s)
{
	__u64 n = 0;
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->ev[i].type == MMSCOPE_LOST)
			n += s->ev[i].count;
	return n;
}

/* produced = delivered + unread + lost + dropped + skipped */
static inline bool scope_adds_up(int fd)
{
	struct mmscope_info i;
	__u64 sum;

	if (scope_info(fd, &i))
		return false;
	sum = i.delivered + i.unread + i.lost + i.dropped + i.skipped;
	if (i.produced == sum)
		return true;
	fprintf(stderr, "# produced %llu delivered %llu unread %llu", i.produced, i.delivered,
		i.unread);
	fprintf(stderr, " lost %llu dropped %llu skipped %llu\n", i.lost, i.dropped, i.skipped);
	return false;
}

/* The kernel's own view */

struct scope_vma {
	uintptr_t start;
	uintptr_t end;
	char rights[5];
	__u64 pgoff;
};

/* The device's VMAs of a process (0: this one) in /proc/PID/maps; -1 when it has none */
static inline int scope_maps(pid_t pid, struct scope_vma *vma, int max)
{
	char path[64] = "/proc/self/maps", *line = NULL;
	unsigned long long start, end, offset;
	size_t room = 0;
	int nr = 0;
	FILE *f;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (nr < max && getline(&line, &room, f) > 0) {
		if (!strstr(line, " " SCOPE_DEVICE "\n"))
			continue;
		if (sscanf(line, "%llx-%llx %4s %llx", &start, &end, vma[nr].rights, &offset) != 4)
			continue;
		vma[nr].start = start;
		vma[nr].end = end;
		vma[nr].pgoff = offset / page_size();
		nr++;
	}
	free(line);
	fclose(f);
	return nr;
}

/* What a test that got @err from scope_open() lacks, for SKIP; NULL when it should run */
static inline const char *scope_missing(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENXIO:
		return "no " SCOPE_DEVICE ": load the module";
	case -EACCES:
		return SCOPE_DEVICE " is for root";
	}
	return NULL;
}

#include "story.h"

#endif
