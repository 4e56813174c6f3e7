/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_HISTORY_H
#define MMSCOPE_REPRODUCE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"

struct backing;

/**
 * enum step_kind - what a step of a history does
 * @STEP_SETUP: maps what was there before the history begins
 * @STEP_CALL: a system call
 * @STEP_TOUCH: an access that faulted
 * @STEP_FORK: makes an address space
 * @STEP_LEAVE: an address space ends
 */
enum step_kind {
	STEP_SETUP,
	STEP_CALL,
	STEP_TOUCH,
	STEP_FORK,
	STEP_LEAVE,
};

/**
 * struct step - one of them
 * @kind: enum step_kind
 * @mm: in which address space
 * @tid: by which thread
 * @time_ns: when
 * @nr: of a call: its number
 * @error: errno that it gave, 0 where it succeeded
 * @args: its arguments; of a touch, the address
 * @key: what tells this call from the thread's next
 * @place: where it mapped or moved something, 0 where it did not
 * @ends: behind that
 * @placed: it is complete: what comes next is another call
 * @more: as many as there are in @args are known: 4 or 6
 * @backing: the file, NULL for none
 * @offset: in it, bytes
 * @flags: of a touch: MMSCOPE_F_*; of a setup: vm_flags
 * @early: of a touch: by exec, before all that it maps was there
 * @child: of a fork: the address space
 * @name: of prctl(2): what is to be called so
 */
struct step {
	enum step_kind kind;
	__u32 mm;
	__u32 tid;
	__u64 time_ns;
	int nr;
	int error;
	__u64 args[6];
	__u64 key;
	__u64 place;
	__u64 ends;
	bool placed;
	unsigned int more;
	struct backing *backing;
	__u64 offset;
	__u64 flags;
	bool early;
	__u32 child;
	char *name;
};

/**
 * struct family - an address space, and where it comes from
 * @mm: its id
 * @parent: from whom it was forked, 0 for nobody
 * @tgid: its process
 * @heap: where its heap begins
 * @heap_end: the most that it reached
 * @actor: number in the program, -1 where it has no part
 * @ready: exec is done, or there is none
 * @threads: of different threads there were calls
 * @tid: of the last one
 */
struct family {
	__u32 mm;
	__u32 parent;
	__u32 tgid;
	__u64 heap;
	__u64 heap_end;
	int actor;
	bool ready;
	bool threads;
	__u32 tid;
};

/**
 * enum unkept - what a program cannot do again
 * @UNKEPT_VDSO: touches of the vdso, which is elsewhere in each process
 * @UNKEPT_CALL: calls of kinds that are not written
 * @UNKEPT_DEVICE: mappings of devices
 * @UNKEPT_FILE: calls that failed with a file that has no name
 * @UNKEPT_PAGES: there were pages before the history begins
 * @UNKEPT_LOST: records were lost
 * @UNKEPT_SHARED: a file that was mapped to be written is a new one
 */
enum unkept {
	UNKEPT_VDSO,
	UNKEPT_CALL,
	UNKEPT_DEVICE,
	UNKEPT_FILE,
	UNKEPT_PAGES,
	UNKEPT_LOST,
	UNKEPT_SHARED,
	NR_UNKEPT,
};

/**
 * struct history - of all address spaces of a recording
 * @steps: in the order in which they were done
 * @nr: how many
 * @room: for how many
 * @families: the address spaces
 * @nr_families: how many
 * @unkept: by enum unkept
 */
struct history {
	struct step *steps;
	size_t nr;
	size_t room;
	struct family *families;
	size_t nr_families;
	__u64 unkept[NR_UNKEPT];
};

struct step *history_add(struct history *history, enum step_kind kind,
			 const struct mmscope_event *raw);
struct family *history_family(struct history *history, __u32 mm);
__u32 history_last(const struct history *history);
bool history_choose(struct history *history, __u32 mm);
void history_free(struct history *history);

#endif
