/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the trials do: each returns 0, or -errno, with which the kernel refused. They run in a
 * process of their own, which ends after them, so nothing is given back.
 */
#ifndef MMSCOPE_DOCTOR_TRIAL_DEEDS_H
#define MMSCOPE_DOCTOR_TRIAL_DEEDS_H

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include "base/proc.h"

#define RW		(PROT_READ | PROT_WRITE)
#define PAGE		proc_page_size()
#define PAGES		16

static inline int failed(long result)
{
	return result < 0 ? -errno : 0;
}

/* Memory of so many pages, or NULL. */
static inline char *anon(size_t pages)
{
	char *at = mmap(NULL, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static inline void touch(volatile char *at, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		at[i * PAGE] = 1;
}

static inline void look(const volatile char *at, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		(void)at[i * PAGE];
}

/* PAGES pages, so many of which have been written, or NULL. */
static inline char *touched(size_t pages)
{
	char *at = anon(PAGES);

	if (at)
		touch(at, pages);
	return at;
}

int try_move(void);
int try_fault(void);
int try_split(void);
int try_mremap(void);
int try_brk(void);
int try_brk_32(void);
int try_set_mm(void);
int try_name(void);
int try_fork(void);
int try_exec(void);
int try_dontneed(void);
int try_free(void);
int try_cold(void);
int try_mergeable(void);
int try_process_madvise(void);
int try_mlock(void);
int try_mseal(void);
int try_mbind(void);
int try_home_node(void);
int try_insert(void);
int try_failed_maps(void);
int try_failed_rights(void);
int try_failed_locks(void);
int try_failed_uffd(void);
int try_uffd(void);
int try_kernel_access(void);
int try_gup(void);
int try_futex(void);
int try_signal(void);
int try_denied(void);
int try_stack(void);
int try_write(void);
int try_file(void);
int try_truncate(void);
int try_huge(void);
int try_huge_write(void);
int try_huge_split(void);
int try_collapse(void);
int try_collapse_file(void);
int try_huge_file(void);
int try_hugetlb(void);
int try_hugetlb_truncate(void);
int try_swap(void);
int try_ksm(void);

#endif
