/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The compliance suite for memory that a driver maps: the checks, what each of them says, and how
 * it is run.
 */
#ifndef MMSCOPE_CHECK_CHECK_H
#define MMSCOPE_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include "base/tool.h"
#include "check/target.h"

/**
 * enum check_verdict - what a check says, the worse the greater
 * @CHECK_OK: as it has to be
 * @CHECK_SKIP: there was nothing to try, or no means to try it
 * @CHECK_NOTE: as a driver may have it, but who uses it should know
 * @CHECK_WARN: most probably not meant so
 * @CHECK_FAIL: wrong
 * @CHECK_HANG: it did not end
 * @CHECK_KERNEL: the kernel complained
 */
enum check_verdict {
	CHECK_OK,
	CHECK_SKIP,
	CHECK_NOTE,
	CHECK_WARN,
	CHECK_FAIL,
	CHECK_HANG,
	CHECK_KERNEL,
	CHECK_VERDICTS,
};

/**
 * struct check_report - what a check, which runs in processes of its own, says
 * @verdict: the worst so far
 * @told: something has been said with that verdict
 * @lacking: it is this machine that lacks the means, not the device
 * @done: the check went to its end
 * @stuck: its process could not be ended
 * @why: sentences
 */
struct check_report {
	enum check_verdict verdict;
	bool told;
	bool lacking;
	bool done;
	bool stuck;
	char why[1024];
};

/**
 * struct check - one of them
 * @id: its family's letter and a number
 * @title: what it is about
 * @about: a paragraph: what is done, why, and which mistakes it finds
 * @seconds: how long it may take
 * @destructive: a mistake that it finds may have cost the machine already
 * @writes: says nothing where the memory is not to be written
 * @chained: of its family, what follows a failure would only tell the same mistake again
 * @run: does it, in a process of its own
 */
struct check {
	const char *id;
	const char *title;
	const char *about;
	unsigned int seconds;
	bool destructive;
	bool writes;
	bool chained;
	void (*run)(struct target *target);
};

/* list.c */
extern const struct check check_list[];
extern const size_t check_count;

const struct check *check_find(const char *id);

/* report.c */
void check_reports_to(struct check_report *report);
void check_tell(enum check_verdict verdict, const char *fmt, ...) __printf(2, 3);
void check_lacks(const char *fmt, ...) __printf(1, 2);
bool check_failed(void);
const char *check_word(enum check_verdict verdict);

/* child.c */
void check_child(struct check_report *report, unsigned int seconds,
		 void (*run)(struct target *target), struct target *target);

/* probe.c */
void target_probe(struct target *target);

/* flags.c */
void check_no_expand(struct target *target);
void check_read_only(struct target *target);
void check_rights(struct target *target);
void check_private_pfn(struct target *target);
void check_advice_undoes(struct target *target);

/* hooks.c */
void check_balance(struct target *target);
void check_answers(struct target *target);

/* frames.c */
void check_frames(struct target *target);

/* private.c */
void check_private_write(struct target *target);
void check_private_after_read(struct target *target);
void check_upgrade_write(struct target *target);
void check_upgrade_exec(struct target *target);

/* life.c */
void check_cut(struct target *target);
void check_move(struct target *target);
void check_move_part(struct target *target);
void check_map_over(struct target *target);
void check_protect_part(struct target *target);
void check_two_mappings(struct target *target);
void check_halves(struct target *target);

/* process.c */
void check_fork(struct target *target);
void check_close_first(struct target *target);
void check_exec(struct target *target);
void check_kill(struct target *target);

/* data.c */
void check_old_data(struct target *target);
void check_addresses(struct target *target);

/* reach.c */
void check_process_vm(struct target *target);
void check_proc_mem(struct target *target);
void check_vmsplice(struct target *target);
void check_direct(struct target *target);
void check_pin(struct target *target);

/* advice.c */
void check_madvise(struct target *target);
void check_mlock(struct target *target);
void check_populate(struct target *target);
void check_userfault(struct target *target);

/* leak.c */
void check_leak_of_fault(struct target *target);
void check_leak_of_open(struct target *target);
void check_leak_of_halves(struct target *target);
void check_leak_of_refusal(struct target *target);
void check_leak_of_objects(struct target *target);

/* bounds.c */
void check_too_long(struct target *target);
void check_behind(struct target *target);
void check_truncated(struct target *target);
void check_grown(struct target *target);

/* race.c */
void check_race_unmap(struct target *target);
void check_race_fork(struct target *target);
void check_race_calls(struct target *target);

/* race_open.c */
void check_race_open(struct target *target);
void check_race_first(struct target *target);

/* before.c */
void check_conversion(struct target *target);

/* calls.c */
void check_calls(struct target *target);
void check_own_memory(struct target *target);

#endif
