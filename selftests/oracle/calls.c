// SPDX-License-Identifier: GPL-2.0
/* An operation as system calls, or as instructions that touch; by the thread that is to do it */
#include "oracle.h"

static __thread sigjmp_buf landing;
static __thread bool landing_set;

static void *place(size_t n)
{
	return (void *)(ARENA + n * P);
}

static void land(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (landing_set)
		siglongjmp(landing, sig);
	dprintf(STDERR_FILENO, "# worker %d crashed: signal %d at %p\n", getpid(), sig,
		info->si_addr);
	_exit(120);
}

void calls_catch_signals(void)
{
	struct sigaction act = { .sa_sigaction = land, .sa_flags = SA_NODEFER | SA_SIGINFO };

	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
}

/* Each page, whether it can be touched or not */
static int do_touch(const struct op *op)
{
	volatile size_t i, missed = 0;

	for (i = op->at; i < op->at + op->len; i++) {
		if (sigsetjmp(landing, 0)) {
			missed++;
			continue;
		}
		landing_set = true;
		if (op->how)
			touch_write(place(i), 0);
		else
			touch_read(place(i));
	}
	landing_set = false;
	return missed;
}

/* The kernel does not tell of a page that it could not touch */
static int do_kernel(const struct op *op)
{
	size_t i;

	for (i = op->at; i < op->at + op->len; i++) {
		if (op->how)
			syscall(SYS_getrandom, place(i), 1, 0);
		else
			syscall(SYS_access, place(i), F_OK);
	}
	return 0;
}

static int do_mmap(const struct op *op)
{
	int flags = MAP_FIXED | (op->how & HOW_PRIVATE ? MAP_PRIVATE : MAP_SHARED) |
		    (op->how & HOW_POPULATE ? MAP_POPULATE : 0) |
		    (op->how & HOW_LOCKED ? MAP_LOCKED : 0);

	return mmap(place(op->at), op->len * P, op->prot, flags, FD_FILE + op->file,
		    op->to * P) == MAP_FAILED ? -errno : 0;
}

static int do_cover(const struct op *op)
{
	return mmap(place(op->at), op->len * P, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) ==
	       MAP_FAILED ? -errno : 0;
}

/* What goes somewhere else than into the arena is unmapped there */
static int do_mremap(const struct op *op)
{
	int flags = (op->how & HOW_MAYMOVE ? MREMAP_MAYMOVE : 0) |
		    (op->how & HOW_FIXED ? MREMAP_FIXED : 0) |
		    (op->how & HOW_DONTUNMAP ? MREMAP_DONTUNMAP : 0);
	void *to = mremap(place(op->at), op->len * P, op->size * P, flags, place(op->to));

	if (to == MAP_FAILED)
		return -errno;
	if (to < place(0) || to >= place(PAGES))
		munmap(to, op->size * P);
	return 0;
}

static int do_mbind(const struct op *op)
{
	unsigned long nodes = 1;

	return syscall(SYS_mbind, place(op->at), op->len * P, op->how,
		       op->how ? &nodes : NULL, op->how ? 64 : 0, 0);
}

/* The opened file, on any descriptor, that behaves as the sequence says */
int yard_open(unsigned int file)
{
	const struct setup *f = yard->file + file;
	struct mmscope_setup setup = {
		.size = sizeof(setup), .backing = f->backing, .flags = f->flags,
		.pages = STORE_PAGES, .error_nth = f->error_nth,
	};
	int fd = open(SCOPE_DEVICE, O_RDWR);

	if (fd < 0)
		return -1;
	if (ioctl(fd, MMSCOPE_SETUP, &setup)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int do_reopen(const struct op *op)
{
	int fd = yard_open(op->file);

	if (fd < 0)
		return -errno;
	dup2(fd, FD_FILE + op->file);
	return close(fd);
}

/* What ends up doing the same needs one system call, and one line */
static int do_simple(const struct op *op)
{
	void *at = place(op->at);
	size_t len = op->len * P;

	switch (op->code) {
	case OP_MUNMAP:
		return munmap(at, len);
	case OP_MPROTECT:
		return mprotect(at, len, op->prot);
	case OP_MADVISE:
		return madvise(at, len, op_advice[op->how]);
	case OP_MLOCK:
		return mlock(at, len);
	case OP_MUNLOCK:
		return munlock(at, len);
	case OP_REMAP:
		return syscall(SYS_remap_file_pages, at, len, 0, op->to, 0);
	case OP_CPU:
		return pin_to_cpu(op->file);
	}
	return -EOPNOTSUPP;
}

/* Returns what the call returned, or -1 or -errno */
int call_op(const struct op *op)
{
	static int (* const how[NR_OPS])(const struct op *op) = {
		[OP_MMAP] = do_mmap, [OP_COVER] = do_cover, [OP_MREMAP] = do_mremap,
		[OP_MBIND] = do_mbind, [OP_TOUCH] = do_touch, [OP_KERNEL] = do_kernel,
		[OP_REOPEN] = do_reopen,
	};

	return how[op->code] ? how[op->code](op) : do_simple(op);
}
