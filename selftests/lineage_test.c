// SPDX-License-Identifier: GPL-2.0
/* Who came from whom: what the ids of VMAs and of mms tell */
#include "scope.h"

FIXTURE(lineage)
{
	struct scope s;
	char *p;
};

FIXTURE_SETUP(lineage)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->p = scope_map(&self->s, 16);
	ASSERT_NE(NULL, self->p);
}

FIXTURE_TEARDOWN(lineage)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
}

static bool is_birth(const struct mmscope_event *e)
{
	return e->type == MMSCOPE_MMAP || e->type == MMSCOPE_SPLIT || e->type == MMSCOPE_COPY ||
	       e->type == MMSCOPE_DUP;
}

/* The record that made VMA @id */
static struct mmscope_event *birth(struct scope *s, __u32 id)
{
	size_t i;

	scope_drain(s);
	for (i = 0; i < s->nr; i++)
		if (is_birth(s->ev + i) && s->ev[i].vma == id)
			return s->ev + i;
	return NULL;
}

/* The VMA that a fault in this page is recorded for */
static __u32 vma_of(struct scope *s, char *p)
{
	madvise(p, page_size(), MADV_DONTNEED);
	scope_skip(s);
	touch_read(p);
	return scope_last(s, MMSCOPE_FAULT)->vma;
}

TEST_F(lineage, of_a_split_of_a_split_leads_back_to_mmap)
{
	struct mmscope_event *e;
	size_t i, steps;
	__u32 id;

	for (i = 2; i < 16; i += 2)
		ASSERT_EQ(0, mprotect(self->p, i * page_size(), i % 4 ? PROT_READ :
				      PROT_READ | PROT_WRITE));
	for (i = 0; i < 16; i += 2) {
		id = vma_of(&self->s, self->p + i * page_size());
		for (steps = 0; steps < 20; steps++) {
			e = birth(&self->s, id);
			ASSERT_NE(NULL, e) TH_LOG("VMA %u of page %zu", id, i);
			if (e->type == MMSCOPE_MMAP)
				break;
			EXPECT_LT(e->parent, e->vma);
			id = e->parent;
		}
		ASSERT_GT(20U, steps);
		EXPECT_EQ(0U, e->parent);
	}
}

TEST_F(lineage, of_a_moved_part_goes_through_the_copy)
{
	char *q = scope_reserve(4);
	struct mmscope_event *e;
	__u32 was, is;

	was = vma_of(&self->s, self->p + 4 * page_size());
	ASSERT_EQ(q, mremap(self->p + 4 * page_size(), 4 * page_size(), 4 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	is = vma_of(&self->s, q);
	e = birth(&self->s, is);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_COPY, (int)e->type);
	EXPECT_EQ(was, e->parent);
	/* And its own split names it */
	ASSERT_EQ(0, mprotect(q + page_size(), page_size(), PROT_READ));
	e = scope_last(&self->s, MMSCOPE_SPLIT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(is, e->parent);
}

TEST_F(lineage, of_a_grandchild_goes_through_the_child)
{
	int ready = sema(), go = sema();
	struct mmscope_event *e;
	struct scope child, grandchild;
	pid_t pid;
	__u32 own;

	own = vma_of(&self->s, self->p);
	pid = fork();
	if (!pid) {
		pid_t inner = fork();

		if (!inner) {
			sema_post(ready);
			sema_wait(go);
			_exit(0);
		}
		sema_wait(go);
		_exit(wait_child(inner));
	}
	sema_wait(ready);
	e = scope_last(&self->s, MMSCOPE_FORK);
	ASSERT_NE(NULL, e);
	ASSERT_EQ(0, scope_open(&child));
	ASSERT_EQ(0, scope_attach(child.fd, 0, e->aux, 0));
	e = scope_last(&child, MMSCOPE_FORK);
	ASSERT_NE(NULL, e);
	ASSERT_EQ(0, scope_open(&grandchild));
	ASSERT_EQ(0, scope_attach(grandchild.fd, 0, e->aux, 0));
	e = scope_last(&child, MMSCOPE_DUP);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(own, e->parent);
	own = e->vma;
	e = scope_last(&grandchild, MMSCOPE_DUP);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(own, e->parent);
	EXPECT_NE(own, e->vma);
	sema_post(go);
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, child.bad + grandchild.bad);
	scope_close(&child);
	scope_close(&grandchild);
}

TEST_F(lineage, ids_are_never_used_again)
{
	size_t i, births = 0;
	__u32 newest = 0;

	for (i = 0; i < 100; i++) {
		char *q = scope_map_at(&self->s, 8, 0);

		ASSERT_NE(NULL, q);
		munmap(q + 2 * page_size(), 2 * page_size());
		munmap(q, 8 * page_size());
	}
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		if (!is_birth(self->s.ev + i))
			continue;
		EXPECT_LT(newest, self->s.ev[i].vma);
		newest = self->s.ev[i].vma;
		births++;
	}
	EXPECT_EQ(301U, births);
}

TEST_F(lineage, mm_ids_are_never_used_again)
{
	struct mmscope_event *e;
	__u64 newest = scope_mm(self->s.fd);
	pid_t pid;
	int i;

	for (i = 0; i < 40; i++) {
		pid = fork();
		if (!pid)
			_exit(0);
		ASSERT_EQ(0, wait_child(pid));
		e = scope_last(&self->s, MMSCOPE_FORK);
		ASSERT_NE(NULL, e);
		EXPECT_LT(newest, e->aux);
		newest = e->aux;
	}
}

TEST_F(lineage, name_is_told_once_and_first)
{
	struct mmscope_event *e;

	touch_write(self->p, 1);
	scope_drain(&self->s);
	e = scope_nth(&self->s, MMSCOPE_NAME, 0);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(self->s.ev, e);
	EXPECT_EQ(NULL, scope_nth(&self->s, MMSCOPE_NAME, 1));
	EXPECT_STREQ("lineage_test", e->text);
	EXPECT_EQ(getpid(), (pid_t)e->tgid);
	EXPECT_EQ(0U, e->parent_mm);
	EXPECT_EQ(0U, e->seq);
	EXPECT_EQ(0U, e->vma);
}

TEST_F(lineage, name_of_a_child_names_its_parents_mm)
{
	int ready = sema(), go = sema();
	struct mmscope_event *e;
	struct scope child;
	size_t i;
	pid_t pid;

	pid = fork();
	if (!pid) {
		touch_write(self->p, 1);
		sema_post(ready);
		sema_wait(go);
		_exit(0);
	}
	sema_wait(ready);
	ASSERT_EQ(0, scope_open(&child));
	ASSERT_EQ(0, scope_attach(child.fd, pid, 0, 0));
	e = scope_last(&child, MMSCOPE_NAME);
	ASSERT_NE(NULL, e);
	EXPECT_STREQ("lineage_test", e->text);
	EXPECT_EQ(pid, (pid_t)e->tgid);
	EXPECT_EQ(scope_mm(self->s.fd), e->parent_mm);
	EXPECT_EQ(scope_mm(child.fd), e->mm);
	for (i = 0; i < child.nr; i++)
		EXPECT_EQ(e->mm, child.ev[i].mm);
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, child.bad);
	scope_close(&child);
}

TEST_HARNESS_MAIN
