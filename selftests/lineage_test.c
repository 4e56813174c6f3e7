// SPDX-License-Identifier: GPL-2.0
/*
 * The story replayed: from the records alone, a model of the mappings must be what /proc/self/maps
 * and pagemap say after every step of a random sequence; and ids must tell who came from whom.
 *
 * A failing run prints its seed: MMSCOPE_SEED=N repeats it.
 */
#include "scope.h"

#define ARENA	96		/* pages of address space that the sequences play in */
#define STEPS	250
#define VMAS	(ARENA + 8)

/* One VMA, in pages of the arena */
struct part {
	__u32 id;
	size_t from;
	size_t to;
	__u64 pgoff;
};

/**
 * struct model - what the records say is there
 * @part: live VMAs
 * @rights: of each page that a VMA covers
 * @mapped: pages given and not given back
 * @inherited: a fork's copy, of which no record says which pages were given
 * @newest: highest id so far
 * @why: what did not fit
 */
struct model {
	uintptr_t base;
	struct part part[VMAS];
	size_t parts;
	__u32 rights[ARENA];
	bool mapped[ARENA];
	bool inherited;
	__u32 newest;
	const char *why;
};

static struct part *model_find(struct model *m, __u32 id)
{
	size_t i;

	for (i = 0; i < m->parts; i++)
		if (m->part[i].id == id)
			return m->part + i;
	return NULL;
}

static struct part *model_add(struct model *m, __u32 id, size_t from, size_t to, __u64 pgoff)
{
	struct part *p = m->part + m->parts;
	size_t i;

	if (model_find(m, id) || id <= m->newest || m->parts == VMAS) {
		m->why = "id used again";
		return NULL;
	}
	for (i = 0; i < m->parts; i++) {
		if (m->part[i].from < to && from < m->part[i].to) {
			m->why = "new VMA on top of another";
			return NULL;
		}
	}
	m->newest = id;
	*p = (struct part){ id, from, to, pgoff };
	m->parts++;
	return p;
}

static void model_set(struct model *m, size_t from, size_t to, __u32 rights)
{
	for (; from < to; from++)
		m->rights[from] = rights & SCOPE_RWX;
}

static size_t model_clear(struct model *m, size_t from, size_t to)
{
	size_t n = 0;

	for (; from < to; from++) {
		n += m->mapped[from];
		m->mapped[from] = false;
	}
	return n;
}

static void model_split(struct model *m, const struct mmscope_event *e, size_t from, size_t to,
			size_t at)
{
	struct part *p = model_find(m, e->parent);
	__u64 middle;

	if (!p || p->from != from || p->to != to || at <= from || at >= to) {
		m->why = "split of what is not there";
		return;
	}
	middle = p->pgoff + at - from;
	if (e->flags & MMSCOPE_F_BELOW) {
		p->from = at;
		model_add(m, e->vma, from, at, p->pgoff);
		p->pgoff = middle;
	} else {
		p->to = at;
		model_add(m, e->vma, at, to, middle);
	}
}

static void model_copy(struct model *m, const struct mmscope_event *e, size_t from, size_t to)
{
	struct part *p = model_find(m, e->parent);

	if (!p || e->aux < p->pgoff || e->aux + to - from > p->pgoff + p->to - p->from) {
		m->why = "copy of what is not there";
		return;
	}
	model_add(m, e->vma, from, to, e->aux);
	model_set(m, from, to, e->flags);
}

static void model_mremap(struct model *m, const struct mmscope_event *e, size_t from, size_t to,
			 size_t at)
{
	struct part *p = model_find(m, e->vma);

	if (!p || p->from != from || p->to != to || at + to - from > ARENA) {
		m->why = "mremap to what is not there";
		return;
	}
	memcpy(m->mapped + from, m->mapped + at, (to - from) * sizeof(m->mapped[0]));
}

static void model_protect(struct model *m, const struct mmscope_event *e, size_t from, size_t to)
{
	struct part *p = model_find(m, e->vma);

	if (!p || p->from > from || p->to < to || e->aux != p->pgoff + from - p->from)
		m->why = "mprotect of what is not there";
	else
		model_set(m, from, to, e->flags);
}

