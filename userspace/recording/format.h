/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The format of a recording in a file; userspace/recording/FORMAT explains it. Numbers are
 * little-endian. Nothing here may change its meaning, because old files must stay readable: new
 * numbers may be added, and structs may grow at their end.
 */
#ifndef MMSCOPE_RECORDING_FORMAT_H
#define MMSCOPE_RECORDING_FORMAT_H

#include <linux/types.h>

/* Readers refuse a file whose version is above their own. */
#define RECORDING_VERSION	1

/*
 * zstd skips frames that have one of 16 magic numbers. Ours is one of them; the second is zstd's.
 */
#define RECORDING_SKIPPABLE	0x184d2a5dU
#define RECORDING_ZSTD		0xfd2fb528U
#define RECORDING_ANY_SKIPPABLE(magic) (((magic) & 0xfffffff0U) == 0x184d2a50U)

#define RECORDING_TAG(c)	('m' | 'm' << 8 | 's' << 16 | (__u32)(c) << 24)
#define RECORDING_HEADER	RECORDING_TAG('H')	/* first part: struct recording_header */
#define RECORDING_BLOCK		RECORDING_TAG('B')	/* before a block: struct recording_block */
#define RECORDING_KEY		RECORDING_TAG('K')	/* all VMAs: struct recording_key */
#define RECORDING_INDEX		RECORDING_TAG('I')	/* where keyframes are: recording_index */

/**
 * struct recording_part - the first bytes of each part of a recording; for zstd a skippable frame
 * @magic: RECORDING_SKIPPABLE
 * @size: bytes behind this member
 * @tag: RECORDING_HEADER, _BLOCK, _KEY or _INDEX; a reader skips a part with any other tag
 * @crc: CRC-32, as zlib computes it, of @tag and of the bytes behind this member
 */
struct recording_part {
	__u32 magic;
	__u32 size;
	__u32 tag;
	__u32 crc;
};

/**
 * struct recording_header - content of the file's first part. Facts follow: each is a struct
 *	recording_fact with its bytes behind it
 * @version: RECORDING_VERSION of the program that wrote the file
 * @size: bytes of this struct
 */
struct recording_header {
	__u32 version;
	__u32 size;
};

/**
 * enum recording_key_of_fact - kinds of facts; a reader skips those that it does not know
 * @RECORDING_TOOL: version of mmscope, text
 * @RECORDING_KERNEL: release of the kernel, text
 * @RECORDING_PAGE_SIZE: page size in bytes, __u32
 * @RECORDING_CLOCK: clockid_t of all times, __u32
 * @RECORDING_BEGAN: when the recording began by this clock, ns, __u64
 * @RECORDING_BEGAN_REAL: the same moment by CLOCK_REALTIME, ns, __u64
 * @RECORDING_COMMAND: words of the command, each with its NUL
 * @RECORDING_PID: process of the command, or the process that was watched, __u32
 * @RECORDING_FEATURES: bits RECORDING_HAS_*, __u64
 * @RECORDING_HOST: facts of the machine that predictions need, as session/recorder.c writes them
 * @RECORDING_BEFORE: how many records were dropped before the first one of the file, because only
 *	the last part of the recording was asked for, __u64. The first part behind the header is
 *	then a keyframe, and a reader must not call the blocks before it missing
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

#define RECORDING_HAS_DEVICE	0x1	/* the module's device was a source of records */
#define RECORDING_HAS_PROBE	0x2	/* the BPF programs were a source of records */
#define RECORDING_HAS_STACKS	0x4	/* copies of user stacks are in it, to be unwound */

/**
 * struct recording_fact - a fact of the header
 * @key: enum recording_key_of_fact
 * @size: bytes of the fact, which follow this struct
 */
struct recording_fact {
	__u32 key;
	__u32 size;
};

/**
 * struct recording_block - content of the part in front of a zstd frame that has records
 * @packed: bytes of that frame
 * @unpacked: bytes of the records in it, at most RECORDING_BLOCK_MOST
 * @number: number of this block in the recording, from 0
 * @record: number of the block's first record in the recording, from 0
 * @records: how many records the block has
 * @zero: 0
 * @first_ns: time of the block's first record
 * @last_ns: time of the block's last record
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
#define RECORDING_FAULTS_MOST	16384U	/* most faults of a block */

