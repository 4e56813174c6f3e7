// SPDX-License-Identifier: GPL-2.0
/*
 * The checks, in order of danger; the first finds out what the others go by, and is always run.
 * The manual has them, too, and mmscope check --list.
 */
#include <string.h>
#include "check/check.h"

const struct check check_list[] = {
	{ "T1", "it is mapped and touched",
	  "Each page is written, where it may be, and read twice, a moment later: what all others go "
	  "by. Memory that changes by itself is found here, and whether pages come again after MADV_DONTNEED. A page "
	  "for which ->page_mkwrite answers 0 without its lock hangs.",
	  20, false, false, false, target_probe },
	{ "F1", "page frames cannot be grown",
	  "A VMA of page frames without struct page (smaps: pf, io) has VM_DONTEXPAND (de). Without "
	  "it mremap(2) makes the mapping longer than the driver's ->mmap has allowed, and ->fault "
	  "alone stands before what is behind. A recipe may say that it is meant so: say grow.",
	  10, false, false, false, check_no_expand },
	{ "F2", "read-only stays read-only",
	  "The file is opened only for reading and mapped so. VM_MAYWRITE must be gone then; a driver "
	  "that sets flags instead of adding to them brings it back, and mprotect(2) makes memory "
	  "writable that its user may only read (usbmon, CVE-2022-43750).",
	  10, false, false, false, check_read_only },
	{ "F3", "no rights that nobody asked for",
	  "It is mapped with each set of rights, and smaps compared with them: a driver that "
	  "overwrites vm_flags grants more. So does one that fills page tables itself with rights of "
	  "its own: what is mapped for reading is written to, with what it has already.",
	  10, false, false, false, check_rights },
	{ "F4", "no private page frames by faults",
	  "A private mapping that may be written cannot have page frames inserted by faults: "
	  "vmf_insert_pfn() is a BUG() there. It is told by flags, and by whether page tables are "
	  "filled at once; nothing is touched. remap_pfn_range() of the whole is what mm can copy.",
	  10, false, false, false, check_private_pfn },
	{ "F5", "not for children stays so",
	  "VM_DONTCOPY without VM_IO is taken back by madvise(2) with MADV_DOFORK: a driver that "
	  "relies on it must check who faults.",
	  10, false, false, false, check_advice_undoes },
	{ "H1", "opens and closes balance",
	  "The checks of L run below mmscope trace --hooks. Calls of mmap and ->open must be as many "
	  "as those of ->close when all VMAs are gone: a driver with ->close and without ->open frees "
	  "what others have mapped still; one that misses ->close leaks. Needs root and BPF.",
	  240, false, false, false, check_balance },
	{ "H2", "answers are such that mm can go on",
	  "Faults run below mmscope trace --hooks. A page that is there is given at once: OOM and RETRY "
	  "have mm ask again, and nobody tells a driver that there is no memory for its user but by "
	  "SIGBUS; SIGSEGV blames the program, HWPOISON the memory. Needs root and BPF.",
	  240, false, false, false, check_answers },
	{ "H3", "one index, one page frame",
	  "Page frames are compared as root sees them in /proc/PID/pagemap, when all was touched and when "
	  "it was faulted in again in another order: a page that is handed out for two indexes, or another "
	  "one each time, so that what was written is lost. Pages that read alike can be told apart only so. It sees no page frames without "
	  "struct page.",
	  20, false, false, false, check_frames },
	{ "P1", "private writes stay private",
	  "A private mapping is written to, at once, and a shared one read: ->fault has to give its "
	  "page to mm, which copies it (vmf->cow_page). A driver that inserts its own page writable "
	  "lets everybody see the write.",
	  20, false, true, true, check_private_write },
	{ "P2", "private writes after a read stay private",
	  "The same where the page was read first, so that mm copies it on the write.",
	  20, false, true, true, check_private_after_read },
	{ "P3", "mprotect does not grant a refused write",
	  "Where mmap(2) refuses PROT_WRITE, mprotect(2) must, too: the driver has to clear "
	  "VM_MAYWRITE, not only to look at VM_WRITE.",
	  10, false, false, false, check_upgrade_write },
	{ "P4", "mprotect does not grant a refused exec",
	  "The same of PROT_EXEC and VM_MAYEXEC.",
	  10, false, false, false, check_upgrade_exec },
	{ "L1", "a hole is cut",
	  "The middle is unmapped, others take what is free, and both sides are touched, before and after "
	  "MADV_DONTNEED has them faulted in again: a page index that is made of address - vm_start is wrong at the right "
	  "side then, and what ->close has freed for one piece is missed by the others (perf, "
	  "CVE-2025-38563).",
	  20, false, false, true, check_cut },
	{ "L2", "it is moved",
	  "mremap(2) moves all of it; touched there as in L1.",
	  20, false, false, true, check_move },
	{ "L3", "a part is moved",
	  "mremap(2) moves the middle; all three parts are touched as in L1.",
	  20, false, false, true, check_move_part },
	{ "L4", "a child has it",
	  "fork(2); the child touches it, faults it in again, and ends; then the parent. Objects that "
	  "are freed when the first of two mappings is gone are missed by the second.",
	  20, false, false, true, check_fork },
	{ "L5", "the file is closed first",
	  "The mapping holds the file: ->release comes with the last VMA. What is freed before that, as "
	  "at the last close(2), is somebody else's then.",
	  20, false, false, true, check_close_first },
	{ "L6", "a child calls execve",
	  "It gives the child's mapping away at once; the parent's has to stay.",
	  30, false, false, true, check_exec },
	{ "L7", "who mapped it is killed",
	  "Five processes are killed amid faults; after that it has to be usable.",
	  30, false, false, true, check_kill },
	{ "L8", "another mapping is put over it",
	  "MAP_FIXED over the middle: ->close for a part, without munmap(2); both sides are touched "
	  "as in L1.", 20, false, false, true, check_map_over },
	{ "L9", "rights of a part change",
	  "mprotect(2) splits it in three, and back: VMAs may merge. Touched as in L1.",
	  20, false, false, true, check_protect_part },
	{ "L10", "one of two mappings goes",
	  "The same file is mapped twice, and one of them unmapped: the other has to stay.",
	  20, false, false, true, check_two_mappings },
	{ "L11", "it is mapped in halves",
	  "Two mappings side by side, of offsets side by side: mm may make one VMA of them, which is "
	  "closed once. The second half is touched when the first is gone. Who counts before it is "
	  "certain that there is a VMA (->mmap_prepare without ->mapped) is told by H1.",
	  20, false, false, true, check_halves },
	{ "D1", "no old data of another open",
	  "What one has written, and given back, the next who opens it must not find, where a recipe "
	  "says cleared. Memory that is meant to be shared keeps it, which is noted.",
	  20, false, true, false, check_old_data },
	{ "D2", "no addresses of the kernel",
	  "New memory is looked through for words that look like the kernel's addresses, and for those that "
	  "another program has just written: pages that were not cleared have been somebody's. A kernel that "
	  "clears all of them itself (init_on_alloc=1) hides it, page_poison=1 shows it.",
	  20, false, false, false, check_addresses },
	{ "G1", "process_vm_readv",
	  "Reads it by get_user_pages(), which page frames without struct page do not have; say gup "
	  "makes that a failure. What is read is compared. Then what is not there yet: ->fault has to serve "
	  "the kernel, too, not only the program.",
	  20, false, false, false, check_process_vm },
	{ "G2", "/proc/PID/mem",
	  "As debuggers read, pages and words: by get_user_pages(), or else by the driver's ->access, which "
	  "often reads at the wrong place (address against offset), above all when the begin was cut off.",
	  20, false, false, false, check_proc_mem },
	{ "G3", "vmsplice",
	  "Pages of it go through a pipe and are compared.",
	  20, false, false, false, check_vmsplice },
	{ "G4", "O_DIRECT",
	  "Pages of it are written to a file by a block device or its file system, and read back.",
	  30, false, false, false, check_direct },
	{ "G5", "a pin outlives the mapping",
	  "A page is in a pipe when all is unmapped and closed, and others take memory, or open the device: "
	  "it must not have been freed, nor given to who comes next, unless all have the same memory. A "
	  "driver that gives pages without a reference of their own, or that keeps them in a pool, gives a "
	  "pinned page away.",
	  20, false, true, false, check_pin },
	{ "A1", "every advice",
	  "madvise(2) with each advice, whatever it answers: the pages have to be the same.",
	  30, false, false, false, check_madvise },
	{ "A2", "mlock",
	  "mlock(2) and munlock(2); the pages have to be the same.", 20, false, false, false,
	  check_mlock },
	{ "A3", "MAP_POPULATE",
	  "Faults without a program that touches: from inside mmap(2).", 20, false, false, false,
	  check_populate },
	{ "A4", "userfaultfd",
	  "It is refused, or works.", 20, false, false, false, check_userfault },
	{ "M1", "memory comes back after munmap",
	  "600 rounds of mmap(2), reading every page, munmap(2), three times, or fewer where that takes "
	  "long: pages that are missing after each of the three are lost, as those that a driver "
	  "allocates at each fault and forgets. What comes back with close(2) is noted.",
	  60, false, false, true, check_leak_of_fault },
	{ "M2", "memory comes back after close",
	  "The same of 500 rounds with open(2) and close(2): a reference too many for each fault keeps "
	  "the pages of a file that is closed.", 60, false, false, true, check_leak_of_open },
	{ "M3", "small objects come back",
	  "The rounds of M1, and what the kernel's caches have in use (/proc/slabinfo): one that has an "
	  "object more for each round, three times, is one that a driver takes for each mapping and does "
	  "not give back. Too small to be missed as pages. Needs root.",
	  60, false, false, true, check_leak_of_objects },
	{ "M4", "a refused mmap leaves nothing",
	  "Rounds of mmap(2) that the driver refuses: nobody calls ->close for what was never mapped, so "
	  "that what was allocated before the refusal is lost.",
	  60, true, false, true, check_leak_of_refusal },
	{ "M5", "memory comes back after halves",
	  "The rounds of M2, with a mapping in two halves, side by side. mm asks ->mmap_prepare for both, "
	  "makes one VMA of them, and closes that once: what ->mmap_prepare takes for each, and not "
	  "->mapped, is never given back.", 60, false, false, true, check_leak_of_halves },
	{ "B1", "no length beyond the end",
	  "It is mapped a page, and 16 pages, longer than there is memory (--extent, say extent); the first page "
	  "behind the end that reads is a failure, and the last that is tried (aspeed-lpc-ctrl, CVE-2021-42252).",
	  20, true, false, true, check_too_long },
	{ "B2", "no offset beyond the end",
	  "The same by offsets: at the end, and a page before it with a length that was good at 0 "
	  "(i915 with GVT, CVE-2019-11085).",
	  20, true, false, true, check_behind },
	{ "B3", "no offset that is cut off",
	  "Offsets whose upper bits an int, or a shift too early, cuts off, offsets before the begin, "
	  "and those with which a length overflows (udl, CVE-2018-8781; fbdev, CVE-2013-2596).",
	  20, true, false, true, check_truncated },
	{ "B4", "no growth beyond the end",
	  "mremap(2) makes it longer without asking ->mmap: ->fault has to know the end "
	  "(many drivers, CVE-2008-0007).",
	  20, true, false, true, check_grown },
	{ "R1", "races of munmap, mmap and faults",
	  "Threads touch what others unmap, zap and map anew, for two seconds (perf, CVE-2020-14351).",
	  60, true, false, false, check_race_unmap },
	{ "R2", "races of fork and faults",
	  "Threads touch and zap what others give to children, for two seconds.",
	  60, true, false, false, check_race_fork },
	{ "R3", "races of open, mmap and close",
	  "Processes open, map, touch, close and unmap it over and over, 400 times each, and for two "
	  "seconds at least: what is counted or made with the first open, and given back with the last, "
	  "has to be so with several at a time.",
	  60, true, false, false, check_race_open },
	{ "R4", "two first faults are one page",
	  "Two processes that have one mapping touch each page for the first time at once, and write to "
	  "it: both have to find both. Who looks for a page, makes one, and keeps it, without a lock "
	  "around, gives two.",
	  60, true, true, false, check_race_first },
	{ "X1", "calls do not take mapped memory away",
	  "What a recipe does later, as an ioctl that frees buffers, is called when all is mapped; others "
	  "take memory, and the pages are read. A driver may refuse, keep them, or take them back (SIGBUS); "
	  "one that frees what is mapped gives it to somebody else (io_uring, CVE-2024-0582). Once more when "
	  "$mapping has to be faulted in, and when nothing is mapped any more: who keeps a VMA misses it.",
	  20, true, false, true, check_calls },
	{ "X2", "races of calls, munmap and faults",
	  "What a recipe does later is called over and over, for two seconds, while threads touch, unmap and "
	  "map.",
	  60, true, false, false, check_race_calls },
	{ "X3", "read(2) into its own memory",
	  "What is read from the device goes to its own mapping, which has to be faulted in for that: a "
	  "driver that copies with a lock held that its ->fault takes, too, hangs. So does an ioctl(2) of "
	  "X1 that is handed $mapping.",
	  20, true, true, false, check_own_memory },
	{ "N1", "a converted driver is as before",
	  "The verdicts are compared with those that an earlier run with --json has left in a file "
	  "(--against): whoever goes from ->mmap to ->mmap_prepare and ->mapped keeps them all. What is "
	  "worse is a failure; what was ok, and is a note, a warning.",
	  10, false, false, false, check_conversion },
};

const size_t check_count = ARRAY_SIZE(check_list);

/**
 * check_find - a check
 * @id: its name
 *
 * Return: it, or NULL
 */
const struct check *check_find(const char *id)
{
	for (size_t i = 0; i < check_count; i++)
		if (!strcasecmp(check_list[i].id, id))
			return &check_list[i];
	return NULL;
}
