// SPDX-License-Identifier: GPL-2.0
/*
 * Trials of programs by huge pages, and by what takes pages away and brings them back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/tool.h"
#include "doctor/trial_deeds.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define HUGE		(2UL << 20)
#define PAUSE_US	100000
#define PAUSES		50	/* for what a thread of the kernel does when it likes */

static char *huge(void)
{
	char *at = anon(2 * HUGE / PAGE);

	return at ? (char *)(((uintptr_t)at + HUGE - 1) & -HUGE) : NULL;
}

static char *huge_page(void)
{
	char *at = huge();

	if (!at || madvise(at, HUGE, MADV_HUGEPAGE))
		return NULL;
	touch(at, 1);
	if (proc_smaps("AnonHugePages:", (uintptr_t)at, (uintptr_t)at + HUGE) > 0)
		return at;
	errno = ENOMEM;
	return NULL;
}

int try_huge(void)
{
	return huge_page() ? 0 : -errno;
}

int try_huge_write(void)
{
	char *at = huge_page();
	pid_t pid = at ? fork() : -1;

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return -errno;
	touch(at, 1);
	return 0;
}

int try_huge_split(void)
{
	char *at = huge_page();

	return at ? failed(madvise(at, PAGE, MADV_DONTNEED)) : -errno;
}

int try_collapse(void)
{
	char *at = huge();

	if (!at || madvise(at, HUGE, MADV_NOHUGEPAGE))
		return -errno;
	touch(at, 8);
	if (madvise(at, HUGE, MADV_HUGEPAGE))
		return -errno;
	return failed(madvise(at, HUGE, MADV_COLLAPSE));
}

static char *shared_huge(unsigned int flags, int *fd)
{
	char *at = (char *)(((uintptr_t)anon(2 * HUGE / PAGE) + HUGE - 1) & -HUGE);

	*fd = memfd_create("doctor", MFD_CLOEXEC | flags);
	if (*fd < 0 || ftruncate(*fd, HUGE))
		return NULL;
	at = mmap(at, HUGE, RW, MAP_SHARED | MAP_FIXED, *fd, 0);
	return at == MAP_FAILED ? NULL : at;
}

int try_collapse_file(void)
{
	int fd;
	char *at = shared_huge(0, &fd);

	if (!at)
		return -errno;
	touch(at, HUGE / PAGE);
	return failed(madvise(at, HUGE, MADV_COLLAPSE));
}

int try_huge_file(void)
{
	int error = try_collapse_file(), fd;
	char *at;

	if (error)
		return error;
	at = shared_huge(0, &fd);
	if (!at)
		return -errno;
	madvise(at, HUGE, MADV_HUGEPAGE);
	touch(at, 1);
	return proc_smaps("ShmemPmdMapped:", (uintptr_t)at, (uintptr_t)at + HUGE) > 0 ? 0 : -ENOMEM;
}

int try_hugetlb(void)
{
	char *at = mmap(NULL, HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	pid_t pid;

	if (at == MAP_FAILED)
		return -errno;
	at[0] = 1;
	pid = fork();
	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return -errno;
	return failed(munmap(at, HUGE));
}

int try_hugetlb_truncate(void)
{
	int fd;
	char *at = shared_huge(MFD_HUGETLB, &fd);

	if (!at)
		return -errno;
	at[0] = 1;
	return failed(ftruncate(fd, 0));
}

static bool has_swap(void)
{
	struct proc_lines lines;
	bool found;

	if (!proc_open(&lines, "/proc/swaps"))
		return false;
	proc_line(&lines);
	found = proc_line(&lines);
	close(lines.fd);
	return found;
}

int try_swap(void)
{
	char *at = touched(PAGES);

	if (!at || !has_swap())
		return at ? ENODEV : -errno;
	if (madvise(at, PAGES * PAGE, MADV_PAGEOUT))
		return -errno;
	if (proc_smaps("Swap:", (uintptr_t)at, (uintptr_t)at + PAGES * PAGE) <= 0)
		return -EAGAIN;
	look(at, PAGES);
	return 0;
}

int try_ksm(void)
{
	char *at = touched(PAGES);
	char word[8];

	if (!at || madvise(at, PAGES * PAGE, MADV_MERGEABLE))
		return -errno;
	if (!proc_word("/sys/kernel/mm/ksm/run", word, sizeof(word)) || word[0] != '1')
		return -ENODEV;
	for (int i = 0; i < PAUSES; i++) {
		usleep(PAUSE_US);
		if (proc_kpage("/proc/kpagecount", proc_frame(at)) > 1)
			return 0;
	}
	return -EAGAIN;
}
