// SPDX-License-Identifier: GPL-2.0
/*
 * G: the kernel reads the memory for somebody, by get_user_pages() or the driver's ->access.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

/* So many pages are tried. */
#define SOME	4

static size_t some(const struct target *target)
{
	return target->kind.pages < SOME ? target->kind.pages : SOME;
}

/* Page frames without struct page cannot be pinned; whoever says that they can is taken at that. */
static void not_reached(const struct target *target, const char *how, int err)
{
	check_tell(target->says & SAY_GUP ? CHECK_FAIL : CHECK_NOTE, "%s gives %s%s", how,
		   strerrorname_np(err), target_pfn(target) ? ", for it has no struct page" : "");
}

static void judge(const struct target *target, const char *how, ssize_t got, const char *copy,
		  size_t page)
{
	if (got < 0)
		not_reached(target, how, errno);
	else if ((size_t)got != page_bytes())
		check_tell(CHECK_NOTE, "%s reads %zd bytes of page %zu", how, got, page);
	else if (!memory_holds(target, copy, page))
		check_tell(CHECK_FAIL, "%s reads something else from page %zu than the program "
			   "does", how, page);
}

void check_process_vm(struct target *target)
{
	char *at = target_map_learnt(target), *copy = malloc(page_bytes());

	for (size_t i = 0; at && copy && i < some(target) && !check_failed(); i++) {
		struct iovec to = { copy, page_bytes() };
		struct iovec from = { at + i * page_bytes(), page_bytes() };

		judge(target, "process_vm_readv(2)",
		      process_vm_readv(getpid(), &to, 1, &from, 1, 0), copy, i);
	}
}

/* A driver's ->access is asked where pages cannot be pinned: often for the wrong place. */
void check_proc_mem(struct target *target)
{
	char *at = target_map_learnt(target), *copy = malloc(page_bytes());
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	for (size_t i = target->kind.pages; at && copy && i-- > 0 && !check_failed();)
		judge(target, "/proc/PID/mem",
		      pread(fd, copy, page_bytes(), (uintptr_t)at + i * page_bytes()), copy, i);
}

static ssize_t splice_page(int pipe_in, char *at)
{
	struct iovec iov = { at, page_bytes() };

	return vmsplice(pipe_in, &iov, 1, SPLICE_F_NONBLOCK);
}

void check_vmsplice(struct target *target)
{
	char *at = target_map_learnt(target), *copy = malloc(page_bytes());
	int ends[2];

	if (!at || !copy || pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	for (size_t i = 0; i < some(target) && !check_failed(); i++) {
		ssize_t got = splice_page(ends[1], at + i * page_bytes());

		if (got > 0)
			got = read(ends[0], copy, page_bytes());
		judge(target, "vmsplice(2)", got, copy, i);
	}
}

static int direct_file(void)
{
	static const char *const folders[] = { "/var/tmp", ".", "/root", "/tmp", "/dev/shm" };
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		fd = open(folders[i], O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

void check_direct(struct target *target)
{
	int fd = direct_file();
	char *at, *copy = NULL;
	ssize_t got;

	if (fd < 0 || posix_memalign((void **)&copy, page_bytes(), page_bytes())) {
		check_lacks("no file system here takes O_DIRECT: %s", strerrorname_np(errno));
		return;
	}
	at = target_map_learnt(target);
	for (size_t i = 0; at && i < some(target) && !check_failed(); i++) {
		got = pwrite(fd, at + i * page_bytes(), page_bytes(), 0);
		if (got > 0)
			got = pread(fd, copy, page_bytes(), 0);
		judge(target, "O_DIRECT", got, copy, i);
	}
}

/*
 * Whoever opens the device next writes to its memory: to other memory than before, unless that is
 * shared, and what was written there is still to be read.
 */
static void take_device(struct target *target)
{
	uint64_t value;
	char *at;

	target_open(target);
	at = target_map(target);
	if (!at || memory_read(at + MEMORY_MARK, &value) || value == target->seen[0])
		return;
	for (size_t i = 0; i < target->kind.pages; i++)
		memory_write(at + i * page_bytes() + MEMORY_MARK, ~memory_mark(i));
}

/* A pinned page stays as it is when nobody maps it any more. */
void check_pin(struct target *target)
{
	char *at = target_map_learnt(target), *copy = malloc(page_bytes());
	int ends[2];

	if (!at || !copy || pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	if (!target->kind.steady) {
		check_tell(CHECK_SKIP, "the device writes there, too: nothing to compare");
		return;
	}
	if (splice_page(ends[1], at) < 0) {
		not_reached(target, "vmsplice(2)", errno);
		return;
	}
	target_unmap(target, at);
	target_close(target);
	memory_take();
	take_device(target);
	if (read(ends[0], copy, page_bytes()) != (ssize_t)page_bytes())
		check_tell(CHECK_NOTE, "a pinned page cannot be read when it is unmapped: %s",
			   strerrorname_np(errno));
	else if (!memory_holds(target, copy, 0))
		check_tell(CHECK_FAIL, "a pinned page has other data when all was unmapped and "
			   "closed: its memory was given to somebody else");
}
