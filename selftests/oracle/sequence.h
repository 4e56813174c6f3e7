/* SPDX-License-Identifier: GPL-2.0 */
/* What is played: files, and operations on them; how to choose them, and to write them as text */
#ifndef ORACLE_SEQUENCE_H
#define ORACLE_SEQUENCE_H

#define SCOPE_WITHOUT_HARNESS
#include "../scope.h"

#include <ctype.h>
#include <stdarg.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define P		4096ULL
#define PAGES		160	/* of the arena, where all mappings lie, and of a file's window */
#define FILES		4
#define PROCS		4
#define THREADS		3

/* Below the address at which even the topmost page table changes */
#define ARENA		((1ULL << 39) - 64 * P)
#define ARENA_END	(ARENA + PAGES * P)

/* Each file is mapped from a window of its own in its store: so an mmap's record tells the file */
#define STORE_PAGES	(FILES * PAGES)

/* How a file of a sequence behaves: what MMSCOPE_SETUP is told */
struct setup {
	__u32 backing;
	__u32 flags;
	__u32 error_nth;
};

enum op_code {
	OP_START,	/* a process, by the driver */
	OP_FORK,
	OP_EXEC,
	OP_EXIT,
	OP_KILL,	/* by the driver */
	OP_THREAD,	/* one more in that process */
	OP_MMAP,
	OP_COVER,	/* map something else over it */
	OP_MUNMAP,
	OP_MPROTECT,
	OP_MREMAP,
	OP_MADVISE,
	OP_MBIND,
	OP_MLOCK,
	OP_MUNLOCK,
	OP_REMAP,	/* remap_file_pages(2) */
	OP_TOUCH,	/* by instructions */
	OP_KERNEL,	/* by a system call of the process */
	OP_REMOTE,	/* by the driver, through /proc/PID/mem */
	OP_REOPEN,	/* the process's descriptor is of another file now */
	OP_CPU,		/* the thread runs there from now on */
	OP_CHILD,	/* a fork that does something and ends */
	OP_STORM,	/* all threads of all processes at once */
	NR_OPS,
};

/* Bits of &op.how */
#define HOW_PRIVATE	0x01	/* mmap */
#define HOW_POPULATE	0x02
#define HOW_LOCKED	0x04
#define HOW_FIXED	0x01	/* mremap */
#define HOW_MAYMOVE	0x02
#define HOW_DONTUNMAP	0x04
#define HOW_ZAP		0x01	/* child, storm: may zap */
#define HOW_KILL	0x02	/* storm: &op.file is the number of a process that is killed */

/**
 * struct op - one operation; what a member means depends on the code (ops.c, script.c)
 * @proc: who, with @thread
 * @file: file; another process; CPU; ending of a child
 * @at: first page of a range of the arena, of @len pages
 * @to: page of the store, or of the arena
 * @size: mremap's new size
 * @how: HOW_*, an advice, a policy, or whether to write
 */
struct op {
	__u8 code;
	__u8 proc;
	__u8 thread;
	__u8 file;
	__u16 at;
	__u16 len;
	__u16 to;
	__u16 size;
	__u8 prot;
	__u8 how;
	__u32 seed;
};

/**
 * struct sequence - what is played: files, and operations on them from a clean start
 * @seed: it was made from this
 * @zaps: operations that zap unseen may occur
 */
struct sequence {
	__u64 seed;
	bool zaps;
	struct setup file[FILES];
	struct op *op;
	size_t nr;
	size_t room;
};

/* --- ops.c --- */

struct mm;

/**
 * struct gen - a source of random operations
 * @mm: the model's view of the process that is to do it, or NULL: choose blindly
 * @busy: number of processes, by bits
 * @threads: of each
 */
struct gen {
	__u64 state;
	const struct setup *file;
	bool zaps;
	const struct mm *mm;
	unsigned int busy;
	unsigned int threads[PROCS];
};

struct op_kind {
	const char *name;
	const char *args;	/* script.c */
	int sys;		/* what records name as the cause, or 0 */
	unsigned int weight;
	bool blind;		/* in storms, too */
};

extern const struct op_kind op_kind[NR_OPS];
extern const int op_advice[];
extern const size_t op_advices;

__u32 gen_pick(struct gen *g, __u32 below);
void gen_files(struct gen *g, struct setup *file);
void gen_blind(struct gen *g, struct op *op);
void gen_proc(struct gen *g, struct op *op);
void gen_op(struct gen *g, struct op *op);
bool op_zaps(const struct op *op);
bool loose(const struct setup *file);
void sequence_add(struct sequence *s, const struct op *op);

/* --- script.c --- */

void script_op(FILE *f, const struct op *op);
void script_print(FILE *f, const struct sequence *s);
int script_read(FILE *f, struct sequence *s);

#endif
