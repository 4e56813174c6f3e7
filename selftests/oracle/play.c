// SPDX-License-Identifier: GPL-2.0
/*
 * The driver: has operations done, one after the other, and after each of them drains the log,
 * replays it and compares. It maps nothing of the device itself. All workers descend from it, so
 * its reader, which follows, gets all their records.
 */
#include "oracle.h"

#include <sys/prctl.h>

#define HIDDEN		5	/* of how many records one is hidden */

void play_fail(struct play *p, const char *fmt, ...)
{
	va_list args;

	if (p->why[0])
		return;
	va_start(args, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, args);
	va_end(args);
}

/* --- the log --- */

/* One record as a line; addresses as pages of the arena */
static void describe(struct play *p, char *text, size_t size, const struct mmscope_event *e)
{
	int n = snprintf(text, size, "mm %u #%u seq %u tid %u flags %#x ", e->mm, e->vma, e->seq,
			 e->tid, e->flags);
	char at[32];

	if (!scope_is_fault(e)) {
		scope_line(&p->s, text + n, size - n, e);
		text[strcspn(text, "\n")] = 0;
		return;
	}
	scope_point(&p->s, at, sizeof(at), e->addr);
	snprintf(text + n, size - n, "%s: %s at %s of %llu, %u given", scope_cause(e->cause),
		 scope_type(e->type), at, e->pgoff, e->npages);
}

/* The model's complaint, with the record it is about */
static void blame_record(struct play *p)
{
	char text[200];

	if (!p->m.bad.type)
		return play_fail(p, "%s", p->m.why);
	describe(p, text, sizeof(text), &p->m.bad);
	play_fail(p, "[%s] %s", text, p->m.why);
}

/* Why it failed, and what was recorded last, of the mm that it is about, and of its parent */
void play_tell(struct play *p)
{
	const struct mm *mm = p->m.bad.type ? model_mm(&p->m, p->m.bad.mm) : NULL;
	__u64 i = p->seen > RECENT ? p->seen - RECENT : 0;
	char text[200];

	for (; i < p->seen; i++) {
		const struct mmscope_event *e = p->recent + i % RECENT;

		if (mm && e->mm != mm->id && e->mm != mm->parent)
			continue;
		describe(p, text, sizeof(text), e);
		printf("# ... %s\n", text);
	}
	printf("# %s\n", p->why);
}

static void replay(struct play *p, const struct mmscope_event *e)
{
	const char *why = scope_check(&p->s, e);

	if (why) {
		scope_print(e);
		return play_fail(p, "bad record: %s", why);
	}
	/* What comes behind a mismatch is only taken from the log */
	if (p->why[0])
		return;
	p->types[e->type]++;
	/* From the sequence's begin: the same ones when it is played again */
	if (e->type == p->hide && !(++p->hidden % HIDDEN))
		return;
	p->recent[p->seen++ % RECENT] = *e;
	model_replay(&p->m, e);
	if (p->m.why[0])
		blame_record(p);
}

/* All that there is */
void play_drain(struct play *p)
{
	/* Some reads are short: the order must not depend on where they end */
	static const unsigned int most[] = { 256, 256, 7, 256, 64, 256, 1, 256, 3 };
	static struct mmscope_event e[256];
	size_t i, n, max;
	ssize_t got;

	for (;;) {
		max = most[p->reads++ % ARRAY_SIZE(most)];
		got = read(p->s.fd, e, max * sizeof(*e));
		if (got <= 0)
			break;
		n = got / sizeof(*e);
		for (i = 0; i < n; i++)
			replay(p, e + i);
		p->records += n;
		if (n < max)
			break;
	}
}

/* --- one operation --- */

static bool can(const struct play *p, const struct op *op)
{
	const struct proc *w = p->proc + op->proc;

	if (op->code == OP_START)
		return !w->pid;
	if (op->code == OP_STORM)
		return true;
	if (!w->pid || op->thread >= w->threads)
		return false;
	if (op->code == OP_FORK)
		return !p->proc[op->file].pid;
	if (op->code == OP_THREAD)
		return op->file == w->threads;
	return true;
}

