/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What experiments are written with.
 *
 * An experiment is a file of its own and a row in the list of its group, experiments/GROUP/list.h.
 * Its run() is a list of steps; each step says what the kernel will do, and then makes it do it:
 *
 *	STEP("munmap pages 4-7") {
 *		expect("split at 4");
 *		expect("unmap 4-7 by munmap, partial, 4 given back");
 *		expect("space 12, rss 8, minor 0..2");
 *		ACT(munmap(at(m, 4), len(4)));
 *	}
 *
 * A line of expect() is compared with what the kernel says afterwards. It is either the next record
 * of the log, in the words of lab/step_log.c, or figures: "name value", several of them separated
 * by ", ". lab/metrics.c has the table of names; see() makes one more, for this step. A value is
 * one of
 *
 *	12, 132 KiB	exactly that		< 12, >= 12 MiB	in a relation to it
 *	3..5		between			about 12	a tenth more or less
 *	+4, -16 KiB, +3..5	the change that the step makes, by the same rules
 *
 * Sizes without a unit are pages. What was not expected must not happen: a record too many, an
 * errno, a signal breaks the step. Expectations behind the first act are a bug of the experiment,
 * and abort it. Predictions are computed from rules and from the running system before the step,
 * never from what was observed in it. Where kernels differ, expect_since() names the rule and both
 * outcomes, and the output says so.
 *
 * run() has a process of its own, which is started afresh: nothing but the experiment allocates
 * there. Another process (lab/runner.c) prints, and restores what tune() has changed, however the
 * first one ends.
 *
 * Pages are numbered from the start of the mapping, or of the device's store; VMAs by birth, from
 * #0, beginning again when none is left.
 */
#ifndef MMSCOPE_LAB_EXPERIMENT_H
#define MMSCOPE_LAB_EXPERIMENT_H

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <linux/mmscope.h>
#include "base/kernel_rules.h"
#include "base/tool.h"

#define MAX_PARTS	6
#define MAX_PARAMS	3
#define MAX_RULES	6

#define KIB(n)	((size_t)(n) << 10)
#define MIB(n)	((size_t)(n) << 20)
#define GIB(n)	((size_t)(n) << 30)

/**
 * struct param - a parameter that may be given to a run
 * @name: "pages", "threads", "runs" or "size", as in --pages=
 * @what: what the parameter is, in a few words
 * @value: value if it is not given
 * @least: lowest value
 * @most: highest value
 */
struct param {
	const char *name;
	const char *what;
	unsigned long value;
	unsigned long least;
	unsigned long most;
};

/**
 * struct part - steps that have a process of their own
 * @title: heading above the steps, or NULL
 * @run: function with the steps
 * @environment: variable that is set for the process, "GLIBC_TUNABLES=...", or NULL
 * @device: the steps need /dev/mmscope; without it the part is left out
 */
struct part {
	const char *title;
	void (*run)(void);
	const char *environment;
	bool device;
};

struct suggestion;

/**
 * struct experiment - an experiment
 * @name: name as typed
 * @question: the question that it answers, one line
 * @textbook: what is usually said
 * @kernel: what the kernel does, since when, in which function and file
 * @look: what to look at in the output
 * @next: what to try next, or NULL
 * @see: names of related experiments, or NULL
 * @rules: differences between kernels, or glibcs, that its predictions rest on: all of them
 * @words: what its figures mean, for the header; NULL for those of a mapping
 * @device: the experiment needs /dev/mmscope
 * @terse: it has many small steps, and no pictures of regions
 * @params: parameters that may be given; the name of the last one is NULL
 * @run: function with the steps, if all are in one part
 * @parts: the parts, if there are several
 */
struct experiment {
	const char *name;
	const char *question;
	const char *textbook;
	const char *kernel;
	const char *look;
	const char *next;
	const char *see;
	const struct rule *rules[MAX_RULES];
	const char *words;
	bool device;
	bool terse;
	struct param params[MAX_PARAMS];
	void (*run)(void);
	struct part parts[MAX_PARTS];
};

/*
 * These functions are in the table of experiments, experiments/table.c, which is in teaching order.
 */
const struct experiment *experiment_find(const char *name);
const struct experiment *experiment_get(size_t i);
const char *experiment_group(const struct experiment *exp);
void experiment_suggest(const char *name, struct suggestion *near);

/* A step is judged however its block is left, even by break or return. */
#define STEP(...)	\
	for (bool on __cleanup(step_end) = (step_begin(__VA_ARGS__), true); on; on = false)

void step_begin(const char *fmt, ...) __printf(1, 2);
void step_end(const bool *on);

/*
 * The words of predictions, and names that see() shows, are kept in sections where lab/vocabulary.c
 * finds all of them when the tool starts: so a misspelt name is told then, not by a step that
 * breaks. Words that are made when the step runs are NULL there; SEE_ALL() names those that see()
 * is given.
 */
