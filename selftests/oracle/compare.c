// SPDX-License-Identifier: GPL-2.0
/*
 * The model against the kernel: /proc/PID/maps says which VMAs there are, /proc/PID/pagemap which
 * pages are present, MMSCOPE_STAT and MMSCOPE_INFO what the module has counted.
 *
 * A page that is present is mapped in the model. The other way round too, unless something was
 * zapped unseen. pagemap does not show the pfn backing, and nobody knows the pages of files whose
 * faults are counted only. Of growable mappings only the number of VMAs is known.
 */
#include "oracle.h"

struct line {
	__u64 start;
	__u64 end;
	__u64 pgoff;
	__u32 rights;
};

static __u64 hex(const char **text)
{
	__u64 n = 0;

	for (;; (*text)++) {
		char c = **text;

		if (c >= '0' && c <= '9')
			n = n << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (c - 'a' + 10);
		else
			return n;
	}
}

/* "start-end rwxs offset ...": sscanf() takes ten times as long */
static void parse(const char *text, struct line *l)
{
	l->start = hex(&text);
	text++;
	l->end = hex(&text);
	text++;
	l->rights = (text[0] == 'r' ? MMSCOPE_F_READ : 0) | (text[1] == 'w' ? MMSCOPE_F_WRITE : 0) |
		    (text[2] == 'x' ? MMSCOPE_F_EXEC : 0) | (text[3] == 's' ? MMSCOPE_F_SHARED : 0);
	text += 5;
	l->pgoff = hex(&text) / P;
}

static bool is_ours(const char *line, const char *end)
{
	const size_t len = strlen(" " SCOPE_DEVICE);

	return end - line > (long)len && !memcmp(end - len, " " SCOPE_DEVICE, len);
}

/* The VMAs of the device; -1 when they cannot be read */
static int read_maps(const struct proc *w, struct line *line, int max)
{
	static char text[64 << 10];
	size_t len = 0;
	char *at, *end;
	ssize_t got;
	int n = 0;

	while ((got = pread(w->maps, text + len, sizeof(text) - len, len)) > 0)
		len += got;
	if (got < 0)
		return -1;
	for (at = text; at < text + len && n < max; at = end + 1) {
		end = memchr(at, '\n', text + len - at);
		if (!end)
			return -1;
		if (is_ours(at, end))
			parse(at, line + n++);
	}
	return n;
}

static const struct vma *find_at(const struct mm *mm, __u64 start)
{
	size_t i;

	for (i = 0; i < mm->nr; i++)
		if (mm->vma[i].start == start)
			return mm->vma + i;
	return NULL;
}

static const char *compare_line(const struct mm *mm, const struct line *l)
{
	const struct vma *v = find_at(mm, l->start);
	size_t i;

	if (!v)
		return "is not in the model";
	if (v->end != l->end)
		return "has another end in the model";
	if (v->pgoff != l->pgoff)
		return "has another offset in the model";
	for (i = arena_page(v->start); i < arena_page(v->end); i++)
		if (mm->rights[i] != l->rights)
			return "has other rights in the model";
	return NULL;
}

static void compare_maps(struct play *p, unsigned int i, const struct mm *mm)
{
	static struct line line[PAGES + 1000];
	int k, n = read_maps(p->proc + i, line, ARRAY_SIZE(line));
	int nr = mm ? mm->nr : 0;

	for (k = 0; !p->m.loose && k < n; k++) {
		const char *why = mm ? compare_line(mm, line + k) : "is of an mm without records";

		if (why)
			return play_fail(p, "p%u: page %zu, %llu pages, %#x, of %llu in maps %s",
					 i, arena_page(line[k].start),
					 (line[k].end - line[k].start) / P, line[k].rights,
					 line[k].pgoff, why);
	}
	if (n != nr)
		play_fail(p, "p%u: %d VMAs in maps, %d in the model", i, n, nr);
}

static bool pages_known(const struct setup *f)
{
	return f->backing != MMSCOPE_PFN && !(f->flags & MMSCOPE_COUNT);
}

static void compare_pages(struct play *p, unsigned int i, const struct mm *mm)
{
	__u64 present[PAGES];
	size_t k, n;

	if (p->m.loose)
		return;
	if (pread(p->proc[i].pagemap, present, sizeof(present), ARENA / P * 8) != sizeof(present))
		return play_fail(p, "p%u: no pagemap", i);
	for (k = 0; k < mm->nr; k++) {
		const struct vma *v = mm->vma + k;

		if (!pages_known(p->seq->file + v->file))
			continue;
		for (n = arena_page(v->start); n < arena_page(v->end); n++) {
			bool there = present[n] >> 63;

			if (there == mm->mapped[n] || (p->zapped && !there))
				continue;
			return play_fail(p, "p%u: page %zu is %spresent and %smapped in the model",
					 i, n, there ? "" : "not ", mm->mapped[n] ? "" : "not ");
		}
	}
}

static bool any_counts(const struct play *p)
{
	int i;

	for (i = 0; i < FILES; i++)
		if (p->seq->file[i].flags & MMSCOPE_COUNT)
			return true;
	return false;
}

