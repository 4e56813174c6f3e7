// SPDX-License-Identifier: GPL-2.0
/*
 * What a fault record says: who touched which page of what, how, from where, and on whose behalf.
 */
#include "scope.h"

#include <linux/futex.h>
#include <linux/io_uring.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define PAGES	64

FIXTURE(fault)
{
	struct scope s;
	char *p;
	__u32 vma;
};

FIXTURE_SETUP(fault)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	ASSERT_NE(NULL, scope_last(&self->s, MMSCOPE_MMAP));
	self->vma = scope_last(&self->s, MMSCOPE_MMAP)->vma;
	scope_skip(&self->s);
}

FIXTURE_TEARDOWN(fault)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
}

/* Whether the VMA lock was held is the subject of backing_test; it may differ from time to time */
static __u32 flags_of(const struct mmscope_event *e)
{
	return e->flags & ~MMSCOPE_F_VMA_LOCK;
}

/* Faults since the last skip that have all of @flags and this cause */
static size_t faults_with(struct scope *s, __u32 flags, int cause)
{
	size_t n = 0;

	scope_drain(s);
	for (; s->told < s->nr; s->told++) {
		struct mmscope_event *e = s->ev + s->told;

		n += e->type == MMSCOPE_FAULT && (e->flags & flags) == flags && e->cause == cause;
	}
	return n;
}

TEST_F(fault, user_write_tells_who_where_and_what)
{
	struct mmscope_event *e;
	__u64 before = now_ns();

	touch_write(page(self->p, 5) + 123, 1);
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_WRITE | MMSCOPE_F_USER | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ((uintptr_t)page(self->p, 5), e->addr);
	EXPECT_EQ(5U, e->pgoff);
	EXPECT_EQ(1U, e->npages);
	EXPECT_EQ(0U, e->ns);
	EXPECT_TRUE(scope_is_touch(e->ip));
	EXPECT_EQ(MMSCOPE_CAUSE_USER, e->cause);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
	EXPECT_EQ(scope_mm(self->s.fd), e->mm);
	EXPECT_EQ(self->vma, e->vma);
	EXPECT_LE(before, e->time_ns);
	EXPECT_GE(now_ns(), e->time_ns);
}

TEST_F(fault, user_read_is_a_read)
{
	struct mmscope_event *e;

	EXPECT_EQ(0, touch_read(page(self->p, 1)));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ((uintptr_t)page(self->p, 1), e->addr);
	EXPECT_TRUE(scope_is_touch(e->ip));
}

TEST_F(fault, page_is_asked_for_once)
{
	touch_write(page(self->p, 1), 1);
	touch_read(page(self->p, 1));
	touch_write(page(self->p, 1) + 99, 1);
	EXPECT_NE(NULL, scope_only(&self->s, MMSCOPE_FAULT));
	/* A read maps it for writing too, as no hook wants to see the write */
	touch_read(page(self->p, 2));
	touch_write(page(self->p, 2), 1);
	EXPECT_NE(NULL, scope_only(&self->s, MMSCOPE_FAULT));
}

TEST_F(fault, page_number_counts_from_the_start_of_the_store)
{
	struct mmscope_event *e;
	char *q = scope_map_at(&self->s, 4, 37);

	ASSERT_NE(NULL, q);
	scope_skip(&self->s);
	touch_write(page(q, 2), 1);
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(39U, e->pgoff);
	EXPECT_EQ((uintptr_t)page(q, 2), e->addr);
	EXPECT_NE(self->vma, e->vma);
	/* It is the same page, but it was not given to this mapping: no refault */
	EXPECT_EQ(1, touch_read(page(self->p, 39)));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(self->vma, e->vma);
}

TEST_F(fault, fetch_is_a_read_that_executes)
{
#ifdef __x86_64__
	struct mmscope_event *e;
	void *code;

	*page(self->p, 7) = (char)0xc3;		/* ret */
	code = mmap(NULL, page_size(), PROT_READ | PROT_EXEC, MAP_SHARED, self->s.fd,
		    7 * page_size());
	ASSERT_NE(MAP_FAILED, code);
	scope_skip(&self->s);
	((void (*)(void))code)();
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_EXEC | MMSCOPE_F_USER | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ((uintptr_t)code, e->addr);
	EXPECT_EQ((uintptr_t)code, e->ip);
	EXPECT_EQ(7U, e->pgoff);
#else
	SKIP(return, "no code for this architecture");
#endif
}