/* Who does it, and what its records may say */
static void expect(struct play *p, const struct op *op)
{
	struct model *m = &p->m;

	m->forked = 0;
	m->asked.any = op->code == OP_CHILD || op->code == OP_STORM;
	m->asked.op = *op;
	m->asked.mm = p->proc[op->proc].mm;
	m->asked.cause = op_kind[op->code].sys;
	m->asked.tid = yard->proc[op->proc].box[op->thread].tid;
	/* What goes elsewhere is unmapped at once */
	if (m->loose && op->code == OP_MREMAP)
		m->asked.cause = 0;
	if (op->code == OP_KERNEL)
		m->asked.cause = op->how ? SYS_getrandom : SYS_access;
	/* Who looks from outside is not told */
	if (op->code == OP_REMOTE) {
		m->asked.tid = 0;
		m->asked.cause = MMSCOPE_CAUSE_REMOTE;
	}
	m->strict = op->code != OP_STORM;
	if (op_zaps(op))
		p->zapped = true;
	if (op->code == OP_REOPEN)
		p->reopened |= 1U << op->file;
}

static void do_remote(struct play *p, const struct op *op)
{
	int fd = p->proc[op->proc].mem;
	char byte = 0;
	size_t i;

	for (i = op->at; i < op->at + op->len; i++) {
		if (op->how ? pwrite(fd, &byte, 1, ARENA + i * P) :
			      pread(fd, &byte, 1, ARENA + i * P))
			continue;
	}
}

/* A page of the window of the file that is mapped there; the operation does not know which */
static bool place_remap(struct play *p, struct op *op)
{
	const struct mm *mm = model_mm(&p->m, p->proc[op->proc].mm);
	const struct vma *v = mm ? mm_at(mm, ARENA + op->at * P) : NULL;

	if (v)
		op->to += v->file * PAGES;
	return v;
}

/* By a thread of a process, which is waited for */
static void do_there(struct play *p, const struct op *op)
{
	struct box *b = &yard->proc[op->proc].box[op->thread];
	struct box *first = yard->proc[op->proc].box;
	__u32 born, done;

	if (op->code == OP_FORK)
		first = yard->proc[op->file].box;
	else if (op->code == OP_THREAD)
		first += op->file;
	born = first->born;
	done = b->done;
	box_send(b, op);
	if (op->code == OP_EXIT)
		return procs_await_end(p, op->proc);
	if (op->code != OP_EXEC)
		procs_await(p, op->proc, &b->done, done, op->code == OP_CHILD);
	if (op->code == OP_FORK || op->code == OP_THREAD || op->code == OP_EXEC)
		procs_await(p, op->proc, &first->born, born, false);
	if (op->code == OP_FORK)
		procs_meet(p, op->file);
	else if (op->code == OP_EXEC)
		proc_meet_mm(p->proc + op->proc);
	else if (op->code == OP_THREAD)
		p->proc[op->proc].threads++;
}

/* All threads at once; one process may be killed meanwhile. The log is read all the time. */
static void do_storm(struct play *p, const struct op *op)
{
	bool killing = op->how & HOW_KILL && p->proc[op->file].pid;
	__u32 was[PROCS][THREADS];
	unsigned int i, k;

	for (i = 0; i < PROCS; i++) {
		for (k = 0; k < p->proc[i].threads; k++) {
			struct box *b = &yard->proc[i].box[k];

			was[i][k] = b->done;
			box_send(b, op);
			p->storm_ops += op->len;
		}
	}
	if (killing) {
		usleep(op->seed % 4096);
		kill(p->proc[op->file].pid, SIGKILL);
		procs_await_end(p, op->file);
	}
	for (i = 0; i < PROCS; i++)
		for (k = 0; k < p->proc[i].threads; k++)
			procs_await(p, i, &yard->proc[i].box[k].done, was[i][k], true);
}

static void do_kill(struct play *p, const struct op *op)
{
	kill(p->proc[op->proc].pid, SIGKILL);
	procs_await_end(p, op->proc);
}

/* Which mm is whose: the fork's record tells, or the name's */
static void recognise(struct play *p, const struct op *op, struct mm *was)
{
	__u32 id;
	int i;

	/* Without mappings, no record said so */
	if (op->code == OP_EXEC && was)
		was->ended = true;
	if (op->code == OP_FORK)
		p->proc[op->file].mm = p->m.forked;
	for (id = p->m.first_mm; id <= p->m.newest_mm; id++) {
		struct mm *mm = model_mm(&p->m, id);

		for (i = 0; mm && mm->tgid && !mm->ended && i < PROCS; i++) {
			if (p->proc[i].pid != mm->tgid || p->proc[i].mm == id)
				continue;
			if (p->proc[i].mm)
				play_fail(p, "process %d has two mms: %u and %u", mm->tgid,
					  p->proc[i].mm, id);
			p->proc[i].mm = id;
		}
	}
}

