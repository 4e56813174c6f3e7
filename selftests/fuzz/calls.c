// SPDX-License-Identifier: GPL-2.0
/* The calls. */
#include "fuzz.h"

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define DEBUGFS	"/sys/kernel/debug/mmscope"

/* This thread can come back from where there is nothing */
static __thread volatile bool armed;

void fuzz_caught(int sig)
{
	if (armed)
		siglongjmp(scope_jump, sig);
}

static void touch(void)
{
	char *p = any_page();
	size_t n = one_in(8) ? 64 : 1 + below(4), i;

	if (!sigsetjmp(scope_jump, 0)) {
		armed = true;
		for (i = 0; i < n && p + i * page_size() < fuzz_arena + ARENA * page_size(); i++) {
			if (one_in(2))
				touch_write(p + i * page_size(), rnd());
			else
				touch_read(p + i * page_size());
		}
	}
	armed = false;
}

/* The device */

void fuzz_open(void)
{
	static const int how[] = { O_RDWR, O_RDWR, O_RDWR, O_RDONLY, O_WRONLY };
	int fd = open(SCOPE_DEVICE, how[below(5)] | O_CLOEXEC | (one_in(8) ? 0 : O_NONBLOCK));
	unsigned int i = below(FDS);
	int old = fuzz_fds[i];

	if (fd < 0)
		return;
	fuzz_fds[i] = fd;
	close(old);
}

static union {
	__u32 size;
	struct mmscope_info info;
	struct mmscope_setup setup;
	struct mmscope_attach attach;
	struct mmscope_stat stat;
} arg[16];

static const struct {
	unsigned int number;
	__u32 size;
} ioctls[] = {
	{ MMSCOPE_INFO, sizeof(struct mmscope_info) },
	{ MMSCOPE_SETUP, sizeof(struct mmscope_setup) },
	{ MMSCOPE_ATTACH, sizeof(struct mmscope_attach) },
	{ MMSCOPE_STAT, sizeof(struct mmscope_stat) },
};

/* All members any, or such that the call may go far */
static void fill(unsigned int which, void *p)
{
	struct mmscope_attach *attach = p;
	struct mmscope_setup *setup = p;
	struct mmscope_stat *stat = p;
	size_t i;

	if (one_in(8)) {
		for (i = 1; i < ioctls[which].size / 4; i++)
			((__u32 *)p)[i] = number();
		return;
	}
	memset(p, 0, ioctls[which].size);
	switch (ioctls[which].number) {
	case MMSCOPE_SETUP:
		setup->backing = one_in(16) ? number() : below(3);
		setup->flags = bits(0x3ff);
		setup->pages = one_in(8) ? number() : below(512);
		setup->error_nth = one_in(4) ? below(16) : 0;
		setup->delay_us = one_in(32) ? below(2000) : 0;
		break;
	case MMSCOPE_ATTACH:
		attach->flags = bits(3);
		attach->pid = one_in(2) ? getpid() + (int)below(16) - 8 : 0;
		attach->mm = one_in(2) ? number() : 0;
		attach->watermark = one_in(2) ? below(128) : 0;
		break;
	case MMSCOPE_STAT:
		stat->flags = bits(1);
		stat->mm = one_in(2) ? number() : 0;
		break;
	}
}

/* The same, in the mapping, or at its very end; or where it was, if there is nothing */
static void *copy_into_arena(void *p, size_t size)
{
	char * volatile in = any_page();
	void * volatile got = p;

	if (one_in(2))
		in -= size;
	if (!sigsetjmp(scope_jump, 0)) {
		armed = true;
		memcpy(in, p, size);
		got = in;
	}
	armed = false;
	return got;
}

static void ioctl_known(void)
{
	unsigned int which = below(COUNT(ioctls));
	__u32 size = one_in(8) ? number() : ioctls[which].size;
	void *p = arg + below(COUNT(arg) - 1);

	fill(which, p);
	*(__u32 *)p = size;
	if (one_in(8))
		p = any_buffer();
	else if (one_in(4))
		p = copy_into_arena(p, ioctls[which].size);
	ioctl(any_fd(), ioctls[which].number, p);
}

static void ioctl_any(void)
{
	unsigned int nr = number();
	int fd = fuzz_fds[below(FDS)];

	if (one_in(2))
		nr = _IOC(below(4), _IOC_TYPE(MMSCOPE_INFO), below(16), number() & 0x3fff);
	/* Not those of other files, which this process may have by such a number */
	if (fd >= 0)
		ioctl(fd, nr, one_in(2) ? (void *)number() : any_buffer());
}

