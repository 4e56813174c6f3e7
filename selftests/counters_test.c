// SPDX-License-Identifier: GPL-2.0
/*
 * Counters agree: STAT with the records, debugfs with STAT, all of them with what the kernel
 * counts by itself; and what is kept of the past is bounded.
 */
#include "scope.h"

#include <sys/stat.h>

#define PAGES	64
#define DEBUGFS	"/sys/kernel/debug/mmscope"

FIXTURE(counters)
{
	struct scope s;
	char *p;
};

FIXTURE_SETUP(counters)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
}

FIXTURE_TEARDOWN(counters)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	scope_close(&self->s);
}

/* Something of everything */
static void live(struct scope *s, char *p)
{
	char *q = scope_reserve(8), *private;
	int fd[2];
	pid_t pid;

	touch_pages(p, 0, 20);
	read_pages(p, 20, 30);
	mprotect(page(p, 2), 2 * page_size(), PROT_READ);
	madvise(p, 8 * page_size(), MADV_DONTNEED);
	read_pages(p, 0, 8);
	mremap(page(p, 8), 8 * page_size(), 8 * page_size(), MREMAP_MAYMOVE | MREMAP_FIXED, q);
	if (!pipe(fd) && write(fd[1], page(p, 40), 8) == 8 && read(fd[0], page(p, 41), 8) != 8)
		abort();
	private = mmap(NULL, 8 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, s->fd, 0);
	touch_pages(private, 0, 4);
	pid = fork();
	if (!pid)
		_exit(0);
	wait_child(pid);
	munmap(page(p, 16), 16 * page_size());
	munmap(q, 4 * page_size());
}

/* The counters of STAT, made of the records */
static void add_up(struct scope *s, struct mmscope_stat *sum)
{
	size_t i;

	memset(sum, 0, sizeof(*sum));
	scope_drain(s);
	for (i = 0; i < s->nr; i++) {
		struct mmscope_event *e = s->ev + i;

		sum->events[e->type]++;
		if (e->type == MMSCOPE_UNMAP)
			sum->given_back += e->pages;
		if (e->type != MMSCOPE_FAULT)
			continue;
		sum->write += !!(e->flags & MMSCOPE_F_WRITE);
		sum->kernel += !!(e->flags & MMSCOPE_F_KERNEL);
		sum->remote += !!(e->flags & MMSCOPE_F_REMOTE);
		sum->refault += !!(e->flags & MMSCOPE_F_REFAULT);
		sum->vma_lock += !!(e->flags & MMSCOPE_F_VMA_LOCK);
		sum->cow += !!(e->flags & MMSCOPE_F_COW);
		sum->major += !!(e->flags & MMSCOPE_F_MAJOR);
		sum->error += !!(e->flags & MMSCOPE_F_ERROR);
		sum->touched += e->npages * !(e->flags & MMSCOPE_F_REFAULT);
	}
	sum->mapped = sum->touched - sum->given_back;
}

TEST_F(counters, of_stat_are_sums_of_records)
{
	struct mmscope_stat stat, sum;

	live(&self->s, self->p);
	add_up(&self->s, &sum);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(0, memcmp(sum.events, stat.events, sizeof(sum.events)));
	EXPECT_EQ(sum.write, stat.write);
	EXPECT_EQ(sum.kernel, stat.kernel);
	EXPECT_EQ(sum.remote, stat.remote);
	EXPECT_EQ(sum.refault, stat.refault);
	EXPECT_EQ(sum.vma_lock, stat.vma_lock);
	EXPECT_EQ(sum.cow, stat.cow);
	EXPECT_EQ(sum.major, stat.major);
	EXPECT_EQ(sum.error, stat.error);
	EXPECT_EQ(sum.touched, stat.touched);
	EXPECT_EQ(sum.given_back, stat.given_back);
	EXPECT_EQ(sum.mapped, stat.mapped);
	EXPECT_EQ(0U, stat.dropped + stat.orphans);
	/* And the sums are of something */
	EXPECT_EQ(8U, sum.refault);
	EXPECT_EQ(2U, sum.kernel);
	EXPECT_EQ(4U, sum.cow);
	EXPECT_LT(0U, sum.given_back);
}

