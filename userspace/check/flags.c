// SPDX-License-Identifier: GPL-2.0
/*
 * F: what a driver's VMAs say of themselves, as /proc/PID/smaps shows it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"

void check_no_expand(struct target *target)
{
	const char *flags = target->kind.flags;

	if (!target_pfn(target)) {
		check_tell(CHECK_OK, "its pages are ordinary ones");
		return;
	}
	if (!target_flag(flags, "de") && !(target->says & SAY_GROW))
		check_tell(CHECK_FAIL, "page frames without struct page, and no VM_DONTEXPAND: "
			   "mremap(2) makes it longer than the driver allowed");
	if (!target_flag(flags, "dd") && !target_is_io(target))
		check_tell(CHECK_NOTE, "no VM_DONTDUMP: a core dump reads what is no page of "
			   "memory");
}

/* Who may only read the file must not get a right to write by way of the mapping. */
void check_read_only(struct target *target)
{
	struct target reader = *target;
	char flags[160], path[40];
	char *at;

	target_open(target);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", target->fd);
	reader.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (reader.fd < 0) {
		check_tell(CHECK_SKIP, "it cannot be opened only for reading: %s",
			   strerrorname_np(errno));
		return;
	}
	at = target_try(&reader, target->length, PROT_READ, MAP_SHARED, target->offset);
	if (!at) {
		check_tell(CHECK_SKIP, "opened for reading it cannot be mapped: %s",
			   strerrorname_np(errno));
		return;
	}
	if (!mprotect(at, target->length, PROT_READ | PROT_WRITE))
		check_tell(CHECK_FAIL, "opened for reading, mapped for reading, and mprotect(2) "
			   "lets it be written: the driver has set VM_MAYWRITE");
	else if (target_flags(at, flags, sizeof(flags)) && target_flag(flags, "mw"))
		check_tell(CHECK_FAIL, "opened for reading it has VM_MAYWRITE");
}

/* Page tables may grant more than the VMA, where a driver has filled them itself. */
static void try_rights(const struct target *target, char *at, int prot)
{
	char *word = at + MEMORY_MARK;
	uint64_t value = 0;

	if (!prot && !memory_read(word, &value))
		check_tell(CHECK_WARN, "mapped without a right, it can be read: page tables grant "
			   "what the VMA does not (remap_pfn_range() wants vma->vm_page_prot)");
	if (prot != PROT_READ || !target->kind.writes || memory_read(word, &value))
		return;
	if (!memory_write(word, value))
		check_tell(CHECK_FAIL, "mapped for reading, it can be written: page tables grant "
			   "what the VMA does not (vma->vm_page_prot is the right one)");
}

static void compare_rights(struct target *target, int prot)
{
	char *at = target_try(target, target->length, prot, target->kind.how, target->offset);
	char flags[160];

	if (!at || !target_flags(at, flags, sizeof(flags)))
		return;
	if (target_flag(flags, "wr") && !(prot & PROT_WRITE))
		check_tell(CHECK_FAIL, "mapped %s, and may be written: a right nobody asked for",
			   prot ? "for reading" : "without a right");
	if (target_flag(flags, "ex"))
		check_tell(CHECK_FAIL, "mapped without PROT_EXEC, and may be executed");
	if (target_flag(flags, "rd") && !prot)
		check_tell(CHECK_FAIL, "mapped without a right, and may be read");
	if (!check_failed())
		try_rights(target, at, prot);
	target_unmap(target, at);
}

void check_rights(struct target *target)
{
	target_open(target);
	compare_rights(target, PROT_READ);
	compare_rights(target, PROT_NONE);
	if (target->kind.prot & PROT_WRITE)
		compare_rights(target, PROT_READ | PROT_WRITE);
}

/*
 * mm copies a page frame on a write only if remap_pfn_range() has mapped all of it at once; a fault
 * there that inserts one is a BUG in the kernel. So nothing is touched before that is known.
 */
void check_private_pfn(struct target *target)
{
	char flags[160];
	char *at;

	target_open(target);
	at = target_try(target, target->length, PROT_READ, MAP_PRIVATE, target->offset);
	if (!at) {
		check_tell(CHECK_OK, "MAP_PRIVATE is refused: %s", strerrorname_np(errno));
		return;
	}
	if (!target_flags(at, flags, sizeof(flags)) || !target_flag(flags, "pf") ||
	    !target_flag(flags, "mw")) {
		check_tell(CHECK_OK, "its private VMAs have no page frames without struct page");
		return;
	}
	if (target_fills_at_once(target, MAP_PRIVATE))
		check_tell(CHECK_OK, "mapped at once, as by remap_pfn_range()");
	else
		check_tell(CHECK_FAIL, "VM_PFNMAP in a private mapping that may be written, filled "
			   "by faults: vmf_insert_pfn() is a BUG there; refuse it, or have "
			   "VM_MAYWRITE cleared");
}

/* What madvise(2) may take back that a driver has set. */
void check_advice_undoes(struct target *target)
{
	char *at;

	target_open(target);
	at = target_map(target);
	if (!at)
		return;
	if (!target_flag(target->kind.flags, "dc"))
		check_tell(CHECK_OK, "the driver has not set VM_DONTCOPY");
	else if (!madvise(at, target->length, MADV_DOFORK))
		check_tell(CHECK_NOTE, "VM_DONTCOPY without VM_IO: MADV_DOFORK takes it back, and "
			   "a child gets the mapping anyhow");
	else
		check_tell(CHECK_OK, "MADV_DOFORK gives %s", strerrorname_np(errno));
}
