// SPDX-License-Identifier: GPL-2.0
/*
 * What may be recorded of an operation that was asked for. Where one is done at a time, all that
 * is recorded must be of its kind, by its thread, in its mm and at its place; what it cuts, moves
 * and copies, and from where, follows from what it was told. So what a record says of where a VMA
 * comes from is compared with something else than other records.
 */
#include "oracle.h"

#define ONE(type)	(1U << MMSCOPE_##type)
#define CUTS		(ONE(MAY_SPLIT) | ONE(SPLIT))
#define FAULTS		(ONE(FAULT) | ONE(MKWRITE) | ONE(PFN_MKWRITE))
#define ENDS		(ONE(UNMAP) | ONE(END))

/* Types by operation */
static const __u32 types[NR_OPS] = {
	[OP_FORK]	= ONE(FORK) | ONE(DUP),
	[OP_EXEC]	= ENDS,
	[OP_EXIT]	= ENDS,
	[OP_KILL]	= ENDS,
	[OP_MMAP]	= ONE(MMAP) | ONE(UNMAP) | CUTS | FAULTS,
	[OP_REMAP]	= ONE(MMAP) | ONE(UNMAP) | CUTS | FAULTS,
	[OP_COVER]	= ONE(UNMAP) | CUTS,
	[OP_MUNMAP]	= ONE(UNMAP) | CUTS,
	[OP_MPROTECT]	= ONE(MPROTECT) | CUTS | FAULTS,
	[OP_MREMAP]	= ONE(COPY) | ONE(MREMAP) | ONE(MOVE) | ONE(UNMAP) | CUTS | FAULTS,
	[OP_MADVISE]	= CUTS | FAULTS,
	[OP_MLOCK]	= CUTS | FAULTS,
	[OP_MUNLOCK]	= CUTS,
	[OP_MBIND]	= CUTS,
	[OP_TOUCH]	= FAULTS,
	[OP_KERNEL]	= FAULTS,
	[OP_REMOTE]	= FAULTS | ONE(ACCESS),
};

struct range {
	__u64 start;
	__u64 end;
};

static struct range pages(size_t at, size_t len)
{
	return (struct range){ ARENA + at * P, ARENA + (at + len) * P };
}

static bool holds(struct range r, __u64 start, __u64 end)
{
	return r.start <= start && end <= r.end;
}

/* Does it concern what the operation was told of, or an mremap's destination? */
static bool in_place(const struct op *op, __u64 start, __u64 end)
{
	return holds(pages(op->at, op->len), start, end) ||
	       (op->code == OP_MREMAP && holds(pages(op->to, op->size), start, end));
}

static bool is_edge(const struct op *op, __u64 addr)
{
	struct range r = pages(op->at, op->len), to = pages(op->to, op->size);

	if (addr == r.start || addr == r.end)
		return true;
	if (op->code != OP_MREMAP)
		return false;
	/* Where several VMAs are moved, the place of each is unmapped when its turn comes */
	if (kernel_at_least(6, 17) && holds(to, addr, addr))
		return true;
	return addr == to.start || addr == to.end || addr == r.start + op->size * P;
}

static __u32 rights(unsigned int prot)
{
	return (prot & PROT_READ ? MMSCOPE_F_READ : 0) | (prot & PROT_WRITE ? MMSCOPE_F_WRITE : 0) |
	       (prot & PROT_EXEC ? MMSCOPE_F_EXEC : 0);
}

static const char *check_mmap(const struct op *op, const struct mmscope_event *e)
{
	struct range r = pages(op->at, op->len);

	if (e->start != r.start || e->end != r.end)
		return "mmap of another range than was asked for";
	if (e->aux != op->to)
		return "mmap of another page of the store than was asked for";
	if (op->code == OP_MMAP && (e->flags & (SCOPE_RWX & ~MMSCOPE_F_SHARED)) != rights(op->prot))
		return "mmap with other rights than were asked for";
	if (op->code == OP_MMAP && !(e->flags & MMSCOPE_F_SHARED) != !!(op->how & HOW_PRIVATE))
		return "mmap that is shared, or not, against what was asked for";
	return NULL;
}

