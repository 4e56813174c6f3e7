/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LAB_LINEAGE_H
#define MMSCOPE_LAB_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>

/**
 * struct lineage_vma - a VMA as the log tells it
 *
 * An experiment replays its own log. It does not use aspace/ for that, which takes memory from
 * malloc(3): some experiments look at the heap.
 *
 * @id: id that the module gave the VMA
 * @mm: id of its address space
 * @number: number of the VMA by birth, from 0
 * @parent: number of the VMA that it came from, -1 for none
 * @start: first address
 * @end: first address behind the VMA
 * @pgoff: page of the store at @start
 * @live: the VMA was not unmapped
 */
struct lineage_vma {
	unsigned int id;
	unsigned int mm;
	int number;
	int parent;
	__u64 start;
	__u64 end;
	__u64 pgoff;
	bool live;
};

typedef void (*lineage_fn)(const struct lineage_vma *vma, void *arg);

void lineage_take(const struct mmscope_event *e);
__u64 lineage_page(unsigned int id, __u64 addr);
void lineage_text(const struct lineage_vma *vma, char *buf, size_t size);
const struct lineage_vma *lineage_at(unsigned int mm, __u64 addr);
void lineage_walk(unsigned int mm, __u64 from, __u64 to, lineage_fn each, void *arg);

#endif
