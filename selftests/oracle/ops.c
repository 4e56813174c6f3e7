// SPDX-License-Identifier: GPL-2.0
/*
 * What can be done, and how to choose among it. A sequence is a list of operations that say all
 * about themselves: it can be played again, and without some of them. What the model knows is used
 * to choose ranges that hit something.
 */
#include "oracle.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#define MADV_GUARD_REMOVE	103
#endif

const struct op_kind op_kind[NR_OPS] = {
	[OP_START]	= { .name = "start" },
	[OP_FORK]	= { "fork", "q", SYS_clone, 14, false },
	[OP_EXEC]	= { "exec", "", SYS_execve, 3, false },
	[OP_EXIT]	= { "exit", "", SYS_exit_group, 3, false },
	[OP_KILL]	= { "kill", "", 0, 3, false },
	[OP_THREAD]	= { "thread", "c", 0, 8, false },
	[OP_MMAP]	= { "mmap", "rpsfo", SYS_mmap, 80, true },
	[OP_COVER]	= { "cover", "r", SYS_mmap, 6, true },
	[OP_MUNMAP]	= { "munmap", "r", SYS_munmap, 50, true },
	[OP_MPROTECT]	= { "mprotect", "rp", SYS_mprotect, 50, true },
	[OP_MREMAP]	= { "mremap", "rnmt", SYS_mremap, 60, true },
	[OP_MADVISE]	= { "madvise", "ra", SYS_madvise, 45, true },
	[OP_MBIND]	= { "mbind", "rb", SYS_mbind, 6, true },
	[OP_MLOCK]	= { "mlock", "r", SYS_mlock, 8, true },
	[OP_MUNLOCK]	= { "munlock", "r", SYS_munlock, 3, true },
	[OP_REMAP]	= { "remap_file_pages", "ro", SYS_remap_file_pages, 5, false },
	[OP_TOUCH]	= { "touch", "rw", MMSCOPE_CAUSE_USER, 90, true },
	[OP_KERNEL]	= { "kernel", "rw", 0, 18, true },
	[OP_REMOTE]	= { "remote", "rw", 0, 12, false },
	[OP_REOPEN]	= { "reopen", "f", 0, 3, false },
	[OP_CPU]	= { "cpu", "c", 0, 8, true },
	[OP_CHILD]	= { "child", "SNez", 0, 5, true },
	[OP_STORM]	= { "storm", "SNz", 0, 0, false },
};

/* Those at the end zap, and no hook sees it */
const int op_advice[] = {
	MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTFORK, MADV_DOFORK,
	MADV_DONTDUMP, MADV_DODUMP, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ,
	MADV_POPULATE_WRITE, MADV_FREE, MADV_WIPEONFORK, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
	MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_GUARD_REMOVE, MADV_GUARD_INSTALL, MADV_DONTNEED,
	MADV_DONTNEED_LOCKED,
};

const size_t op_advices = ARRAY_SIZE(op_advice);

#define ADVICE_ZAPS	3

static bool advice_zaps(unsigned int advice)
{
	return advice >= op_advices - ADVICE_ZAPS;
}

bool op_zaps(const struct op *op)
{
	if (op->code == OP_MADVISE)
		return advice_zaps(op->how);
	return (op->code == OP_CHILD || op->code == OP_STORM) && op->how & HOW_ZAP;
}

/* Growable mappings are told of too little to know their ranges */
bool loose(const struct setup *file)
{
	unsigned int i;

	for (i = 0; i < FILES; i++)
		if (file[i].flags & MMSCOPE_GROWABLE)
			return true;
	return false;
}

void sequence_add(struct sequence *s, const struct op *op)
{
	if (s->nr == s->room) {
		s->room = 2 * s->room + 64;
		s->op = realloc(s->op, s->room * sizeof(*s->op));
		if (!s->op)
			abort();
	}
	s->op[s->nr++] = *op;
}

__u32 gen_pick(struct gen *g, __u32 below)
{
	__u64 x = g->state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return ((x ^ x >> 31) >> 32) * below >> 32;
}

static bool chance(struct gen *g, unsigned int one_in)
{
	return !gen_pick(g, one_in);
}

/* --- files --- */

