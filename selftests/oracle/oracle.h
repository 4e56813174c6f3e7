/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle: random operations on memory of the device, and a model that knows of them only what
 * the log says. After each operation the model must be what the kernel itself shows.
 *
 *	ops.c		what can be done, and how to choose among it
 *	script.c	operations as text, and back
 *	calls.c		an operation as system calls
 *	worker.c	processes and threads that do one operation at a time when told to
 *	procs.c		the same, seen by the driver
 *	model.c		the mappings of all mms, and any record
 *	replay.c	records that change mappings
 *	faults.c	records of faults
 *	asked.c		what may be recorded of an operation that was asked for
 *	compare.c	the model against /proc/PID/maps, pagemap and the module's counters
 *	play.c		the driver: has an operation done, drains the log, replays, compares
 *	shrink.c	a shorter sequence that fails too
 *	oracle.c	the program
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "model.h"
#include "sequence.h"

/* --- calls.c --- */

int yard_open(unsigned int file);
void calls_catch_signals(void);
int call_op(const struct op *op);

/* --- worker.c --- */

#define FD_YARD		50
#define FD_READER	51
#define FD_FILE		60

/*
 * What is told to a thread: it does @op when @turn changes, and then sets @done to it. @born
 * changes when a thread begins to listen here.
 */
struct box {
	__u32 turn;
	__u32 done;
	__u32 born;
	__s32 tid;
	__s32 result;
	struct op op;
};

/* Memory that all share */
struct yard {
	pid_t driver;
	struct setup file[FILES];
	struct {
		pid_t pid;
		struct box box[THREADS];
	} proc[PROCS];
};

extern struct yard *yard;

void yard_make(void);
void box_send(struct box *b, const struct op *op);
bool box_wait(__u32 *word, __u32 was, unsigned int ms);
void worker_start(unsigned int proc);
int worker_main(const char *what);

/* --- play.c --- */

struct proc {
	pid_t pid;
	__u32 mm;
	unsigned int threads;
	int pidfd;
	int maps;
	int pagemap;
	int mem;
};

#define RECENT	256	/* a power of two */

/**
 * struct play - a sequence being played
 * @recent: the last records, to be told if they do not fit
 * @zapped: so far, pages may be mapped in the model that are not present
 * @reopened: files of which processes have several, by bits
 * @ops: operations done, @storm_ops of them at the same time as others
 * @hide: type of which some records are not shown to the model, or 0: it must fail
 * @hidden: how many of that type there were in this sequence
 * @records: read since the last ATTACH, by so many @reads
 * @types: and ever, by type
 * @unaccounted: of all sequences so far
 */
struct play {
	struct scope s;
	struct model m;
	struct proc proc[PROCS];
	const struct sequence *seq;
	bool zapped;
	unsigned int reopened;
	__u64 ops;
	__u64 storm_ops;
	unsigned int hide;
	unsigned int hidden;
	__u64 records;
	__u64 reads;
	__u64 types[MMSCOPE_NR_TYPES];
	struct mmscope_event recent[RECENT];
	__u64 seen;
	__u64 unaccounted;
	char why[400];
};

void play_drain(struct play *p);
int play_open(struct play *p);
void play_begin(struct play *p, const struct sequence *s);
bool play_op(struct play *p, const struct op *op);
bool play_end(struct play *p);
void play_tell(struct play *p);
void play_fail(struct play *p, const char *fmt, ...) __attr(format(printf, 2, 3));

/* --- procs.c --- */

void procs_reset(struct play *p);
void procs_start(struct play *p, unsigned int i);
void procs_meet(struct play *p, unsigned int i);
void proc_meet_mm(struct proc *w);
void procs_await(struct play *p, unsigned int i, __u32 *word, __u32 was, bool draining);
void procs_await_end(struct play *p, unsigned int i);

/* --- compare.c --- */

bool compare_all(struct play *p);
bool compare_counters(struct play *p);

/* --- shrink.c --- */

void shrink(struct play *p, struct sequence *s, unsigned int seconds);

#endif
