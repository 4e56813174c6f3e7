/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_PROC_H
#define MMSCOPE_BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include <sys/types.h>

/**
 * struct proc_map - one line of /proc/PID/maps
 * @start: first address
 * @end: first address behind the VMA
 * @offset: of @start in the file, in bytes
 * @inode: number of the file's inode, 0 for a VMA without a file
 * @major: major number of the file's device
 * @minor: minor number of the file's device
 * @rights: as printed, "rw-s"
 * @path: as printed; may be empty
 */
struct proc_map {
	__u64 start;
	__u64 end;
	__u64 offset;
	__u64 inode;
	unsigned int major;
	unsigned int minor;
	char rights[5];
	char path[4096];
};

/**
 * struct proc_lines - a file that is read by lines, without an allocation
 * @fd: descriptor of the file, -1 when it is closed
 * @next: the first byte of @buf that was not handed out yet
 * @end: behind the last byte of @buf that was read
 * @buf: a part of the file
 */
struct proc_lines {
	int fd;
	char *next;
	char *end;
	char buf[8192];
};

/* Bits of an entry of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst) */
#define PAGEMAP_BIT(n)		(1ULL << (n))
#define PAGEMAP_PRESENT		PAGEMAP_BIT(63)
#define PAGEMAP_SWAPPED		PAGEMAP_BIT(62)
#define PAGEMAP_FILE		PAGEMAP_BIT(61)
#define PAGEMAP_GUARD		PAGEMAP_BIT(58)
#define PAGEMAP_EXCLUSIVE	PAGEMAP_BIT(56)
#define PAGEMAP_PFN(entry)	((entry) & ((1ULL << 55) - 1))

/**
 * struct proc_vma - one VMA of /proc/PID/smaps
 * @map: its line as in /proc/PID/maps
 * @rss: pages that are present, in KiB
 * @swap: pages that are in swap, in KiB
 * @hugetlb: present pages of hugetlbfs, which @rss leaves out, in KiB
 * @flags: the line VmFlags: two letters for each flag, with a blank behind each
 */
struct proc_vma {
	struct proc_map map;
	long rss;
	long swap;
	long hugetlb;
	char flags[160];
};

typedef void (*proc_map_fn)(const struct proc_map *map, void *arg);
typedef void (*proc_vma_fn)(const struct proc_vma *vma, void *arg);

unsigned long proc_page_size(void);
__u64 time_now(void);
int proc_maps(pid_t pid, proc_map_fn each, void *arg);
struct proc_map proc_named(const char *name);
struct proc_map proc_at(const void *address);
long proc_count(const char *name);
int proc_vmas(pid_t pid, proc_vma_fn each, void *arg);
bool proc_kthread(pid_t pid);
long proc_smaps(const char *field, __u64 from, __u64 to);
size_t proc_pagemap(__u64 at, size_t pages, __u64 *entries);
__u64 proc_frame(const void *at);
__u64 proc_kpage(const char *file, __u64 frame);

/* These functions are in base/proc_lines.c. */
bool proc_open(struct proc_lines *lines, const char *path);
const char *proc_line(struct proc_lines *lines);
void proc_close(struct proc_lines *lines);
bool proc_word(const char *path, char *buf, size_t size);
long proc_field(const char *path, const char *field);
void proc_replace_memory(const char *text, size_t size);
long proc_memory(const char *field);
long proc_status(const char *field);
long proc_cpu_lists(void);

#endif
