// SPDX-License-Identifier: GPL-2.0
/*
 * Acts of an experiment: their errno, signals and faults are kept. Execution goes on behind a touch
 * that ends in a signal, and what a forked child does is counted, too.
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
 * syscall_use - set a function that is called before the first act of a step
 * @before_first: the function; is called in the experiment's own process, not in its children
 */
void syscall_use(void (*before_first)(void))
{
	first_act = before_first;
}

/**
 * syscall_freeze - an act begins: no more predictions are taken in this step
 */
void syscall_freeze(void)
{
	if (step->acted)
		return;
	step->acted = true;
	/* warm() acts in forked children, too: no reader is asked about these acts. */
	if (first_act && getpid() == owner)
		first_act();
}

/**
 * syscall_begin - begin an act, and to count its faults
 */
void syscall_begin(void)
{
	syscall_freeze();
	getrusage(RUSAGE_SELF, &before);	/* the first call may fault after it has counted */
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
 * syscall_end - end an act
 * @result: what the system call returned
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
 * Touch pages. Nothing else may fault between the first and the last touch. The accesses are
 * atomic, so that the compiler leaves each of them at its place, and relaxed, so that each is a
 * plain load or store: an exchange would read first on some emulators.
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
 * try_end - end such an act, after its last instruction or after the signal; see TRY
 * @trying: the variable of TRY that goes out of scope
 */
void try_end(const bool *trying __unused)
{
	__atomic_store_n(&guarded, false, __ATOMIC_SEQ_CST);
	syscall_end(0);
}

/**
 * syscall_touch - read or write a byte of each page: 1 is written to the first, 2 to the second...
 * @first: address in the first page
 * @last: address in the last page
 * @write: write; otherwise read
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
 * read_at - read a byte
 * @address: address of the byte
 */
void read_at(const void *address)
{
	syscall_touch((void *)address, (void *)address, false);
}

/**
 * write_at - write a byte
 * @address: address of the byte
 * @value: value that is written
 */
void write_at(void *address, unsigned char value)
{
	TRY {
		__atomic_store_n((unsigned char *)address, value, __ATOMIC_RELAXED);
	}
}

/*
 * Map all code of a program or library. By faults its pages may come one by one, since fault-around
 * passes over pages that reclaim has looked at (next_uptodate_folio(), mm/filemap.c).
 */
static void populate(const struct proc_map *map, void *arg __unused)
{
	if (map->rights[2] == 'x' && map->path[0] == '/')
		madvise((void *)map->start, map->end - map->start, MADV_POPULATE_READ);
}

/*
 * Touch struct rseq: when the kernel has preempted the thread it writes there, as the thread's
 * fault.
 */
static void touch_rseq(void)
{
	struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (__rseq_size)
		__atomic_store_n(&area->rseq_cs, 0, __ATOMIC_RELAXED);
}

/*
 * Calls write to the stack below this frame. The page above may not have been written before an act
 * puts a variable there, if it begins just between, as ASLR has it 3 times in 256: write to it now.
 */
static void touch_stack(void)
{
	char *above = (char *)__builtin_frame_address(0) + proc_page_size();
	struct proc_map stack = proc_at(above);

	if (stack.start <= (size_t)above - proc_page_size() && stack.rights[1] == 'w')
		__atomic_fetch_or(above, 0, __ATOMIC_RELAXED);
}

/*
 * Touch the code, the stack and the data that acts use, so that their faults are not counted as the
 * experiment's: at first, and after a fork, which makes all of it read-only in parent and child.
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
 * syscall_prepare - get ready for acts, once in a process
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
 * child_begin - call fork(2), as an act; see CHILD
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
 * child_end - end the child of CHILD, which must not do what the parent does next
 * @in_child: false in the parent, where nothing is done
 */
void child_end(const bool *in_child)
{
	if (*in_child)
		_exit(0);
}

/**
 * child_start - call fork(2), as an act, for a child that only waits
 *
 * Return: process id of the child
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
 * @pid: process id of the child
 */
void child_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
