/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_BACKING_H
#define MMSCOPE_REPRODUCE_BACKING_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"

/**
 * enum backing_kind - what a program takes for a file
 * @BACKING_FILE: the file itself, where it is there
 * @BACKING_DISK: a temporary file
 * @BACKING_MEMORY: a memfd
 * @BACKING_HUGE: a memfd of huge pages
 * @BACKING_SEGMENT: a segment of shmget(2)
 */
enum backing_kind {
	BACKING_FILE,
	BACKING_DISK,
	BACKING_MEMORY,
	BACKING_HUGE,
	BACKING_SEGMENT,
};

/**
 * struct backing - a file that was mapped
 * @key: path of a &vma_image
 * @ino: its inode
 * @magic: of its file system
 * @mode: which kind of file
 * @written: it was mapped so that it can be written
 * @gone: it has no name any more
 * @size: bytes that it must have
 * @used: bytes up to the last that was accessed
 * @exact: that is its size
 * @number: in the program, from 0; -1 while none of its steps uses it
 */
struct backing {
	__u64 key;
	__u64 ino;
	__u64 magic;
	unsigned int mode;
	bool written;
	bool gone;
	__u64 size;
	__u64 used;
	bool exact;
	int number;
};

void backing_learn(const struct raw_file *raw);
struct backing *backing_of(const struct vma_image *image);
void backing_reach(struct backing *backing, __u64 end);
enum backing_kind backing_kind(const struct backing *backing);
const char *backing_path(const struct backing *backing);
bool backing_is_device(const struct backing *backing);
struct backing *backing_nth(int number);
void backing_free(void);

#endif
