/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_MERGE_REFUSAL_H
#define MMSCOPE_TRACER_MERGE_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct vma;
struct mm;

/**
 * struct apart_facts - what the words for why two VMAs are not merged may name
 * @low_flags: vm_flags of the lower VMA
 * @high_flags: vm_flags of the higher VMA
 * @file: the lower VMA has a file
 * @same_file: both VMAs have the same file, perhaps opened twice
 * @last: page number of the last page of the lower VMA
 * @next: page number of the first page of the higher VMA
 * @low_name: name of the lower VMA from prctl(2), NULL for none
 * @high_name: name of the higher VMA from prctl(2), NULL for none
 */
struct apart_facts {
	__u64 low_flags;
	__u64 high_flags;
	bool file;
	bool same_file;
	__u64 last;
	__u64 next;
	const char *low_name;
	const char *high_name;
};

enum record_why merge_refusal_why(const struct vma *low, const struct vma *high);
void merge_refusal_words(enum record_why why, const struct apart_facts *facts, char *buf,
			 size_t size);
void merge_refusal_say(enum record_why why, const struct vma *low, const struct vma *high,
		       char *buf, size_t size);
void merge_refusal_tell(struct mm *mm, struct vma *vma);

#endif