static const char *check_mprotect(const struct op *op, const struct mmscope_event *e)
{
	if (!in_place(op, e->start, e->end))
		return "mprotect of another range than was asked for";
	if ((e->flags & (SCOPE_RWX & ~MMSCOPE_F_SHARED)) != rights(op->prot))
		return "mprotect with other rights than were asked for";
	return NULL;
}

/* What is at the place that was to be moved or copied is what it comes from */
static const char *check_origin(const struct op *op, const struct mm *mm,
				const struct mmscope_event *e)
{
	struct range to = pages(op->to, op->size);
	__u64 from = pages(op->at, op->len).start + (e->start - to.start);
	const struct vma *v = mm_at(mm, from);

	if (!holds(to, e->start, e->end))
		return "moved to another place than was asked for";
	if (!v || v->id != e->parent)
		return "from another VMA than is at the place that was asked for";
	if (e->type == MMSCOPE_MREMAP && e->aux != from)
		return "from another place than was asked for";
	return NULL;
}

static const char *check_fault(const struct op *op, const struct mmscope_event *e)
{
	static const __u32 who[NR_OPS] = {
		[OP_TOUCH] = MMSCOPE_F_USER, [OP_KERNEL] = MMSCOPE_F_KERNEL,
		[OP_REMOTE] = MMSCOPE_F_REMOTE,
	};
	__u64 addr = e->addr & -P;

	if (!in_place(op, addr, addr + P))
		return "at another page than was touched";
	if (!who[op->code])
		return NULL;
	if (!(e->flags & who[op->code]))
		return "by another way than was asked for";
	if (!(e->flags & MMSCOPE_F_WRITE) != !op->how)
		return "a write, or none, against what was asked for";
	return NULL;
}

static const char *check_place(const struct model *m, const struct mm *mm,
			       const struct mmscope_event *e)
{
	const struct op *op = &m->asked.op;

	/* Growable mappings go where there is room, and from there */
	if (m->loose && op->code == OP_MREMAP)
		return NULL;
	if (scope_is_fault(e))
		return check_fault(op, e);
	switch (e->type) {
	case MMSCOPE_MMAP:
		return check_mmap(op, e);
	case MMSCOPE_MPROTECT:
		return check_mprotect(op, e);
	case MMSCOPE_COPY:
	case MMSCOPE_MREMAP:
		return check_origin(op, mm, e);
	case MMSCOPE_MAY_SPLIT:
		/* mremap asks of each VMA for its own edges, too */
		if (e->aux == e->start || e->aux == e->end)
			return NULL;
		return is_edge(op, e->aux) ? NULL : "may_split where nothing was to be cut";
	case MMSCOPE_SPLIT:
		return is_edge(op, e->aux) ? NULL : "split where nothing was to be cut";
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		return in_place(op, e->start, e->end) ? NULL : "unmap of what was to stay";
	}
	return NULL;
}

/* A fork's copies are the child's */
static bool in_its_mm(const struct model *m, const struct mm *mm, const struct mmscope_event *e)
{
	if (!m->asked.mm)
		return true;
	return m->asked.mm == (e->type == MMSCOPE_DUP ? mm->parent : mm->id);
}

/* Returns what is wrong with a record, if anything is. The model does not know of it yet. */
const char *asked_check(const struct model *m, const struct mm *mm, const struct mmscope_event *e)
{
	const struct op *op = &m->asked.op;
	bool ends = types[op->code] & ONE(END);

	if (m->asked.any || e->type == MMSCOPE_NAME)
		return NULL;
	if (!(types[op->code] & 1U << e->type))
		return "not of the kind that was asked for";
	if (!in_its_mm(m, mm, e))
		return "in another mm than was asked for";
	/* Whoever runs the end of an mm */
	if (ends)
		return e->cause == MMSCOPE_CAUSE_TEARDOWN ? NULL : "not by the mm's end";
	if (e->tid != m->asked.tid)
		return "by a thread that was not asked to do anything";
	if (m->asked.cause && e->cause != m->asked.cause)
		return "by another system call than was asked for";
	return check_place(m, mm, e);
}
