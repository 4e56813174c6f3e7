// SPDX-License-Identifier: GPL-2.0
/*
 * P: private mappings, and rights that come later.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

/* A private mapping, which is not touched where that would be a BUG of the driver: F4 tells it. */
static char *map_private(struct target *target)
{
	char flags[160];
	char *at = target_try(target, target->length, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			      target->offset);

	if (!at) {
		check_tell(CHECK_OK, "a private mapping to write to is refused: %s",
			   strerrorname_np(errno));
		return NULL;
	}
	if (!target_flags(at, flags, sizeof(flags)) ||
	    (target_flag(flags, "pf") && !target_fills_at_once(target, MAP_PRIVATE))) {
		check_tell(CHECK_SKIP, "VM_PFNMAP in a private mapping: F4 is about it");
		return NULL;
	}
	return at;
}

static void write_private(struct target *target, bool read_before)
{
	char *shared = target_map_learnt(target), *at;
	uint64_t value;

	if (!shared)
		return;
	at = map_private(target);
	if (!at)
		return;
	for (size_t i = 0; i < target->kind.pages; i++) {
		char *word = at + i * page_bytes() + MEMORY_MARK;
		int sig = read_before ? memory_read(word, &value) : 0;

		if (!sig)
			sig = memory_write(word, ~memory_mark(i));
		if (sig) {
			check_tell(CHECK_NOTE, "a private write ends in SIG%s", sigabbrev_np(sig));
			return;
		}
		if (memory_read(word, &value) || value != ~memory_mark(i))
			check_tell(CHECK_FAIL, "page %zu does not keep a private write", i);
	}
	if (target->kind.how != MAP_SHARED) {
		/* Without a shared mapping to compare with, another private one does. */
		target_unmap(target, shared);
		shared = target_map(target);
	}
	if (shared)
		memory_agrees(target, shared, 0, target->kind.pages,
			      "after a write to a private mapping");
}

void check_private_write(struct target *target)
{
	write_private(target, false);
}

void check_private_after_read(struct target *target)
{
	write_private(target, true);
}

/* A right that mmap(2) refuses is not to be had by mprotect(2). */
static void upgrade(struct target *target, int right, const char *name)
{
	char *at;

	target_open(target);
	at = target_try(target, target->length, PROT_READ | right, MAP_SHARED, target->offset);
	if (at) {
		check_tell(CHECK_OK, "mmap(2) grants %s itself", name);
		return;
	}
	at = target_try(target, target->length, PROT_READ, MAP_SHARED, target->offset);
	if (!at) {
		check_tell(CHECK_SKIP, "it cannot be mapped shared for reading: %s",
			   strerrorname_np(errno));
		return;
	}
	if (!mprotect(at, target->length, PROT_READ | right))
		check_tell(CHECK_FAIL, "mmap(2) refuses %s, mprotect(2) grants it afterwards: the "
			   "driver has to clear the VM_MAY flag, too", name);
	else
		check_tell(CHECK_OK, "refused by both: %s", strerrorname_np(errno));
}

void check_upgrade_write(struct target *target)
{
	upgrade(target, PROT_WRITE, "PROT_WRITE");
}

void check_upgrade_exec(struct target *target)
{
	upgrade(target, PROT_EXEC, "PROT_EXEC");
}