static void do_op(struct play *p, const struct op *op)
{
	switch (op->code) {
	case OP_START:
		return procs_start(p, op->proc);
	case OP_KILL:
		return do_kill(p, op);
	case OP_REMOTE:
		return do_remote(p, op);
	case OP_STORM:
		return do_storm(p, op);
	}
	do_there(p, op);
}

/* Does an operation, if it can be done, and compares. Returns false at a mismatch. */
bool play_op(struct play *p, const struct op *what)
{
	__u32 was = p->proc[what->proc].mm;
	struct op op = *what;

	if (!can(p, &op) || (op.code == OP_REMAP && !place_remap(p, &op)))
		return true;
	expect(p, &op);
	do_op(p, &op);
	p->ops += op.code != OP_STORM;
	play_drain(p);
	model_rest(&p->m);
	if (p->m.why[0])
		blame_record(p);
	recognise(p, &op, model_mm(&p->m, was));
	return !p->why[0] && compare_all(p);
}

/* --- a sequence --- */

/* What was produced must have come here: exactly, since nothing runs */
static void account(struct play *p)
{
	struct mmscope_info info;
	__u64 missing;

	if (scope_info(p->s.fd, &info))
		return play_fail(p, "no INFO");
	missing = info.produced > p->records ? info.produced - p->records :
					       p->records - info.produced;
	p->unaccounted += missing;
	if (missing || info.delivered != p->records || !scope_adds_up(p->s.fd))
		play_fail(p, "%llu records produced, %llu said to be delivered, %llu read",
			  info.produced, info.delivered, p->records);
}

/* A clean start: no process, new files, and the log from here on */
void play_begin(struct play *p, const struct sequence *s)
{
	int i, fd;

	p->seq = s;
	p->zapped = false;
	p->reopened = 0;
	p->hidden = 0;
	p->records = 0;
	p->seen = 0;
	p->why[0] = 0;
	memcpy(yard->file, s->file, sizeof(yard->file));
	p->reads = 0;
	model_reset(&p->m, s->file);
	p->m.gaps = p->hide;
	if (scope_attach(p->s.fd, 0, 0, MMSCOPE_ATTACH_NOW | MMSCOPE_ATTACH_FOLLOW))
		play_fail(p, "ATTACH: %s", strerror(errno));
	for (i = 0; i < FILES; i++) {
		fd = yard_open(i);
		if (fd < 0 || dup2(fd, FD_FILE + i) < 0)
			play_fail(p, "a file cannot be set up: %s", strerror(errno));
		close(fd);
	}
}

/* All processes end; then the books are balanced. Returns false at a mismatch. */
bool play_end(struct play *p)
{
	const struct op op = { .code = OP_KILL };
	unsigned int i;

	if (!p->why[0])
		compare_counters(p);
	expect(p, &op);
	p->m.asked.mm = 0;
	for (i = 0; i < PROCS; i++) {
		if (!p->proc[i].pid)
			continue;
		kill(p->proc[i].pid, SIGKILL);
		procs_await_end(p, i);
	}
	play_drain(p);
	model_rest(&p->m);
	if (p->m.why[0])
		blame_record(p);
	if (!p->why[0]) {
		compare_all(p);
		compare_counters(p);
		account(p);
	}
	for (i = 0; i < FILES; i++)
		close(FD_FILE + i);
	return !p->why[0];
}

/*
 * Once. Returns 0 or -errno. Where nothing is said, all is on one CPU, since to wake an idle one
 * takes longer than an operation does.
 */
int play_open(struct play *p)
{
	int err;

	pin_to_cpu(0);
	procs_reset(p);
	/* Orphans become ours, and nobody has to wait for the ended */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_IGN);
	yard_make();
	err = scope_open(&p->s);
	if (err)
		return err;
	if (dup2(p->s.fd, FD_READER) < 0)
		return -errno;
	scope_area(&p->s, "", (void *)ARENA, PAGES);
	p->m.newest_mm = scope_mm(p->s.fd);
	return 0;
}
