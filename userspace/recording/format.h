/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording as it lies in a file; userspace/recording/FORMAT explains it. Numbers are
 * little-endian. What is here never changes: numbers are added, structs grow at their end.
 */
#ifndef MMSCOPE_RECORDING_FORMAT_H
#define MMSCOPE_RECORDING_FORMAT_H

#include <linux/types.h>

/* Readers refuse a file whose version is above their own. */
#define RECORDING_VERSION	1

/* Frames that zstd passes over have one of 16 magic numbers. This is ours, and zstd's own. */
#define RECORDING_SKIPPABLE	0x184d2a5dU
#define RECORDING_ZSTD		0xfd2fb528U
#define RECORDING_ANY_SKIPPABLE(magic) (((magic) & 0xfffffff0U) == 0x184d2a50U)

#define RECORDING_TAG(c)	('m' | 'm' << 8 | 's' << 16 | (__u32)(c) << 24)
#define RECORDING_HEADER	RECORDING_TAG('H')	/* first of all: struct recording_header */
#define RECORDING_BLOCK		RECORDING_TAG('B')	/* before a block: struct recording_block */
#define RECORDING_KEY		RECORDING_TAG('K')	/* all VMAs: struct recording_key */
#define RECORDING_INDEX		RECORDING_TAG('I')	/* where keyframes are: recording_index */

/**
 * struct recording_part - how each of our frames begins that zstd passes over
 * @magic: RECORDING_SKIPPABLE
 * @size: bytes behind this member
 * @tag: RECORDING_HEADER and the others; others than these are to be passed over
 * @crc: CRC-32 (as of zlib) of @tag and of what is behind this member
 */
struct recording_part {
	__u32 magic;
	__u32 size;
	__u32 tag;
	__u32 crc;
};

/**
 * struct recording_header - the file's first part; facts follow: struct recording_fact, each with
 *	its bytes behind it
 * @version: RECORDING_VERSION of who wrote it
 * @size: bytes of this struct
 */
struct recording_header {
	__u32 version;
	__u32 size;
};

/**
 * enum recording_key_of_fact - what a fact is; others are to be passed over
 * @RECORDING_TOOL: version of mmscope, text
 * @RECORDING_KERNEL: release of the kernel, text
 * @RECORDING_PAGE_SIZE: bytes, __u32
 * @RECORDING_CLOCK: clockid_t of all times, __u32
 * @RECORDING_BEGAN: by this clock, ns, __u64
 * @RECORDING_BEGAN_REAL: the same moment by CLOCK_REALTIME, ns, __u64
 * @RECORDING_COMMAND: words, each with its NUL
 * @RECORDING_PID: of the command, or of the process that was watched, __u32
 * @RECORDING_FEATURES: RECORDING_HAS_*, __u64
 * @RECORDING_HOST: a fact of the machine that predictions need, text: "MemTotal 1024"
 * @RECORDING_BEFORE: records that were let go, as it was asked for the last part alone, __u64: the
 *	first part behind the header is a keyframe, and blocks before that are not missing
 */
enum recording_key_of_fact {
	RECORDING_TOOL		= 1,
	RECORDING_KERNEL	= 2,
	RECORDING_PAGE_SIZE	= 3,
	RECORDING_CLOCK		= 4,
	RECORDING_BEGAN		= 5,
	RECORDING_BEGAN_REAL	= 6,
	RECORDING_COMMAND	= 7,
	RECORDING_PID		= 8,
	RECORDING_FEATURES	= 9,
	RECORDING_HOST		= 10,
	RECORDING_BEFORE	= 11,
};

#define RECORDING_HAS_DEVICE	0x1	/* the module told, too */
#define RECORDING_HAS_PROBE	0x2	/* BPF programs told */
#define RECORDING_HAS_STACKS	0x4	/* with copies of stacks, to be unwound */

/**
 * struct recording_fact - a fact of the header
 * @key: enum recording_key_of_fact
 * @size: bytes behind this member
 */
struct recording_fact {
	__u32 key;
	__u32 size;
};