static void map(void)
{
	static const int prot[] = { PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE, PROT_WRITE,
				    PROT_READ | PROT_WRITE | PROT_EXEC };
	int flags = (one_in(4) ? MAP_PRIVATE : MAP_SHARED) | MAP_FIXED;
	off_t offset = one_in(4) ? number() & ~0xfffULL : below(64) * page_size();
	char *p = any_page();

	flags |= one_in(16) ? MAP_POPULATE : 0;
	flags |= one_in(64) ? MAP_LOCKED : 0;
	flags |= one_in(64) ? MAP_NORESERVE : 0;
	/* Other memory between ours; ours elsewhere, of any size, until the process ends; ours */
	if (one_in(32))
		syscall(SYS_mmap, p, any_length(p), prot[below(5)],
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	else if (one_in(32))
		syscall(SYS_mmap, NULL, number(), prot[below(5)], flags & ~MAP_FIXED, any_fd(),
			offset);
	else
		syscall(SYS_mmap, p, any_length(p), prot[below(5)], flags, any_fd(), offset);
}

static void remap(void)
{
	char *p = any_page(), *to = any_page();
	size_t len = any_length(p), to_len = any_length(to);

	/* Only within the arena: elsewhere it would leave us */
	mremap(p, one_in(16) ? 0 : len, to_len < len || one_in(4) ? to_len : len,
	       MREMAP_MAYMOVE | MREMAP_FIXED | (one_in(8) ? 4 : 0), to);
	if (one_in(4))
		mremap(p, len, any_length(p), 0);
}

static void advise(void)
{
	int advice = below(26);
	char *p = any_page();

	madvise(p, any_length(p), advice);
}

/* What else works on memory */
static void change(void)
{
	char *p = any_page();
	size_t len = any_length(p);

	switch (below(10)) {
	case 0:
	case 1:
		munmap(p, len);
		break;
	case 2:
	case 3:
		mprotect(p, len, below(8));
		break;
	case 4:
		mlock(p, len);
		break;
	case 5:
		munlock(p, len);
		break;
	case 6:
		msync(p, len, below(8));
		break;
	case 7:
		syscall(SYS_remap_file_pages, p, len, 0, below(64), 0);
		break;
	case 8:
		if (one_in(16))
			syscall(462 /* mseal */, p, len, 0);
		break;
	case 9:
		syscall(SYS_mbind, p, len, below(4), NULL, 0, below(4));
		break;
	}
}

/* What else works on files */
static void use_file(void)
{
	struct pollfd p = { .fd = any_fd(), .events = number() };
	struct epoll_event e = { .events = EPOLLIN };
	struct iovec v[2] = {
		{ any_buffer(), below(4096) }, { any_buffer(), below(4096) },
	};
	int fd = any_fd(), other;

	switch (below(10)) {
	case 0:
		poll(&p, 1, below(3));
		break;
	case 1:
		other = epoll_create1(EPOLL_CLOEXEC);
		epoll_ctl(other, EPOLL_CTL_ADD, fd, &e);
		epoll_wait(other, &e, 1, below(3));
		close(other);
		break;
	case 2:
		syscall(SYS_write, fd, any_buffer(), number());
		break;
	case 3:
		syscall(SYS_pread64, fd, any_buffer(), number(), number());
		break;
	case 4:
		readv(fd, v, 2);
		break;
	case 5:
		lseek(fd, number(), below(5));
		break;
	case 6:
		ftruncate(fd, number());
		fallocate(fd, below(128), number(), number());
		break;
	case 7:
		other = dup(fd);
		close(other);
		break;
	case 8:
		fcntl(fuzz_fds[below(FDS)], F_SETFL,
		      bits(O_NONBLOCK | O_APPEND | O_ASYNC | O_DIRECT));
		break;
	case 9:
		other = open("/dev/null", O_WRONLY | O_CLOEXEC);
		sendfile(other, fd, NULL, below(8192));
		splice(fd, NULL, other, NULL, below(8192), 0);
		close(other);
		break;
	}
}

/* The kernel, on behalf of who looks at memory from outside, and at us */
static void look(void)
{
	static const char * const file[] = { DEBUGFS "/stats", DEBUGFS "/mms", DEBUGFS "/events",
					     "/proc/self/maps", "/proc/self/pagemap",
					     "/proc/self/smaps", "/proc/self/numa_maps" };
	struct iovec local = { any_buffer(), below(8192) }, remote = { any_page(), below(8192) };
	int fd;

	switch (below(4)) {
	case 0:
		fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
		/* Never a write to what is not the arena's */
		if (one_in(2))
			pread(fd, any_buffer(), below(8192), (off_t)any_page());
		else
			pwrite(fd, any_page(), below(page_size()), (off_t)any_page());
		close(fd);
		break;
	case 1:
		process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
		break;
	default:
		fd = open(file[below(COUNT(file))], O_RDONLY | O_CLOEXEC);
		pread(fd, any_buffer(), below(16384), one_in(4) ? number() : 0);
		read(fd, any_buffer(), below(65536));
		close(fd);
		break;
	}
}

static void breed(void)
{
	pid_t pid;

	if (!one_in(8))
		return;
	pid = one_in(4) ? syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0) : fork();
	if (!pid) {
		touch();
		change();
		if (one_in(4))
			execl("/proc/self/exe", "mmscope_fuzz", "nothing", NULL);
		_exit(0);
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

void fuzz_call(void)
{
	static void (* const any[])(void) = {
		touch, touch, touch, touch, map, map, map, remap, advise, change, change,
		ioctl_known, ioctl_known, ioctl_known, ioctl_any, use_file, look, breed,
	};

	__atomic_fetch_add(fuzz_calls, 1, __ATOMIC_RELAXED);
	switch (below(24)) {
	case 0:
		fuzz_open();
		break;
	case 1:
	case 2:
		syscall(SYS_read, any_fd(), any_buffer(), one_in(4) ? number() : below(8192));
		break;
	case 3:
		sched_yield();
		break;
	default:
		any[below(COUNT(any))]();
	}
}
