/* SPDX-License-Identifier: GPL-2.0 */
/* The record of one mm_struct: mm.c; and all of them: mms.c */
#ifndef MMSCOPE_MM_H
#define MMSCOPE_MM_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "counts.h"

struct mmscope_cpu;
struct mmscope_log;
struct mmscope_map;

/**
 * struct mmscope_move - an mremap between ->open of its destination and the ->close that ends it
 * @map: map of the moved VMA, NULL when nothing is being moved
 * @tid: who moves
 * @nr: the system call, as @args, by which the same call is known again
 * @args: see @nr
 * @from: first address moved
 * @to: where it goes
 * @pages: size of the destination
 */
struct mmscope_move {
	struct mmscope_map *map;
	pid_t tid;
	int nr;
	unsigned long args[6];
	unsigned long from;
	unsigned long to;
	unsigned long pages;
};

/**
 * struct mmscope_mm - record of one mm_struct
 * @refs: one for being listed, one per holder
 * @id: number of this record, never used again
 * @parent: id of the mm it was forked from, or 0
 * @mm: grabbed (mmgrab) until dead, NULL afterwards; never mmget: that would keep the address
 *	space of a dead process
 * @user_ns: CAP_SYS_PTRACE in it is the right to see this mm, dumpable or not; referenced
 * @cred: credentials of its process when somebody last looked (mmscope_mm_look()), referenced; they
 *	decide when it is gone. Under mmscope_mms_lock, as the three that follow.
 * @dumpable: likewise
 * @pid: its process while not dead, referenced; NULL while unknown
 * @exec_id: which of the programs that this process executed has the mm
 * @log: where it records; NULL when dead
 * @family: owner of that log, also when dead
 * @by_id: findable by @id; under mmscope_mms_lock, as all below up to @total
 * @by_mm: findable by @mm until dead
 * @queue: in the list of idle or of dead ones
 * @state: MMSCOPE_LIVE, MMSCOPE_IDLE or MMSCOPE_DEAD
 * @holds: VMAs and passing users that keep it live
 * @total: counters of a dead mm, and of what a living one had no memory to record
 * @lock: protects @vmas, their ranges, and @nr_vmas, @nr_maps, @orphans
 * @vmas: known VMAs, by id
 * @nr_vmas: how many
 * @nr_maps: mappings they belong to
 * @orphans: VMAs whose lineage was lost
 * @dropped: records that found no memory
 * @named: a NAME was recorded
 * @tgid: process id in the initial namespace, 0 while unknown; under mmscope_mms_lock, as @comm
 * @comm: its name
 * @move: under mmap_lock held for write
 * @cpu: by CPU; set once, at the first record there
 */
struct mmscope_mm {
	struct kref refs;
	u32 id;
	u32 parent;
	struct mm_struct *mm;
	struct user_namespace *user_ns;
	const struct cred *cred;
	bool dumpable;
	struct pid *pid;
	u64 exec_id;
	struct mmscope_log *log;
	u32 family;
	struct rb_node by_id;
	struct rb_node by_mm;
	struct list_head queue;
	u32 state;
	unsigned int holds;
	struct mmscope_counts total;
	struct mutex lock; /* vmas and their ranges, nr_vmas, nr_maps, orphans */
	struct rb_root vmas;
	unsigned int nr_vmas;
	unsigned int nr_maps;
	unsigned int orphans;
	atomic64_t dropped;
	bool named;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
	struct mmscope_move move;
	struct mmscope_cpu * __percpu *cpu;
};

/* mm.c */
struct mmscope_mm *mmscope_mm_get(struct mm_struct *mm, struct task_struct *task,
				  struct mmscope_mm *parent);
void mmscope_mm_put(struct mmscope_mm *m);
void mmscope_mm_name(struct mmscope_mm *m);
void mmscope_mm_note(struct mmscope_mm *m);

/* mms.c */
extern struct mutex mmscope_mms_lock;
extern u32 mmscope_nr_mms;
void mmscope_mms_unlock(void);
void mmscope_mms_tidy(void);
void mmscope_mms_add(struct mmscope_mm *m);
struct mmscope_mm *mmscope_mms_get(struct mm_struct *mm);
struct mmscope_mm *mmscope_mm_find(struct mm_struct *mm);
void mmscope_mm_hold(struct mmscope_mm *m);
void mmscope_mm_release(struct mmscope_mm *m);
struct mmscope_mm *mmscope_mm_find_id(u32 id);
struct mmscope_mm *mmscope_mm_known(u32 id);
struct mmscope_mm *mmscope_mm_from(u32 id);
struct mmscope_mm *mmscope_mm_next(u32 id);
void mmscope_mm_exit(void);

#endif