/**
 * struct recording_block - before each frame with records, which is a frame of zstd
 * @packed: bytes of that frame
 * @unpacked: bytes that are in it, at most RECORDING_BLOCK_MOST
 * @number: of this block, from 0
 * @record: number of its first record, from 0
 * @records: how many are in it
 * @zero: 0
 * @first_ns: time of its first record
 * @last_ns: time of its last one
 */
struct recording_block {
	__u32 packed;
	__u32 unpacked;
	__u64 number;
	__u64 record;
	__u32 records;
	__u32 zero;
	__u64 first_ns;
	__u64 last_ns;
};

#define RECORDING_BLOCK_MOST	(8U << 20)
#define RECORDING_FAULTS_MOST	16384U	/* of a block */

/**
 * struct recording_key - all that is known of VMAs, at one moment; a frame of zstd follows in the
 *	same part
 * @unpacked: bytes that are in it, at most RECORDING_KEY_MOST
 * @zero: 0
 * @time_ns: of the last record before it
 * @record: how many records are before it
 * @block: and how many blocks
 */
struct recording_key {
	__u32 unpacked;
	__u32 zero;
	__u64 time_ns;
	__u64 record;
	__u64 block;
};

#define RECORDING_KEY_MOST	(512U << 20)

/**
 * enum recording_known - what a keyframe is made of: number of the type, number of its bytes, the
 *	bytes; others are to be passed over
 * @RECORDING_SPACE: struct recording_mm
 * @RECORDING_AREA: struct recording_vma, and its name, if it has one that is no file's; behind
 *	the mms
 * @RECORDING_PIECE: struct recording_range; behind the VMAs
 * @RECORDING_PATH: __u64: path of &vma_image; and what that file is called
 * @RECORDING_LAST: __u32: the number of the youngest VMA that there was
 * @RECORDING_KNOWN_OPS: struct recording_ops
 */
enum recording_known {
	RECORDING_SPACE		= 1,
	RECORDING_AREA		= 2,
	RECORDING_PIECE		= 3,
	RECORDING_PATH		= 4,
	RECORDING_LAST		= 5,
	RECORDING_KNOWN_OPS	= 6,
};

/**
 * struct recording_mm - an address space
 * @id: its number
 * @parent: of the one it was forked from, or that its process had before
 * @tgid: its process
 * @seq: number of its last structural record
 * @compat: it runs a 32-bit program
 * @threaded: it was seen with several threads
 * @shifts: number of its first stack, while that moves
 * @move_tid: who moves something in it
 * @stack_was: where that stack is until then
 * @brk_start: where the heap begins
 * @brk: where it ends
 * @stack: where the first stack began
 * @move_call: which call that is
 * @move_start: from where
 * @move_end: and behind it
 * @comm: of the process
 * @cgroup: whose limit was reached last
 */
struct recording_mm {
	__u32 id;
	__u32 parent;
	__u32 tgid;
	__u32 seq;
	__u32 compat;
	__u32 threaded;
	__u32 shifts;
	__u32 move_tid;
	__u64 stack_was;
	__u64 brk_start;
	__u64 brk;
	__u64 stack;
	__u64 move_call;
	__u64 move_start;
	__u64 move_end;
	char comm[16];
	char cgroup[64];
};

/**
 * struct recording_vma - a VMA
 * @image: struct vma_image of bpf/raw_record.h
 * @id: its number
 * @mm: whose
 * @parent: of the one that it came from
 * @birth: type of its first record
 * @born_by: cause of that, as __s32
 * @flags: 1 that it is told to be gone, 2 that its name is the kernel's
 * @start: first address
 * @end: first address behind it
 * @base: its page number at address 0
 * @born_ns: when
 * @apart_flags: of what was told last of its lower neighbour: which flags differ
 * @apart_from: its number
 * @merge_refusal_why: enum record_why
 * @zapped: pages given back that no record has told yet, by enum raw_rss
 */
struct recording_vma {
	__u64 image[14];
	__u32 id;
	__u32 mm;
	__u32 parent;
	__u32 birth;
	__s32 born_by;
	__u32 flags;
	__u64 start;
	__u64 end;
	__u64 base;
	__u64 born_ns;
	__u64 apart_flags;
	__u32 apart_from;
	__u32 merge_refusal_why;
	__s64 zapped[5];
};

