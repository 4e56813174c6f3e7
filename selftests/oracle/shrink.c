// SPDX-License-Identifier: GPL-2.0
/*
 * A shorter sequence that fails as well: parts are left out, larger ones first, then what is left
 * is made simpler. Each attempt is a play of its own from a clean start.
 */
#include "oracle.h"

#define TRIES_RACING	3	/* what races may need several to fail */

struct search {
	struct play *p;
	__u64 until;
	unsigned int plays;
};

static bool races(const struct sequence *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->op[i].code == OP_STORM)
			return true;
	return false;
}

static bool fails_once(struct play *p, const struct sequence *s)
{
	bool good = true;
	size_t i;

	play_begin(p, s);
	for (i = 0; good && i < s->nr; i++)
		good = play_op(p, s->op + i);
	return !play_end(p) || !good;
}

static bool fails(struct search *search, const struct sequence *s)
{
	int i, tries = races(s) ? TRIES_RACING : 1;

	for (i = 0; i < tries && now_ns() < search->until; i++) {
		search->plays++;
		if (fails_once(search->p, s))
			return true;
	}
	return false;
}

/* Takes what a shorter or simpler sequence is, if that fails too */
static bool take(struct search *search, struct sequence *s, struct sequence *with)
{
	if (!fails(search, with))
		return false;
	memcpy(s->op, with->op, with->nr * sizeof(*s->op));
	memcpy(s->file, with->file, sizeof(s->file));
	s->nr = with->nr;
	return true;
}

/* A copy without some operations, in memory that is used again and again */
static struct sequence *copy_without(const struct sequence *s, size_t from, size_t n)
{
	static struct sequence copy;
	size_t i;

	copy.nr = 0;
	copy.seed = s->seed;
	memcpy(copy.file, s->file, sizeof(copy.file));
	for (i = 0; i < s->nr; i++)
		if (i < from || i >= from + n)
			sequence_add(&copy, s->op + i);
	return &copy;
}

static void leave_out(struct search *search, struct sequence *s)
{
	size_t n, from;

	for (n = s->nr / 2; n; n /= 2) {
		/* From the end: what came last is why it fails, what came first why it can */
		for (from = s->nr; from; from = from > n ? from - n : 0) {
			size_t at = from > n ? from - n : 0;

			if (s->nr > 1)
				take(search, s, copy_without(s, at, from - at));
			if (from > s->nr)
				from = s->nr;
		}
	}
}

/* The ways in which an operation may be simpler */
static bool simplify(struct op *op, unsigned int way)
{
	const struct op was = *op;

	switch (way) {
	case 0:
		op->len = op->len > 1 ? 1 : op->len;
		op->size = op->size > 1 ? 1 : op->size;
		break;
	case 1:
		op->len -= op->len / 2;
		op->size -= op->size / 2;
		break;
	case 2:
		op->len -= op->len > 1;
		op->size -= op->size > 1;
		break;
	case 3:
		op->thread = 0;
		break;
	case 4:
		if (op->code == OP_MMAP)
			op->how = 0;
		break;
	case 5:
		if (op->code == OP_MMAP)
			op->prot = PROT_READ | PROT_WRITE;
		break;
	case 6:
		if (op->code == OP_MMAP)
			op->to -= op->to % PAGES;
		break;
	}
	return memcmp(&was, op, sizeof(was));
}

#define WAYS	7

/* All that one process does is done by another */
static void move_ops(struct search *search, struct sequence *s, unsigned int from)
{
	struct sequence *copy = copy_without(s, 0, 0);
	bool any = false;
	size_t i;

	for (i = 0; i < copy->nr; i++) {
		any |= copy->op[i].proc == from;
		if (copy->op[i].proc == from)
			copy->op[i].proc = 0;
	}
	if (any)
		take(search, s, copy);
}

static void make_simpler(struct search *search, struct sequence *s)
{
	unsigned int way;
	size_t i;

	for (i = 1; i < PROCS; i++)
		move_ops(search, s, i);
	for (i = 0; i < FILES; i++) {
		struct sequence *copy = copy_without(s, 0, 0);

		copy->file[i] = (struct setup){ 0 };
		if (memcmp(copy->file + i, s->file + i, sizeof(*s->file)))
			take(search, s, copy);
	}
	for (i = 0; i < s->nr; i++) {
		for (way = 0; way < WAYS; way++) {
			struct sequence *copy = copy_without(s, 0, 0);

			if (simplify(copy->op + i, way))
				take(search, s, copy);
		}
	}
}

/* Shrinks a sequence that fails, and prints what was found */
void shrink(struct play *p, struct sequence *s, unsigned int seconds)
{
	struct search search = { .p = p, .until = now_ns() + seconds * 1000000000ULL };
	size_t was = s->nr;

	if (!fails(&search, s)) {
		printf("# it did not fail again: it depends on a race, or on what came before\n");
		script_print(stdout, s);
		return;
	}
	leave_out(&search, s);
	make_simpler(&search, s);
	leave_out(&search, s);
	printf("# %zu of %zu operations fail as well (%u plays)\n", s->nr, was, search.plays);
	/* Once more, for what it says now */
	if (fails_once(p, s))
		play_tell(p);
	script_print(stdout, s);
}
