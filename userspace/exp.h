/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an experiment is written with.
 *
 * An experiment is a file of its own and a row in experiments/table.h. Its run() is a list of
 * steps; each step says what the kernel will do, and then makes it do it:
 *
 *	STEP("munmap pages 4-7") {
 *		expect("split at 4");
 *		expect("split at 8");
 *		expect("unmap 4-7 by munmap, partial, 4 given back");
 *		expect("space 12, rss 8, held 12");
 *		ACT(munmap(at(m, 4), len(4)));
 *	}
 *
 * A line of expect() is compared, as text, with what the kernel says afterwards. It is either the
 * next record of the log (story.c lists their words) or figures (observe.c has the table of them).
 * What was not expected must not happen: a record too many, an errno, a signal breaks the step.
 * Expectations after the first act are a bug of the experiment, and abort it.
 *
 * Pages are numbered from the start of the mapping, or of the device's store; VMAs by birth, from
 * #0, beginning again when none is left. Where kernels differ, expect_since() names the rule and
 * both outcomes, and the output says so.
 */
#ifndef MMSCOPE_EXP_H
#define MMSCOPE_EXP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <linux/mmscope.h>
#include "mmscope.h"
#include "rules.h"

/**
 * struct experiment - one of them
 * @name: as typed
 * @group: heading in the list
 * @question: what it answers, one line
 * @textbook: what is usually said
 * @kernel: what the kernel does, since when, in which function
 * @look: what to look at in the output
 * @next: what to try next
 * @see: names of related experiments
 * @device: needs /dev/mmscope
 * @terse: many small steps: no pictures
 * @run: the steps
 */
struct experiment {
	const char *name;
	const char *group;
	const char *question;
	const char *textbook;
	const char *kernel;
	const char *look;
	const char *next;
	const char *see;
	bool device;
	bool terse;
	void (*run)(void);
};

/* The table, experiments/table.c, in teaching order */
const struct experiment *experiment_find(const char *name);
const struct experiment *experiment_get(size_t i);

/* Steps */
#define STEP(...)	\
	for (bool on = (step_begin(__VA_ARGS__), true); on; on = (step_end(), false))

void step_begin(const char *fmt, ...) __printf(1, 2);
void step_end(void);
void expect(const char *fmt, ...) __printf(1, 2);
void expect_since(enum rule_id id, const char *now, const char *before);
void note(const char *fmt, ...) __printf(1, 2);
void skip(const char *fmt, ...) __printf(1, 2) __noreturn;

/**
 * struct region - a stretch of addresses that an experiment works in
 * @at: its first address
 * @pages: its length
 * @fd: the device's file behind it, -1 for anonymous memory
 * @name: to tell several apart in pictures, or NULL
 * @pfn: mapped by raw numbers: pagemap does not show it
 * @grows: its VMAs change without a hook: the log need not agree with /proc/self/maps
 * @live: has not been dropped
 * @given: pages the log tells were given, for @pfn
 */
struct region {
	char *at;
	size_t pages;
	int fd;
	const char *name;
	bool pfn;
	bool grows;
	bool live;
	unsigned char *given;
};

/**
 * struct mapping - what MAP() is asked for; what is not named is 0
 * @pages: length
 * @room: addresses to keep free for it, if more than that
 * @anonymous: anonymous memory, not the device's
 * @private: MAP_PRIVATE for the device (anonymous memory is private anyway)
 * @prot: PROT_*, 0 is read and write
 * @more: further MAP_* flags
 * @backing: MMSCOPE_PAGE and the others
 * @flags: MMSCOPE_EAGER and the others
 * @store: pages of the store, 0 for as many as are mapped
 * @error_nth: every nth fault fails
 * @file: map this region's file once more, instead of a new one
 * @from: first page of the file to map
 * @place: address, NULL for a place of its own with nothing near it
 * @name: for pictures
 */
struct mapping {
	size_t pages;
	size_t room;
	bool anonymous;
	bool private;
	int prot;
	int more;
	unsigned int backing;
	unsigned long long flags;
	unsigned long long store;
	unsigned int error_nth;
	const struct region *file;
	size_t from;
	void *place;
	const char *name;
};

#define MAP(...)	map_region(&(struct mapping){ __VA_ARGS__ })

struct region *map_region(const struct mapping *mapping);
struct region *reserve(size_t pages, const char *name);
void drop(struct region *r);
void drop_all(void);
void close_file(struct region *r);
void *at(const struct region *r, size_t page);
size_t len(size_t pages);

/* Acts. ACT() is for any system call: it keeps errno and counts the faults. */
#define ACT(call) ({					\
	act_begin();					\
	__typeof__(call) act_result = (call);		\
	act_end((long)act_result);			\
	act_result; })

void act_begin(void);
void act_end(long result);
void read_pages(const struct region *r, size_t first, size_t last);
void write_pages(const struct region *r, size_t first, size_t last);

/* Counts this thread's calls of a kernel function between the two: the figure "entries". */
void count_entries(const char *function);
void count_end(void);

/* In a forked child, whose end is waited for; its acts count as this step's. */
#define CHILD	for (bool in_child = child_begin(); in_child; in_child = child_end())

bool child_begin(void);
bool child_end(void);
pid_t child_start(void);
void child_kill(pid_t pid);

#endif
