/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BUDGET_BUDGET_H
#define MMSCOPE_BUDGET_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct figures;

#define CLASS_ALL	(~0U)

/**
 * enum unit - what a figure counts
 * @UNIT_COUNT: ranges
 * @UNIT_BYTES: bytes
 * @UNIT_NS: ns
 */
enum unit {
	UNIT_COUNT,
	UNIT_BYTES,
	UNIT_NS,
};

/**
 * enum compare - how a figure and a limit are compared
 * @COMPARE_LE: <=
 * @COMPARE_LT: <
 * @COMPARE_GE: >=
 * @COMPARE_GT: >
 * @COMPARE_EQ: ==
 */
enum compare {
	COMPARE_LE,
	COMPARE_LT,
	COMPARE_GE,
	COMPARE_GT,
	COMPARE_EQ,
};

/**
 * struct figure_kind - a figure that may be limited
 * @name: in a budget
 * @unit: of it
 * @classes: faults of a class may be asked for
 * @places: those in a place, too
 * @value: what was measured of it; percent is of pN alone
 */
struct figure_kind {
	const char *name;
	enum unit unit;
	bool classes;
	bool places;
	__u64 (*value)(__u32 class, unsigned int percent);
};

/**
 * struct limit - a line of a budget
 * @line: its number in the file
 * @text: the limit, without blanks around it and without a comment
 * @kind: what is limited
 * @class: of faults: enum record_class, or CLASS_ALL
 * @percent: of pN: N
 * @place: function, file, file:line or program; NULL for anywhere
 * @compare: how
 * @value: with what
 */
struct limit {
	unsigned int line;
	char *text;
	const struct figure_kind *kind;
	__u32 class;
	unsigned int percent;
	char *place;
	enum compare compare;
	__u64 value;
};

/**
 * struct budget - what a run may take
 * @path: of its file
 * @limits: its lines
 * @nr: how many
 */
struct budget {
	const char *path;
	struct limit *limits;
	size_t nr;
};

/* budget/grammar.c: a budget from its file */
int budget_read(struct budget *budget, const char *path);
void budget_free(struct budget *budget);

/* budget/kinds.c: the figures, and their values */
const struct figure_kind *kinds_find(const char *name, unsigned int *percent);
const struct figure_kind *kinds_each(size_t i);
void kinds_value_text(enum unit unit, __u64 value, char *buf, size_t size);

/* budget/spot.c: faults in a place */
__u64 spot_faults(const char *place, __u32 class, __u64 *unknown);

/* budget/judge.c: is it kept? */
int budget_judge(const struct budget *budget, bool lost);

/* budget/draft.c: a budget from a run */
int draft_check(const char *path);
int draft_write(const char *path, const char *command);

#endif