/**
 * struct recording_range - what is where
 * @mm: in which address space
 * @vma: which VMA
 * @start: first address
 * @end: first address behind it
 */
struct recording_range {
	__u32 mm;
	__u32 vma;
	__u64 start;
	__u64 end;
};

/**
 * struct recording_index - a keyframe. The index is an array of them, and a struct recording_end
 * @offset: where it begins in the file
 * @time_ns: as there
 * @record: as there
 */
struct recording_index {
	__u64 offset;
	__u64 time_ns;
	__u64 record;
};

/**
 * struct recording_end - the last bytes of a file that was ended
 * @size: of the part that they are the end of, from its magic number on
 * @tag: RECORDING_INDEX
 */
struct recording_end {
	__u32 size;
	__u32 tag;
};

/**
 * enum recording_type - types of records beside those of linux/mmscope.h, record/record.h and
 *	bpf/raw_record.h, which are below 256. Others are to be passed over, and counted.
 * @RECORDING_OF_DEVICE: struct mmscope_event: a record of the module's
 * @RECORDING_DRAINED: nothing more was to be read for the moment
 * @RECORDING_OPS: struct recording_ops: a vm_operations_struct, before the first record with it
 * @RECORDING_HOST_NOW: as RECORDING_HOST, as it was found for the record that follows
 * @RECORDING_INFO: struct mmscope_info, at the end
 * @RECORDING_STAT: struct mmscope_stat of an address space, at the end
 * @RECORDING_TOTALS: struct recording_totals: the last record of a recording that was ended
 * @RECORDING_CODE: struct recording_code: of an address space that the module tells of
 */
enum recording_type {
	RECORDING_OF_DEVICE	= 256,
	RECORDING_DRAINED	= 257,
	RECORDING_OPS		= 258,
	RECORDING_HOST_NOW	= 259,
	RECORDING_INFO		= 260,
	RECORDING_STAT		= 261,
	RECORDING_TOTALS	= 262,
	RECORDING_CODE		= 263,
	RECORDING_TYPES,
};

/**
 * struct recording_ops - a vm_operations_struct
 * @ops: its number in this recording
 * @hooks: bits by enum raw_hook: it has this one
 * @name: of the kernel's symbol, "" where that is hidden
 */
struct recording_ops {
	__u64 ops;
	__u64 hooks;
	char name[64];
};

/**
 * struct recording_code - a file's code in an address space, by /proc/PID/maps
 * @mm: its id, the module's
 * @first: all that was told of this one before is over
 * @start: first address
 * @end: first address behind it
 * @base: where the first VMA of this file begins
 * @name: of the file, without folders
 */
struct recording_code {
	__u32 mm;
	__u32 first;
	__u64 start;
	__u64 end;
	__u64 base;
	char name[32];
};

/**
 * struct recording_totals - what was counted by the end
 * @lost: records that found no room
 * @faults: that getrusage(2) has, of threads that were watched
 * @by_others: of others, in memory that was watched
 * @in_others: of threads that were watched, in memory that was not
 * @skips: how often the kernel did not run who tells of faults
 * @skipped: ... and who tells of VMAs
 * @refused: address spaces that found no room
 * @lost_stacks: stacks that found none
 * @unshown: records that were told, and not recorded: it was interrupted
 * @living: threads that had not ended
 * @usage_known: the five before it are: faults, by_others, in_others, skips, living
 * @status: how the command ended, as of waitpid(2)
 * @zero: 0
 * @beyond: records that were told, and not recorded: there was no room for them below --max-size
 */
struct recording_totals {
	__u64 lost;
	__u64 faults;
	__u64 by_others;
	__u64 in_others;
	__u64 skips;
	__u64 skipped;
	__u64 refused;
	__u64 lost_stacks;
	__u64 unshown;
	__u32 living;
	__u32 usage_known;
	__u32 status;
	__u32 zero;
	__u64 beyond;
};

#endif