TEST_F(counters, of_threads_are_sums_of_records)
{
	struct mmscope_stat stat, sum;
	pid_t pid;
	int i, ready = sema(), go = sema();
	__u32 mm;

	/* Faults on several CPUs count in several places */
	pid = fork();
	if (!pid) {
		for (i = 0; i < 40; i++) {
			pin_to_cpu(i % 4);
			touch_write(page(self->p, i), 1);
		}
		munmap(page(self->p, 10), 10 * page_size());
		sema_post(ready);
		sema_wait(go);
		_exit(0);
	}
	sema_wait(ready);
	ASSERT_EQ(0, scope_attach(self->s.fd, pid, 0, 0));
	mm = scope_mm(self->s.fd);
	add_up(&self->s, &sum);
	ASSERT_EQ(0, scope_stat(self->s.fd, mm, 0, &stat));
	EXPECT_EQ(0, memcmp(sum.events, stat.events, sizeof(sum.events)));
	EXPECT_EQ(40U, stat.events[MMSCOPE_FAULT]);
	EXPECT_EQ(40U, stat.touched);
	EXPECT_EQ(10U, stat.given_back);
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
	/* The same when they have been folded into one, and its end has been added */
	add_up(&self->s, &sum);
	ASSERT_EQ(0, scope_stat(self->s.fd, mm, 0, &stat));
	EXPECT_EQ(0, memcmp(sum.events, stat.events, sizeof(sum.events)));
	EXPECT_EQ(sum.touched, stat.touched);
	EXPECT_EQ(sum.given_back, stat.given_back);
}

TEST_F(counters, of_a_childs_copy_balance)
{
	struct mmscope_stat stat;
	struct scope eager;
	char *p;
	pid_t pid;

	/* A fork that copies pages gives them, and the end takes them back */
	ASSERT_EQ(0, scope_open_as(&eager, MMSCOPE_PAGE, MMSCOPE_EAGER, 16));
	p = scope_map(&eager, 16);
	ASSERT_NE(NULL, p);
	pid = fork();
	if (!pid)
		_exit(munmap(page(p, 4), 4 * page_size()));
	EXPECT_EQ(0, wait_child(pid));
	ASSERT_NE(NULL, scope_last(&eager, MMSCOPE_FORK));
	ASSERT_EQ(0, scope_stat(eager.fd, scope_last(&eager, MMSCOPE_FORK)->aux, 0, &stat));
	EXPECT_EQ(16U, stat.touched);
	EXPECT_EQ(0U, stat.mapped);
	EXPECT_EQ(0U, stat.events[MMSCOPE_FAULT]);
	scope_close(&eager);
}

/* The kernel's own counters */

static long long number_in(const char *path, const char *name)
{
	size_t len = strlen(name);
	char line[256];
	long long n = -1;
	FILE *f = fopen(path, "re");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, len) || line[len] != ' ')
			continue;
		n = strtoll(line + len, NULL, 10);
		break;
	}
	fclose(f);
	return n;
}

TEST_F(counters, of_getrusage_are_the_recorded_faults)
{
	struct rusage was, is;
	size_t before;

	/* Once, so that the code and the buffers of this test have been touched */
	getrusage(RUSAGE_SELF, &was);
	touch_pages(self->p, 0, 8);
	getrusage(RUSAGE_SELF, &is);
	scope_drain(&self->s);
	before = scope_count(&self->s, MMSCOPE_FAULT);
	getrusage(RUSAGE_SELF, &was);
	touch_pages(self->p, 8, 50);
	touch_pages(self->p, 0, 50);
	getrusage(RUSAGE_SELF, &is);
	EXPECT_EQ(42, is.ru_minflt - was.ru_minflt);
	EXPECT_EQ(0, is.ru_majflt - was.ru_majflt);
	EXPECT_EQ(42U, scope_count(&self->s, MMSCOPE_FAULT) - before);
}

TEST_F(counters, of_vmstat_are_at_least_the_recorded_faults)
{
	long long was = number_in("/proc/vmstat", "pgfault"), is;
	size_t i;

	if (was < 0)
		SKIP(return, "no pgfault in /proc/vmstat");
	for (i = 0; i < 20; i++) {
		touch_pages(self->p, 0, PAGES);
		madvise(self->p, PAGES * page_size(), MADV_DONTNEED);
	}
	is = number_in("/proc/vmstat", "pgfault");
	EXPECT_LE(20 * PAGES, is - was);
	EXPECT_EQ(20U * PAGES, scope_count(&self->s, MMSCOPE_FAULT));
}