TEST_F(fault, read_into_the_mapping_is_the_kernel_on_behalf_of_read)
{
	struct mmscope_event *e;
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(3, write(fd[1], "abc", 3));
	ASSERT_EQ(3, read(fd[0], page(self->p, 9), 3));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_WRITE | MMSCOPE_F_KERNEL | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(SYS_read, e->cause);
	EXPECT_EQ((uintptr_t)page(self->p, 9), e->addr);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
	EXPECT_STREQ("abc", page(self->p, 9));
}

TEST_F(fault, write_from_the_mapping_is_the_kernel_on_behalf_of_write)
{
	struct mmscope_event *e;
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(3, write(fd[1], page(self->p, 9), 3));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_KERNEL | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(SYS_write, e->cause);
}

TEST_F(fault, long_read_faults_every_page)
{
	int fd = open("/dev/zero", O_RDONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ((ssize_t)(4 * page_size()), read(fd, page(self->p, 8), 4 * page_size()));
	EXPECT_EQ(4U, faults_with(&self->s, MMSCOPE_F_WRITE | MMSCOPE_F_KERNEL, SYS_read));
	EXPECT_EQ(4U, scope_count(&self->s, MMSCOPE_FAULT));
}

TEST_F(fault, signal_frame_on_the_mapping_is_the_kernel_in_user_mode)
{
	struct mmscope_event *e;
	stack_t stack = { .ss_sp = self->p, .ss_size = PAGES * page_size() };
	struct sigaction act = { .sa_handler = scope_caught, .sa_flags = SA_ONSTACK };
	int sig;

	ASSERT_EQ(0, sigaltstack(&stack, NULL));
	ASSERT_EQ(0, sigaction(SIGSEGV, &act, NULL));
	sig = sigsetjmp(scope_jump, 1);
	if (!sig)
		touch_write((char *)8, 1);
	ASSERT_EQ(SIGSEGV, sig);
	/* The frame is pushed by the kernel, then used by the handler */
	scope_drain(&self->s);
	e = scope_nth(&self->s, MMSCOPE_FAULT, 0);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_WRITE | MMSCOPE_F_KERNEL | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(MMSCOPE_CAUSE_USER, e->cause);
	EXPECT_TRUE(scope_is_touch(e->ip));
}

TEST_F(fault, dontneed_makes_the_next_touch_a_refault)
{
	struct mmscope_event *e;

	touch_write(page(self->p, 3), 42);
	touch_write(page(self->p, 4), 43);
	e = scope_last(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0U, e->flags & MMSCOPE_F_REFAULT);
	ASSERT_EQ(0, madvise(page(self->p, 3), page_size(), MADV_DONTNEED));
	scope_skip(&self->s);
	/* No hook saw the zap; the store kept the page */
	EXPECT_EQ(42, touch_read(page(self->p, 3)));
	EXPECT_EQ(43, touch_read(page(self->p, 4)));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_REFAULT | MMSCOPE_F_SHARED,
		  flags_of(e));
	EXPECT_EQ(3U, e->pgoff);
}

TEST_F(fault, unmapped_and_mapped_again_is_no_refault)
{
	struct mmscope_event *e;
	char *q;

	touch_write(self->p, 42);
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	q = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, q);
	scope_skip(&self->s);
	EXPECT_EQ(42, touch_read(q));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_SHARED, flags_of(e));
}

TEST_F(fault, private_write_first_is_a_copy)
{
	struct mmscope_event *e;
	char *q = mmap(NULL, 4 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, self->s.fd, 0);

	ASSERT_NE(MAP_FAILED, q);
	scope_skip(&self->s);
	touch_write(page(q, 1), 9);
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_WRITE | MMSCOPE_F_USER | MMSCOPE_F_COW, flags_of(e));
	EXPECT_EQ(0, touch_read(page(self->p, 1)));
	EXPECT_EQ(9, touch_read(page(q, 1)));
}

TEST_F(fault, private_write_after_read_does_not_ask_the_driver)
{
	struct mmscope_event *e;
	char *q = mmap(NULL, 4 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, self->s.fd, 0);

	ASSERT_NE(MAP_FAILED, q);
	scope_skip(&self->s);
	EXPECT_EQ(0, touch_read(page(q, 1)));
	touch_write(page(q, 1), 9);
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER, flags_of(e));
	EXPECT_EQ(0, touch_read(page(self->p, 1)));
}