/* What STAT says of an mm now */
static void compare_stat(struct play *p, const struct mm *mm)
{
	struct mmscope_stat stat;

	if (scope_stat(p->s.fd, mm->id, 0, &stat))
		return play_fail(p, "mm %u: no STAT: %s", mm->id, strerror(errno));
	if (stat.vmas != mm->nr || stat.maps != mm_maps(mm))
		return play_fail(p, "mm %u: %u VMAs of %u maps in STAT, %zu of %zu in the model",
				 mm->id, stat.vmas, stat.maps, mm->nr, mm_maps(mm));
	if (stat.parent != mm->parent || (mm->tgid && stat.tgid != mm->tgid))
		return play_fail(p, "mm %u: parent %u, process %d in STAT, %u, %d in the model",
				 mm->id, stat.parent, stat.tgid, mm->parent, mm->tgid);
	if (stat.orphans || stat.dropped)
		return play_fail(p, "mm %u: memory was lacking", mm->id);
	if (!p->m.loose && !any_counts(p) && stat.mapped != mm_mapped(mm))
		return play_fail(p, "mm %u: %llu pages mapped in STAT, %zu in the model", mm->id,
				 stat.mapped, mm_mapped(mm));
}

/* Pages of a file that some mm has */
static size_t count_users(const struct play *p, unsigned int file)
{
	bool used[STORE_PAGES] = { false };
	size_t i, k, n = 0;
	__u32 id;

	for (id = p->m.first_mm; id <= p->m.newest_mm; id++) {
		const struct mm *mm = model_mm(&p->m, id);

		for (i = 0; mm && i < mm->nr; i++) {
			const struct vma *v = mm->vma + i;

			for (k = 0; v->file == file && k < (v->end - v->start) / P; k++)
				used[v->pgoff + k] |= mm->mapped[arena_page(v->start) + k];
		}
	}
	for (i = 0; i < STORE_PAGES; i++)
		n += used[i];
	return n;
}

static size_t count_ever(const struct play *p, unsigned int file)
{
	size_t i, n = 0;

	for (i = 0; i < STORE_PAGES; i++)
		n += p->m.ever[file][i];
	return n;
}

/* What a store holds: with the drop flag what somebody has, else what somebody ever had */
static void compare_held(struct play *p, unsigned int file)
{
	const struct setup *f = p->seq->file + file;
	struct mmscope_info info;
	size_t held;

	if (f->backing == MMSCOPE_VMALLOC || f->flags & (MMSCOPE_COUNT | MMSCOPE_GROWABLE) ||
	    p->reopened & 1U << file)
		return;
	held = f->flags & MMSCOPE_DROP ? count_users(p, file) : count_ever(p, file);
	if (scope_info(FD_FILE + file, &info))
		return play_fail(p, "file %u: no INFO: %s", file, strerror(errno));
	if (info.held != held)
		play_fail(p, "file %u: holds %llu pages, %zu in the model", file, info.held, held);
}

/* What belongs to no process must be gone */
static void compare_ended(struct play *p)
{
	__u32 id;
	int i;

	for (id = p->m.first_mm; id <= p->m.newest_mm; id++) {
		const struct mm *mm = model_mm(&p->m, id);

		if (!mm || !mm->nr)
			continue;
		for (i = 0; i < PROCS && p->proc[i].mm != id; i++)
			;
		if (i == PROCS)
			return play_fail(p, "mm %u: %zu VMAs in the model, and no process", id,
					 mm->nr);
	}
}

/* After each operation. Returns false at a mismatch. */
bool compare_all(struct play *p)
{
	unsigned int i;

	for (i = 0; i < PROCS && !p->why[0]; i++) {
		const struct mm *mm = model_mm(&p->m, p->proc[i].mm);

		if (!p->proc[i].pid)
			continue;
		compare_maps(p, i, mm);
		if (mm) {
			compare_pages(p, i, mm);
			compare_stat(p, mm);
		}
	}
	compare_ended(p);
	for (i = 0; i < FILES && !p->why[0]; i++)
		compare_held(p, i);
	return !p->why[0];
}

static void compare_sums(struct play *p, const struct mm *mm)
{
	struct mmscope_stat stat;
	unsigned int i;

	/* Of the dead, only so many are kept */
	if (scope_stat(p->s.fd, mm->id, 0, &stat))
		return mm->ended && errno == ESRCH ? (void)0 :
						     play_fail(p, "mm %u: no STAT", mm->id);
	for (i = 0; i < MMSCOPE_NR_TYPES; i++) {
		if (stat.events[i] == mm->n.events[i] || (i == MMSCOPE_FAULT && any_counts(p)))
			continue;
		return play_fail(p, "mm %u: %llu %s in STAT, %llu in the log", mm->id,
				 stat.events[i], scope_type(i), mm->n.events[i]);
	}
	if (any_counts(p))
		return;
	if (stat.write != mm->n.write || stat.kernel != mm->n.kernel ||
	    stat.remote != mm->n.remote || stat.refault != mm->n.refault ||
	    stat.vma_lock != mm->n.vma_lock || stat.cow != mm->n.cow || stat.error != mm->n.error)
		return play_fail(p, "mm %u: the faults in STAT are not those of the log", mm->id);
	if (p->m.loose)
		return;
	if (stat.touched != mm->n.touched || stat.given_back != mm->n.given_back)
		play_fail(p, "mm %u: %llu touched, %llu given back in STAT, %llu, %llu in the log",
			  mm->id, stat.touched, stat.given_back, mm->n.touched,
			  mm->n.given_back);
}

/* Of all mms of the sequence, also the ended. Returns false at a mismatch. */
bool compare_counters(struct play *p)
{
	__u32 id;

	for (id = p->m.first_mm; id <= p->m.newest_mm && !p->why[0]; id++) {
		const struct mm *mm = model_mm(&p->m, id);

		if (mm)
			compare_sums(p, mm);
	}
	return !p->why[0];
}
