// SPDX-License-Identifier: GPL-2.0
/* The processes of a sequence, as the driver sees them: how they come, end, and are waited for */
#include "oracle.h"

#define PATIENCE	300	/* seconds until what does not end is stuck */

static const struct proc nobody = { .pidfd = -1, .maps = -1, .pagemap = -1, .mem = -1 };

static void forget_proc(struct proc *w)
{
	close(w->pidfd);
	close(w->maps);
	close(w->pagemap);
	close(w->mem);
	*w = nobody;
}

static int proc_open(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open(path, flags | O_CLOEXEC);
}

/* These are of one mm: after exec, they are opened again */
void proc_meet_mm(struct proc *w)
{
	close(w->maps);
	close(w->pagemap);
	close(w->mem);
	w->maps = proc_open(w->pid, "maps", O_RDONLY);
	w->pagemap = proc_open(w->pid, "pagemap", O_RDONLY);
	w->mem = proc_open(w->pid, "mem", O_RDWR);
	w->threads = 1;
	w->mm = 0;
}

void procs_meet(struct play *p, unsigned int i)
{
	struct proc *w = p->proc + i;

	w->pid = yard->proc[i].pid;
	w->pidfd = syscall(SYS_pidfd_open, w->pid, 0);
	proc_meet_mm(w);
	if (w->pidfd < 0 || w->maps < 0 || w->pagemap < 0 || w->mem < 0)
		play_fail(p, "worker %u cannot be watched: %s", i, strerror(errno));
}

/* Has it ended, or does it within so many ms? Its mm has, then. */
static bool proc_has_ended(struct proc *w, int ms)
{
	struct pollfd fd = { .fd = w->pidfd, .events = POLLIN };

	return poll(&fd, 1, ms) == 1;
}

void procs_await_end(struct play *p, unsigned int i)
{
	if (!proc_has_ended(p->proc + i, PATIENCE * 1000))
		play_fail(p, "worker %u does not end", i);
	forget_proc(p->proc + i);
}

/* Waits for a word of a box to change; the log is drained meanwhile, if it is wanted */
void procs_await(struct play *p, unsigned int i, __u32 *word, __u32 was, bool draining)
{
	unsigned int ms = draining ? 1 : 200, waited = 0;

	while (!box_wait(word, was, ms)) {
		if (draining)
			play_drain(p);
		waited += ms;
		if (p->proc[i].pid && proc_has_ended(p->proc + i, 0))
			return play_fail(p, "worker %u died", i);
		if (waited > PATIENCE * 1000)
			return play_fail(p, "worker %u is stuck", i);
	}
}

/* A process of the driver's own */
void procs_start(struct play *p, unsigned int i)
{
	struct box *b = yard->proc[i].box;
	__u32 was = b->born;

	fflush(stdout);
	if (!fork()) {
		close(p->s.fd);
		worker_start(i);
	}
	procs_await(p, i, &b->born, was, false);
	procs_meet(p, i);
}

/* No process yet */
void procs_reset(struct play *p)
{
	int i;

	for (i = 0; i < PROCS; i++)
		p->proc[i] = nobody;
}
