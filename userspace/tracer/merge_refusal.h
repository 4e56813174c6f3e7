/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_MERGE_REFUSAL_H
#define MMSCOPE_TRACER_MERGE_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct vma;
struct mm;

/**
 * struct apart_facts - what the words for why two VMAs are two are made of
 * @low_flags: of the lower one
 * @high_flags: of the other
 * @file: the lower one has one
 * @same_file: they show the same file
 * @last: last page of the lower one, of its file
 * @next: first page of the other
 * @low_name: given with prctl(2), NULL for none
 * @high_name: of the other
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
