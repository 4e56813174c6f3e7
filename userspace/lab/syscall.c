// SPDX-License-Identifier: GPL-2.0
/*
 * Acts: what an experiment does, and what came of it: errno, signals, faults counted. A touch that
 * ends in a signal comes back; what a forked child does counts as well.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/step.h"

sigjmp_buf syscall_landing;

static sig_atomic_t guarded;
static struct rusage before;
static void (*first_act)(void);
static pid_t owner;
static char signal_stack[16384];

static void on_signal(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;

	if (!guarded) {
		signal(sig, SIG_DFL);
		return;
	}
	outcome->sig = sig;
	outcome->code = info->si_code;
	outcome->trap = user->uc_mcontext.gregs[REG_TRAPNO];
	outcome->error_code = user->uc_mcontext.gregs[REG_ERR];
	siglongjmp(syscall_landing, 1);
}

/**
 * syscall_use - whom to tell that the first act of a step begins
 * @before_first: is called in the process of the experiment itself, not in its children
 */
void syscall_use(void (*before_first)(void))
{
	first_act = before_first;
}

/**
 * syscall_freeze - an act begins: what is not predicted by now is not predicted
 */
void syscall_freeze(void)
{
	if (step->acted)
		return;
	step->acted = true;
	/* The acts of warm() are in a forked child: no reader is asked about those. */
	if (first_act && getpid() == owner)
		first_act();
}

/**
 * syscall_begin - an act begins: no more expectations in this step
 */
void syscall_begin(void)
{
	syscall_freeze();
	getrusage(RUSAGE_SELF, &before);	/* may fault itself, behind its own count */
	getrusage(RUSAGE_SELF, &before);
	errno = 0;
}

static void keep_result(long result, int error)
{
	outcome->result = result;
	if (result == -1)
		outcome->error = error;
}

/**
 * syscall_end - an act is over
 * @result: of the system call
 */
void syscall_end(long result)
{
	int error = errno;
	struct rusage after;

	getrusage(RUSAGE_SELF, &after);
	keep_result(result, error);
	outcome->minor += after.ru_minflt - before.ru_minflt;
	outcome->major += after.ru_majflt - before.ru_majflt;
}

/*
 * Nothing but the touches themselves may fault between here and there. Atomic, so that the
 * compiler leaves each of them where it is; relaxed, so that it is a plain load or store: an
 * exchange would read first on some emulators.
 */
static void touch(unsigned char *first, unsigned char *last, bool write)
{
	unsigned char number = 1;
	unsigned char *p;

	for (p = first; p <= last; p += proc_page_size())
		if (write)
			__atomic_store_n(p, number++, __ATOMIC_RELAXED);
		else
			outcome->byte = __atomic_load_n(p, __ATOMIC_RELAXED);
}

static void copy_text(const unsigned char *page)
{
	size_t i;

	for (i = 0; i < sizeof(outcome->text) - 1 && page[i] >= ' ' && page[i] <= '~'; i++)
		outcome->text[i] = page[i];
	outcome->text[i] = '\0';
}

/**
 * try_begin - begin an act that may end in a signal; see TRY
 *
 * Return: true
 */
bool try_begin(void)
{
	syscall_begin();
	__atomic_store_n(&guarded, true, __ATOMIC_SEQ_CST);
	return true;
}

/**
 * try_end - end it, after its last instruction or after the signal; see TRY
 * @trying: the variable that goes out of device
 */
void try_end(const bool *trying __unused)
{
	__atomic_store_n(&guarded, false, __ATOMIC_SEQ_CST);
	syscall_end(0);
}

/**
 * syscall_touch - read or write one byte of each page: 1 to the first, 2 to the second...
 * @first: in the first page
 * @last: in the last one
 * @write: or read
 */
void syscall_touch(void *first, void *last, bool write)
{
	TRY {
		touch(first, last, write);
		if (!write)
			copy_text(last);
	}
}

/**
 * read_at - read one byte
 * @address: of it
 */
void read_at(const void *address)
{
	syscall_touch((void *)address, (void *)address, false);
}

/**
 * write_at - write one byte
 * @address: of it
 * @value: to write
 */
void write_at(void *address, unsigned char value)
{
	TRY {
		__atomic_store_n((unsigned char *)address, value, __ATOMIC_RELAXED);
	}
}

/*
 * A page of the program may come one by one: fault-around passes over pages that reclaim has looked
 * at (next_uptodate_folio(), mm/filemap.c).
 */
static void populate(const struct proc_map *map, void *arg __unused)
{
	if (map->rights[2] == 'x' && map->path[0] == '/')
		madvise((void *)map->start, map->end - map->start, MADV_POPULATE_READ);
}

/* The kernel writes to struct rseq after it has preempted the thread, as a fault of the thread. */
static void touch_rseq(void)
{
	struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (__rseq_size)
		__atomic_store_n(&area->rseq_cs, 0, __ATOMIC_RELAXED);
}

/*
 * Calls write the stack below this frame. The page above may not be written before an act puts a
 * variable there, if it begins just between, as ASLR has it 3 times in 256: write it now.
 */
static void touch_stack(void)
{
	char *above = (char *)__builtin_frame_address(0) + proc_page_size();
	struct proc_map stack = proc_at(above);

	if (stack.start <= (size_t)above - proc_page_size() && stack.rights[1] == 'w')
		__atomic_fetch_or(above, 0, __ATOMIC_RELAXED);
}

/*
 * Faults in the code, the stack and the data of the acts are none of the experiment's: neither at
 * first nor after a fork, which makes all of it read-only, on both sides.
 */
static void warm(void)
{
	static unsigned char page[3 * 4096];
	struct outcome keep = *outcome;

	proc_maps(getpid(), populate, NULL);
	touch_rseq();
	touch_stack();
	syscall_touch(page, page, true);
	syscall_touch(page, page, false);
	write_at(page, 0);
	*outcome = keep;
}

/**
 * syscall_prepare - get ready, once for each experiment
 */
void syscall_prepare(void)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t stack = { .ss_sp = signal_stack, .ss_size = sizeof(signal_stack) };

	owner = getpid();
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	warm();
}

static pid_t fork_child(void)
{
	pid_t pid;

	syscall_begin();
	pid = fork();
	if (pid)
		keep_result(pid, errno);
	else
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/**
 * child_begin - fork(2), as an act; see CHILD
 *
 * Return: true in the child; false in the parent, when the child has ended
 */
bool child_begin(void)
{
	int status;
	pid_t pid;

	pid = fork_child();
	if (pid < 0)
		return false;
	if (!pid) {
		warm();
		return true;
	}
	waitpid(pid, &status, 0);
	warm();
	if (WIFSIGNALED(status))
		outcome->sig = WTERMSIG(status);
	return false;
}

/**
 * child_end - the child of CHILD is done, and never gets to what the parent does next
 * @in_child: false in the parent, where nothing is done
 */
void child_end(const bool *in_child)
{
	if (*in_child)
		_exit(0);
}

/**
 * child_start - fork(2), as an act, a child that does nothing but be there
 *
 * Return: its process id
 */
pid_t child_start(void)
{
	pid_t pid = fork_child();

	while (!pid)
		pause();
	warm();
	return pid;
}

/**
 * child_kill - end a child of child_start()
 * @pid: the child
 */
void child_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
