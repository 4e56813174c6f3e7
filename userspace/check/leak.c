// SPDX-License-Identifier: GPL-2.0
/*
 * M: memory comes back, seen by the pages that are free, those that CPUs keep for themselves, and
 * those of programs and of the page cache, which come and go without the driver.
 */
#include <errno.h>
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/leak.h"
#include "check/memory.h"

/* A round costs a driver that loses something at least a page. */
#define ROUNDS		600
#define OPENS		500
#define FEW		8
/* A series, and waiting for what comes back a moment later, are to take no longer each. */
#define SHARE_NS	4000000000ULL
/* Looked at so often without a change, nothing more will come back. */
#define STILL		8
/* Pages that come and go by themselves */
#define NOISE		256

/* In pages: what is free, or is known to be somebody else's. */
static long accounted(void)
{
	static const char *const fields[] = {
		"MemFree:", "AnonPages:", "Active(file):", "Inactive(file):",
	};
	long kib = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		kib += proc_memory(fields[i]);
	return kib * 1024 / (long)page_bytes() + proc_cpu_lists();
}

/**
 * leak_share - what a series may take, and what the wait after it may: not only where the check is
 *	given little time, it has to come to its end before it is ended
 * @target: knows when that is
 */
__u64 leak_share(const struct target *target)
{
	__u64 now = time_now(), left = target->until > now ? target->until - now : 0;
	__u64 share = left / (2 * LEAK_SERIES + 2);

	return share < SHARE_NS ? share : SHARE_NS;
}

/* Return: pages that did not come back. Some are given back only a moment later. */
static long settle(long before, long enough, __u64 ns)
{
	__u64 until = time_now() + ns;
	long least = before - accounted();

	for (int still = 0; still < STILL && least >= enough && time_now() < until; still++) {
		long lost;

		usleep(50000);
		lost = before - accounted();
		if (lost >= least)
			continue;
		least = lost;
		still = 0;
	}
	return least;
}

/* Refused it has to be, but by the driver, not by mm before it is asked. */
static bool is_refused(const struct target *target, size_t length, uint64_t offset)
{
	char *at = target_try(target, length, target->kind.prot, target->kind.how, offset);

	if (at)
		munmap(at, length);
	return !at && errno != EOVERFLOW && errno != ENOMEM;
}

/* Return: was there a way to ask for too much? */
static bool refusal(const struct target *target)
{
	size_t known = target->extent > target->length ? target->extent : target->length;

	return is_refused(target, known + page_bytes(), target->offset) ||
	       is_refused(target, target->length, target->offset + (1ULL << 40)) ||
	       is_refused(target, 1 << 30, target->offset);
}

static bool opens(enum leak_round what)
{
	return what == LEAK_OPEN || what == LEAK_HALVES;
}

static bool is_read(const char *at, size_t pages)
{
	uint64_t value;

	for (size_t i = 0; i < pages; i++)
		if (memory_read(at + i * page_bytes() + MEMORY_MARK, &value))
			return false;
	return true;
}

static bool round_of_halves(struct target *target)
{
	size_t pages = target->kind.pages / 2, bytes = pages * page_bytes();
	char *at = pages ? target_room(2 * bytes) : NULL;
	bool good;

	if (!at)
		return false;
	target_open(target);
	good = target_try_at(target, at, bytes, target->offset) &&
	       target_try_at(target, at + bytes, bytes, target->offset + bytes) &&
	       is_read(at, 2 * pages);
	munmap(at, 2 * bytes);
	target_close(target);
	return good;
}

static bool round_of(struct target *target, enum leak_round what)
{
	bool open_again = what == LEAK_OPEN;
	char *at;

	if (what == LEAK_REFUSAL)
		return refusal(target);
	if (what == LEAK_HALVES)
		return round_of_halves(target);
	if (open_again)
		target_open(target);
	at = target_try(target, target->length, target->kind.prot, target->kind.how,
			target->offset);
	if (!at)
		return false;
	if (!is_read(at, target->kind.pages))
		return false;
	target_unmap(target, at);
	if (open_again)
		target_close(target);
	return true;
}

/**
 * leak_rounds - a process of their own makes the rounds: what belongs to it comes back when it ends
 * @target: it
 * @n: how many
 * @what: of which kind
 *
 * Return: do they work?
 */
bool leak_rounds(struct target *target, unsigned int n, enum leak_round what)
{
	__u64 now = time_now(), until = now + (target->until - now) / 2;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (unsigned int i = 0; i < n; i++)
			if (!round_of(target, what) || time_now() > until)
				_exit(1);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/**
 * leak_affordable - as many rounds as fit into the time for a series, where each is slow
 * @target: it
 * @n: at most
 * @what: of which kind
 * @ns: that time
 */
unsigned int leak_affordable(struct target *target, unsigned int n, enum leak_round what, __u64 ns)
{
	__u64 began = time_now(), each;

	if (!leak_rounds(target, FEW, what))
		return 0;
	each = (time_now() - began) / FEW + 1;
	return each * n > ns ? ns / each : n;
}

/* Some drivers keep for each mapping what they give back when the file is closed. */
static void judge_leak(struct target *target, unsigned int n, const char *what, long least,
		       long before, long bound, __u64 share)
{
	target_close(target);
	if (settle(before, bound, share) < bound)
		check_tell(CHECK_NOTE, "after %u rounds of %s %ld pages come back only with "
			   "close(2): they are kept for each mapping until then", n, what, least);
	else
		check_tell(CHECK_FAIL, "after %u rounds of %s %ld pages do not come back, each "
			   "time anew", n, what, least);
}

/* Others take memory, too: only what is missing after each of the series is lost. */
static void look_for_leak(struct target *target, unsigned int n, enum leak_round kind,
			  const char *what)
{
	__u64 share = leak_share(target);
	long lost, least = 0, before, bound, at_first;

	if (!opens(kind))
		target_open(target);
	n = leak_affordable(target, n, kind, share);
	bound = n / 2 > NOISE ? n / 2 : NOISE;
	at_first = accounted();
	for (int i = 0; i < LEAK_SERIES; i++) {
		before = accounted();
		if (!n || !leak_rounds(target, n, kind)) {
			check_tell(CHECK_SKIP, "%s cannot be repeated, or takes seconds", what);
			return;
		}
		lost = settle(before, bound, share);
		if (!i || lost < least)
			least = lost;
		if (least >= bound)
			continue;
		check_tell(CHECK_OK, "%u rounds: a leak of %ld pages in each would be seen", n,
			   (bound + n - 1) / n);
		return;
	}
	/* Nothing is open there, that could be closed. */
	if (opens(kind))
		target_open(target);
	judge_leak(target, n, what, least, at_first, bound, share);
}

void check_leak_of_fault(struct target *target)
{
	look_for_leak(target, ROUNDS, LEAK_FAULT, "mmap(2), reading and munmap(2)");
}

void check_leak_of_open(struct target *target)
{
	look_for_leak(target, OPENS, LEAK_OPEN,
		      "open(2), mmap(2), reading, munmap(2) and close(2)");
}

void check_leak_of_halves(struct target *target)
{
	look_for_leak(target, OPENS, LEAK_HALVES, "mmap(2) in two halves, side by side");
}

/* Nobody closes what was never mapped: a driver has to undo by itself what it did before. */
void check_leak_of_refusal(struct target *target)
{
	target_open(target);
	if (!refusal(target)) {
		check_tell(CHECK_SKIP, "it refuses nothing: neither a length nor an offset");
		return;
	}
	target_close(target);
	look_for_leak(target, ROUNDS, LEAK_REFUSAL, "an mmap(2) that is refused");
}
