// SPDX-License-Identifier: GPL-2.0
/*
 * M: memory comes back, seen by the pages that are free, those that CPUs keep for themselves, and
 * those of programs and of the page cache, which come and go without the driver.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"

/* A round costs a driver that loses something at least a page. */
#define ROUNDS		2000
#define SERIES		3
#define MOST_NS		6000000000ULL

static long kept_by_cpus(void)
{
	struct proc_lines lines;
	const char *line;
	long n, sum = 0;

	if (!proc_open(&lines, "/proc/zoneinfo"))
		return 0;
	while ((line = proc_line(&lines)))
		if (sscanf(line, " count: %ld", &n) == 1)
			sum += n;
	proc_close(&lines);
	return sum;
}

/* In pages: what is free, or is known to be somebody else's. */
static long accounted(void)
{
	static const char *const fields[] = {
		"MemFree:", "AnonPages:", "Active(file):", "Inactive(file):",
	};
	long kib = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		kib += proc_memory(fields[i]);
	return kib * 1024 / (long)page_bytes() + kept_by_cpus();
}

/* Return: pages that did not come back. Some are given back only a moment later. */
static long settle(long before)
{
	long lost = before - accounted();

	for (int i = 0; i < 10 && lost > 0; i++) {
		usleep(50000);
		lost = before - accounted();
	}
	return lost;
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

/* Return: how many rounds there were, 0 if they do not work. */
static unsigned int rounds(struct target *target, bool open_again)
{
	__u64 until = time_now() + MOST_NS;
	unsigned int n;

	for (n = 0; n < ROUNDS && time_now() < until; n++)
		if (!round_of(target, open_again))
			return 0;
	return n;
}

/* Others take memory, too: only what is missing after each of the series is lost. */
static void look_for_leak(struct target *target, bool open_again, const char *what)
{
	long lost, least = 0, before;
	unsigned int n = 0;

	if (!open_again)
		target_open(target);
	for (int i = 0; i < 8; i++)
		round_of(target, open_again);
	for (int i = 0; i < SERIES; i++) {
		before = accounted();
		n = rounds(target, open_again);
		if (!n) {
			check_tell(CHECK_SKIP, "it cannot be mapped over and over");
			return;
		}
		lost = settle(before);
		if (!i || lost < least)
			least = lost;
		if (least < n / 2)
			return;
	}
	check_tell(CHECK_FAIL, "after %u rounds of %s %ld pages did not come back, and as many after "
		   "%u more", n, what, least, n * (SERIES - 1));
}

void check_leak_of_fault(struct target *target)
{
	look_for_leak(target, false, "mmap(2), reading and munmap(2)");
}

void check_leak_of_open(struct target *target)
{
	look_for_leak(target, true, "open(2), mmap(2), reading, munmap(2) and close(2)");
}