TEST_F(fault, violation_of_rights_never_reaches_the_driver)
{
	ASSERT_EQ(0, mprotect(self->p, PAGES * page_size(), PROT_READ));
	scope_skip(&self->s);
	EXPECT_EQ(SIGSEGV, try_write(self->p));
	EXPECT_EQ(0U, scope_drain(&self->s));
	EXPECT_EQ(0, try_read(self->p));
	EXPECT_NE(NULL, scope_only(&self->s, MMSCOPE_FAULT));
}

TEST_F(fault, populate_faults_in_mmap)
{
	char *q = mmap(NULL, 16 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		       self->s.fd, 0);

	ASSERT_NE(MAP_FAILED, q);
	EXPECT_EQ(16U, faults_with(&self->s, MMSCOPE_F_KERNEL, SYS_mmap));
	EXPECT_EQ(16, scope_present(q, 16));
	touch_pages(q, 0, 16);
	EXPECT_EQ(16U, scope_count(&self->s, MMSCOPE_FAULT));
}

TEST_F(fault, mlock_faults_every_page)
{
	ASSERT_EQ(0, mlock(page(self->p, 8), 4 * page_size()));
	EXPECT_EQ(4U, faults_with(&self->s, MMSCOPE_F_KERNEL, SYS_mlock));
	EXPECT_EQ(4, scope_present(self->p, PAGES));
}

TEST_F(fault, madvise_populate_faults_every_page)
{
	ASSERT_EQ(0, madvise(page(self->p, 8), 4 * page_size(), MADV_POPULATE_READ));
	EXPECT_EQ(4U, faults_with(&self->s, MMSCOPE_F_KERNEL | MMSCOPE_F_READ, SYS_madvise));
	ASSERT_EQ(0, madvise(page(self->p, 16), 4 * page_size(), MADV_POPULATE_WRITE));
	EXPECT_EQ(4U, faults_with(&self->s, MMSCOPE_F_KERNEL | MMSCOPE_F_WRITE, SYS_madvise));
}

TEST_F(fault, vmsplice_pins_what_was_never_touched)
{
	struct iovec iov = { page(self->p, 2), page_size() };
	struct mmscope_event *e;
	char byte = 1;
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ((ssize_t)page_size(), vmsplice(fd[1], &iov, 1, 0));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_KERNEL | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(SYS_vmsplice, e->cause);
	/* The pipe holds the page itself, also when the mapping has gone */
	touch_write(page(self->p, 2), 77);
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	close(self->s.fd);
	self->s.fd = -1;
	ASSERT_EQ(1, read(fd[0], &byte, 1));
	EXPECT_EQ(77, byte);
}

TEST_F(fault, direct_io_from_the_mapping)
{
	static const char * const dir[] = { "/tmp", "/dev/shm", "/var/tmp", "." };
	struct mmscope_event *e;
	char path[64];
	size_t i;
	int fd = -1;

	for (i = 0; i < ARRAY_SIZE(dir) && fd < 0; i++) {
		snprintf(path, sizeof(path), "%s/mmscope.direct", dir[i]);
		fd = open(path, O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
		unlink(path);
	}
	if (fd < 0)
		SKIP(return, "no file system here takes O_DIRECT");
	ASSERT_EQ((ssize_t)page_size(), pwrite(fd, page(self->p, 2), page_size(), 0));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_KERNEL | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(SYS_pwrite64, e->cause);
	ASSERT_EQ((ssize_t)page_size(), pread(fd, page(self->p, 3), page_size(), 0));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_WRITE | MMSCOPE_F_KERNEL | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(SYS_pread64, e->cause);
	close(fd);
}

TEST_F(fault, futex_in_the_mapping_faults_its_page)
{
	struct mmscope_event *e;

	/* What futex(2) says of such a page is not the subject */
	syscall(SYS_futex, page(self->p, 6), FUTEX_WAKE, 1, NULL, NULL, 0);
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_KERNEL);
	EXPECT_EQ(SYS_futex, e->cause);
	EXPECT_EQ(6U, e->pgoff);
}

