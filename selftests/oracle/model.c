// SPDX-License-Identifier: GPL-2.0
/*
 * The model: mappings of all mms, replayed from records and nothing else. A record that cannot be
 * in the state the model is in is a mismatch; so is a state that is not the kernel's (compare.c).
 *
 * One thing no record tells: an mprotect that failed behind its hook. It fails where a veto comes
 * next, so rights change when something else follows, or at rest.
 */
#include "oracle.h"

/* The first complaint counts */
void model_wrong(struct model *m, const struct mmscope_event *e, const char *why)
{
	if (m->why[0])
		return;
	snprintf(m->why, sizeof(m->why), "%s", why);
	m->bad = *e;
}

/* --- mms and VMAs --- */

struct mm *model_mm(const struct model *m, __u32 id)
{
	return id - m->first_mm < m->room ? m->mm[id - m->first_mm] : NULL;
}

/* One that was not known; its id must be a new one */
struct mm *model_add_mm(struct model *m, const struct mmscope_event *e, __u32 id, __u32 parent)
{
	size_t at = id - m->first_mm, room = m->room;
	struct mm *mm;

	if (id < m->first_mm || model_mm(m, id)) {
		model_wrong(m, e, "an mm's id that is not new");
		return NULL;
	}
	if (at >= room) {
		m->room = at + 64;
		m->mm = realloc(m->mm, m->room * sizeof(*m->mm));
		memset(m->mm + room, 0, (m->room - room) * sizeof(*m->mm));
	}
	mm = calloc(1, sizeof(*mm));
	if (!mm)
		abort();
	mm->id = id;
	mm->parent = parent;
	m->mm[at] = mm;
	if (id > m->newest_mm)
		m->newest_mm = id;
	return mm;
}

struct vma *mm_find(const struct mm *mm, __u32 id)
{
	size_t i;

	for (i = 0; i < mm->nr; i++)
		if (mm->vma[i].id == id)
			return mm->vma + i;
	return NULL;
}

/* Ids are never used again; where nothing races, they rise */
static bool id_is_new(struct model *m, __u32 id)
{
	size_t at = id - m->first_vma, room = m->seen_room;
	__u64 bit = 1ULL << at % 64;

	if (id < m->first_vma || (m->strict && id <= m->newest_vma))
		return false;
	if (at / 64 >= room) {
		m->seen_room = at / 64 + 64;
		m->seen = realloc(m->seen, m->seen_room * sizeof(*m->seen));
		memset(m->seen + room, 0, (m->seen_room - room) * sizeof(*m->seen));
	}
	if (m->seen[at / 64] & bit)
		return false;
	m->seen[at / 64] |= bit;
	if (id > m->newest_vma)
		m->newest_vma = id;
	return true;
}

static bool is_free(const struct mm *mm, __u64 start, __u64 end)
{
	size_t i;

	for (i = 0; i < mm->nr; i++)
		if (mm->vma[i].start < end && start < mm->vma[i].end)
			return false;
	return true;
}

struct vma *model_add_vma(struct model *m, struct mm *mm, const struct mmscope_event *e,
			  const struct vma *new)
{
	if (!id_is_new(m, new->id)) {
		model_wrong(m, e, "a VMA's id that is not new");
		return NULL;
	}
	if (!m->loose && (!in_arena(new->start, new->end) || !is_free(mm, new->start, new->end))) {
		model_wrong(m, e, "a new VMA where there is one");
		return NULL;
	}
	if (mm->nr == mm->room) {
		mm->room = 2 * mm->room + 16;
		mm->vma = realloc(mm->vma, mm->room * sizeof(*mm->vma));
	}
	mm->vma[mm->nr] = *new;
	return mm->vma + mm->nr++;
}

/* What is there, or NULL */
const struct vma *mm_at(const struct mm *mm, __u64 addr)
{
	size_t i;

	for (i = 0; i < mm->nr; i++)
		if (mm->vma[i].start <= addr && addr < mm->vma[i].end)
			return mm->vma + i;
	return NULL;
}

/* How many pieces of the same mapping there are */
size_t mm_pieces(const struct mm *mm, __u32 root)
{
	size_t i, n = 0;

	for (i = 0; i < mm->nr; i++)
		n += mm->vma[i].root == root;
	return n;
}

/* How many mappings there are */
size_t mm_maps(const struct mm *mm)
{
	size_t i, k, n = 0;

	for (i = 0; i < mm->nr; i++) {
		for (k = 0; k < i && mm->vma[k].root != mm->vma[i].root; k++)
			;
		n += k == i;
	}
	return n;
}

size_t mm_mapped(const struct mm *mm)
{
	size_t i, n = 0;

	for (i = 0; i < PAGES; i++)
		n += mm->mapped[i];
	return n;
}

const struct setup *vma_file(const struct model *m, const struct vma *v)
{
	return m->file + v->file;
}

/* --- pages --- */

void mm_set_rights(struct mm *mm, __u64 start, __u64 end, __u32 rights)
{
	size_t i;

	if (!in_arena(start, end))
		return;
	for (i = arena_page(start); i < arena_page(end); i++)
		mm->rights[i] = rights & SCOPE_RWX;
}

bool mm_has_rights(const struct mm *mm, __u64 start, __u64 end, __u32 rights)
{
	size_t i;

	for (i = arena_page(start); i < arena_page(end); i++)
		if (mm->rights[i] != (rights & SCOPE_RWX))
			return false;
	return true;
}

