// SPDX-License-Identifier: GPL-2.0
/*
 * Trials of programs by faults of all kinds.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/tool.h"
#include "doctor/trial_deeds.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY	1
#endif

static int uffd_of(char *at)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register vma = {
		.range = { (uintptr_t)at, PAGES * PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &vma))
		return -1;
	return fd;
}

int try_uffd(void)
{
	char *at = anon(PAGES), *from = touched(1);
	struct uffdio_copy copy = { .src = (uintptr_t)from, .len = PAGE };
	int fd = at && from ? uffd_of(at) : -1, ends[2];

	copy.dst = (uintptr_t)at + PAGE;
	if (fd < 0 || pipe(ends) || ioctl(fd, UFFDIO_COPY, &copy))
		return -errno;
	(void)!write(ends[1], at, 1);
	return failed(close(fd));
}

int try_kernel_access(void)
{
	char *at = anon(PAGES);
	int ends[2];

	if (!at || pipe(ends))
		return -errno;
	if (write(ends[1], at, 1) != 1)
		return -errno;
	munmap(at, PAGE);
	return write(ends[1], at, 1) < 0 && errno == EFAULT ? 0 : -EIO;
}

int try_gup(void)
{
	char *at = anon(PAGES), byte = 1;
	struct iovec from = { &byte, 1 }, to = { at, 1 };

	return at ? failed(process_vm_writev(getpid(), &from, 1, &to, 1, 0)) : -errno;
}

int try_futex(void)
{
	uint32_t *first = (uint32_t *)touched(1), *second = (uint32_t *)anon(1);
	int op = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0);

	return first && second ? failed(syscall(SYS_futex, first, FUTEX_WAKE_OP_PRIVATE, 1, 1,
						second, op)) : -errno;
}

static sigjmp_buf back;

static void handler(int sig __unused)
{
	siglongjmp(back, 1);
}

/* An access that ends with SIGSEGV, and goes on here. */
static int provoke(volatile char *at)
{
	signal(SIGSEGV, handler);
	if (!sigsetjmp(back, 1)) {
		*at = 1;
		return -EIO;
	}
	return 0;
}

int try_signal(void)
{
	char *at = anon(1);

	if (!at || munmap(at, PAGE))
		return -errno;
	return provoke(at);
}

int try_denied(void)
{
	char *at = touched(1);

	if (!at || mprotect(at, PAGE, PROT_READ))
		return -errno;
	return provoke(at);
}

int try_stack(void)
{
	volatile char deep[64 * 4096];

	touch(deep, sizeof(deep) / PAGE);
	return 0;
}

int try_write(void)
{
	char *at = touched(PAGES);
	pid_t pid = at ? fork() : -1;

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return -errno;
	touch(at, PAGES);
	return 0;
}

int try_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *at = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	look(at, 1);
	return 0;
}

int try_truncate(void)
{
	int fd = memfd_create("doctor", MFD_CLOEXEC);
	char *at;

	if (fd < 0 || ftruncate(fd, PAGES * PAGE))
		return -errno;
	at = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	touch(at, PAGES);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE))
		return -errno;
	return failed(ftruncate(fd, PAGE));
}

int try_move(void)
{
	cpu_set_t all, one;
	int moved = 0;

	if (sched_getaffinity(0, sizeof(all), &all))
		return -errno;
	for (int cpu = 0; cpu < CPU_SETSIZE && moved < 2; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one))
			return -errno;
		moved++;
	}
	return moved < 2 ? -EINVAL : 0;
}
