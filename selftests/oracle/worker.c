// SPDX-License-Identifier: GPL-2.0
/*
 * Processes and threads that do what they are told. The driver writes an operation into a thread's
 * box and changes its turn; the thread does it and says so. Boxes are in memory that all share,
 * and so survive fork and exec. Nothing here allocates: the address space changes by what is told
 * only.
 */
#include "oracle.h"

#include <linux/futex.h>
#include <sys/prctl.h>

#define STACK	(64 << 10)

struct yard *yard;

/* Who this thread is */
static __thread struct box *own;
static __thread unsigned int own_proc;
static __thread unsigned int own_stack;

/* Of the threads, so that they need no VMAs of their own. Stack 0 is the kernel's. */
static char stack[THREADS + 1][STACK] __attr(aligned(4096));
static unsigned int stacks_used = 1;

/* --- boxes --- */

static long futex(__u32 *word, int op, __u32 value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

void box_send(struct box *b, const struct op *op)
{
	b->op = *op;
	__atomic_fetch_add(&b->turn, 1, __ATOMIC_RELEASE);
	futex(&b->turn, FUTEX_WAKE, 1, NULL);
}

/* Waits until a word of a box is not what it was, or until so many ms have passed */
bool box_wait(__u32 *word, __u32 was, unsigned int ms)
{
	struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == was)
		futex(word, FUTEX_WAIT, was, &limit);
	return __atomic_load_n(word, __ATOMIC_ACQUIRE) != was;
}

static void say_done(void)
{
	__atomic_store_n(&own->done, own->turn, __ATOMIC_RELEASE);
	futex(&own->done, FUTEX_WAKE, 1, NULL);
}

/* The driver may be gone without a word */
static void wait_turn(void)
{
	const struct timespec limit = { .tv_sec = 5 };

	while (__atomic_load_n(&own->turn, __ATOMIC_ACQUIRE) == own->done) {
		futex(&own->turn, FUTEX_WAIT, own->done, &limit);
		if (kill(yard->driver, 0))
			_exit(0);
	}
}

/* --- others that come to be, and ends --- */

static void become(unsigned int proc, unsigned int thread)
{
	own = &yard->proc[proc].box[thread];
	own_proc = proc;
	own->tid = own_tid();
	own->done = own->turn;
	if (!thread)
		yard->proc[proc].pid = getpid();
	__atomic_fetch_add(&own->born, 1, __ATOMIC_RELEASE);
	futex(&own->born, FUTEX_WAKE, 1, NULL);
}

static int do_fork(const struct op *op)
{
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : 0;
	stacks_used = 1U << own_stack;
	become(op->file, 0);
	return 0;
}

static void __attr(noreturn) serve(void);

struct birth {
	unsigned int proc;
	unsigned int thread;
	unsigned int stack;
};

static void *live(void *arg)
{
	const struct birth birth = *(struct birth *)arg;

	own_stack = birth.stack;
	become(birth.proc, birth.thread);
	serve();
}

static int do_thread(const struct op *op)
{
	static struct birth birth;
	pthread_attr_t attr;
	unsigned int i = 0;
	pthread_t thread;
	int err;

	while (stacks_used & 1U << i)
		i++;
	if (i > THREADS)
		return -EAGAIN;
	stacks_used |= 1U << i;
	birth = (struct birth){ own_proc, op->file, i };
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack[i], STACK);
	err = pthread_create(&thread, &attr, live, &birth);
	pthread_attr_destroy(&attr);
	return -err;
}

static int do_exec(const char *what)
{
	execle("/proc/self/exe", "mmscope_oracle", "-w", what, NULL, environ);
	return -errno;
}

static int do_one(const struct op *op);

/* A reader that is not read from loses records: then the model could know nothing */
static void throttle(void)
{
	struct mmscope_info info;

	while (!scope_info(FD_READER, &info) && info.unread > 1000)
		usleep(500);
}

