// SPDX-License-Identifier: GPL-2.0
/*
 * D: data that are not for who reads them.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

/* Who opens it next must not find what one has written, unless the memory is meant to be shared. */
void check_old_data(struct target *target)
{
	char *at;
	uint64_t value;

	at = target_map_learnt(target);
	if (!at)
		return;
	target_unmap(target, at);
	target_close(target);
	target_open(target);
	at = target_map(target);
	for (size_t i = 0; at && i < target->kind.pages; i++) {
		if (memory_read(at + i * page_bytes() + MEMORY_MARK, &value) ||
		    (value & ~0xfffffULL) != (memory_mark(0) & ~0xfffffULL))
			continue;
		check_tell(target->says & SAY_CLEARED ? CHECK_FAIL : CHECK_NOTE,
			   "page %zu of a new open has what one before it had written%s", i,
			   target->says & SAY_CLEARED ? "" :
			   ": as shared memory has; \"say cleared\" in a recipe forbids it");
		return;
	}
}

/* Where the kernel has its own memory, and its text, between which negative times are. */
static bool is_kernel_address(uint64_t value)
{
	return (value >= 0xffff800000000000ULL && value < 0xfffffe0000000000ULL) ||
	       (value >= 0xffffffff80000000ULL && value < 0xffffffffff000000ULL);
}

/* Another program writes to memory, and ends: what is not cleared has that. */
static void free_what_was_written(void)
{
	pid_t pid = fork();

	if (!pid) {
		memory_take(MEMORY_MUCH);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* Pages as an allocator gives them, with what the kernel had there. */
void check_addresses(struct target *target)
{
	size_t words = page_bytes() / sizeof(uint64_t), found = 0, looked = 0, others = 0;
	uint64_t value;
	char *at;

	free_what_was_written();
	target_open(target);
	at = target_map(target);
	if (!at)
		return;
	for (size_t i = 0; i < target->kind.pages * words; i++) {
		if (memory_read(at + i * sizeof(value), &value))
			break;
		looked++;
		found += is_kernel_address(value);
		others += value == MEMORY_TAKEN || value == MEMORY_POISON;
	}
	if (others > words / 2)
		check_tell(CHECK_WARN, "%zu of %zu words are what is in memory that somebody else "
			   "had: are its pages cleared (__GFP_ZERO)?", others, looked);
	/* One in 2^17 words of noise looks like that, and so may a time of perf's. */
	if (found > 3 + looked / 8192)
		check_tell(CHECK_WARN, "%zu of %zu words look like addresses of the kernel: are "
			   "its pages cleared (__GFP_ZERO)?", found, looked);
}