/* One READ of a byte from @from into @to, by a worker of io_uring; errno when there is none */
static int uring_read(int from, char *to)
{
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *sqe;
	unsigned int *array;
	char *sq;
	int ring;

	ring = syscall(SYS_io_uring_setup, 1, &params);
	if (ring < 0)
		return errno;
	sq = mmap(NULL, params.sq_off.array + sizeof(unsigned int), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
		   IORING_OFF_SQES);
	if (sq == MAP_FAILED || sqe == MAP_FAILED)
		return -errno;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_READ;
	sqe->flags = IOSQE_ASYNC;
	sqe->fd = from;
	sqe->addr = (uintptr_t)to;
	sqe->len = 1;
	sqe->off = -1;
	array = (unsigned int *)(sq + params.sq_off.array);
	*array = 0;
	__atomic_store_n((unsigned int *)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -errno;
	close(ring);
	return 0;
}

TEST_F(fault, worker_is_no_system_call)
{
	struct mmscope_event *e;
	int fd[2], err;

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(1, write(fd[1], "x", 1));
	err = uring_read(fd[0], page(self->p, 2));
	if (err > 0)
		SKIP(return, "no io_uring: %s", strerror(err));
	ASSERT_EQ(0, err);
	EXPECT_EQ('x', *page(self->p, 2));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_KERNEL);
	EXPECT_EQ(MMSCOPE_CAUSE_KTHREAD, e->cause);
	EXPECT_NE(own_tid(), (pid_t)e->tid);
	EXPECT_EQ(2U, e->pgoff);
}

TEST_F(fault, process_vm_readv_is_remote)
{
	struct mmscope_event *e;
	pid_t pid = fork();

	if (!pid) {
		struct iovec remote = { page(self->p, 3), 1 };
		char byte;
		struct iovec local = { &byte, 1 };

		_exit(process_vm_readv(getppid(), &local, 1, &remote, 1, 0) != 1);
	}
	ASSERT_EQ(0, wait_child(pid));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_REMOTE);
	EXPECT_EQ(0U, e->flags & (MMSCOPE_F_USER | MMSCOPE_F_WRITE));
	/* Of who looks nothing is told */
	EXPECT_EQ(MMSCOPE_CAUSE_REMOTE, e->cause);
	EXPECT_EQ(0U, e->tid);
	EXPECT_EQ(0U, e->ip);
	EXPECT_EQ(scope_mm(self->s.fd), e->mm);
	EXPECT_EQ(self->vma, e->vma);
	EXPECT_EQ(3U, e->pgoff);
}

TEST_F(fault, proc_mem_is_remote)
{
	struct mmscope_event *e;
	pid_t pid = fork();

	if (!pid) {
		char path[32], byte = 5;
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
		fd = open(path, O_RDWR);
		_exit(pwrite(fd, &byte, 1, (uintptr_t)page(self->p, 3)) != 1);
	}
	ASSERT_EQ(0, wait_child(pid));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((__u32)(MMSCOPE_F_REMOTE | MMSCOPE_F_WRITE),
		  e->flags & (MMSCOPE_F_REMOTE | MMSCOPE_F_WRITE | MMSCOPE_F_USER));
	EXPECT_EQ(MMSCOPE_CAUSE_REMOTE, e->cause);
	EXPECT_EQ(0U, e->tid);
	EXPECT_EQ(0U, e->ip);
	EXPECT_EQ(5, touch_read(page(self->p, 3)));
}

TEST_F(fault, access_to_oneself_from_outside_is_remote)
{
	struct iovec remote = { page(self->p, 3), 1 };
	struct mmscope_event *e;
	char byte;
	struct iovec local = { &byte, 1 };

	ASSERT_EQ(1, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_REMOTE);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
}

TEST_F(fault, ptrace_peek_is_remote_in_the_log_of_the_traced)
{
	struct mmscope_event *e;
	struct scope child;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, scope_open(&child));
	ASSERT_EQ(0, scope_attach(child.fd, pid, 0, MMSCOPE_ATTACH_NOW));
	errno = 0;
	ptrace(PTRACE_PEEKDATA, pid, page(self->p, 3), 0);
	EXPECT_EQ(0, errno);
	e = scope_only(&child, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_REMOTE);
	EXPECT_EQ(0U, e->flags & MMSCOPE_F_USER);
	EXPECT_EQ(MMSCOPE_CAUSE_REMOTE, e->cause);
	EXPECT_EQ(0U, e->tid);
	EXPECT_EQ(0U, e->ip);
	EXPECT_NE(scope_mm(self->s.fd), e->mm);
	EXPECT_NE(self->vma, e->vma);
	EXPECT_EQ(NULL, scope_only(&self->s, MMSCOPE_FAULT));
	ptrace(PTRACE_CONT, pid, 0, 0);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, child.bad);
	scope_close(&child);
}

static void *touch_from_thread(void *p)
{
	touch_write(p, 1);
	return (void *)(long)own_tid();
}

