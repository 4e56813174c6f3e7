/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_KERNEL_RULES_H
#define MMSCOPE_BASE_KERNEL_RULES_H

#include <stdbool.h>
#include <stddef.h>

#define KERNEL(major, minor)	((major) << 8 | (minor))
#define GLIBC(major, minor)	KERNEL(major, minor)

/**
 * struct rule - something that kernels or glibcs do differently since a version
 * @since: the first kernel that does @now, as KERNEL()
 * @glibc: the first glibc that does @now, as GLIBC(); 0 where the kernel decides
 * @now: what is true since that version, a sentence without its full stop
 * @before: what is true before that version
 * @where: function and file in which it can be read
 */
struct rule {
	unsigned int since;
	unsigned int glibc;
	const char *now;
	const char *before;
	const char *where;
};

extern const struct rule rule_unmap_split;
extern const struct rule rule_vma_lock;
extern const struct rule rule_merge_close;
extern const struct rule rule_mseal;
extern const struct rule rule_guard;
extern const struct rule rule_move_many;
extern const struct rule rule_dofork;
extern const struct rule rule_fixed_errno;
extern const struct rule rule_thread_guard;

void rules_replace(const char *release);
unsigned int rules_kernel(void);
bool rule_holds(const struct rule *rule);
void rule_tell(const struct rule *rule, char *buf, size_t size);
const char *rules_supported(void);

#endif
