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

#define TOUCHED_MMS	256	/* buckets of the table of address spaces with touched pages */
#define BEGUN_THREADS	64	/* threads whose operation can be under way at the same time */
#define ATTEMPT_THREADS	64	/* threads whose attempts can be counted at the same time */
#define OPS_BUCKETS	64
#define SHORTAGES	15

struct block;
struct letter;
struct ops_known;
struct touched;

/**
 * struct queue - records that are to be handed out; tracer/queue.c
 * @letters: records with what else they tell
 * @head: element of @letters that is handed out next
 * @tail: first free element of @letters
 * @room: number of elements for which @letters has room
 * @cause: raw record that is being decoded, or was decoded last
 */
struct queue {
	struct letter *letters;
	size_t head;
	size_t tail;
	size_t room;
	struct mmscope_event cause;
};

/**
 * struct decoding - state of decoding raw records; tracer/decode.c
 * @sums: functions that take sums of faults
 * @now: raw record that is being decoded
 * @over: address space whose end was just told; it is freed with the next raw record, since the
 *	records in the queue still name it
 */
struct decoding {
	struct raw_sums sums;
	const struct mmscope_event *now;
	struct mm *over;
};

/**
 * struct begun - an operation of a thread that takes time, and may bring or take pages
 * @mm: id of the address space, 0 for a free element
 * @tid: the thread
 * @rss: &mm.rss when the operation began
 */
struct begun {
	__u32 mm;
	__u32 tid;
	__s64 rss[RAW_NR_RSS];
};

/**
 * struct rss_account - pages of address spaces by kind; tracer/rss_account.c
 * @without_faults: faults are not told, so that the pages which they brought are not known
 * @together: sum of raw records about single pages, which become one record
 * @begun: operations that are under way, by thread
 */
struct rss_account {
	bool without_faults;
	struct raw_pages together;
	struct begun begun[BEGUN_THREADS];
};

/**
 * struct touched_pages - pages that were seen to be touched; tracer/touched.c
 * @mms: hash table of address spaces
 * @blocks: hash table of blocks of pages, NULL while there is none
 * @nr_blocks: number of blocks
 * @nr_released: number of blocks that have room for releases
 * @releases: ring of the last releases
 * @nr_releases: number of releases so far, also those that are no longer in @releases
 * @room_releases: number of elements for which @releases has room
 * @missed: number of pages that found no room
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
 * struct attempt - a page that a thread asks a driver for again and again, as the driver tells it
 *	to
 * @tid: the thread
 * @count: number of attempts in a row
 * @addr: address that the thread touches
 */
struct attempt {
	__u32 tid;
	__u32 count;
	__u64 addr;
};

/**
 * struct ops_target - the driver whose calls are shown; tracer/vm_ops_target.c
 * @chosen: name of the driver's operations, or path of its device, as typed; NULL for no driver
 * @found: addresses of the vm_operations_structs of that name
 * @nr_found: number of elements of @found, 0 if the user named a device
 * @rdev: the device that the user named
 * @watched: addresses of the vm_operations_structs whose calls are told
 * @nr_watched: number of elements of @watched
 * @hidden: bits by enum raw_hook: hooks that the kernel does not let be watched
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
 * struct sums_kept - sums of faults that a recording has records of; tracer/kept_sums.c
 * @all: sums by class and by VMA
 * @drivers: drivers that had faults of RECORD_CLASS_DRIVER
 * @of_drivers: sum of the faults of each of @drivers
 * @nr_drivers: number of elements of @drivers
 * @refusals: record_error() of faults that were refused, each once
 * @of_refusals: sum of the faults of each of @refusals
 * @nr_refusals: number of elements of @refusals
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
 * struct replay - raw records that come from a recording instead of BPF programs; tracer/replay.c
 * @source: function that returns the next raw record, NULL if BPF programs tell
 * @totals: what the tracer had counted when it was recorded
 * @from: time in ns; faults before it are not summed up
 */
struct replay {
	replay_fn source;
	struct tracer_totals totals;
	__u64 from;
};

/**
 * struct tracer - what a session makes of the raw records that it is told
 * @queue: records that are to be handed out
 * @decode: state of decoding
 * @account: pages by kind
 * @touched: pages that were touched
 * @attempts: attempts of threads to get a page from a driver, by thread
 * @ops: hash table of the vm_operations_structs that were read
 * @target: driver whose calls are shown
 * @sums: sums of faults of a recording
 * @replay: source of raw records
 * @lost: number of records that found no room
 * @nr_faults: number of faults that were told and did not fail
 * @is_unwanted: function that says which faults are not handed out, or NULL
 * @nr_passed: number of faults that were not handed out
 * @shortages: what else found no room, by the table in tracer/shortage.c
 *
 * What belongs to the BPF programs themselves, from tracer/load.c to tracer/tap.c, is not in here:
 * they are loaded once in a process, since each fault of the machine passes all that are loaded.
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
 * The tracer of the session that is selected. The tool has one thread, and each function of tracer/
 * is about one session, so that a global pointer saves each caller an argument.
 */
extern struct tracer *tracer;

struct tracer *tracer_new(void);
void tracer_select(struct tracer *selected);

#endif