static int do_blindly(const struct op *op, __u64 seed, bool children)
{
	struct gen g = { .state = seed, .file = yard->file, .zaps = op->how & HOW_ZAP };
	struct op blind;
	unsigned int i;

	for (i = 0; i < op->len; i++) {
		gen_blind(&g, &blind);
		if (!children && blind.code == OP_CHILD)
			continue;
		throttle();
		do_one(&blind);
	}
	return 0;
}

static void __attr(noreturn) child_ends(const struct op *op);

static void child_ends(const struct op *op)
{
	if (op->file == 1)
		kill(getpid(), SIGKILL);
	if (op->file == 2)
		do_exec("child");
	_exit(0);
}

static int do_child(const struct op *op)
{
	pid_t pid = fork();

	if (!pid) {
		do_blindly(op, op->seed, false);
		child_ends(op);
	}
	/* Ended children are not kept: this says when there is none any more */
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -errno : 0;
}

/* On all CPUs. Where somebody is killed there are no children, for nobody might wait for them. */
static int do_storm(const struct op *op)
{
	unsigned int number = own_proc * THREADS + (own - yard->proc[own_proc].box);
	cpu_set_t was;
	int err;

	sched_getaffinity(0, sizeof(was), &was);
	pin_to_cpu(number % sysconf(_SC_NPROCESSORS_ONLN));
	err = do_blindly(op, op->seed + number * 0x10001ULL, !(op->how & HOW_KILL));
	sched_setaffinity(0, sizeof(was), &was);
	return err;
}

static int do_one(const struct op *op)
{
	static int (* const how[NR_OPS])(const struct op *op) = {
		[OP_FORK] = do_fork, [OP_THREAD] = do_thread, [OP_CHILD] = do_child,
		[OP_STORM] = do_storm,
	};
	char what[16];

	if (op->code == OP_EXIT)
		_exit(0);
	if (op->code == OP_EXEC) {
		snprintf(what, sizeof(what), "%u", own_proc);
		return do_exec(what);
	}
	return how[op->code] ? how[op->code](op) : call_op(op);
}

static void serve(void)
{
	struct box *was;
	struct op op;
	int result;

	for (;;) {
		wait_turn();
		was = own;
		op = own->op;
		result = do_one(&op);
		/* A child has its own box now */
		if (own != was)
			continue;
		own->result = result == -1 ? -errno : result;
		say_done();
	}
}

/* The first thread of a process that the driver has forked */
void worker_start(unsigned int proc)
{
	prctl(PR_SET_NAME, "oracle-worker");
	calls_catch_signals();
	become(proc, 0);
	serve();
}

/* Once: memory for all, at the same descriptor in all */
void yard_make(void)
{
	int fd = memfd_create("yard", 0);

	if (fd < 0 || ftruncate(fd, sizeof(*yard)) || dup2(fd, FD_YARD) < 0)
		abort();
	close(fd);
	yard = mmap(NULL, sizeof(*yard), PROT_READ | PROT_WRITE, MAP_SHARED, FD_YARD, 0);
	if (yard == MAP_FAILED)
		abort();
	yard->driver = getpid();
}

/* This program, executed by a worker: a worker again, or a child that soon ends */
int worker_main(const char *what)
{
	static const struct op op[] = {
		{ .code = OP_MMAP, .at = 3, .len = 5, .prot = PROT_READ | PROT_WRITE },
		{ .code = OP_TOUCH, .at = 2, .len = 4, .how = 1 },
		{ .code = OP_MUNMAP, .at = 4, .len = 1 },
	};
	size_t i;

	yard = mmap(NULL, sizeof(*yard), PROT_READ | PROT_WRITE, MAP_SHARED, FD_YARD, 0);
	if (yard == MAP_FAILED)
		return 1;
	if (strcmp(what, "child"))
		worker_start(strtoul(what, NULL, 10));
	calls_catch_signals();
	for (i = 0; i < ARRAY_SIZE(op); i++)
		call_op(op + i);
	return 0;
}
