// SPDX-License-Identifier: GPL-2.0
/*
 * The trace event mmscope:mmscope_event tells the story that read(2) tells, record for record.
 */
#include "scope.h"

#include <sys/stat.h>

#define TRACEFS	"/sys/kernel/tracing"
#define MINE	TRACEFS "/instances/mmscope_test"

FIXTURE(trace)
{
	struct scope s;
	bool made;
	char *p;
};

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

FIXTURE_SETUP(trace)
{
	char filter[64];
	int err;

	pin_to_cpu(0);
	err = scope_open(&self->s);
	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	if (access(TRACEFS "/events/mmscope", F_OK))
		SKIP(return, "no tracefs on " TRACEFS);
	rmdir(MINE);
	if (mkdir(MINE, 0700))
		SKIP(return, "no instances in tracefs: %s", strerror(errno));
	self->made = true;
	snprintf(filter, sizeof(filter), "mm == %u", scope_mm(self->s.fd));
	ASSERT_EQ(0, write_text(MINE "/events/mmscope/mmscope_event/filter", filter));
	ASSERT_EQ(0, write_text(MINE "/events/mmscope/mmscope_event/enable", "1"));
	self->p = scope_map(&self->s, 32);
	ASSERT_NE(NULL, self->p);
}

FIXTURE_TEARDOWN(trace)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
	if (self->made) {
		write_text(MINE "/events/mmscope/mmscope_event/enable", "0");
		rmdir(MINE);
	}
}

/* One line of the trace; the type by its name */
struct line {
	char type[16];
	unsigned int mm, vma, seq, tid, flags, parent, pages;
	int cause;
	unsigned long long start, end, aux;
};

/* Reads the next line that is an event of ours; false at the end */
static bool next_line(FILE *f, struct line *l)
{
	char text[512], *at;

	while (fgets(text, sizeof(text), f)) {
		at = strstr(text, ": mmscope_event: ");
		if (!at)
			continue;
		memset(l, 0, sizeof(*l));
		if (sscanf(at + 17,
			   "%15s mm=%u vma=%u seq=%u tid=%u flags=%x cause=%d start=%llx end=%llx aux=%llx parent=%u pages=%u",
			   l->type, &l->mm, &l->vma, &l->seq, &l->tid, &l->flags, &l->cause,
			   &l->start, &l->end, &l->aux, &l->parent, &l->pages) == 12)
			return true;
		fprintf(stderr, "# not understood: %s", text);
	}
	return false;
}

static bool is_same(const struct line *l, const struct mmscope_event *e)
{
	return !strcmp(l->type, scope_type(e->type)) && l->mm == e->mm && l->vma == e->vma &&
	       l->seq == e->seq && l->tid == e->tid && l->flags == e->flags &&
	       l->cause == e->cause && l->start == e->start && l->end == e->end &&
	       l->aux == e->aux && l->parent == e->parent && l->pages == e->pages;
}

/* Compares the whole trace with all records; returns how many agree, -1 when one does not */
static int compare(struct scope *s)
{
	struct line l;
	size_t i = 0;
	FILE *f;

	scope_drain(s);
	f = fopen(MINE "/trace", "re");
	if (!f)
		return -1;
	while (next_line(f, &l)) {
		if (i == s->nr || !is_same(&l, s->ev + i)) {
			fprintf(stderr, "# record %zu: trace has %s vma %u seq %u %#llx\n", i,
				l.type, l.vma, l.seq, l.start);
			if (i < s->nr)
				scope_print(s->ev + i);
			fclose(f);
			return -1;
		}
		i++;
	}
	fclose(f);
	return i == s->nr ? (int)i : -1;
}

TEST_F(trace, tells_the_story_that_read_tells)
{
	char *p = self->p, *q = scope_reserve(8);
	size_t page = page_size();
	int fd[2];
	pid_t pid;

	touch_pages(p, 0, 8);
	ASSERT_EQ(0, mprotect(p + 2 * page, 2 * page, PROT_READ));
	ASSERT_EQ(0, madvise(p, page, MADV_DONTNEED));
	touch_read(p);
	ASSERT_EQ(q, mremap(p + 8 * page, 4 * page, 4 * page, MREMAP_MAYMOVE | MREMAP_FIXED, q));
	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(8, write(fd[1], p + 14 * page, 8));
	pid = fork();
	if (!pid)
		_exit(0);
	ASSERT_EQ(0, wait_child(pid));
	ASSERT_EQ(0, munmap(p, 32 * page));
	EXPECT_LT(30, compare(&self->s));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_LOST));
}

TEST_F(trace, tells_of_every_fault_of_many)
{
	size_t i;

	for (i = 0; i < 20; i++) {
		read_pages(self->p, 0, 32);
		madvise(self->p, 32 * page_size(), MADV_DONTNEED);
	}
	EXPECT_EQ(20 * 32, compare(&self->s) - (int)scope_count(&self->s, MMSCOPE_NAME) -
		  (int)scope_count(&self->s, MMSCOPE_MMAP));
}

TEST_F(trace, of_what_is_quiet_says_nothing)
{
	struct scope quiet;
	char *p;

	ASSERT_EQ(0, scope_open_as(&quiet, MMSCOPE_PAGE, MMSCOPE_QUIET, 8));
	p = scope_map(&quiet, 8);
	ASSERT_NE(NULL, p);
	touch_pages(p, 0, 8);
	munmap(p, 8 * page_size());
	EXPECT_EQ(2, compare(&self->s));
	scope_close(&quiet);
}

TEST_F(trace, shows_no_kernel_address)
{
	char *line = NULL, *at;
	size_t room = 0, n = 0;
	FILE *f;

	touch_pages(self->p, 0, 32);
	munmap(self->p, 4 * page_size());
	f = fopen(MINE "/trace", "re");
	ASSERT_NE(NULL, f);
	while (getline(&line, &room, f) > 0) {
		at = strstr(line, ": mmscope_event: ");
		if (!at)
			continue;
		n++;
		/* User addresses have 12 digits at most, kernel addresses begin with ffff */
		EXPECT_EQ(NULL, strstr(at, "=0xffff8")) TH_LOG("%s", at);
		EXPECT_EQ(NULL, strstr(at, "=0xfffff")) TH_LOG("%s", at);
	}
	EXPECT_LT(35U, n);
	free(line);
	fclose(f);
}

TEST_F(trace, can_be_filtered_by_type)
{
	struct line l;
	size_t n = 0;
	FILE *f;

	ASSERT_EQ(0, write_text(MINE "/events/mmscope/mmscope_event/filter", "type == 8"));
	ASSERT_EQ(0, write_text(MINE "/trace", ""));
	touch_pages(self->p, 0, 8);
	munmap(self->p, 4 * page_size());
	f = fopen(MINE "/trace", "re");
	ASSERT_NE(NULL, f);
	while (next_line(f, &l)) {
		EXPECT_STREQ("unmap", l.type);
		n++;
	}
	fclose(f);
	EXPECT_EQ(1U, n);
}

TEST_F(trace, log_does_not_need_it)
{
	struct line l;
	FILE *f;

	ASSERT_EQ(0, write_text(MINE "/events/mmscope/mmscope_event/enable", "0"));
	ASSERT_EQ(0, write_text(MINE "/trace", ""));
	touch_pages(self->p, 0, 8);
	EXPECT_EQ(8U, scope_count(&self->s, MMSCOPE_FAULT));
	f = fopen(MINE "/trace", "re");
	ASSERT_NE(NULL, f);
	EXPECT_FALSE(next_line(f, &l));
	fclose(f);
}

TEST_HARNESS_MAIN
