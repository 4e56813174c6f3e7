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
#include <sys/wait.h>
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

/* The kernel faults it in itself, for somebody. */
static void read_absent(const struct target *target, char *at, char *copy)
{
	struct iovec to = { copy, page_bytes() }, from = { at, page_bytes() };

	if (!target->kind.refaults || !target->kind.keeps ||
	    madvise(at, target->kind.pages * page_bytes(), MADV_DONTNEED))
		return;
	if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) < 0)
		check_tell(CHECK_FAIL, "process_vm_readv(2) of a page that is not there yet gives "
			   "%s, and the program may touch it: ->fault serves only some faults",
			   strerrorname_np(errno));
}

void check_process_vm(struct target *target)
{
	char *at = target_map_learnt(target), *copy = malloc(page_bytes());
	ssize_t got = -1;

	for (size_t i = 0; at && copy && i < some(target) && !check_failed(); i++) {
		struct iovec to = { copy, page_bytes() };
		struct iovec from = { at + i * page_bytes(), page_bytes() };

		got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
		judge(target, "process_vm_readv(2)", got, copy, i);
	}
	if (got > 0 && !check_failed())
		read_absent(target, at, copy);
}

/* A page, and a word of it */
static void read_mem(const struct target *target, int fd, const char *at, size_t i, char *copy)
{
	uintptr_t page = (uintptr_t)at + i * page_bytes();
	uint64_t word;

	judge(target, "/proc/PID/mem", pread(fd, copy, page_bytes(), page), copy, i);
	if (check_failed() || pread(fd, &word, sizeof(word), page + MEMORY_MARK) != sizeof(word))
		return;
	memcpy(copy + MEMORY_MARK, &word, sizeof(word));
	if (!memory_holds(target, copy, i))
		check_tell(CHECK_FAIL, "/proc/PID/mem reads something else from the middle of page "
			   "%zu than the program does", i);
}

/* A driver's ->access is asked where pages cannot be pinned: often for the wrong place. */
void check_proc_mem(struct target *target)
{
	char *at = target_map_learnt(target), *copy = malloc(page_bytes());
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	for (size_t i = target->kind.pages; at && copy && i-- > 0 && !check_failed();)
		read_mem(target, fd, at, i, copy);
	/* Of a mapping whose begin was cut off, the address is no offset any more. */
	if (!at || !copy || target->kind.pages < 2 || munmap(at, page_bytes()))
		return;
	for (size_t i = 1; i < target->kind.pages && !check_failed(); i++)
		if (!memory_read(at + i * page_bytes() + MEMORY_MARK, &target->seen[i]))
			read_mem(target, fd, at, i, copy);
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

/* Somebody else opens the device, and writes to its memory. */
static void take_device(struct target *target)
{
	pid_t pid = fork();
	char *at;

	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (pid)
		return;
	at = target_open_too(target) ? target_try(target, target->length, target->kind.prot,
						  target->kind.how, target->offset) : NULL;
	for (size_t i = 0; at && i < target->kind.pages; i++)
		memory_write(at + i * page_bytes() + MEMORY_MARK, ~memory_mark(i));
	_exit(0);
}

/*
 * Is it one memory for all that have it open, or for one after the other? D1 judges whether the
 * next may see what is in it.
 */
static bool is_for_all(struct target *target)
{
	uint64_t value;
	char *at = target_open_too(target) ? target_map(target) : NULL;

	if (!at)
		return false;
	if (!memory_read(at + MEMORY_MARK, &value) && value == ~memory_mark(0))
		return true;
	if (memory_write(at + MEMORY_MARK, memory_mark(0)))
		return false;
	take_device(target);
	return memory_read(at + MEMORY_MARK, &value) || value != memory_mark(0);
}

/* What was freed is full of what was taken; what is used anew, by who has it now. */
static void judge_pinned(struct target *target, const char *copy)
{
	uint64_t value;

	memcpy(&value, copy + MEMORY_MARK, sizeof(value));
	if (memory_holds(target, copy, 0))
		return;
	if (value == MEMORY_TAKEN || value == MEMORY_POISON)
		check_tell(CHECK_FAIL, "a pinned page has other data when all was unmapped and "
			   "closed: it was freed, and is somebody else's");
	else if (value == ~memory_mark(0) && is_for_all(target))
		check_tell(CHECK_OK, "all that open it have the same memory");
	else if (value == ~memory_mark(0))
		check_tell(target->says & SAY_CLEARED ? CHECK_FAIL : CHECK_WARN,
			   "a page that is still pinned was given to who opened it next, whose data "
			   "are to be read by who had it before");
	else
		check_tell(CHECK_NOTE, "a pinned page has other data when all was unmapped and "
			   "closed: the driver clears it, or uses it anew");
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
	memory_take(MEMORY_MUCH);
	take_device(target);
	if (read(ends[0], copy, page_bytes()) != (ssize_t)page_bytes())
		check_tell(CHECK_NOTE, "a pinned page cannot be read when it is unmapped: %s",
			   strerrorname_np(errno));
	else
		judge_pinned(target, copy);
}