/* debugfs */

TEST_F(counters, files_are_for_root)
{
	static const char * const name[] = { "stats", "mms", "events" };
	char path[64];
	struct stat st;
	size_t i;

	if (access(DEBUGFS, F_OK))
		SKIP(return, "no " DEBUGFS);
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		snprintf(path, sizeof(path), DEBUGFS "/%s", name[i]);
		ASSERT_EQ(0, stat(path, &st)) TH_LOG("%s", path);
		EXPECT_EQ(0400U, st.st_mode & 07777) TH_LOG("%s", path);
		EXPECT_EQ(0U, st.st_uid) TH_LOG("%s", path);
	}
}

static long long stats_line(const char *name)
{
	return number_in(DEBUGFS "/stats", name);
}

TEST_F(counters, of_stats_grow_by_what_happens)
{
	long long fault, write, unmap, split, vmas, maps, touched, back, mms;

	if (access(DEBUGFS, F_OK))
		SKIP(return, "no " DEBUGFS);
	fault = stats_line("fault");
	write = stats_line("fault_write");
	unmap = stats_line("unmap");
	split = stats_line("split");
	vmas = stats_line("vmas");
	maps = stats_line("maps");
	touched = stats_line("touched");
	back = stats_line("given_back");
	mms = stats_line("mms");
	EXPECT_LT(0, mms);
	EXPECT_LT(0, vmas);
	touch_pages(self->p, 0, 10);
	read_pages(self->p, 10, 15);
	ASSERT_EQ(0, munmap(page(self->p, 4), 4 * page_size()));
	EXPECT_EQ(fault + 15, stats_line("fault"));
	EXPECT_EQ(write + 10, stats_line("fault_write"));
	EXPECT_EQ(unmap + 1, stats_line("unmap"));
	EXPECT_EQ(split + 2, stats_line("split"));
	EXPECT_EQ(vmas + 1, stats_line("vmas"));
	EXPECT_EQ(maps, stats_line("maps"));
	EXPECT_EQ(touched + 15, stats_line("touched"));
	EXPECT_EQ(back + 4, stats_line("given_back"));
	EXPECT_EQ(mms, stats_line("mms"));
}

