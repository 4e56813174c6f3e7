// SPDX-License-Identifier: GPL-2.0
/*
 * Touching memory that may end in a signal, and comparing what its pages hold.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"
#include "check/target.h"

/* From so many CPUs memory is taken, each of which keeps some for itself. */
#define CPUS_MOST	8
/* What is taken between one look at pages and the next */
#define TAKE_BETWEEN	(2 << 20)

/* Where a touch that ends in a signal goes on. */
static __thread sigjmp_buf landing;
static __thread volatile bool guarded;

static void caught(int sig)
{
	if (guarded)
		siglongjmp(landing, sig);
	signal(sig, SIG_DFL);
	raise(sig);
}

/**
 * page_bytes - the size of a page
 */
size_t page_bytes(void)
{
	return proc_page_size();
}

/**
 * memory_guard - from here on memory_read() and memory_write() return the signal
 */
void memory_guard(void)
{
	/* Not blocked while it is caught: a mask to be put back would cost each touch a call. */
	const struct sigaction action = { .sa_handler = caught, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/**
 * memory_read - read a word
 * @at: where
 * @value: what was there
 *
 * Return: 0, or the signal
 */
int memory_read(const char *at, uint64_t *value)
{
	int sig = sigsetjmp(landing, 0);

	if (!sig) {
		guarded = true;
		*value = *(const volatile uint64_t *)at;
	}
	guarded = false;
	return sig;
}

/**
 * memory_write - write a word
 * @at: where
 * @value: what is to be there
 *
 * Return: 0, or the signal
 */
int memory_write(char *at, uint64_t value)
{
	int sig = sigsetjmp(landing, 0);

	if (!sig) {
		guarded = true;
		*(volatile uint64_t *)at = value;
	}
	guarded = false;
	return sig;
}

/**
 * memory_mark - what is written to a page, to know it again
 * @page: its index
 */
uint64_t memory_mark(size_t page)
{
	return 0x6d6d73636f700000ULL + page;
}

/* Pages of pipes come from the lists from which drivers have theirs; those of programs do not. */
static void take_pipes(size_t bytes)
{
	static char filling[65536];
	size_t taken = 0;
	ssize_t n;
	int ends[2];

	memset(filling, MEMORY_TAKEN & 0xff, sizeof(filling));
	while (taken < bytes && !pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		/* Who is not root may have few pages in pipes: small ones take many files. */
		if (fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) < 0) {
			close(ends[0]);
			close(ends[1]);
			return;
		}
		while ((n = write(ends[1], filling, sizeof(filling))) > 0)
			taken += n;
	}
}

/**
 * memory_take - take memory, and write to it: what was freed by mistake is somebody else's then
 * @bytes: how much, for programs, and an eighth as much from each CPU for the kernel
 */
void memory_take(size_t bytes)
{
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cpu_set_t all, one;

	if (at != MAP_FAILED)
		memset(at, MEMORY_TAKEN & 0xff, bytes);
	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	for (int i = 0; i < CPUS_MOST; i++) {
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		if (CPU_ISSET(i, &all) && !sched_setaffinity(0, sizeof(one), &one))
			take_pipes(bytes / 8);
	}
	sched_setaffinity(0, sizeof(all), &all);
}

static const char *name(int sig)
{
	return sig == SIGBUS ? "SIGBUS" : "SIGSEGV";
}

/**
 * memory_learn_some - mark each page, where that is allowed, and then read it. A device that
 *	writes, too, says so, or is found to: what it holds is not compared then
 * @target: is told what it holds
 * @at: where it is mapped
 * @n: pages
 *
 * Return: can all of them be touched? If not, it was said
 */
bool memory_learn_some(struct target *target, char *at, size_t n)
{
	size_t page = page_bytes();
	int sig;

	for (size_t i = 0; target->kind.writes && i < n; i++) {
		sig = memory_write(at + i * page + MEMORY_MARK, memory_mark(i));
		if (sig) {
			check_tell(CHECK_FAIL, "a write to page %zu ends in %s", i, name(sig));
			return false;
		}
	}
	for (size_t i = 0; i < n; i++) {
		sig = memory_read(at + i * page + MEMORY_MARK, &target->seen[i]);
		if (sig) {
			check_tell(CHECK_FAIL, "a read of page %zu ends in %s", i, name(sig));
			return false;
		}
	}
	return true;
}

/**
 * memory_learn - the same of all that is looked at
 * @target: is told what it holds
 * @at: where it is mapped
 */
bool memory_learn(struct target *target, char *at)
{
	return memory_learn_some(target, at, target->kind.pages);
}

static void tell_other(const struct target *target, size_t i, uint64_t value, const char *when)
{
	for (size_t j = 0; j < target->kind.pages; j++) {
		if (target->seen[j] != value || !target->kind.distinct)
			continue;
		check_tell(CHECK_FAIL, "%s, page %zu is what page %zu was", when, i, j);
		return;
	}
	check_tell(CHECK_FAIL, "%s, page %zu has other data", when, i);
}

/**
 * memory_agrees - pages are there, and are those that they were
 * @target: what they were
 * @at: where they are
 * @first: index of the first of them
 * @n: how many
 * @when: what had been done
 */
bool memory_agrees(const struct target *target, const char *at, size_t first, size_t n,
		   const char *when)
{
	uint64_t value;

	for (size_t i = first; i < first + n && i < target->kind.pages; i++) {
		int sig = memory_read(at + (i - first) * page_bytes() + MEMORY_MARK, &value);

		if (sig) {
			check_tell(CHECK_FAIL, "%s, a read of page %zu ends in %s", when, i,
				   name(sig));
			return false;
		}
		if (target->kind.steady && value != target->seen[i]) {
			tell_other(target, i, value, when);
			return false;
		}
	}
	return true;
}

/**
 * memory_agrees_again - the same, when others have taken what is free, and once more when they have
 *	to be faulted in anew
 * @target: what they were
 * @at: where they are
 * @first: index of the first of them
 * @n: how many
 * @when: what had been done
 */
bool memory_agrees_again(const struct target *target, char *at, size_t first, size_t n,
			 const char *when)
{
	char then[200];

	memory_take(TAKE_BETWEEN);
	if (!memory_agrees(target, at, first, n, when))
		return false;
	if (!target->kind.refaults || !target->kind.keeps)
		return true;
	if (madvise(at, n * page_bytes(), MADV_DONTNEED)) {
		check_tell(CHECK_NOTE, "%s, MADV_DONTNEED gives %s, and did not before", when,
			   strerrorname_np(errno));
		return true;
	}
	snprintf(then, sizeof(then), "%s and MADV_DONTNEED", when);
	return memory_agrees(target, at, first, n, then);
}

/**
 * memory_holds - a copy of a page that was made by other means is right
 * @target: what its pages were
 * @copy: of a page
 * @page: its index
 */
bool memory_holds(const struct target *target, const void *copy, size_t page)
{
	uint64_t value;

	memcpy(&value, (const char *)copy + MEMORY_MARK, sizeof(value));
	return !target->kind.steady || value == target->seen[page];
}