TEST_F(fault, thread_is_named_by_its_tid)
{
	struct mmscope_event *e;
	pthread_t thread;
	void *tid;

	ASSERT_EQ(0, pthread_create(&thread, NULL, touch_from_thread, page(self->p, 1)));
	ASSERT_EQ(0, pthread_join(thread, &tid));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((long)tid, (long)e->tid);
	EXPECT_NE(getpid(), (pid_t)e->tid);
	EXPECT_EQ(scope_mm(self->s.fd), e->mm);
}

#define RACERS	4

struct race {
	char *p;
	size_t pages;
	unsigned int nr;
	pthread_barrier_t *start;
};

static void *race(void *arg)
{
	struct race *r = arg;
	size_t i;

	pthread_barrier_wait(r->start);
	for (i = 0; i < r->pages; i++)
		touch_write(r->p + i * page_size() + r->nr, r->nr + 1);
	return NULL;
}

TEST_F(fault, racing_threads_get_the_same_page)
{
	struct race racer[RACERS];
	struct mmscope_info info;
	struct mmscope_stat stat;
	pthread_t thread[RACERS];
	pthread_barrier_t start;
	size_t pages = 512, i, torn = 0;
	unsigned int k;
	char *q = scope_map_at(&self->s, pages, 0);

	ASSERT_NE(NULL, q);
	pthread_barrier_init(&start, NULL, RACERS);
	for (k = 0; k < RACERS; k++) {
		racer[k] = (struct race){ q, pages, k, &start };
		ASSERT_EQ(0, pthread_create(thread + k, NULL, race, racer + k));
	}
	for (k = 0; k < RACERS; k++)
		pthread_join(thread[k], NULL);
	for (i = 0; i < pages; i++) {
		for (k = 0; k < RACERS; k++)
			torn += q[i * page_size() + k] != (char)(k + 1);
		torn += !scope_zero(q + i * page_size() + RACERS, q + (i + 1) * page_size());
	}
	EXPECT_EQ(0U, torn);
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(pages, info.held);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(pages, stat.touched);
	EXPECT_LE(pages, stat.events[MMSCOPE_FAULT]);
}

TEST_F(fault, fresh_pages_are_zero)
{
	size_t i, dirty = 0;
	struct scope other;
	char *q;

	memset(self->p, 0xff, PAGES * page_size());
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	close(self->s.fd);
	ASSERT_EQ(0, scope_open(&other));
	self->s.fd = other.fd;
	q = scope_map(&other, PAGES);
	ASSERT_NE(NULL, q);
	for (i = 0; i < PAGES; i++)
		dirty += !scope_zero(page(q, i), page(q, i + 1));
	EXPECT_EQ(0U, dirty);
}

TEST_F(fault, child_faults_in_its_own_log)
{
	struct mmscope_event *e;
	struct scope child;
	int go = sema(), done = sema();
	pid_t pid;

	touch_write(page(self->p, 1), 21);
	pid = fork();
	if (!pid) {
		/* The parent's page, shared: the child has to ask for it again */
		int right = touch_read(page(self->p, 1)) == 21;

		sema_post(done);
		sema_wait(go);
		_exit(!right);
	}
	sema_wait(done);
	scope_skip(&self->s);
	ASSERT_EQ(0, scope_open(&child));
	ASSERT_EQ(0, scope_attach(child.fd, pid, 0, 0));
	scope_drain(&child);
	e = scope_nth(&child, MMSCOPE_FAULT, 0);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(pid, (pid_t)e->tid);
	EXPECT_NE(scope_mm(self->s.fd), e->mm);
	EXPECT_NE(self->vma, e->vma);
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_FAULT));
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, child.bad);
	scope_close(&child);
}

TEST_F(fault, program_of_32_bits_has_the_same_layout_and_a_cause_of_its_own)
{
	struct mmscope_info info;
	char path[512];
	pid_t pid;
	int code;

	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	if (!(info.features & MMSCOPE_FEATURE_COMPAT))
		SKIP(return, "the kernel runs no 32-bit programs");
	beside(path, sizeof(path), "compat32");
	if (access(path, X_OK))
		SKIP(return, "no %s", path);
	pid = fork();
	if (!pid) {
		execl(path, path, NULL);
		_exit(errno == ENOEXEC ? 126 : 127);
	}
	code = wait_child(pid);
	if (code == 126)
		SKIP(return, "the kernel runs no 32-bit programs");
	EXPECT_EQ(0, code);
}

TEST_HARNESS_MAIN
