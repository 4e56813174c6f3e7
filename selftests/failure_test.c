// SPDX-License-Identifier: GPL-2.0
/*
 * Counts are exact when something fails: what pagemap says is there is never more than is counted,
 * and with DROP no page that somebody maps leaves the store. Functions of the kernel are made to
 * fail, at their first call, their second, and so on.
 */
#include "backing.h"
#include "failures.h"

#define NR	16

/* Two page tables are needed for the 16 pages, so that moving them can fail half way */
#define TABLE	(512 * page_size())
#define SOURCE	((char *)0x600000000000 + TABLE - NR / 2 * page_size())

/* A place without page tables, another one for each try */
static char *destination(int nth)
{
	return (char *)0x400000000000 + ((uintptr_t)nth << 40) + TABLE - NR / 2 * page_size();
}

FIXTURE(mremap_failure)
{
	long before;
};

FIXTURE_VARIANT(mremap_failure)
{
	const char *function;
	long value;
	bool after;
	size_t first;		/* Moved are the pages from this one on, as many less at the end */
};

static int prepare(void)
{
	struct scope s;
	int err = scope_open(&s);

	if (!err)
		scope_close(&s);
	return err ?: failures_load();
}

FIXTURE_SETUP(mremap_failure)
{
	int err = prepare();

	if (err)
		SKIP(return, "no device, or no mmscope_failures.ko: %s", strerror(-err));
	self->before = failures_count();
	err = failures_of(variant->function, variant->value, variant->after);
	if (err == -ENOENT)
		SKIP(return, "this kernel has no such function");
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(mremap_failure)
{
	failures_unload();
}

FIXTURE_VARIANT_ADD(mremap_failure, __pte_alloc)
{
	.function = "__pte_alloc", .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, __pte_alloc_in_the_middle)
{
	.function = "__pte_alloc", .first = 2, .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, __pmd_alloc)
{
	.function = "__pmd_alloc", .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, __pmd_alloc_in_the_middle)
{
	.function = "__pmd_alloc", .first = 2, .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, __pud_alloc)
{
	.function = "__pud_alloc", .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, __pud_alloc_in_the_middle)
{
	.function = "__pud_alloc", .first = 2, .value = -ENOMEM,
};

/* copy_vma(), and the unmapping of the source */
FIXTURE_VARIANT_ADD(mremap_failure, vm_area_dup)
{
	.function = "vm_area_dup", .value = 0,
};

FIXTURE_VARIANT_ADD(mremap_failure, vm_area_dup_in_the_middle)
{
	.function = "vm_area_dup", .first = 2, .value = 0,
};

FIXTURE_VARIANT_ADD(mremap_failure, vma_link)
{
	.function = "vma_link", .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, vma_link_in_the_middle)
{
	.function = "vma_link", .first = 2, .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, mas_preallocate)
{
	.function = "mas_preallocate", .value = -ENOMEM,
};

FIXTURE_VARIANT_ADD(mremap_failure, mas_preallocate_in_the_middle)
{
	.function = "mas_preallocate", .first = 2, .value = -ENOMEM,
};

/* The driver's hook */
FIXTURE_VARIANT_ADD(mremap_failure, mmscope_vm_mremap)
{
	.function = "mmscope_vm_mremap", .value = -ENOMEM, .after = true,
};

FIXTURE_VARIANT_ADD(mremap_failure, mmscope_vm_mremap_in_the_middle)
{
	.function = "mmscope_vm_mremap", .first = 2, .value = -ENOMEM, .after = true,
};

static char *map_source(struct scope *s, int map)
{
	char *p = mmap(SOURCE, NR * page_size(), PROT_READ | PROT_WRITE, map | MAP_FIXED, s->fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static char *fill(char *p)
{
	int i;

	for (i = 0; p && i < NR; i++)
		touch_write(page(p, i), 'A' + i);
	return p;
}

/* Another mapping of the same file sees the same pages of [first, end); how far */
static size_t same_until(struct scope *s, size_t first, size_t end)
{
	char *p = scope_map_at(s, NR, 0);

	for (; p && first < end && touch_read(page(p, first)) == (char)('A' + first); first++)
		;
	munmap(p, NR * page_size());
	return first;
}

/* mremap() has failed: nothing has moved, nothing was given back, whatever came and went */
static void expect_unmoved(struct __test_metadata *_metadata, struct scope *s, char *to)
{
	struct mmscope_event *copy, *unmap;

	EXPECT_EQ(NR, scope_present(SOURCE, NR));
	EXPECT_EQ(NR, stat_of(s, 0).mapped);
	copy = scope_last(s, MMSCOPE_COPY);
	EXPECT_EQ(NULL, scope_last(s, MMSCOPE_MOVE));
	if (!copy)
		return;
	unmap = scope_last(s, MMSCOPE_UNMAP);
	ASSERT_NE(NULL, unmap);
	EXPECT_EQ(copy->vma, unmap->vma);
	EXPECT_EQ(copy->parent, unmap->parent);
	EXPECT_EQ((uintptr_t)to, unmap->start);
	EXPECT_EQ(copy->end, unmap->end);
	EXPECT_NE(0U, unmap->flags & MMSCOPE_F_ERROR);
	EXPECT_EQ(0U, unmap->pages);
}

/* Returns whether there was an nth call to fail */
static bool move_failing(struct __test_metadata *_metadata, struct scope *s, long before, int nth,
			 size_t first)
{
	char *from = page(SOURCE, first), *to = destination(nth), *got;
	size_t end = NR - first, len = (end - first) * page_size();
	bool failed;

	ASSERT_NE(NULL, fill(map_source(s, MAP_SHARED)));
	scope_drain(s);
	s->nr = 0;
	failures_arm(nth);
	got = mremap(from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	failed = failures_disarm(before);
	if (got == MAP_FAILED)
		expect_unmoved(_metadata, s, to);
	else
		EXPECT_EQ((int)(end - first), scope_present(to, end - first));
	EXPECT_LE(scope_present(SOURCE, NR) + scope_present(to, end - first),
		  (int)stat_of(s, 0).mapped);
	EXPECT_EQ(end, same_until(s, first, end));
	/* What holds no page now, if it is there at all */
	munmap(got == MAP_FAILED ? to : SOURCE, NR * page_size());
	EXPECT_EQ(end, same_until(s, first, end));
	EXPECT_LE(end - first, held(s));
	EXPECT_LE(end - first, stat_of(s, 0).mapped);
	munmap(SOURCE, NR * page_size());
	munmap(to, NR * page_size());
	EXPECT_EQ(0, stat_of(s, 0).mapped);
	EXPECT_EQ(0U, held(s));
	return failed;
}

TEST_F(mremap_failure, leaves_every_count_true)
{
	struct scope s;
	bool failed;
	int nth;

	for (nth = 1, failed = true; nth < 40 && failed; nth++) {
		ASSERT_EQ(0, scope_open_as(&s, MMSCOPE_PAGE, MMSCOPE_DROP, NR));
		failed = move_failing(_metadata, &s, self->before + nth - 1, nth, variant->first);
		EXPECT_EQ(0U, s.bad);
		EXPECT_TRUE(scope_adds_up(s.fd));
		scope_close(&s);
	}
	/* It was called, and there is an end of it */
	EXPECT_LT(2, nth);
	EXPECT_FALSE(failed);
}

/* --- faults, mmap and fork ------------------------------------------------ */

FIXTURE(failure)
{
	struct scope s;
	char *p;
};

FIXTURE_SETUP(failure)
{
	int err = prepare();

	self->s.fd = -1;
	if (err)
		SKIP(return, "no device, or no mmscope_failures.ko: %s", strerror(-err));
}

FIXTURE_TEARDOWN(failure)
{
	if (self->s.fd >= 0) {
		EXPECT_EQ(0U, self->s.bad);
		EXPECT_TRUE(scope_adds_up(self->s.fd));
	}
	scope_close(&self->s);
	failures_unload();
}

static void expect_nothing(struct __test_metadata *_metadata, struct scope *s)
{
	EXPECT_EQ(0, stat_of(s, 0).mapped);
	EXPECT_EQ(0U, held(s));
}

TEST_F(failure, of_eager_mmap)
{
	long before = failures_count();
	int nth;

	ASSERT_EQ(0, failures_of("vm_insert_page", -ENOMEM, false));
	ASSERT_EQ(0, scope_open_as(&self->s, MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_EAGER, NR));
	for (nth = 1; nth <= NR; nth++) {
		failures_arm(nth);
		EXPECT_EQ(NULL, map_source(&self->s, MAP_SHARED));
		EXPECT_TRUE(failures_disarm(before++));
		expect_nothing(_metadata, &self->s);
	}
	ASSERT_NE(NULL, map_source(&self->s, MAP_SHARED));
	EXPECT_EQ(NR, stat_of(&self->s, 0).mapped);
	EXPECT_EQ(NR, held(&self->s));
	munmap(SOURCE, NR * page_size());
	expect_nothing(_metadata, &self->s);
}

/* The first to be inserted is the page itself, then come its neighbours */
TEST_F(failure, of_pages_around)
{
	long before = failures_count();
	int nth, there;

	ASSERT_EQ(0, failures_of("vm_insert_page", -EFAULT, false));
	ASSERT_EQ(0, scope_open_as(&self->s, MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_AROUND, NR));
	for (nth = 1; nth <= NR; nth++) {
		ASSERT_NE(NULL, map_source(&self->s, MAP_SHARED));
		failures_arm(nth);
		EXPECT_EQ(nth > 1 ? 0 : SIGBUS, try_write(page(SOURCE, 3)));
		EXPECT_TRUE(failures_disarm(before++));
		there = scope_present(SOURCE, NR);
		EXPECT_EQ(nth - 1, there);
		EXPECT_EQ(there, stat_of(&self->s, 0).mapped);
		EXPECT_EQ(there, held(&self->s));
		fill(SOURCE);
		EXPECT_EQ(NR, stat_of(&self->s, 0).mapped);
		EXPECT_EQ(NR, same_until(&self->s, 0, NR));
		munmap(SOURCE, NR * page_size());
		expect_nothing(_metadata, &self->s);
	}
}

/* What a CPU needs for its first record, it asks for at each of them until it gets it */
TEST_F(failure, of_memory_for_records)
{
	long before = failures_count();
	struct mmscope_stat stat;

	ASSERT_EQ(0, failures_of_memory());
	if (pin_to_cpu(1) || pin_to_cpu(0))
		SKIP(return, "one CPU");
	ASSERT_EQ(0, scope_open_as(&self->s, MMSCOPE_PAGE, 0, NR));
	ASSERT_NE(NULL, map_source(&self->s, MAP_SHARED));
	fill(SOURCE);
	munmap(SOURCE, NR * page_size());
	ASSERT_NE(NULL, map_source(&self->s, MAP_SHARED));
	ASSERT_EQ(0, pin_to_cpu(1));
	failures_times(100 * NR);
	failures_arm(1);
	fill(SOURCE);
	EXPECT_TRUE(failures_disarm(before));
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(NR, stat.mapped);
	EXPECT_EQ(NR, stat.dropped);
	EXPECT_EQ(2 * NR, stat.events[MMSCOPE_FAULT]);
	munmap(SOURCE, NR * page_size());
	EXPECT_EQ(0, stat_of(&self->s, 0).mapped);
}

/* How many lines a file has; -1 if one of the reads fails */
static int count_lines(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), lines = 0;
	char text[4096];
	ssize_t n, i;

	if (fd < 0)
		return -1;
	while ((n = read(fd, text, sizeof(text))) > 0)
		for (i = 0; i < n; i++)
			lines += text[i] == '\n';
	close(fd);
	return n < 0 ? -1 : lines;
}

/* Who reads is told that something is missing, or gets it when he goes on */
TEST_F(failure, of_memory_for_debugfs)
{
	static const char * const path[] = {
		"/sys/kernel/debug/mmscope/stats", "/sys/kernel/debug/mmscope/mms",
		"/sys/kernel/debug/mmscope/events",
	};
	int all, got, nth, failures;
	long before;
	bool failed;
	size_t i;

	if (access(path[0], F_OK))
		SKIP(return, "no %s", path[0]);
	ASSERT_EQ(0, failures_of_memory());
	ASSERT_EQ(0, scope_open_as(&self->s, MMSCOPE_PAGE, 0, NR));
	ASSERT_NE(NULL, fill(map_source(&self->s, MAP_SHARED)));
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		all = count_lines(path[i]);
		ASSERT_LT(0, all);
		failures = 0;
		for (nth = 1, failed = true; failed && nth < 5000; nth++) {
			before = failures_count();
			failures_arm(nth);
			got = count_lines(path[i]);
			failed = failures_disarm(before);
			failures += failed;
			EXPECT_TRUE(got == all || (failed && got < 0))
				TH_LOG("%s: %d of %d lines", path[i], got, all);
		}
		EXPECT_FALSE(failed);
		EXPECT_LT(0, failures);
	}
	munmap(SOURCE, NR * page_size());
}

/* The entries of some VMAs were copied, of others not */
TEST_F(failure, of_fork)
{
	char *q = SOURCE + 16 * TABLE;
	long before = failures_count();
	int nth, forks = 0, status;
	struct mmscope_stat stat;
	bool failed;
	pid_t pid;

	ASSERT_EQ(0, failures_of("copy_page_range", -ENOMEM, false));
	ASSERT_EQ(0, scope_open_as(&self->s, MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_EAGER, NR));
	ASSERT_NE(NULL, fill(map_source(&self->s, MAP_SHARED)));
	ASSERT_EQ(q, mmap(q, NR * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			  self->s.fd, 0));
	for (nth = 1, failed = true; failed && nth < 60; nth++) {
		failures_arm(nth);
		pid = fork();
		if (!pid)
			_exit(0);
		failed = failures_disarm(before++);
		if (pid > 0)
			waitpid(pid, &status, 0);
		EXPECT_EQ(failed, pid < 0);
		forks += pid < 0;
		EXPECT_EQ(NR, held(&self->s));
		EXPECT_EQ(2 * NR, stat_of(&self->s, 0).mapped);
		EXPECT_EQ(NR, same_until(&self->s, 0, NR));
	}
	EXPECT_FALSE(failed);
	EXPECT_LT(1, forks);
	/* No child has anything any more, also those that never ran */
	stat.mm = scope_mm(self->s.fd);
	while (!scope_stat(self->s.fd, stat.mm + 1, MMSCOPE_STAT_NEXT, &stat))
		EXPECT_TRUE(!stat.parent || !stat.mapped);
	munmap(SOURCE, NR * page_size());
	EXPECT_EQ(NR, held(&self->s));
	munmap(q, NR * page_size());
	expect_nothing(_metadata, &self->s);
}

/* VMAs whose lineage was lost, of all mms that are known */
static __u64 orphans(struct scope *s)
{
	struct mmscope_stat stat = { .mm = 0 };
	__u64 n = 0;

	while (!scope_stat(s->fd, stat.mm + 1, MMSCOPE_STAT_NEXT, &stat))
		n += stat.orphans;
	return n;
}

/* Children that have ended have nothing, whatever was lacking for them */
static unsigned int left_of_children(struct scope *s)
{
	struct mmscope_stat stat = { .mm = 0 };
	unsigned int n = 0;

	while (!scope_stat(s->fd, stat.mm + 1, MMSCOPE_STAT_NEXT, &stat))
		if (stat.parent)
			n += stat.maps + stat.vmas + (stat.state != MMSCOPE_DEAD);
	return n;
}

/*
 * Nobody counts what an orphan has, nor when it gives that back: what it got by the fork stays in
 * the store, and that alone. Of the pages that are there, 4 are in one VMA, the others in another.
 */
static __u64 fork_failing(struct __test_metadata *_metadata, struct scope *s, int nth, bool *failed)
{
	char *p = scope_map_at(s, 2 * NR, 0);
	long before = failures_count();
	__u64 lost = orphans(s);
	int go = sema();
	pid_t pid;

	EXPECT_NE(NULL, p);
	touch_write(page(p, NR), 1);
	EXPECT_EQ(NR, held(s));
	EXPECT_EQ(0, mprotect(page(p, NR + 4), (NR - 4) * page_size(), PROT_READ));
	failures_arm(nth);
	pid = fork();
	if (!pid) {
		sema_wait(go);
		_exit(0);
	}
	*failed = failures_disarm(before);
	lost = orphans(s) - lost;
	munmap(p, 2 * NR * page_size());
	EXPECT_EQ(NR, held(s));
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_TRUE(held(s) == (lost > 1 ? NR : lost ? 4 : 0) || (lost == 1 && held(s) == NR - 4));
	EXPECT_EQ(0U, left_of_children(s));
	close(go);
	return lost;
}

TEST_F(failure, of_memory_for_a_childs_lineage)
{
	__u64 lost = 0;
	bool failed;
	int nth;

	ASSERT_EQ(0, failures_of_memory());
	for (nth = 1, failed = true; failed && nth < 40; nth++) {
		ASSERT_EQ(0, scope_open_as(&self->s, MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_AROUND,
					   2 * NR));
		lost += fork_failing(_metadata, &self->s, nth, &failed);
		EXPECT_EQ(0U, (scope_drain(&self->s), self->s.bad));
		EXPECT_TRUE(scope_adds_up(self->s.fd));
		scope_close(&self->s);
	}
	EXPECT_FALSE(failed);
	EXPECT_LT(0U, lost);
}

/* How often a hook could record nothing, in debugfs; -1 without that */
static long long unrecorded(void)
{
	FILE *f = fopen("/sys/kernel/debug/mmscope/stats", "re");
	long long n = -1;
	char line[128];

	while (f && n < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "unrecorded %lld", &n) != 1)
			n = -1;
	if (f)
		fclose(f);
	return n;
}

static void child_without_record(int go, int done)
{
	/* What this child does, and how often it makes hooks ask; its end asks for each VMA left */
	sema_wait(go);
	touch_read(page(SOURCE, 1));
	sema_post(done);
	sema_wait(go);
	mprotect(SOURCE, NR * page_size(), PROT_READ);
	sema_post(done);
	sema_wait(go);
	munmap(page(SOURCE, 4), 4 * page_size());
	sema_post(done);
	sema_wait(go);
	_exit(0);
}

/* A child that the module knows nothing of but that it is there: what it does is counted */
TEST_F(failure, of_memory_for_a_childs_record)
{
	/* DUP; FAULT; MPROTECT; twice MAY_SPLIT and SPLIT, and UNMAP; UNMAP of two */
	static const int more[] = { 1, 1, 1, 5, 2 };
	int go = sema(), done = sema(), i;
	long before = failures_count();
	long long n = unrecorded();
	__u64 lost;
	pid_t pid;

	if (n < 0)
		SKIP(return, "no debugfs");
	ASSERT_EQ(0, failures_of_memory());
	ASSERT_EQ(0, scope_open_as(&self->s, MMSCOPE_PAGE, 0, NR));
	ASSERT_NE(NULL, map_source(&self->s, MAP_SHARED));
	lost = stat_of(&self->s, 0).orphans;
	failures_arm(1);
	pid = fork();
	if (!pid)
		child_without_record(go, done);
	EXPECT_TRUE(failures_disarm(before));
	EXPECT_EQ(NULL, scope_last(&self->s, MMSCOPE_FORK));
	EXPECT_EQ(lost + 1, stat_of(&self->s, 0).orphans);
	for (i = 0; i < (int)ARRAY_SIZE(more); i++) {
		if (i && i < (int)ARRAY_SIZE(more) - 1)
			sema_wait(done);
		if (i == (int)ARRAY_SIZE(more) - 1)
			EXPECT_EQ(0, wait_child(pid));
		n += more[i];
		EXPECT_EQ(n, unrecorded()) TH_LOG("step %d", i);
		sema_post(go);
	}
	munmap(SOURCE, NR * page_size());
}

TEST_HARNESS_MAIN