static void model_gone(struct model *m, const struct mmscope_event *e, size_t from, size_t to)
{
	struct part *p = model_find(m, e->vma);

	if (!p || p->from != from || p->to != to || e->aux != p->pgoff) {
		m->why = "end of what is not there";
		return;
	}
	if ((e->flags & SCOPE_RWX) != m->rights[from])
		m->why = "end with other rights than it had";
	if (model_clear(m, from, to) != e->pages && !m->inherited)
		m->why = "another number of pages went than had been given";
	*p = m->part[--m->parts];
}

static void model_fault(struct model *m, const struct mmscope_event *e)
{
	size_t at = (e->addr - m->base) / page_size();
	struct part *p = model_find(m, e->vma);

	if (!p || at < p->from || at >= p->to || e->pgoff != p->pgoff + at - p->from)
		m->why = "fault in what is not there";
	else if (m->inherited)
		return;
	else if (m->mapped[at] && !(e->flags & MMSCOPE_F_REFAULT))
		m->why = "second fault that is no refault";
	else if (!m->mapped[at] && e->flags & MMSCOPE_F_REFAULT)
		m->why = "refault of what was not given";
	else
		m->mapped[at] = true;
}

/* One record of an mm whose mappings all lie in the arena */
static void model_replay(struct model *m, const struct mmscope_event *e)
{
	size_t from = (e->start - m->base) / page_size();
	size_t to = (e->end - m->base) / page_size();
	size_t at = (e->aux - m->base) / page_size();
	size_t i;

	switch (e->type) {
	case MMSCOPE_MMAP:
	case MMSCOPE_DUP:
		if (!model_add(m, e->vma, from, to, e->aux))
			return;
		model_set(m, from, to, e->flags);
		for (i = from; i < to; i++)
			m->mapped[i] = e->pages == to - from;
		return;
	case MMSCOPE_SPLIT:
		return model_split(m, e, from, to, at);
	case MMSCOPE_COPY:
		return model_copy(m, e, from, to);
	case MMSCOPE_MREMAP:
		return model_mremap(m, e, from, to, at);
	case MMSCOPE_MPROTECT:
		return model_protect(m, e, from, to);
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		return model_gone(m, e, from, to);
	case MMSCOPE_FAULT:
		return model_fault(m, e);
	case MMSCOPE_LOST:
		m->why = "records were lost";
		return;
	}
}

static bool model_has(struct model *m, const struct scope_vma *v)
{
	size_t from = (v->start - m->base) / page_size();
	size_t to = (v->end - m->base) / page_size();
	char rights[5];
	size_t i, k;

	for (i = 0; i < m->parts; i++) {
		if (m->part[i].from != from || m->part[i].to != to || m->part[i].pgoff != v->pgoff)
			continue;
		for (k = from; k < to; k++)
			if (m->rights[k] != m->rights[from])
				return false;
		snprintf(rights, sizeof(rights), "%c%c%c%c",
			 m->rights[from] & MMSCOPE_F_READ ? 'r' : '-',
			 m->rights[from] & MMSCOPE_F_WRITE ? 'w' : '-',
			 m->rights[from] & MMSCOPE_F_EXEC ? 'x' : '-',
			 m->rights[from] & MMSCOPE_F_SHARED ? 's' : 'p');
		return !strcmp(rights, v->rights);
	}
	return false;
}

/* NULL when the model is what /proc/PID/maps says */
static const char *model_differs(struct model *m, pid_t pid)
{
	struct scope_vma vma[VMAS];
	int i, n = scope_maps(pid, vma, VMAS);

	if (m->why)
		return m->why;
	if (n != (int)m->parts)
		return "another number of VMAs";
	for (i = 0; i < n; i++)
		if (!model_has(m, vma + i))
			return "a VMA that the records do not know";
	return NULL;
}

static void model_print(struct model *m)
{
	struct scope_vma vma[VMAS];
	int i, n = scope_maps(0, vma, VMAS);
	size_t k;

	for (k = 0; k < m->parts; k++) {
		struct part *p = m->part + k;

		fprintf(stderr, "# model: #%u %zu-%zu %#x of %llu\n", p->id, p->from, p->to,
			m->rights[p->from], p->pgoff);
	}
	for (i = 0; i < n; i++) {
		size_t from = (vma[i].start - m->base) / page_size();
		size_t to = (vma[i].end - m->base) / page_size();

		fprintf(stderr, "# maps: %zu-%zu %s of %llu\n", from, to, vma[i].rights,
			vma[i].pgoff);
	}
}

