// SPDX-License-Identifier: GPL-2.0
/*
 * M: memory comes back, seen by the pages that are free, those that CPUs keep for themselves, and
 * those of programs and of the page cache, which come and go without the driver.
 */
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"

/* A round costs a driver that loses something at least a page. */
#define ROUNDS		600
#define OPENS		500
#define SERIES		3
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

/*
 * What a series may take, and what the wait after it may: not only where the check is given little
 * time, it has to come to its end before it is ended.
 */
static __u64 share_of_time(const struct target *target)
{
	__u64 now = time_now(), left = target->until > now ? target->until - now : 0;
	__u64 share = left / (2 * SERIES + 2);

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

static bool round_of(struct target *target, bool open_again)
{
	uint64_t value;
	char *at;

	if (open_again)
		target_open(target);
	at = target_try(target, target->length, target->kind.prot, target->kind.how,
			target->offset);
	if (!at)
		return false;
	for (size_t i = 0; i < target->kind.pages; i++)
		if (memory_read(at + i * page_bytes() + MEMORY_MARK, &value))
			return false;
	target_unmap(target, at);
	if (open_again)
		target_close(target);
	return true;
}

/*
 * A process of their own makes the rounds: what belongs to it comes back when it ends.
 *
 * Return: do they work?
 */
static bool rounds(struct target *target, unsigned int n, bool open_again)
{
	__u64 now = time_now(), until = now + (target->until - now) / 2;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (unsigned int i = 0; i < n; i++)
			if (!round_of(target, open_again) || time_now() > until)
				_exit(1);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* As many rounds as fit into the time for a series, where each is slow. */
static unsigned int affordable(struct target *target, unsigned int n, bool open_again, __u64 ns)
{
	__u64 began = time_now(), each;

	if (!rounds(target, FEW, open_again))
		return 0;
	each = (time_now() - began) / FEW + 1;
	return each * n > ns ? ns / each : n;
}

/* Others take memory, too: only what is missing after each of the series is lost. */
static void look_for_leak(struct target *target, unsigned int n, bool open_again, const char *what)
{
	__u64 share = share_of_time(target);
	long lost, least = 0, before, bound;

	if (!open_again)
		target_open(target);
	n = affordable(target, n, open_again, share);
	bound = n / 2 > NOISE ? n / 2 : NOISE;
	for (int i = 0; i < SERIES; i++) {
		before = accounted();
		if (!n || !rounds(target, n, open_again)) {
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
	check_tell(CHECK_FAIL, "after %u rounds of %s %ld pages do not come back, each time anew",
		   n, what, least);
}

void check_leak_of_fault(struct target *target)
{
	look_for_leak(target, ROUNDS, false, "mmap(2), reading and munmap(2)");
}

void check_leak_of_open(struct target *target)
{
	look_for_leak(target, OPENS, true, "open(2), mmap(2), reading, munmap(2) and close(2)");
}