TEST_F(counters, of_stats_keep_the_ended)
{
	long long fault, end, mms;
	pid_t pid;

	if (access(DEBUGFS, F_OK))
		SKIP(return, "no " DEBUGFS);
	fault = stats_line("fault");
	end = stats_line("end");
	mms = stats_line("mms");
	pid = fork();
	if (!pid) {
		touch_pages(self->p, 0, 7);
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(fault + 7, stats_line("fault"));
	EXPECT_EQ(end + 1, stats_line("end"));
	EXPECT_EQ(mms + 1, stats_line("mms"));
}

/* This mm in the file mms: its line, and its VMAs, which must be those of /proc/self/maps */
TEST_F(counters, of_mms_are_those_of_stat)
{
	struct scope_vma vma[64];
	unsigned int id, found = 0, listed = 0;
	char *line = NULL, state[16];
	struct mmscope_stat stat;
	size_t room = 0;
	bool mine = false;
	int nr, i;
	FILE *f;

	live(&self->s, self->p);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	nr = scope_maps(0, vma, 64);
	f = fopen(DEBUGFS "/mms", "re");
	if (!f)
		SKIP(return, "no " DEBUGFS "/mms: %s", strerror(errno));
	while (getline(&line, &room, f) > 0) {
		unsigned int maps, vmas, parent;
		unsigned long long faults;
		unsigned long start, end;
		int pid, at_name, at_state;
		char comm[32], *range;

		if (sscanf(line, " %u %u %d %n%31s %n%15s %u %u %llu", &id, &parent, &pid, &at_name,
			   comm, &at_state, state, &maps, &vmas, &faults) == 8) {
			mine = id == stat.mm;
			if (!mine)
				continue;
			found++;
			EXPECT_EQ(getpid(), pid);
			EXPECT_STREQ("counters_test", comm);
			EXPECT_STREQ("live", state);
			/* A column has the same width, whatever is in it */
			EXPECT_EQ(16, at_state - at_name);
			EXPECT_EQ(stat.maps, maps);
			EXPECT_EQ(stat.vmas, vmas);
			EXPECT_EQ(stat.events[MMSCOPE_FAULT], faults);
			continue;
		}
		if (!mine || sscanf(line, " #%u", &id) != 1)
			continue;
		/* "#5 from #3 by split 7f21c000-7f220000 4p": the range is the word with a dash */
		range = strchr(line, '-');
		while (range > line && range[-1] != ' ')
			range--;
		start = strtoul(range, &range, 16);
		end = strtoul(range + 1, NULL, 16);
		for (i = 0; i < nr; i++)
			listed += vma[i].start == start && vma[i].end == end;
	}
	fclose(f);
	free(line);
	EXPECT_EQ(1U, found);
	EXPECT_EQ((unsigned int)nr, listed);
	EXPECT_EQ(stat.vmas, listed);
}

/* Each in a page of its own, with nothing between two: as many as can be made in a while */
#define MANY_VMAS	10000

TEST_F_TIMEOUT(counters, of_mms_show_each_of_many_vmas_once, 120)
{
	unsigned int id, last = 0, own = scope_mm(self->s.fd);
	char *line = NULL, *p, *range;
	__u64 end = now_ns() + 20000000000ULL;
	int n, listed = 0, known = 0;
	bool mine = false;
	size_t room = 0;
	FILE *f;

	p = scope_map_at(&self->s, 2 * MANY_VMAS, 0);
	ASSERT_NE(NULL, p);
	/* A kernel that checks all of them at each change takes minutes for so many */
	for (n = 0; n < MANY_VMAS && now_ns() < end; n++)
		ASSERT_EQ(0, munmap(page(p, 2 * n), page_size()));
	EXPECT_LT(200, n);
	f = fopen(DEBUGFS "/mms", "re");
	if (!f)
		SKIP(return, "no " DEBUGFS "/mms: %s", strerror(errno));
	while (getline(&line, &room, f) > 0) {
		if (sscanf(line, " #%u", &id) != 1) {
			mine = sscanf(line, " %u", &id) == 1 && id == own;
			continue;
		}
		if (!mine)
			continue;
		EXPECT_LT(last, id);
		last = id;
		listed++;
		range = strchr(line, '-');
		while (range > line && range[-1] != ' ')
			range--;
		known += strtoul(range, NULL, 16) - (uintptr_t)p < 2 * MANY_VMAS * page_size();
	}
	fclose(f);
	free(line);
	/* The one behind the last hole, where there is none, is whole */
	EXPECT_EQ(n, known);
	/* And this fixture's */
	EXPECT_EQ(n + 1, listed);
	munmap(p, 2 * MANY_VMAS * page_size());
	scope_skip(&self->s);
}

/* More mms than a page of text has room for, while each is also asked for by its number */
TEST_F_TIMEOUT(counters, of_mms_are_listed_as_stat_finds_them, 120)
{
	struct mmscope_stat stat = { .mm = 0 };
	int ready = sema(), go = sema(), i;
	unsigned int id, parent;
	char *line = NULL;
	size_t room = 0;
	FILE *f;

	for (i = 0; i < 200; i++) {
		if (!fork()) {
			sema_post(ready);
			sema_wait(go);
			_exit(0);
		}
		sema_wait(ready);
	}
	f = fopen(DEBUGFS "/mms", "re");
	if (!f)
		SKIP(return, "no " DEBUGFS "/mms: %s", strerror(errno));
	i = 0;
	while (getline(&line, &room, f) > 0) {
		if (sscanf(line, " %u %u", &id, &parent) != 2)
			continue;
		ASSERT_EQ(0, scope_stat(self->s.fd, stat.mm + 1, MMSCOPE_STAT_NEXT, &stat));
		EXPECT_EQ(stat.mm, id);
		EXPECT_EQ(stat.parent, parent);
		i++;
	}
	fclose(f);
	free(line);
	EXPECT_LT(200, i);
	EXPECT_EQ(-1, scope_stat(self->s.fd, stat.mm + 1, MMSCOPE_STAT_NEXT, &stat));
	for (i = 0; i < 200; i++)
		sema_post(go);
	for (i = 0; i < 200; i++)
		EXPECT_EQ(0, wait_child(-1));
}

TEST_F(counters, last_of_events_is_the_last_record)
{
	unsigned int mm, own = scope_mm(self->s.fd), lines = 0;
	char *line = NULL, last[256] = "", want[64];
	size_t room = 0;
	bool mine = false;
	FILE *f;

	pin_to_cpu(0);
	touch_pages(self->p, 0, PAGES);
	touch_pages(self->p, 0, PAGES);
	touch_write(page(self->p, 3), 1);
	f = fopen(DEBUGFS "/events", "re");
	if (!f)
		SKIP(return, "no " DEBUGFS "/events: %s", strerror(errno));
	while (getline(&line, &room, f) > 0) {
		if (sscanf(line, "mm %u", &mm) == 1) {
			mine = mm == own;
			continue;
		}
		if (!mine)
			continue;
		lines++;
		snprintf(last, sizeof(last), "%s", line);
	}
	fclose(f);
	free(line);
	/* 64 of each CPU that has recorded */
	EXPECT_LE(64U, lines);
	EXPECT_GE(64U + 2, lines);
	EXPECT_NE(NULL, strstr(last, " fault ")) TH_LOG("%s", last);
	snprintf(want, sizeof(want), " page %d ", PAGES - 1);
	EXPECT_NE(NULL, strstr(last, want)) TH_LOG("%s", last);
}

/* Reads a whole file, into @into again and again; -1 when it cannot be opened */
static long long read_whole(const char *name, char *into, size_t size)
{
	long long sum = 0;
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), DEBUGFS "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((n = read(fd, into, size)) > 0)
		sum += n;
	close(fd);
	return n < 0 ? -1 : sum;
}

