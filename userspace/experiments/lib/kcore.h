/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_KCORE_H
#define MMSCOPE_LIB_KCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

#define KCORE_LEVELS	5

struct btf;

bool kcore_open(void);
struct btf *kcore_types(void);
const char *kcore_why(void);
bool kcore_read(__u64 address, void *buf, size_t size);
__u64 kcore_u64(__u64 address);
long kcore_offset(const char *type, const char *member);
long kcore_sizeof(const char *type);
__u64 kcore_symbol(const char *name);
__u64 kcore_task(pid_t pid);
__u64 kcore_member(__u64 object, const char *type, const char *member);
__u64 kcore_pgd(pid_t pid);
size_t kcore_walk(__u64 pgd, __u64 address, __u64 *entries);
__u64 kcore_physical(__u64 address);
__u64 kcore_direct(__u64 physical);

#endif