static void gen_file(struct gen *g, struct setup *f)
{
	static const __u32 backing[] = {
		MMSCOPE_PAGE, MMSCOPE_PAGE, MMSCOPE_PAGE, MMSCOPE_VMALLOC, MMSCOPE_VMALLOC,
		MMSCOPE_PFN,
	};

	*f = (struct setup){ .backing = backing[gen_pick(g, ARRAY_SIZE(backing))] };
	f->flags |= chance(g, 4) ? MMSCOPE_NO_VMA_LOCK : 0;
	f->flags |= chance(g, 8) ? MMSCOPE_LATENCY : 0;
	f->flags |= chance(g, 16) ? MMSCOPE_VETO : 0;
	f->flags |= chance(g, 24) ? MMSCOPE_COUNT : 0;
	if (chance(g, 8))
		f->error_nth = 1 + gen_pick(g, 9);
	if (f->backing == MMSCOPE_PFN)
		return;
	f->flags |= chance(g, 4) ? MMSCOPE_MKWRITE_NOTIFY : 0;
	if (chance(g, 4))
		f->flags |= MMSCOPE_EAGER;
	else if (chance(g, 4))
		f->flags |= MMSCOPE_AROUND;
	if (f->backing == MMSCOPE_PAGE && chance(g, 4))
		f->flags |= MMSCOPE_DROP;
}

/* One sequence in eight is of growable mappings */
void gen_files(struct gen *g, struct setup *file)
{
	bool growable = chance(g, 8);
	unsigned int i;

	for (i = 0; i < FILES; i++) {
		gen_file(g, file + i);
		if (!growable)
			continue;
		file[i].flags &= ~(MMSCOPE_EAGER | MMSCOPE_AROUND | MMSCOPE_DROP);
		file[i].flags |= MMSCOPE_GROWABLE;
		if (file[i].backing == MMSCOPE_PFN)
			file[i].backing = MMSCOPE_PAGE;
	}
}

/* --- operations --- */

/* Any range; mostly a short one */
static void pick_anywhere(struct gen *g, struct op *op)
{
	unsigned int most = chance(g, 4) ? PAGES : 12;

	op->at = gen_pick(g, PAGES);
	op->len = 1 + gen_pick(g, most);
	if (op->at + op->len > PAGES)
		op->len = PAGES - op->at;
}

/* A part of a VMA: all, the head, the tail, the middle, or more than it */
static void pick_part(struct gen *g, struct op *op, size_t from, size_t to)
{
	size_t len = to - from, part = 1 + gen_pick(g, len);

	switch (gen_pick(g, 5)) {
	case 0:
		break;
	case 1:
		to = from + part;
		break;
	case 2:
		from = to - part;
		break;
	case 3:
		from += gen_pick(g, len);
		to = from + 1 + gen_pick(g, to - from);
		break;
	case 4:
		from -= from ? gen_pick(g, from < 8 ? from : 8) : 0;
		to += gen_pick(g, 8);
		break;
	}
	op->at = from;
	op->len = to - from;
	if (to > PAGES)
		op->len = PAGES - from;
}

static void pick_range(struct gen *g, struct op *op)
{
	const struct vma *v;

	if (!g->mm || !g->mm->nr || chance(g, 4))
		return pick_anywhere(g, op);
	v = g->mm->vma + gen_pick(g, g->mm->nr);
	/* Growable mappings may have moved where they are not looked for */
	if (v->start < ARENA || v->end > ARENA_END || v->start >= v->end)
		return pick_anywhere(g, op);
	pick_part(g, op, arena_page(v->start), arena_page(v->end));
}

/* No PROT_EXEC alone: reading such a page may fail or not */
static void pick_rights(struct gen *g, struct op *op)
{
	static const __u8 rights[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ,
		PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC, PROT_WRITE, PROT_NONE,
	};

	op->prot = rights[gen_pick(g, ARRAY_SIZE(rights))];
}

/* Pages of a file's window for a range that is chosen already; rarely some behind the store */
static void pick_pages(struct gen *g, struct op *op, unsigned int file)
{
	if (op->len > PAGES)
		op->len = PAGES;
	op->to = file * PAGES + gen_pick(g, PAGES - op->len + 1);
	if (chance(g, 50))
		op->to = STORE_PAGES - gen_pick(g, op->len);
}

static void gen_mmap(struct gen *g, struct op *op)
{
	op->file = gen_pick(g, FILES);
	pick_pages(g, op, op->file);
	pick_rights(g, op);
	op->how = (chance(g, 3) ? HOW_PRIVATE : 0) | (chance(g, 8) ? HOW_POPULATE : 0) |
		  (chance(g, 16) ? HOW_LOCKED : 0);
	/* The pfn backing has no private mappings; rarely, be refused */
	if (g->file[op->file].backing == MMSCOPE_PFN && !chance(g, 16))
		op->how &= ~HOW_PRIVATE;
}

