/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share: a device file with what it has told so far (struct scope), records as
 * text (scope_story), touching memory that may not be there, and the kernel's own view of a
 * process (/proc/PID/maps, pagemap).
 *
 * A story is one line per structural record, with addresses as pages of the areas a test has
 * named, and the system call behind it: "munmap: unmap 0-4, 3 given back, partial". It does not
 * say which half of a split is the new one, since kernels differ: split_new_is_below() does.
 */
#ifndef SCOPE_H
#define SCOPE_H

/* A program that is no set of tests does without it */
#ifndef SCOPE_WITHOUT_HARNESS
#include "kselftest_harness.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/mmscope.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define __attr(...)	__attribute__((__VA_ARGS__))

/* How many times longer everything may take here: who starts us knows */
static inline int scope_slow(void)
{
	const char *slow = getenv("SCOPE_SLOW");

	return slow ? atoi(slow) : 1;
}

#ifndef SCOPE_WITHOUT_HARNESS
/* Runs behind the harness's constructors, which list the tests */
static __attr(constructor) void scope_stretch_limits(void)
{
	struct __fixture_metadata *f;
	struct __test_metadata *t;

	for (f = __fixture_list; f; f = f->next)
		for (t = f->tests; t; t = t->next)
			t->timeout *= scope_slow();
}
#endif

#ifndef __maybe_unused
#define __maybe_unused	__attr(unused)
#endif

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

static inline size_t page_size(void)
{
	static size_t size;

	if (!size)
		size = sysconf(_SC_PAGESIZE);
	return size;
}

/* Page @n of the mapping at @p */
static inline char *page(char *p, size_t n)
{
	return p + n * page_size();
}

/* Whether the running kernel is at least major.minor: for rules that no feature bit tells */
static inline bool kernel_at_least(unsigned int major, unsigned int minor)
{
	unsigned int maj = 0, min = 0;
	struct utsname uts;

	uname(&uts);
	if (sscanf(uts.release, "%u.%u", &maj, &min) != 2)
		return false;
	return maj > major || (maj == major && min >= minor);
}

/*
 * Which half of a split is new. An unmap makes the part that goes a new VMA on 6.1 and the part
 * that stays on later kernels; all else (mprotect, madvise) cuts off what is outside its range.
 */
static inline bool split_new_is_below(bool unmap, bool at_start)
{
	if (unmap && !kernel_at_least(6, 3))
		return !at_start;
	return at_start;
}

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

