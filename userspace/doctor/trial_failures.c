// SPDX-License-Identifier: GPL-2.0
/*
 * Trials of programs by system calls that fail: none of them changes anything, so nobody asks what
 * they return.
 */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/new_syscalls.h"
#include "base/tool.h"
#include "doctor/trial_deeds.h"

#define NOWHERE		((void *)1)	/* no page begins there */
#define UNKNOWN		(1UL << 30)	/* no call has this flag */
#define TOO_MUCH	(1UL << 46)

int try_failed_maps(void)
{
	syscall(SYS_mmap, NULL, 0, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	syscall(SYS_munmap, NOWHERE, PAGE);
	syscall(SYS_mremap, NOWHERE, PAGE, PAGE, 0);
	syscall(SYS_brk, TOO_MUCH);
	return 0;
}

int try_failed_rights(void)
{
	syscall(SYS_mprotect, NOWHERE, PAGE, PROT_READ);
	syscall(SYS_pkey_mprotect, NOWHERE, PAGE, PROT_READ, -1);
	syscall(SYS_madvise, NOWHERE, PAGE, MADV_NORMAL);
	syscall(SYS_mseal, NOWHERE, PAGE, UNKNOWN);
	return 0;
}

int try_failed_locks(void)
{
	void *hole = anon(1);

	if (!hole || munmap(hole, PAGE))
		return -errno;
	syscall(SYS_mlock, hole, PAGE);
	syscall(SYS_mlock2, hole, PAGE, UNKNOWN);
	syscall(SYS_munlock, hole, PAGE);
	syscall(SYS_mlockall, UNKNOWN);
	return 0;
}

/* Before the two agree on an API, a request is refused. */
int try_failed_uffd(void)
{
	struct uffdio_range range = { 0 };
	int fd = syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY);

	if (fd < 0)
		return -errno;
	ioctl(fd, UFFDIO_WAKE, &range);
	syscall(SYS_userfaultfd, UNKNOWN);
	return 0;
}
