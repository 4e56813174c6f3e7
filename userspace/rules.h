/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RULES_H
#define MMSCOPE_RULES_H

#include <stdbool.h>

#define KERNEL(major, minor)	((major) << 8 | (minor))

/**
 * enum rule_id - what some kernels do and others do not
 */
enum rule_id {
	RULE_NONE,
	RULE_UNMAP_SPLIT,
	RULE_VMA_LOCK,
	RULE_MERGE_CLOSE,
	RULE_MSEAL,
	RULE_GUARD,
	RULE_MOVE_MANY,
	RULE_DOFORK,
	RULE_FIXED_ERRNO,
	NR_RULES,
};

/**
 * struct rule - one of them
 * @since: first kernel of which it is true, as KERNEL()
 * @now: what those kernels do
 * @before: what the others do
 * @where: where to read it
 */
struct rule {
	unsigned int since;
	const char *now;
	const char *before;
	const char *where;
};

unsigned int rules_kernel(void);
const struct rule *rules_get(enum rule_id id);
bool rules_hold(enum rule_id id);
const char *rules_supported(void);

#endif