/* The arena: a file of one backing, and a model that has seen all of its log */

struct play {
	struct scope s;
	struct model m;
	char *base;
	size_t seen;
	__u64 seed;
	__u64 state;
	bool zapped;
	char step[96];
};

static __u32 pick(struct play *p, __u32 below)
{
	p->state = p->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (p->state >> 33) % below;
}

static char *at(struct play *p, size_t n)
{
	return p->base + n * page_size();
}

/* A random range of pages; mostly short */
static void pick_range(struct play *p, size_t *from, size_t *to)
{
	size_t most = pick(p, 4) ? 8 : ARENA;

	*from = pick(p, ARENA);
	*to = *from + 1 + pick(p, most);
	if (*to > ARENA)
		*to = ARENA;
}

static int pick_rights(struct play *p)
{
	static const int rights[] = {
		PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE, PROT_READ | PROT_EXEC,
	};

	return rights[pick(p, ARRAY_SIZE(rights))];
}

static void play_mmap(struct play *p, size_t from, size_t to)
{
	void *q = mmap(at(p, from), (to - from) * page_size(), pick_rights(p),
		       MAP_SHARED | MAP_FIXED, p->s.fd, pick(p, 32) * page_size());

	if (q == MAP_FAILED)
		p->m.why = "mmap failed";
}

