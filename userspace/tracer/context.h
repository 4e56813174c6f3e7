/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_CONTEXT_H
#define MMSCOPE_TRACER_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "bpf/tracer_abi.h"
#include "tracer/decode.h"
#include "tracer/replay.h"
#include "tracer/vm_ops_target.h"

#define TOUCHED_MMS	256	/* lists of address spaces whose touched pages are known */
#define BEGUN_THREADS	64	/* whose operations are known that have begun and not ended */
#define ATTEMPT_THREADS	64	/* whose attempts are counted at a time */
#define OPS_BUCKETS	64
#define SHORTAGES	15

struct block;
struct letter;
struct ops_known;
struct touched;

/**
 * struct queue - records on their way out; tracer/queue.c
 * @letters: they
 * @head: the next to be handed out
 * @tail: behind the last
 * @room: for how many there is room
 * @cause: the raw record that is being looked at
 */
struct queue {
	struct letter *letters;
	size_t head;
	size_t tail;
	size_t room;
	const struct mmscope_event *cause;
};

/**
 * struct decoding - what a raw record becomes; tracer/decode.c
 * @sums: who keeps sums of faults
 * @now: the record that is being looked at
 * @over: an address space that ended, and is still named by the records that tell so
 */
struct decoding {
	struct raw_sums sums;
	const struct mmscope_event *now;
	struct mm *over;
};

/**
 * struct begun - something that takes its time, and may bring or take pages
 * @mm: whose, 0 for none
 * @tid: who does it
 * @rss: what was known when it began
 */
struct begun {
	__u32 mm;
	__u32 tid;
	__s64 rss[RAW_NR_RSS];
};

/**
 * struct rss_account - pages of address spaces by kind; tracer/rss_account.c
 * @without_faults: they are not told, so that nobody knows what was there before
 * @together: records of one kind, each of a page, that are to be told as one
 * @begun: operations that have begun, by thread
 */
struct rss_account {
	bool without_faults;
	struct raw_pages together;
	struct begun begun[BEGUN_THREADS];
};

/**
 * struct touched_pages - pages that were seen to be touched; tracer/touched.c
 * @mms: by address space
 * @blocks: table of blocks of pages, NULL while there is none
 * @nr_blocks: how many
 * @nr_released: of those, how many have room for releases
 * @releases: the last ones
 * @nr_releases: how many there were
 * @room_releases: for how many there is room
 * @missed: pages that found no room
 */
struct touched_pages {
	struct touched *mms[TOUCHED_MMS];
	struct block **blocks;
	size_t nr_blocks;
	size_t nr_released;
	struct release *releases;
	__u32 nr_releases;
	__u32 room_releases;
	__u64 missed;
};

/**
 * struct attempt - a page that a thread asks for again, as it was told to
 * @tid: the thread
 * @count: so often in a row
 * @addr: where
 */
struct attempt {
	__u32 tid;
	__u32 count;
	__u64 addr;
};

/**
 * struct ops_target - the driver whose calls are shown; tracer/vm_ops_target.c
 * @chosen: as the user named it, or NULL
 * @found: the vm_operations_structs that he named
 * @nr_found: how many
 * @rdev: or the device that he named
 * @watched: the vm_operations_structs whose calls are told
 * @nr_watched: how many
 * @hidden: bits by enum raw_hook: these hooks cannot be watched
 * @balance: VMAs of the driver
 */
struct ops_target {
	const char *chosen;
	__u64 found[RAW_MAX_OPS];
	size_t nr_found;
	dev_t rdev;
	__u64 watched[RAW_MAX_OPS];
	size_t nr_watched;
	unsigned int hidden;
	struct vm_ops_target_balance balance;
};

/**
 * struct sums_kept - sums of faults of which there are records; tracer/kept_sums.c
 * @all: by class and by VMA
 * @drivers: those of faults of class driver
 * @of_drivers: and their sums
 * @nr_drivers: how many
 * @refusals: record_error() of faults that were refused
 * @of_refusals: and their sums
 * @nr_refusals: how many
 */
struct sums_kept {
	struct fault_sums all;
	struct fault_driver drivers[MAX_DRIVERS];
	struct fault_total of_drivers[MAX_DRIVERS];
	size_t nr_drivers;
	__u32 refusals[MAX_REFUSALS];
	struct fault_total of_refusals[MAX_REFUSALS];
	size_t nr_refusals;
};

/**
 * struct replay - where raw records come from if not from BPF programs; tracer/replay.c
 * @source: gives them, NULL where BPF programs do
 * @totals: what was counted there
 * @from: earlier faults are not summed up
 */
struct replay {
	replay_fn source;
	struct tracer_totals totals;
	__u64 from;
};

/**
 * struct tracer - what a session makes of the raw records that it is told
 * @queue: records on their way out
 * @decode: what becomes of the raw record that is being looked at
 * @account: pages by kind
 * @touched: pages that were touched
 * @attempts: of threads to get a page
 * @ops: the vm_operations_structs that are known, in lists
 * @target: the driver whose calls are shown
 * @sums: of faults of which there are records
 * @replay: where raw records come from
 * @lost: records that found no room
 * @nr_faults: that were told, and went well
 * @is_unwanted: says which faults are not handed out, or NULL
 * @nr_passed: how many were not
 * @shortages: what else found no room, by kind
 *
 * What is about the BPF programs themselves, from tracer/load.c to tracer/tap.c, is not in here:
 * they are loaded once in a process, for each fault of the machine passes all that are loaded.
 */
struct tracer {
	struct queue queue;
	struct decoding decode;
	struct rss_account account;
	struct touched_pages touched;
	struct attempt attempts[ATTEMPT_THREADS];
	struct ops_known *ops[OPS_BUCKETS];
	struct ops_target target;
	struct sums_kept sums;
	struct replay replay;
	__u64 lost;
	__u64 nr_faults;
	bool (*is_unwanted)(const struct mmscope_event *fault);
	__u64 nr_passed;
	__u64 shortages[SHORTAGES];
};

/*
 * That of the session that is selected. The tool has one thread, and each function of tracer/ is
 * about one session, so that they need not all be told which.
 */
extern struct tracer *tracer;

struct tracer *tracer_new(void);
void tracer_select(struct tracer *selected);

#endif