size_t mm_weigh(const struct mm *mm, __u64 start, __u64 end)
{
	size_t i, n = 0;

	for (i = arena_page(start); i < arena_page(end); i++)
		n += mm->mapped[i];
	return n;
}

void mm_unmap(struct mm *mm, __u64 start, __u64 end)
{
	memset(mm->mapped + arena_page(start), 0, (end - start) / P * sizeof(mm->mapped[0]));
}

/* Returns whether it was not mapped before */
bool mm_map(struct model *m, struct mm *mm, const struct vma *v, __u64 addr)
{
	bool *mapped = mm->mapped + arena_page(addr);
	bool fresh = !*mapped;

	m->ever[v->file][v->pgoff + (addr - v->start) / P] = true;
	*mapped = true;
	m->marked += fresh;
	return fresh;
}

/* An mprotect is known to have been done when something else follows */
void mm_settle_protect(struct mm *mm)
{
	if (mm->protect.set)
		mm_set_rights(mm, mm->protect.start, mm->protect.end, mm->protect.rights);
	mm->protect.set = false;
}

/* --- any record --- */

static void replay_name(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	if (mm->tgid)
		model_wrong(m, e, "a second name");
	if (e->parent_mm != mm->parent)
		model_wrong(m, e, "a name with another parent than the fork's");
	mm->tgid = e->tgid;
}

/* Structural records are numbered without a gap; others carry the number of the last one */
static void check_order(struct model *m, const struct mmscope_event *e)
{
	if (m->time_ns && e->seq != m->seq + scope_is_range(e) && !m->gaps)
		model_wrong(m, e, "out of sequence");
	else if (e->seq == m->seq && e->time_ns < m->time_ns)
		model_wrong(m, e, "back in time");
	m->seq = e->seq;
	m->time_ns = e->time_ns;
}

static bool same_protect(const struct mm *mm, const struct mmscope_event *e)
{
	return (e->type == MMSCOPE_MAY_SPLIT || e->type == MMSCOPE_SPLIT) &&
	       e->tid == mm->protect.tid && e->cause == mm->protect.cause;
}

void model_replay(struct model *m, const struct mmscope_event *e)
{
	static void (* const replay[MMSCOPE_NR_TYPES])(struct model *m, struct mm *mm,
						       const struct mmscope_event *e) = {
		[MMSCOPE_MMAP] = replay_mmap, [MMSCOPE_MAY_SPLIT] = replay_may_split,
		[MMSCOPE_SPLIT] = replay_split, [MMSCOPE_COPY] = replay_copy,
		[MMSCOPE_DUP] = replay_dup, [MMSCOPE_MREMAP] = replay_mremap,
		[MMSCOPE_MPROTECT] = replay_mprotect, [MMSCOPE_UNMAP] = replay_gone,
		[MMSCOPE_MOVE] = replay_gone, [MMSCOPE_FORK] = replay_fork,
		[MMSCOPE_END] = replay_end, [MMSCOPE_FAULT] = replay_fault,
		[MMSCOPE_MKWRITE] = replay_mkwrite, [MMSCOPE_PFN_MKWRITE] = replay_mkwrite,
		[MMSCOPE_ACCESS] = replay_access, [MMSCOPE_NAME] = replay_name,
	};
	struct mm *mm = model_mm(m, e->mm);
	const char *why;

	if (e->type == MMSCOPE_LOST)
		return model_wrong(m, e, "records were lost");
	check_order(m, e);
	if (!mm && e->type == MMSCOPE_NAME)
		mm = model_add_mm(m, e, e->mm, e->parent_mm);
	if (!mm)
		return model_wrong(m, e, "of an mm that was not named");
	if (mm->ended || (mm->ending && e->type != MMSCOPE_END))
		return model_wrong(m, e, "of an mm that has ended");
	if (scope_is_range(e) && !same_protect(mm, e))
		mm_settle_protect(mm);
	why = asked_check(m, mm, e);
	if (why)
		return model_wrong(m, e, why);
	mm->n.events[e->type]++;
	replay[e->type](m, mm, e);
	if (scope_is_fault(e) || e->type == MMSCOPE_MAY_SPLIT || e->type == MMSCOPE_SPLIT)
		return;
	mm->cut.vma = 0;
	if (e->type != MMSCOPE_MREMAP)
		mm->move.end = 0;
}

/* Nothing is under way any more */
void model_rest(struct model *m)
{
	static const struct mmscope_event none;
	__u32 id;

	for (id = m->first_mm; id <= m->newest_mm; id++) {
		struct mm *mm = model_mm(m, id);

		if (!mm)
			continue;
		mm_settle_protect(mm);
		mm->move.end = 0;
		mm->cut.vma = 0;
		if (mm->ending)
			model_wrong(m, &none, "an mm has ended, and no record says so");
	}
	if (m->claimed != m->marked)
		model_wrong(m, &none, "more or fewer pages were given than there are");
}

void model_reset(struct model *m, const struct setup *file)
{
	__u32 newest_mm = m->newest_mm, newest_vma = m->newest_vma;
	size_t i;

	for (i = 0; i < m->room; i++) {
		if (!m->mm[i])
			continue;
		free(m->mm[i]->vma);
		free(m->mm[i]);
	}
	free(m->mm);
	free(m->seen);
	*m = (struct model){
		.file = file, .loose = loose(file), .strict = true,
		.newest_mm = newest_mm, .first_mm = newest_mm + 1,
		.newest_vma = newest_vma, .first_vma = newest_vma + 1,
	};
}