TEST_F(counters, files_can_be_read_into_the_mapping_they_tell_of)
{
	static const char * const name[] = { "stats", "mms", "events" };
	size_t i;

	if (access(DEBUGFS, F_OK))
		SKIP(return, "no " DEBUGFS);
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		EXPECT_LT(0, read_whole(name[i], page(self->p, 8 * i), 4 * page_size()))
			TH_LOG("%s", name[i]);
	}
	EXPECT_LE(3U, scope_count(&self->s, MMSCOPE_FAULT));
	EXPECT_EQ(SYS_read, scope_last(&self->s, MMSCOPE_FAULT)->cause);
}

struct peeker {
	bool stop;
	unsigned int rounds;
	bool wrong;
};

static void *peek(void *arg)
{
	static const char * const name[] = { "stats", "mms", "events" };
	struct peeker *p = arg;
	char text[4096];

	while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED)) {
		p->wrong |= read_whole(name[p->rounds % 3], text, sizeof(text)) < 0;
		__atomic_fetch_add(&p->rounds, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(counters, files_can_be_read_while_everything_changes)
{
	struct peeker peeker = { 0 };
	pthread_t thread;
	char *p, *q;
	pid_t pid;

	if (access(DEBUGFS, F_OK))
		SKIP(return, "no " DEBUGFS);
	ASSERT_EQ(0, pthread_create(&thread, NULL, peek, &peeker));
	while (__atomic_load_n(&peeker.rounds, __ATOMIC_RELAXED) < 30) {
		p = scope_map_at(&self->s, 16, 0);
		ASSERT_NE(NULL, p);
		touch_pages(p, 0, 4);
		munmap(page(p, 4), 4 * page_size());
		q = mremap(page(p, 8), 4 * page_size(), 4 * page_size(), MREMAP_MAYMOVE);
		EXPECT_NE(MAP_FAILED, q);
		pid = fork();
		if (!pid)
			_exit(0);
		wait_child(pid);
		munmap(p, 16 * page_size());
	}
	peeker.stop = true;
	pthread_join(thread, NULL);
	EXPECT_FALSE(peeker.wrong);
	scope_drain(&self->s);
}

/* What is kept of the past */

static unsigned int count_state(int fd, __u32 state)
{
	struct mmscope_stat stat = { .mm = 0 };
	unsigned int n = 0;
	__u32 mm = 1;

	while (!scope_stat(fd, mm, MMSCOPE_STAT_NEXT, &stat)) {
		n += stat.state == state;
		mm = stat.mm + 1;
	}
	return n;
}

TEST_F_TIMEOUT(counters, of_the_dead_are_kept_up_to_a_limit, 120)
{
	long long limit = scope_param("dead_mms"), i;
	struct mmscope_stat stat;
	__u32 first = 0, last = 0;
	pid_t pid;

	if (limit > 1000)
		SKIP(return, "dead_mms is too large to be reached: %lld", limit);
	for (i = 0; i < limit + 10; i++) {
		pid = fork();
		if (!pid)
			_exit(0);
		ASSERT_EQ(0, wait_child(pid));
		if (!first)
			first = scope_last(&self->s, MMSCOPE_FORK)->aux;
	}
	last = scope_last(&self->s, MMSCOPE_FORK)->aux;
	EXPECT_EQ(limit, count_state(self->s.fd, MMSCOPE_DEAD));
	EXPECT_EQ(0, scope_stat(self->s.fd, last, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_DEAD, stat.state);
	errno = 0;
	EXPECT_EQ(-1, scope_stat(self->s.fd, first, 0, &stat));
	EXPECT_EQ(ESRCH, errno);
}

/* A child that has mapped once, and does not any more; when told it maps again */
static int idle_child(int ready, int go)
{
	struct scope s;
	__u32 mm;
	char *p;

	if (scope_open(&s))
		return 1;
	mm = scope_mm(s.fd);
	p = scope_map(&s, 1);
	if (!p)
		return 2;
	munmap(p, page_size());
	scope_close(&s);
	sema_post(ready);
	sema_wait(go);
	if (scope_open(&s) || !scope_map(&s, 1))
		return 3;
	/* 100: it has kept its id; 101: it is another */
	return scope_mm(s.fd) == mm ? 100 : 101;
}

TEST_F_TIMEOUT(counters, of_the_idle_are_kept_up_to_a_limit, 120)
{
	long long limit = scope_param("idle_mms"), i;
	int ready = sema(), first = sema(), rest = sema(), kept = 0, other = 0, code;
	pid_t pid[200];

	if (limit > 150)
		SKIP(return, "idle_mms is too large to be reached: %lld", limit);
	/* Not a child that inherits a mapping: that would be live */
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	for (i = 0; i < limit + 5; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(idle_child(ready, i ? rest : first));
		sema_wait(ready);
	}
	EXPECT_GE(limit + 1, count_state(self->s.fd, MMSCOPE_IDLE));
	EXPECT_LE(limit, count_state(self->s.fd, MMSCOPE_IDLE));
	/* The one that has been idle for longest was given up */
	sema_post(first);
	EXPECT_EQ(101, wait_child(pid[0]));
	/* The others are asked from the youngest on, each while all that are older still wait */
	for (i = limit + 4; i > 0; i--) {
		sema_post(rest);
		code = wait_child(-1);
		kept += code == 100;
		other += code == 101;
	}
	EXPECT_EQ(limit + 4, kept + other);
	EXPECT_LE(4, other);
	EXPECT_GE(6, other);
}

/* One that somebody reads is not: he would wait for ever when the process maps again */
TEST_F_TIMEOUT(counters, of_one_that_is_idle_and_read_are_kept, 120)
{
	long long limit = scope_param("idle_mms"), i;
	int ready = sema(), first = sema(), rest = sema();
	struct scope reader;
	pid_t pid[200];

	if (limit > 150)
		SKIP(return, "idle_mms is too large to be reached: %lld", limit);
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	for (i = 0; i < limit + 5; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(idle_child(ready, i ? rest : first));
		sema_wait(ready);
		if (i)
			continue;
		ASSERT_EQ(0, scope_open(&reader));
		ASSERT_EQ(0, scope_attach(reader.fd, pid[0], 0, MMSCOPE_ATTACH_NOW));
	}
	sema_post(first);
	EXPECT_EQ(100, wait_child(pid[0]));
	EXPECT_EQ(1U, scope_count(&reader, MMSCOPE_MMAP));
	scope_close(&reader);
	for (i = 1; i < limit + 5; i++) {
		sema_post(rest);
		wait_child(-1);
	}
}

TEST_HARNESS_MAIN