#define KEEP(list, name, words)								\
	static const char *const name __attribute__((section(#list), used)) =		\
		__builtin_choose_expr(__builtin_constant_p(words), words, NULL)

#define expect(fmt, ...) do {				\
	KEEP(words_expected, words_kept, fmt);		\
	expect_line(fmt, ##__VA_ARGS__);		\
} while (0)

#define expect_since(rule, now, before) do {		\
	KEEP(words_expected, words_now, now);		\
	KEEP(words_expected, words_before, before);	\
	expect_by_rule(rule, now, before);		\
} while (0)

void expect_line(const char *fmt, ...) __printf(1, 2);
void expect_by_rule(const struct rule *rule, const char *now, const char *before);
void note(const char *fmt, ...) __printf(1, 2);

/* Adds a line to a picture below the step: at most 74 characters. */
void draw(const char *fmt, ...) __printf(1, 2);

/* Adds a figure of this step's own, which expect() may then predict as "name value". */
#define see(name, value) do {				\
	KEEP(words_seen, words_kept, name);		\
	see_number(name, value);			\
} while (0)

#define see_text(name, ...) do {			\
	KEEP(words_seen, words_kept, name);		\
	see_words(name, __VA_ARGS__);			\
} while (0)

/*
 * Names that see() in this file is given as variables, or their beginnings; stands once in a file.
 */
#define SEE_ALL(...)	\
	static const char *const words_made[] __attribute__((section("words_seen"), used)) = { \
		__VA_ARGS__ }

void see_number(const char *name, long value);
void see_words(const char *name, const char *fmt, ...) __printf(2, 3);

/*
 * skip() ends the experiment, since it cannot be done on this system. leave_out() says which steps
 * the experiment leaves out, and goes on.
 */
void skip(const char *fmt, ...) __printf(1, 2) __noreturn;
void leave_out(const char *fmt, ...) __printf(1, 2);

unsigned long param(const char *name);

/* May other programs be disturbed for a moment? Only if the reader has allowed it: --system. */
bool may_disturb(void);

/* Writes a file of /proc or /sys. Its old contents are restored when the part ends, in any way. */
void tune(const char *path, const char *value);
bool tunable(const char *path);

/* What is done when the part ends, in any way; the last call's comes first. */
void restore_write(const char *path, const char *value);
void restore_swap(const char *device);

/**
 * struct region - a range of addresses that an experiment works in
 * @at: first address
 * @pages: length of the range
 * @fd: descriptor of the device's file behind it, -1 for anonymous memory
 * @name: name in pictures, which tells several regions apart; or NULL
 * @pfn: pages are mapped by their numbers: pagemap does not show them
 * @grows: VMAs change without a hook: the log need not agree with /proc/self/maps
 * @foreign: the memory was there before: it is drawn, and not unmapped
 * @live: the region was not dropped
 * @given: for each page, whether the log tells that it was given, for @pfn
 */
struct region {
	char *at;
	size_t pages;
	int fd;
	const char *name;
	bool pfn;
	bool grows;
	bool foreign;
	bool live;
	unsigned char *given;
};

/**
 * struct mapping - what MAP() is asked for; members that are not named are 0
 * @pages: length
 * @room: addresses that are kept free for the mapping, if they are more than @pages
 * @anonymous: map anonymous memory, not the device's
 * @private: MAP_PRIVATE for the device (anonymous memory is private anyway)
 * @prot: PROT_*; 0 means read and write
 * @more: further MAP_* flags
 * @backing: MMSCOPE_PAGE and the others
 * @flags: MMSCOPE_EAGER and the others
 * @store: pages of the store; 0 for as many as are mapped
 * @error_nth: each fault with a multiple of this number fails
 * @file: map the file of this region again, instead of a new file
 * @from: first page of the file that is mapped
 * @place: address; NULL for a place of its own with nothing near it
 * @name: name in pictures
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
struct region *watch(void *start, size_t pages, const char *name);
void drop(struct region *r);
void drop_all(void);
void close_file(struct region *r);
void *at(const struct region *r, size_t page);
size_t len(size_t pages);

/* ACT() makes an act of any system call: its errno is kept, and its faults are counted. */
#define ACT(call) ({					\
	syscall_begin();					\
	__typeof__(call) syscall_result = (call);		\
	syscall_end((long)syscall_result);			\
	syscall_result; })

/* An act that may end in a signal, which is kept; execution goes on behind the block. */
#define TRY	\
	for (bool trying __cleanup(try_end) =					\
	     try_begin() && !sigsetjmp(syscall_landing, 1); trying; trying = false)

void syscall_begin(void);
void syscall_end(long result);
bool try_begin(void);
void try_end(const bool *trying);
extern sigjmp_buf syscall_landing;
void read_pages(const struct region *r, size_t first, size_t last);
void write_pages(const struct region *r, size_t first, size_t last);
void read_at(const void *address);
void write_at(void *address, unsigned char value);

/*
 * Between these two, calls of a kernel function by this thread are counted: the figure "entries".
 */
void count_entries(const char *function);
void count_end(void);

/*
 * Counts system calls of this thread: figures like "brk calls", for names in a list that NULL ends.
 */
#define COUNT_CALLS(...)	count_calls((const char *const[]){ __VA_ARGS__, NULL })
void count_calls(const char *const *names);
void count_calls_end(void);

/* The block is run in a forked child, whose end is waited for; its acts count as this step's. */
#define CHILD	\
	for (bool in_child __cleanup(child_end) = child_begin(); in_child; child_end(&in_child))

bool child_begin(void);
void child_end(const bool *in_child);
pid_t child_start(void);
void child_kill(pid_t pid);

#endif