/* Mostly a move; else shrink, grow, copy or whatever cannot be */
static void gen_mremap(struct gen *g, struct op *op)
{
	op->size = op->len;
	op->how = HOW_FIXED | HOW_MAYMOVE;
	op->to = gen_pick(g, PAGES);
	switch (gen_pick(g, 10)) {
	case 0:
		op->how = 0;
		op->size = 1 + gen_pick(g, op->len);
		break;
	case 1:
		op->size = 1 + gen_pick(g, op->len);
		break;
	case 2:
		op->size += 1 + gen_pick(g, 8);
		op->how = gen_pick(g, 2) ? HOW_MAYMOVE : 0;
		break;
	case 3:
		op->size += gen_pick(g, 8);
		break;
	case 4:
		if (chance(g, 2))
			op->len = 0;
		else
			op->how |= HOW_DONTUNMAP;
		break;
	}
	/* Where else it may go only the kernel would know */
	if (op->size > PAGES)
		op->size = PAGES;
	if (op->to + op->size > PAGES)
		op->to = PAGES - op->size;
}

static void gen_madvise(struct gen *g, struct op *op)
{
	op->how = gen_pick(g, op_advices);
	if (g->zaps && chance(g, 3))
		op->how = op_advices - 1 - gen_pick(g, ADVICE_ZAPS);
	if (!g->zaps && advice_zaps(op->how))
		op->how = 0;
}

/* Not more than a few pages are touched at a time, mostly: each is a record */
static void gen_touch(struct gen *g, struct op *op)
{
	op->how = gen_pick(g, 2);
	if (op->len > 16 && !chance(g, 16))
		op->len = 1 + gen_pick(g, 16);
	if (g->mm || op->len < 4)
		return;
	op->len = 1 + gen_pick(g, 4);
}

static void gen_child(struct gen *g, struct op *op)
{
	op->seed = gen_pick(g, ~0U);
	op->len = 1 + gen_pick(g, 6);
	op->file = gen_pick(g, 3);
	op->how = g->zaps ? HOW_ZAP : 0;
}

static void gen_details(struct gen *g, struct op *op)
{
	pick_range(g, op);
	switch (op->code) {
	case OP_MMAP:
		return gen_mmap(g, op);
	case OP_MPROTECT:
		return pick_rights(g, op);
	case OP_MREMAP:
		return gen_mremap(g, op);
	case OP_MADVISE:
		return gen_madvise(g, op);
	case OP_MBIND:
		op->how = gen_pick(g, 2);
		return;
	case OP_REMAP:
		return pick_pages(g, op, 0);
	case OP_TOUCH:
	case OP_KERNEL:
	case OP_REMOTE:
		return gen_touch(g, op);
	case OP_REOPEN:
		op->file = gen_pick(g, FILES);
		return;
	case OP_CPU:
		op->file = chance(g, 3);
		return;
	case OP_CHILD:
		return gen_child(g, op);
	}
}

static unsigned int pick_code(struct gen *g, bool blind)
{
	unsigned int i, sum = 0, at;

	for (i = 0; i < NR_OPS; i++)
		sum += !blind || op_kind[i].blind ? op_kind[i].weight : 0;
	at = gen_pick(g, sum);
	for (i = 0; i < NR_OPS; i++) {
		unsigned int weight = !blind || op_kind[i].blind ? op_kind[i].weight : 0;

		if (at < weight)
			break;
		at -= weight;
	}
	return i;
}

/* Something that a thread does among others that do the same: it sees no model */
void gen_blind(struct gen *g, struct op *op)
{
	*op = (struct op){ .code = pick_code(g, true) };
	gen_details(g, op);
}

/* Who does the next operation: the number of a process, of those that there are */
void gen_proc(struct gen *g, struct op *op)
{
	*op = (struct op){ .code = OP_START };
	if (!g->busy)
		return;
	do {
		op->proc = gen_pick(g, PROCS);
	} while (!(g->busy & 1U << op->proc));
	op->thread = gen_pick(g, g->threads[op->proc]);
}

/* What it does; to be called after gen_proc(), with that process's view in g->mm */
void gen_op(struct gen *g, struct op *op)
{
	unsigned int code;

	if (!g->busy)
		return;
	code = pick_code(g, false);
	if (code == OP_FORK) {
		while (g->busy & 1U << op->file)
			op->file++;
		if (op->file == PROCS)
			code = OP_TOUCH;
	}
	if (code == OP_THREAD) {
		op->file = g->threads[op->proc];
		if (op->file == THREADS)
			code = OP_TOUCH;
	}
	op->code = code;
	gen_details(g, op);
}