/* Holes are filled at once, or the next malloc() might live there */
static void play_fill(struct play *p, size_t from, size_t to)
{
	for (; from < to; from++)
		mmap(at(p, from), page_size(), PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
}

static void play_mremap(struct play *p, size_t from, size_t to)
{
	size_t len = to - from, dst = pick(p, ARENA);

	if (dst + len > ARENA || (dst < to && from < dst + len))
		return;
	snprintf(p->step, sizeof(p->step), "mremap %zu-%zu to %zu", from, to, dst);
	/* It may fail: holes, several VMAs, nothing there. What was unmapped before is told. */
	mremap(at(p, from), len * page_size(), len * page_size(), MREMAP_MAYMOVE | MREMAP_FIXED,
	       at(p, dst));
	play_fill(p, from, to);
	play_fill(p, dst, dst + len);
}

static void play_touch(struct play *p, size_t from, size_t to)
{
	bool write = pick(p, 2);

	for (; from < to; from++)
		try_touch(at(p, from), write);
}

static void play_step(struct play *p)
{
	static const char * const name[] = {
		"touch", "touch", "touch", "mmap", "mmap", "munmap", "munmap", "mprotect",
		"mremap", "mremap", "madvise", "dontneed",
	};
	__u32 op = pick(p, ARRAY_SIZE(name));
	size_t from, to, len;

	pick_range(p, &from, &to);
	len = (to - from) * page_size();
	snprintf(p->step, sizeof(p->step), "%s %zu-%zu", name[op], from, to);
	switch (op) {
	case 0 ... 2:
		return play_touch(p, from, to);
	case 3 ... 4:
		return play_mmap(p, from, to);
	case 5 ... 6:
		munmap(at(p, from), len);
		return play_fill(p, from, to);
	case 7:
		/* Of a range with holes the part before the hole is done: the records say so */
		mprotect(at(p, from), len, pick_rights(p));
		return;
	case 8 ... 9:
		return play_mremap(p, from, to);
	case 10:
		madvise(at(p, from), len, pick(p, 2) ? MADV_SEQUENTIAL : MADV_NORMAL);
		return;
	case 11:
		if (pick(p, 4))
			return;
		p->zapped = true;
		madvise(at(p, from), len, MADV_DONTNEED);
		return;
	}
}

static void play_replay(struct play *p)
{
	scope_drain(&p->s);
	for (; p->seen < p->s.nr && !p->m.why; p->seen++) {
		model_replay(&p->m, p->s.ev + p->seen);
		if (p->m.why)
			scope_print(p->s.ev + p->seen);
	}
}

/* Every page that is present is mapped in the model; equal where nothing was zapped */
static const char *play_pages(struct play *p)
{
	size_t i, k, there, mapped;

	for (i = 0; i < p->m.parts; i++) {
		struct part *v = p->m.part + i;

		for (mapped = 0, k = v->from; k < v->to; k++)
			mapped += p->m.mapped[k];
		there = scope_present(at(p, v->from), v->to - v->from);
		if (there > mapped || (!p->zapped && there != mapped))
			return "another number of pages is present than was given";
	}
	return NULL;
}

static const char *play_stat(struct play *p)
{
	struct mmscope_stat stat;
	size_t i, mapped = 0;

	for (i = 0; i < ARENA; i++)
		mapped += p->m.mapped[i];
	if (scope_stat(p->s.fd, 0, 0, &stat))
		return "no STAT";
	if (stat.vmas != p->m.parts)
		return "STAT has another number of VMAs";
	if (stat.mapped != mapped)
		return "STAT has another number of mapped pages";
	return NULL;
}

static int play_begin(struct play *p, __u32 backing, __u64 flags)
{
	const char *seed = getenv("MMSCOPE_SEED");
	int err = scope_open_as(&p->s, backing, flags, 32 + ARENA);

	p->seed = seed ? strtoull(seed, NULL, 0) : now_ns();
	p->state = p->seed;
	p->base = scope_reserve(ARENA);
	if (!err && !p->base)
		err = -ENOMEM;
	p->m.base = (uintptr_t)p->base;
	return err;
}

FIXTURE(replay)
{
	struct play p;
};

FIXTURE_VARIANT(replay)
{
	__u32 backing;
	__u64 flags;
	bool pagemap;		/* shows what is present */
};

FIXTURE_VARIANT_ADD(replay, page)
{
	.backing = MMSCOPE_PAGE,
	.pagemap = true,
};

FIXTURE_VARIANT_ADD(replay, vmalloc)
{
	.backing = MMSCOPE_VMALLOC,
	.pagemap = true,
};

FIXTURE_VARIANT_ADD(replay, pfn)
{
	.backing = MMSCOPE_PFN,
};

FIXTURE_VARIANT_ADD(replay, eager)
{
	.backing = MMSCOPE_PAGE,
	.flags = MMSCOPE_EAGER,
	.pagemap = true,
};

FIXTURE_SETUP(replay)
{
	int err = play_begin(&self->p, variant->backing, variant->flags);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(replay)
{
	EXPECT_EQ(0U, self->p.s.bad);
	scope_close(&self->p.s);
}

TEST_F(replay, of_records_is_the_truth_after_every_step)
{
	struct play *p = &self->p;
	const char *why = NULL;
	unsigned int i;

	for (i = 0; i < STEPS && !why; i++) {
		play_step(p);
		play_replay(p);
		why = model_differs(&p->m, 0);
		if (!why && variant->pagemap)
			why = play_pages(p);
		if (!why)
			why = play_stat(p);
	}
	if (why) {
		TH_LOG("seed %#llx, step %u, %s: %s", p->seed, i - 1, p->step, why);
		model_print(&p->m);
	}
	EXPECT_EQ(NULL, why);
}

TEST_F(replay, of_a_childs_records_is_the_childs_truth)
{
	struct play *p = &self->p;
	struct mmscope_event *forked;
	int ready = sema(), go = sema();
	struct play child;
	unsigned int i;
	pid_t pid;

	for (i = 0; i < 50; i++)
		play_step(p);
	pid = fork();
	if (!pid) {
		for (i = 0; i < 10; i++)
			play_step(p);
		sema_post(ready);
		sema_wait(go);
		_exit(0);
	}
	sema_wait(ready);
	forked = scope_last(&p->s, MMSCOPE_FORK);
	if (forked) {
		memset(&child, 0, sizeof(child));
		child.m.base = (uintptr_t)p->base;
		child.m.inherited = true;
		ASSERT_EQ(0, scope_open(&child.s));
		ASSERT_EQ(0, scope_attach(child.s.fd, 0, forked->aux, 0));
		play_replay(&child);
		EXPECT_EQ(NULL, model_differs(&child.m, pid))
			TH_LOG("seed %#llx: %s", p->seed, model_differs(&child.m, pid));
		EXPECT_EQ(0U, child.s.bad);
		scope_close(&child.s);
	}
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
}

/* Who came from whom */

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
