// SPDX-License-Identifier: GPL-2.0
/*
 * A: what programs ask of any memory, and a driver's has to stand.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static const struct {
	int advice;
	const char *name;
} advices[] = {
	{ MADV_NORMAL, "NORMAL" }, { MADV_RANDOM, "RANDOM" }, { MADV_SEQUENTIAL, "SEQUENTIAL" },
	{ MADV_WILLNEED, "WILLNEED" }, { MADV_DONTFORK, "DONTFORK" }, { MADV_DOFORK, "DOFORK" },
	{ MADV_MERGEABLE, "MERGEABLE" }, { MADV_UNMERGEABLE, "UNMERGEABLE" },
	{ MADV_HUGEPAGE, "HUGEPAGE" }, { MADV_NOHUGEPAGE, "NOHUGEPAGE" },
	{ MADV_DONTDUMP, "DONTDUMP" }, { MADV_DODUMP, "DODUMP" }, { MADV_COLD, "COLD" },
	{ MADV_PAGEOUT, "PAGEOUT" }, { MADV_POPULATE_READ, "POPULATE_READ" },
	{ MADV_POPULATE_WRITE, "POPULATE_WRITE" }, { MADV_COLLAPSE, "COLLAPSE" },
	{ MADV_WIPEONFORK, "WIPEONFORK" }, { MADV_FREE, "FREE" },
};

void check_madvise(struct target *target)
{
	char *at = target_map_learnt(target), when[80];

	for (size_t i = 0; at && i < ARRAY_SIZE(advices) && !check_failed(); i++) {
		/* It would write to each page. */
		if (advices[i].advice == MADV_POPULATE_WRITE && !target->kind.writes)
			continue;
		madvise(at, target->length, advices[i].advice);
		snprintf(when, sizeof(when), "after MADV_%s", advices[i].name);
		if (!memory_agrees(target, at, 0, target->kind.pages, when) ||
		    !target->kind.refaults || !target->kind.keeps)
			continue;
		/* ->fault is to serve what has been advised, too. */
		if (madvise(at, target->kind.pages * page_bytes(), MADV_DONTNEED))
			continue;
		snprintf(when, sizeof(when), "after MADV_%s and MADV_DONTNEED", advices[i].name);
		memory_agrees(target, at, 0, target->kind.pages, when);
	}
}

/* ->fault is to serve what is locked already: mlock(2) itself would have the kernel fault. */
static void lock_untouched(struct target *target)
{
	char *at = target_map(target);

	if (at && !mlock2(at, target->length, MLOCK_ONFAULT))
		memory_learn(target, at);
}

void check_mlock(struct target *target)
{
	char *at = target_map_learnt(target);

	if (!at)
		return;
	if (mlock(at, target->length))
		check_tell(CHECK_NOTE, "mlock(2) gives %s", strerrorname_np(errno));
	if (memory_agrees(target, at, 0, target->kind.pages, "after mlock(2)") &&
	    !munlock(at, target->length) &&
	    memory_agrees(target, at, 0, target->kind.pages, "after munlock(2)"))
		lock_untouched(target);
}

void check_populate(struct target *target)
{
	__u64 entry = 0;
	char *at;

	target_open(target);
	at = target_try(target, target->length, target->kind.prot, target->kind.how | MAP_POPULATE,
			target->offset);
	if (!at) {
		check_tell(CHECK_FAIL, "mmap(2) with MAP_POPULATE gives %s, and none without",
			   strerrorname_np(errno));
		return;
	}
	if (!target_pfn(target) && proc_pagemap((uintptr_t)at, 1, &entry) == 1 &&
	    !(entry & PAGEMAP_PRESENT))
		check_tell(CHECK_NOTE, "MAP_POPULATE brings no pages");
	if (memory_learn(target, at))
		memory_agrees(target, at, 0, target->kind.pages, "after MAP_POPULATE");
}

/* Only shared memory and what is anonymous can be served; a driver's is to be refused, or work. */
void check_userfault(struct target *target)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	char *at;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api)) {
		check_lacks("userfaultfd(2): %s", strerrorname_np(errno));
		return;
	}
	at = target_map_learnt(target);
	if (!at)
		return;
	range.range.start = (uintptr_t)at;
	range.range.len = target->length;
	if (ioctl(fd, UFFDIO_REGISTER, &range)) {
		check_tell(CHECK_OK, "refused: %s", strerrorname_np(errno));
		return;
	}
	check_tell(CHECK_NOTE, "user space may serve its faults");
	if (!ioctl(fd, UFFDIO_UNREGISTER, &range.range))
		memory_agrees_again(target, at, 0, target->kind.pages, "after userfaultfd(2)");
}