/* What every record obeys; NULL when it does */
static inline const char *scope_check(const struct scope *s, const struct mmscope_event *e)
{
	size_t len;

	if (!strcmp(scope_type(e->type), "?"))
		return "unknown type";
	if (e->flags >> 18 || e->flags & MMSCOPE_F_WHOLE)
		return "flag that no module sets";
	if (e->cause < MMSCOPE_CAUSE_COMPAT)
		return "unknown cause";
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

/* Stories */

static inline const struct scope_area *scope_find_area(struct scope *s, __u64 addr, __u64 end)
{
	unsigned int i;

	for (i = 0; i < s->areas; i++)
		if (addr >= s->area[i].base &&
		    end <= s->area[i].base + s->area[i].pages * page_size())
			return s->area + i;
	return NULL;
}

static inline void scope_range(struct scope *s, char *out, size_t size, __u64 start, __u64 end)
{
	const struct scope_area *a = scope_find_area(s, start, end);

	if (a)
		snprintf(out, size, "%s%llu-%llu", a->name, (start - a->base) / page_size(),
			 (end - a->base) / page_size());
	else
		snprintf(out, size, "%#llx-%#llx", start, end);
}

static inline void scope_point(struct scope *s, char *out, size_t size, __u64 at)
{
	const struct scope_area *a = scope_find_area(s, at, at);

	if (a)
		snprintf(out, size, "%s%llu", a->name, (at - a->base) / page_size());
	else
		snprintf(out, size, "%#llx", at);
}

static inline void scope_line(struct scope *s, char *out, size_t size,
			      const struct mmscope_event *e)
{
	const char *partial = e->flags & MMSCOPE_F_PARTIAL ? ", partial" : "";
	char range[64], at[32], rights[8];

	snprintf(rights, sizeof(rights), "%c%c%c%c", e->flags & MMSCOPE_F_READ ? 'r' : '-',
		 e->flags & MMSCOPE_F_WRITE ? 'w' : '-', e->flags & MMSCOPE_F_EXEC ? 'x' : '-',
		 e->flags & MMSCOPE_F_SHARED ? 's' : 'p');
	scope_range(s, range, sizeof(range), e->start, e->end);
	scope_point(s, at, sizeof(at), e->aux);
	switch (e->type) {
	case MMSCOPE_MMAP:
		snprintf(out, size, "%s: mmap %s %s of %llu\n", scope_cause(e->cause), range,
			 rights, e->aux);
		break;
	case MMSCOPE_MAY_SPLIT:
		snprintf(out, size, "%s: may_split %s at %s%s\n", scope_cause(e->cause), range, at,
			 e->flags & MMSCOPE_F_ERROR ? ", refused" : "");
		break;
	case MMSCOPE_SPLIT:
		snprintf(out, size, "%s: split %s at %s\n", scope_cause(e->cause), range, at);
		break;
	case MMSCOPE_COPY:
		snprintf(out, size, "%s: copy to %s %s of %llu\n", scope_cause(e->cause), range,
			 rights, e->aux);
		break;
	case MMSCOPE_DUP:
		snprintf(out, size, "%s: dup %s %s of %llu, %u copied\n", scope_cause(e->cause),
			 range, rights, e->aux, e->pages);
		break;
	case MMSCOPE_MREMAP:
		snprintf(out, size, "%s: mremap %s from %s\n", scope_cause(e->cause), range, at);
		break;
	case MMSCOPE_MPROTECT:
		snprintf(out, size, "%s: mprotect %s %s\n", scope_cause(e->cause), range, rights);
		break;
	case MMSCOPE_UNMAP:
		snprintf(out, size, "%s: unmap %s, %d given back%s\n", scope_cause(e->cause),
			 range, (int)e->pages, partial);
		break;
	case MMSCOPE_MOVE:
		snprintf(out, size, "%s: move %s, %d moved\n", scope_cause(e->cause), range,
			 (int)e->pages);
		break;
	default:
		snprintf(out, size, "%s: %s\n", scope_cause(e->cause), scope_type(e->type));
		break;
	}
}

/* The structural records since the last story, as text */
static inline const char *scope_story(struct scope *s)
{
	size_t len = 0;

	scope_drain(s);
	s->text[0] = 0;
	for (; s->told < s->nr; s->told++) {
		if (!scope_is_range(s->ev + s->told))
			continue;
		if (len + 256 > sizeof(s->text))
			break;
		scope_line(s, s->text + len, sizeof(s->text) - len, s->ev + s->told);
		len += strlen(s->text + len);
	}
	return s->text;
}

#define EXPECT_STORY(scope, want)	EXPECT_STREQ(want, scope_story(scope))

/* Touching memory */

/* The instructions that touch lie in one section, so that a record's ip can be recognised */
#define __touch __attr(noinline, unused, section("scope_touch"))

extern char __start_scope_touch[], __stop_scope_touch[];

static inline bool scope_is_touch(__u64 ip)
{
	return ip >= (uintptr_t)__start_scope_touch && ip < (uintptr_t)__stop_scope_touch;
}

static __touch char touch_read(const char *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static __touch void touch_write(char *p, char value)
{
	__atomic_store_n(p, value, __ATOMIC_RELAXED);
}

static inline void touch_pages(char *p, size_t from, size_t to)
{
	for (; from < to; from++)
		touch_write(p + from * page_size(), 1);
}

static inline void read_pages(char *p, size_t from, size_t to)
{
	for (; from < to; from++)
		touch_read(p + from * page_size());
}

static __thread sigjmp_buf scope_jump;

static inline void scope_caught(int sig)
{
	siglongjmp(scope_jump, sig);
}

/* Touches @p; returns 0 or the signal that it got. For one thread at a time. */
static inline int try_touch(char *p, bool write)
{
	struct sigaction act = { .sa_handler = scope_caught, .sa_flags = SA_NODEFER };
	struct sigaction segv, bus;
	int sig;

	sigaction(SIGSEGV, &act, &segv);
	sigaction(SIGBUS, &act, &bus);
	sig = sigsetjmp(scope_jump, 0);
	if (!sig) {
		if (write)
			touch_write(p, 1);
		else
			touch_read(p);
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return sig;
}

static inline int try_read(char *p)
{
	return try_touch(p, false);
}

static inline int try_write(char *p)
{
	return try_touch(p, true);
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

/* Pages present in /proc/self/pagemap, or -1 */
static inline int scope_present(const void *p, size_t pages)
{
	__u64 entry;
	int fd, n = 0;
	size_t i;

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (i = 0; i < pages; i++) {
		off_t at = ((uintptr_t)p / page_size() + i) * sizeof(entry);

		if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry)) {
			n = -1;
			break;
		}
		n += entry >> 63;
	}
	close(fd);
	return n;
}

/* Processes and threads */

/* Exit code of a child, or 128 + the signal that ended it */
static inline int wait_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Give up root, as a child does before it asks for what it may not have */
static inline void become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
	    setresuid(65534, 65534, 65534))
		_exit(120);
}

/* A counting semaphore that fork and exec inherit */
static inline int sema(void)
{
	return eventfd(0, EFD_SEMAPHORE);
}

static inline void sema_post(int fd)
{
	__u64 one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static inline void sema_wait(int fd)
{
	__u64 one;

	while (read(fd, &one, sizeof(one)) != sizeof(one))
		if (errno != EINTR)
			abort();
}

static inline pid_t own_tid(void)
{
	return syscall(SYS_gettid);
}

/* Waits until a thread sleeps; for one whose next sleep is the one that matters */
static inline void wait_asleep(pid_t tid)
{
	char path[32], line[256], *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	for (;;) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
		close(fd);
		if (n <= 0)
			return;
		line[n] = 0;
		state = strrchr(line, ')');
		if (state && state[2] == 'S')
			return;
		sched_yield();
	}
}

/* Stay on one CPU: the log is one ring per CPU */
static inline int pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static inline __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* How often: few times, as long as nobody asks for all by SCOPE_SOAK */
static inline size_t scope_rounds(size_t few, size_t all)
{
	return getenv("SCOPE_SOAK") ? all : few / scope_slow() + !!(few % scope_slow());
}

/* The path of a program beside this one */
static inline void beside(char *path, size_t size, const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[n < 0 ? 0 : n] = 0;
	slash = strrchr(path, '/');
	snprintf(slash ? slash + 1 : path, slash ? size - (slash + 1 - path) : size, "%s", name);
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

#endif
