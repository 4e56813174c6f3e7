// SPDX-License-Identifier: GPL-2.0
/*
 * D: data that are not for who reads them.
 */
#include <string.h>
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

/* Where the kernel has its own memory, but the highest addresses, where small negatives are. */
static bool is_kernel_address(uint64_t value)
{
	return value >= 0xffff800000000000ULL && value < 0xffffffffff000000ULL;
}

/* Pages as an allocator gives them, with what the kernel had there. */
void check_addresses(struct target *target)
{
	size_t words = page_bytes() / sizeof(uint64_t), found = 0, looked = 0;
	uint64_t value;
	char *at;

	target_open(target);
	at = target_map(target);
	if (!at)
		return;
	for (size_t i = 0; i < target->kind.pages * words; i++) {
		if (memory_read(at + i * sizeof(value), &value))
			break;
		looked++;
		found += is_kernel_address(value);
	}
	/* One in 2^17 words of noise looks like that. */
	if (found > 1 + looked / 8192)
		check_tell(CHECK_WARN, "%zu of %zu words look like addresses of the kernel: are "
			   "its pages cleared (__GFP_ZERO)?", found, looked);
}
