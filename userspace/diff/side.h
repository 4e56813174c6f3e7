/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One side of a comparison: what a recording told until an instant, in plain arrays. A process of
 * its own reads each recording, for what is known while one is read is known once in a process; it
 * writes its side to a pipe.
 */
#ifndef MMSCOPE_DIFF_SIDE_H
#define MMSCOPE_DIFF_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "bpf/tracer_abi.h"

/* A text of a side: where it begins in &side.texts. */
typedef __u64 side_text;

/**
 * struct side_vma - a VMA at the instant
 * @start: first address
 * @end: first address behind it
 * @offset: of its first page in its file, in pages
 * @id: its id
 * @parent: of the one it came from, 0 for none
 * @rights: RAW_VM_READ, RAW_VM_WRITE, RAW_VM_EXEC, RAW_VM_MAYSHARE
 * @name: what it is called, "" for nothing
 * @cause: what made it
 * @of_file: it has a file
 * @faults: in it until then
 */
struct side_vma {
	__u64 start;
	__u64 end;
	__u64 offset;
	__u32 id;
	__u32 parent;
	__u64 rights;
	side_text name;
	__s32 cause;
	__u32 of_file;
	__u64 faults;
};

/**
 * struct side_mm - an address space at the instant, or as it was just before it ended
 * @mm: its id
 * @tgid: its process
 * @ended: it had ended
 * @rss_known: each record told what that needs
 * @rss: pages, by enum raw_rss
 * @first: its first VMA
 * @nr: how many it has
 * @comm: name of its process
 */
struct side_mm {
	__u32 mm;
	__u32 tgid;
	__u32 ended;
	__u32 rss_known;
	__u64 rss[RAW_NR_RSS];
	__u64 first;
	__u64 nr;
	char comm[16];
};

/**
 * struct side_gone - a VMA that was gone by then
 * @id: its id
 * @into: the one that it became part of, 0 for none
 * @parent: the one that it came from, 0 for none
 * @type: of the record that told it
 * @cause: what took it away
 * @unused: 0
 */
struct side_gone {
	__u32 id;
	__u32 into;
	__u32 parent;
	__u32 type;
	__s32 cause;
	__u32 unused;
};

/**
 * struct side_sum - faults that have something in common
 * @name: of VMAs, or of a function
 * @where: of a function: its program
 * @class: of a function: enum record_class
 * @total: they
 */
struct side_sum {
	side_text name;
	side_text where;
	__u64 class;
	struct fault_total total;
};

/**
 * struct side_head - what a side has
 * @size: of all of it
 * @lost: something is missing
 * @at_ns: when the instant was, since the first record
 * @outside: faults where no VMA was
 * @calls: mappings that were made, VMAs that went by a call, calls that failed, pages given back
 * @device: of the file
 * @inode: of the file
 * @input: what it is called
 * @missing: what, as JSON
 * @mms: how many
 * @vmas: how many
 * @gone: how many
 * @names: sums by name of VMAs, how many
 * @places: sums by function, how many
 * @texts: bytes of all texts
 * @classes: faults by enum record_class
 */
struct side_head {
	__u64 size;
	__u64 lost;
	__u64 at_ns;
	__u64 outside;
	__u64 calls[4];
	__u64 device;
	__u64 inode;
	side_text input;
	side_text missing;
	__u64 mms;
	__u64 vmas;
	__u64 gone;
	__u64 names;
	__u64 places;
	__u64 texts;
	struct fault_total classes[RECORD_NR_CLASSES];
};

/**
 * struct side - a side that was read
 * @head: what it has
 * @mms: by mm
 * @vmas: of each mm by address
 * @gone: by id
 * @names: faults by what VMAs are called
 * @places: faults by class and function
 * @texts: what side_text is in, each ended by NUL
 */
struct side {
	struct side_head head;
	struct side_mm *mms;
	struct side_vma *vmas;
	struct side_gone *gone;
	struct side_sum *names;
	struct side_sum *places;
	char *texts;
};

/* diff/side_read.c: what the parent does */
int side_read(struct side *side, const char *words);

/* diff/side.c: what is asked then */
const char *side_say(const struct side *side, side_text text);
bool side_same_file(const struct side *a, const struct side *b);
const struct side_gone *side_gone(const struct side *side, __u32 id);
void side_free(struct side *side);

/* diff/gather.c: what its child does */
struct instant;
int gather(const char *input, struct instant *instant, int fd);

#endif