/**
 * struct recording_key - first bytes of a keyframe, which has all that is known of VMAs at one
 *	moment; a zstd frame follows in the same part
 * @unpacked: bytes of the content when it is unpacked, at most RECORDING_KEY_MOST
 * @zero: 0
 * @time_ns: time of the last record before the keyframe
 * @record: how many records of the recording are before the keyframe
 * @block: how many blocks of the recording are before the keyframe
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
 * enum recording_known - types of a keyframe's items. An item is the number of its type, the number
 *	of its bytes, and the bytes; a reader skips types that it does not know
 * @RECORDING_SPACE: struct recording_mm
 * @RECORDING_AREA: struct recording_vma, and the VMA's name if it has one that is not a file's;
 *	these items follow the address spaces
 * @RECORDING_PIECE: struct recording_range; these items follow the VMAs
 * @RECORDING_PATH: path of &vma_image as a __u64, and the name of that file
 * @RECORDING_LAST: the highest number that a VMA was given so far, __u32
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
 * struct recording_mm - an address space: what struct mm of userspace/aspace has of it
 * @id: number of the address space
 * @parent: number of the address space that it was forked from, or that its process had before
 * @tgid: its process
 * @seq: number of its last structural record
 * @compat: 1 if it runs a 32-bit program
 * @threaded: 1 if it was seen with several threads
 * @shifts: number of the VMA of its first stack, while execve(2) moves it or lets it grow
 * @move_tid: thread that is moving mappings in it
 * @stack_was: where the first stack is until execve() has moved it
 * @brk_start: first address of the heap
 * @brk: first address behind the heap
 * @stack: where the first stack began
 * @move_call: the system call that is moving mappings
 * @move_start: first address that is moved
 * @move_end: first address behind what is moved
 * @comm: name of the process
 * @cgroup: the cgroup whose limit was reached last
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
 * struct recording_vma - a VMA: what struct vma of userspace/aspace has of it
 * @image: struct vma_image of bpf/raw_record.h
 * @id: number of the VMA
 * @mm: number of its address space
 * @parent: number of the VMA that it came from
 * @birth: type of its first record
 * @born_by: cause of its first record, as __s32
 * @flags: bit 0: a record has told that it is gone; bit 1: the kernel gives it its name
 * @start: first address
 * @end: first address behind it
 * @base: page number that belongs to address 0
 * @born_ns: time of its first record
 * @apart_flags: which flags differ from those of its lower neighbour, by the last RECORD_APART
 * @apart_from: number of that neighbour
 * @merge_refusal_why: why the kernel did not merge the two: enum record_why
 * @zapped: pages that the kernel freed and that no record has told yet, by enum raw_rss
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
 * struct recording_range - addresses that a VMA covers
 * @mm: number of the address space
 * @vma: number of the VMA
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
 * struct recording_index - a keyframe's entry in the index. The content of a RECORDING_INDEX part
 *	is an array of these, and a struct recording_end
 * @offset: where the keyframe's part begins in the file
 * @time_ns: time_ns of its struct recording_key
 * @record: record of its struct recording_key
 */
struct recording_index {
	__u64 offset;
	__u64 time_ns;
	__u64 record;
};

/**
 * struct recording_end - the last bytes of a recording that was ended in order
 * @size: bytes of the RECORDING_INDEX part, from its magic number to the end of this struct; a
 *	reader finds the part by it from the end of the file
 * @tag: RECORDING_INDEX
 */
struct recording_end {
	__u32 size;
	__u32 tag;
};

/**
 * enum recording_type - types of records beside those of linux/mmscope.h, record/record.h and
 *	bpf/raw_record.h, which are below 256. A reader skips and counts those that it does not know
 * @RECORDING_OF_DEVICE: struct mmscope_event: a record of the module
 * @RECORDING_DRAINED: no content: at this moment the recorder had read all records there were
 * @RECORDING_OPS: struct recording_ops: tells of a vm_operations_struct before the first record
 *	that names it
 * @RECORDING_HOST_NOW: as RECORDING_HOST, as the recorder found it for the record that follows
 * @RECORDING_INFO: struct mmscope_info, at the end
 * @RECORDING_STAT: struct mmscope_stat of an address space, at the end
 * @RECORDING_TOTALS: struct recording_totals: the last record of a recording that was ended
 * @RECORDING_CODE: struct recording_code, for an address space of which the module tells
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
 * struct recording_ops - a vm_operations_struct of the kernel
 * @ops: its number in this recording, instead of its address
 * @hooks: bits by enum raw_hook: which functions it has
 * @name: name of its symbol, "" where the kernel hides symbols
 */
struct recording_ops {
	__u64 ops;
	__u64 hooks;
	char name[64];
};

/**
 * struct recording_code - code of a file in an address space, from /proc/PID/maps
 * @mm: id that the module gave the address space
 * @first: 1 if the code that earlier records told of this address space is there no longer
 * @start: first address
 * @end: first address behind it
 * @base: where the first VMA of this file begins
 * @name: name of the file, without its folders
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
 * struct recording_totals - what was counted until the recording ended
 * @lost: records for which there was no room on their way to the recorder
 * @faults: faults by getrusage(2) of the threads that were watched
 * @by_others: faults by other threads in memory that was watched
 * @in_others: faults by threads that were watched, in memory that was not
 * @skips: how often the kernel did not run the program that tells of faults
 * @skipped: how often the kernel did not run a program that tells of VMAs
 * @refused: address spaces for which there was no room
 * @lost_stacks: stacks for which there was no room
 * @unshown: records that were told, but not recorded because the user interrupted the recording
 * @living: threads that had not ended
 * @usage_known: 1 if @faults, @by_others, @in_others, @skips and @living are known
 * @status: how the command ended, as waitpid(2) gives it
 * @zero: 0
 * @beyond: records that were told, but not recorded because of --max-size
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
