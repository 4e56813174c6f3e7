/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmscope's objects, who owns them and what protects them.
 *
 *	file	an open file description: a store, its behaviour, and a reader
 *	store	the pages behind the file's mappings; freed with the file
 *	reader	one file's place in one log
 *	mm	the record of one mm_struct; outlives it, as counters
 *	log	the records of one mm, or of one and its followed descendants
 *	map	one mmap() call in one mm, or its copy by fork; lives as long as its VMAs
 *	vma	what vm_private_data points to: identity and lineage of one VMA
 *
 * vm_private_data is NULL in a quiet file's mappings, and &mmscope_orphan where memory for the
 * vma was lacking in ->open, which cannot fail.
 *
 * Lock order: file->lock (held across copies to user space) -> mmap_lock in any mode, or the VMA
 * lock -> file->setup_lock -> mmscope_mms_lock -> mm->lock, log->lock, reader->lock, store->lock.
 * A hook is entered with mmap_lock or the VMA lock held, so it never takes file->lock, and nothing
 * touches user memory under a lock that a hook takes.
 *
 * Tasks. current is alive, and so are its group_leader, files and credentials. Another task is seen
 * only by ATTACH, which finds it by its number. A reference keeps the task_struct and its signal
 * and pids, but nothing else of a task that has been released meanwhile: its parent and its leader
 * may be freed memory. So what follows a pointer of such a task does so in one RCU section, in
 * which pid_alive() came first. Then the pointer leads to a task that had not been released when
 * the section began, whose own pointers are as good, and none of them is freed before it ends:
 *
 *	task->real_parent	family.c, descends(), of each ancestor
 *	task->group_leader	mm.c, describe(); of current in mmscope_mm_name()
 *	task->cred		access.c
 *	task->exec_state	compat.h, with its user_ns, on 7.3
 *	task->thread_pid, task->signal->pids
 *				family.c: compared; ioctl.c, find_by_pid(): get_task_pid() takes a
 *				reference, or finds that it is gone
 *	task->mm		get_task_mm() under the task's lock, referenced; elsewhere compared
 *
 * The owner of an mm (mm->owner, while a record grabs the mm) is a task that uses it, and is not
 * freed before the RCU section ends in which it was found; likewise a task found by its struct pid.
 * access.c looks at the credentials and the exec_state of these, which are freed no sooner.
 */
#ifndef MMSCOPE_INTERNAL_H
#define MMSCOPE_INTERNAL_H

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/poll.h>
#include <linux/ptrace.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/mmscope.h>

#include "compat.h"

/* Module parameters; checked in main.c, constant afterwards. */
extern unsigned int mmscope_max_pages;
extern unsigned int mmscope_events;
extern unsigned int mmscope_idle_mms;
extern unsigned int mmscope_dead_mms;

/* The flag bits that tell kinds of faults apart; counting one is a single increment. */
#define MMSCOPE_KINDS	64
#define MMSCOPE_KIND	(MMSCOPE_F_WRITE | MMSCOPE_F_USER | MMSCOPE_F_REMOTE | \
			 MMSCOPE_F_VMA_LOCK | MMSCOPE_F_REFAULT | MMSCOPE_F_COW)

/**
 * struct mmscope_counts - one CPU's counters of one mm
 * @events: by type, faults excepted
 * @faults: by kind
 * @major: subset of the faults, as @error
 * @error: see @major
 * @extra: pages mapped beyond one per fault: eager, around, copied by fork
 * @given_back: pages unmapped
 * @ns: sum of handler times
 * @latency: their log2 histogram
 *
 * Written by its own CPU with preemption off, read by anyone with READ_ONCE().
 */
struct mmscope_counts {
	u64 events[MMSCOPE_NR_TYPES];
	u64 faults[MMSCOPE_KINDS];
	u64 major;
	u64 error;
	u64 extra;
	u64 given_back;
	u64 ns;
	u64 latency[32];
};

/**
 * struct mmscope_ring - one CPU's part of one log
 * @resv: records begun; @resv - mmscope_events is the oldest one still whole
 * @head: records published
 * @wake_at: readers want to be woken by the record of this number
 * @event: mmscope_events of them, a power of two
 *
 * One writer at a time: code on this CPU with preemption off, never in interrupts.
 */
struct mmscope_ring {
	u64 resv;
	u64 head;
	u64 wake_at;
	struct mmscope_event *event;
} ____cacheline_aligned;

/**
 * struct mmscope_log - rings of one mm, or of a followed family of mms
 * @refs: one per mm that records here and per reader
 * @seq: structural records so far; incremented with preemption off, just before the write
 * @dropped: records that found no memory, of all its mms
 * @owner: id of the mm it was made for
 * @followers: readers with MMSCOPE_ATTACH_FOLLOW; under mmscope_mms_lock
 * @lock: protects @readers
 * @readers: to be woken; joined and left under mmscope_mms_lock too
 * @ring: by CPU; set once, at the first record there
 */
struct mmscope_log {
	refcount_t refs;
	atomic_t seq;
	atomic64_t dropped;
	u32 owner;
	unsigned int followers;
	spinlock_t lock; /* readers */
	struct list_head readers;
	struct mmscope_ring *ring[];
};

/**
 * struct mmscope_cpu - what one CPU needs to record for one mm
 * @ring: this CPU's part of the mm's log
 * @n: counters
 */
struct mmscope_cpu {
	struct mmscope_ring *ring;
	struct mmscope_counts n;
};

/**
 * struct mmscope_move - an mremap between ->open of its destination and the ->close that ends it
 * @map: map of the moved VMA, NULL when nothing is being moved
 * @tid: who moves
 * @nr: the system call, as @args, by which the same call is known again
 * @args: see @nr
 * @source: id of the moved VMA
 * @from: first address moved
 * @to: where it goes
 * @pages: size of the destination
 */
struct mmscope_move {
	struct mmscope_map *map;
	pid_t tid;
	int nr;
	unsigned long args[6];
	u32 source;
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
 * @all: in order of ids; under mmscope_mms_lock, as all below up to @total
 * @hash: findable by @mm
 * @by_id: findable by @id
 * @queue: in the list of idle or of dead ones
 * @state: MMSCOPE_LIVE, MMSCOPE_IDLE or MMSCOPE_DEAD
 * @holds: VMAs and passing users that keep it live
 * @total: counters of a dead mm
 * @lock: protects @vmas, their ranges, and @nr_vmas, @nr_maps, @orphans
 * @vmas: known VMAs
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
	struct list_head all;
	struct hlist_node hash;
	struct hlist_node by_id;
	struct list_head queue;
	u32 state;
	unsigned int holds;
	struct mmscope_counts total;
	struct mutex lock; /* vmas and their ranges, nr_vmas, nr_maps, orphans */
	struct list_head vmas;
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

/**
 * struct mmscope_map - one mmap() in one mm, or fork's copy of it
 * @mm: whose; every VMA of the map holds it
 * @pgoff: first page of the store it covers
 * @pages: how many; 0 when no account of pages is kept (growable)
 * @nr_vmas: VMAs left of it; under mm->lock
 * @orphans: there were VMAs of it that lost their identity
 * @doubled: two VMAs may have the same pages, since an mremap could not close its source, or its
 *	destination when it failed: nothing is taken back before the last VMA goes. Under mmap_lock
 *	held for write, as @orphans and those below up to @mapped.
 * @fork_mm: id of the child @fork_map belongs to
 * @fork_map: the copy being made of this map by a running fork
 * @mapped: a bit per page that was given and not taken back as far as hooks tell: an upper bound of
 *	what is present (a zap no hook saw, a private page that was copied). Set once the page was
 *	given, under locks that ->close and fork wait for.
 */
struct mmscope_map {
	struct mmscope_mm *mm;
	unsigned long pgoff;
	unsigned long pages;
	unsigned int nr_vmas;
	bool orphans;
	bool doubled;
	u32 fork_mm;
	struct mmscope_map *fork_map;
	unsigned long mapped[];
};

/**
 * struct mmscope_vma - identity of one VMA
 * @id: its number
 * @parent: number of the VMA it was made from, or 0
 * @flags: what faults on it have in common: MMSCOPE_F_USER, which most are, and MMSCOPE_F_SHARED
 * @born: MMSCOPE_MMAP, MMSCOPE_SPLIT, MMSCOPE_COPY or MMSCOPE_DUP
 * @map: what it is a piece of
 * @mm: whose, as @map's
 * @node: in mm->vmas
 * @start: range when a hook was last called; exact, except for growable mappings, which change
 *	without a hook. Under mmap_lock held for write and mm->lock.
 * @end: see @start
 * @bias: vm_start - vm_pgoff in bytes: the same for the life of a VMA however it is trimmed
 */
struct mmscope_vma {
	u32 id;
	u32 parent;
	u32 flags;
	u32 born;
	struct mmscope_map *map;
	struct mmscope_mm *mm;
	struct list_head node;
	unsigned long start;
	unsigned long end;
	unsigned long bias;
};

#define MMSCOPE_CHUNK_SHIFT	9
#define MMSCOPE_CHUNK		BIT(MMSCOPE_CHUNK_SHIFT)

/**
 * struct mmscope_chunk - 512 pages of a store
 * @page: filled by cmpxchg, or under store->lock with the drop flag; the store holds a reference
 */
struct mmscope_chunk {
	struct page *page[MMSCOPE_CHUNK];
};

/**
 * struct mmscope_store - the pages of one file
 * @pages: its size; every index is checked against it
 * @chunk: table of chunks, each filled by cmpxchg (page and pfn backing)
 * @buffer: the vmalloc backing
 * @users: with the drop flag: maps that have the page and faults that are about to, by page; under
 *	@lock
 * @lock: with the drop flag, protects @users and the page slots
 */
struct mmscope_store {
	unsigned long pages;
	struct mmscope_chunk **chunk;
	void *buffer;
	u32 *users;
	spinlock_t lock; /* users and slots, with the drop flag */
};

/**
 * struct mmscope_cursor - a reader's place in one ring
 * @start: first record of this reader's, at ATTACH
 * @done: next record to deliver; written under file->lock, read by anyone
 * @next: next record to put into the batch being made
 * @sure: what is below was published before this batch was begun
 * @head: end of what this batch may use
 * @gap: records overwritten before @next, found but not yet told
 * @loaded: @front is the record at @next
 * @front: see @loaded
 */
struct mmscope_cursor {
	u64 start;
	u64 done;
	u64 next;
	u64 sure;
	u64 head;
	u64 gap;
	bool loaded;
	struct mmscope_event front;
};

/**
 * struct mmscope_reader - one file's place in a log
 * @log: the log read, referenced
 * @mm: id of the mm read; with @follow all that record in the log
 * @follow: see @mm
 * @leader: process whose descendants are followed, or NULL
 * @file: whose reader this is; its credentials decide who may be followed, and with those of
 *	whoever asks, who may be seen. NULL: a reader of debugfs, who may see all.
 * @opener: id of the mm that opened the file, which may see itself through it
 * @watermark: for poll
 * @wait: woken when records arrive
 * @node: in log->readers, under log->lock
 * @follow_node: in mmscope_followers, under mmscope_mms_lock
 * @total: delivered, lost, dropped and skipped since ATTACH; withheld ones are among the skipped
 * @batch: what the batch being made adds to @total
 * @start_dropped: log->dropped at ATTACH
 * @lock: taken by ATTACH to change @log and @cursor, and by those who look without file->lock
 * @cursor: by CPU
 * @active: CPUs that have something for the batch being made
 * @nr_active: how many
 * @buffer: a batch of records on its way to user space
 * @sight: whose records may be in the batch being made, as far as it was asked; by id, modulo
 *
 * Protected by file->lock unless said otherwise.
 */
struct mmscope_reader {
	struct mmscope_log *log;
	u32 mm;
	bool follow;
	struct pid *leader;
	const struct file *file;
	u32 opener;
	u32 watermark;
	wait_queue_head_t wait;
	struct list_head node;
	struct list_head follow_node;
	struct mmscope_progress {
		u64 delivered;
		u64 lost;
		u64 dropped;
		u64 skipped;
		u64 withheld;
	} total, batch;
	u64 start_dropped;
	spinlock_t lock; /* log and cursor, for those without file->lock */
	struct mmscope_cursor *cursor;
	unsigned int *active;
	unsigned int nr_active;
	struct mmscope_event *buffer;
	struct mmscope_sight {
		u32 mm;
		bool visible;
	} sight[16];
};

/**
 * struct mmscope_file - an open file description
 * @store: its memory
 * @backing: MMSCOPE_PAGE, MMSCOPE_VMALLOC or MMSCOPE_PFN; with @flags, @error_nth and @delay_us
 *	constant after the first mmap()
 * @flags: MMSCOPE_SETUP flags
 * @error_nth: every nth fault fails
 * @delay_us: every fault sleeps
 * @plain: the page backing, and nothing asked for that ->fault would have to look at
 * @faults: counts for @error_nth
 * @setup_lock: serialises SETUP with the first mmap()
 * @mapped: mmap() was called; under @setup_lock
 * @lock: protects @reader
 * @reader: its place in a log
 */
struct mmscope_file {
	struct mmscope_store store;
	u32 backing;
	u64 flags;
	u32 error_nth;
	u32 delay_us;
	bool plain;
	atomic_t faults;
	struct mutex setup_lock; /* SETUP against the first mmap() */
	bool mapped;
	struct mutex lock; /* reader */
	struct mmscope_reader reader;
};

/* The file's store if it counts who has a page, else NULL. */
static inline struct mmscope_store *mmscope_dropping(struct mmscope_file *f)
{
	return f->flags & MMSCOPE_DROP ? &f->store : NULL;
}

/* store.c */
int mmscope_store_setup(struct mmscope_store *store, u32 backing, bool drop, unsigned long pages);
void mmscope_store_destroy(struct mmscope_store *store);
struct page *mmscope_store_get(struct mmscope_store *store, unsigned long pgoff);
int mmscope_store_insert(struct mmscope_store *store, struct vm_area_struct *vma,
			 unsigned long addr, unsigned long pgoff);
struct mmscope_chunk *mmscope_store_chunk(struct mmscope_store *store, unsigned long pgoff);
struct page *mmscope_store_fill(struct page **slot);
void mmscope_store_share(struct mmscope_store *store, unsigned long pgoff);
void mmscope_store_keep(struct mmscope_store *store, unsigned long pgoff);
void mmscope_store_put(struct mmscope_store *store, unsigned long pgoff);
u64 mmscope_store_held(struct mmscope_store *store);

/**
 * mmscope_store_page() - the page at an index of a page-backed store without the drop flag
 * @store: any such
 * @pgoff: checked here against the end
 *
 * May sleep. Runs concurrently with itself, also for the same page.
 *
 * Return: the page, the store's own reference; ERR_PTR(-EFAULT) behind the end, ERR_PTR(-ENOMEM).
 */
static __always_inline struct page *mmscope_store_page(struct mmscope_store *store,
						       unsigned long pgoff)
{
	struct mmscope_chunk *chunk;
	struct page **slot;

	if (unlikely(pgoff >= store->pages))
		return ERR_PTR(-EFAULT);
	chunk = READ_ONCE(store->chunk[pgoff >> MMSCOPE_CHUNK_SHIFT]);
	if (unlikely(!chunk))
		chunk = mmscope_store_chunk(store, pgoff);
	if (unlikely(!chunk))
		return ERR_PTR(-ENOMEM);
	slot = &chunk->page[pgoff & (MMSCOPE_CHUNK - 1)];
	return READ_ONCE(*slot) ?: mmscope_store_fill(slot);
}

/* map.c */
extern struct mmscope_vma mmscope_orphan;
extern atomic64_t mmscope_unrecorded;

/**
 * mmscope_map_mark() - a page was given to the map, of a store without the drop flag
 * @map: keeps account of pages; its mmap_lock or VMA lock is held; faults on the same word run
 *	concurrently
 * @pgoff: page of the store, inside the map
 *
 * Return: true if the map had it already.
 */
static inline bool mmscope_map_mark(struct mmscope_map *map, unsigned long pgoff)
{
	return test_and_set_bit(pgoff - map->pgoff, map->mapped);
}

/* Was the page given to the map? It may be, at this moment. */
static inline bool mmscope_map_has(const struct mmscope_map *map, unsigned long pgoff)
{
	return test_bit(pgoff - map->pgoff, map->mapped);
}

struct mmscope_map *mmscope_map_create(struct mmscope_mm *mm, unsigned long pgoff,
				       unsigned long pages);
struct mmscope_map *mmscope_map_fork(struct mmscope_map *map, struct mmscope_mm *child);
void mmscope_map_put(struct mmscope_map *map);
bool mmscope_map_give(struct mmscope_map *map, unsigned long pgoff, struct mmscope_store *drop);
u32 mmscope_map_weigh(struct mmscope_map *map, unsigned long pgoff, unsigned long pages);
u32 mmscope_map_take(struct mmscope_map *map, unsigned long pgoff, unsigned long pages,
		     struct mmscope_store *drop);
u32 mmscope_map_keep(struct mmscope_map *map, unsigned long pgoff, unsigned long pages,
		     struct mmscope_store *drop);
u32 mmscope_map_inherit(struct mmscope_map *map, struct mmscope_map *from, unsigned long pgoff,
			unsigned long pages, struct mmscope_store *share);
struct mmscope_vma *mmscope_vma_create(struct mmscope_map *map, const struct vm_area_struct *vma,
				       u32 born, u32 parent);
void mmscope_vma_resize(struct mmscope_vma *v, unsigned long start, unsigned long end);
void mmscope_vma_unsplit(struct mmscope_vma *v);
void mmscope_vma_unlink(struct mmscope_vma *v);
void mmscope_vma_free(struct mmscope_vma *v);

/* mm.c */
extern struct mutex mmscope_mms_lock;
extern struct list_head mmscope_mms;
extern u32 mmscope_nr_mms;
extern struct mmscope_counts mmscope_gone;
struct mmscope_mm *mmscope_mm_get(struct mm_struct *mm, struct task_struct *task,
				  struct mmscope_mm *parent);
struct mmscope_mm *mmscope_mm_find(struct mm_struct *mm);
void mmscope_mm_hold(struct mmscope_mm *m);
void mmscope_mm_release(struct mmscope_mm *m);
struct mmscope_mm *mmscope_mm_find_id(u32 id);
struct mmscope_mm *mmscope_mm_known(u32 id);
struct mmscope_mm *mmscope_mm_next(u32 id);
void mmscope_mm_put(struct mmscope_mm *m);
void mmscope_mm_name(struct mmscope_mm *m);
void mmscope_mm_note(struct mmscope_mm *m);
void mmscope_mm_exit(void);

/* family.c */
extern struct list_head mmscope_followers;
struct mmscope_log *mmscope_family_find(struct task_struct *task, struct mm_struct *mm,
					struct mmscope_mm *parent);

/* access.c */
bool mmscope_task_visible(struct task_struct *task, struct mm_struct *mm, const struct file *file);
void mmscope_mm_look(struct mmscope_mm *m);
bool mmscope_mm_visible(struct mmscope_mm *m, const struct mmscope_reader *r);
bool mmscope_id_visible(u32 id, struct mmscope_reader *r);
bool mmscope_sees_all(const struct file *file);

/*
 * Has the process that runs here other credentials than were noted, or is it no more dumpable?
 * Asked where the set of VMAs changes, so that the last of them tells whose the mm was.
 */
static inline bool mmscope_mm_changed(const struct mmscope_mm *m)
{
	bool changed;

	if (current->mm != m->mm)
		return false;
	rcu_read_lock();
	changed = rcu_access_pointer(current->real_cred) != READ_ONCE(m->cred) ||
		  mmscope_dumpable(current, m->mm) != READ_ONCE(m->dumpable);
	rcu_read_unlock();
	return changed;
}

/* counts.c */
void mmscope_counts_add(struct mmscope_counts *sum, const struct mmscope_counts *n);
void mmscope_mm_stat(struct mmscope_mm *m, struct mmscope_stat *stat);
u32 mmscope_mm_total(struct mmscope_stat *stat);

/* log.c */
struct mmscope_log *mmscope_log_create(void);
void mmscope_log_put(struct mmscope_log *log);
void mmscope_record(struct mmscope_mm *m, struct mmscope_event *e, u64 setup_flags);
void mmscope_record_fault(const struct vm_fault *vmf, const struct mmscope_vma *v, u32 flags,
			  u64 began);
struct mmscope_cpu *mmscope_cpu_make(struct mmscope_mm *m);

/* This CPU's part for an mm that is held, as mmscope_cpu_make(); put_cpu() ends its use. */
static __always_inline struct mmscope_cpu *mmscope_cpu_get(struct mmscope_mm *m)
{
	struct mmscope_cpu *c;

	preempt_disable();
	c = READ_ONCE(*this_cpu_ptr(m->cpu));
	if (likely(c))
		return c;
	preempt_enable();
	return mmscope_cpu_make(m);
}

/* Count the time of a handler, with preemption off. Returns it as a record carries it. */
static __always_inline u32 mmscope_count_time(struct mmscope_cpu *c, u64 ns)
{
	c->n.ns += ns;
	if (unlikely(ns > S32_MAX))
		ns = S32_MAX;
	c->n.latency[fls(ns)]++;
	return ns;
}

/* Count a fault that was served by one page, with preemption off; flags: MMSCOPE_F_*. */
static __always_inline void mmscope_count_fault(struct mmscope_cpu *c, u32 flags)
{
	c->n.faults[flags & MMSCOPE_KIND]++;
}

/* User mode's instruction, the system call's if the kernel faults; kernel threads have none. */
static inline u64 mmscope_user_ip(void)
{
	return unlikely(current->flags & PF_KTHREAD) ? 0 : instruction_pointer(current_pt_regs());
}

/* Records of one batch. */
#define MMSCOPE_BATCH	((unsigned int)(PAGE_SIZE / sizeof(struct mmscope_event)))

/* End of the published records. Whoever sees it sees them: log.c, publish(). */
static inline u64 mmscope_ring_head(const struct mmscope_ring *ring)
{
	/* Pairs with smp_store_release() in log.c, publish(). */
	return smp_load_acquire(&ring->head);
}

/*
 * The same, of all records begun when this is called: it waits for the one that is being written,
 * if any, which is with preemption off.
 */
static inline u64 mmscope_ring_settle(struct mmscope_ring *ring)
{
	u64 resv = READ_ONCE(ring->resv);

	/* Pairs with smp_store_release() in log.c, publish(). */
	smp_cond_load_acquire(&ring->head, VAL >= resv);
	return resv;
}

/* The oldest record that is not being overwritten. */
static inline u64 mmscope_ring_oldest(const struct mmscope_ring *ring)
{
	u64 resv = READ_ONCE(ring->resv);

	return resv > mmscope_events ? resv - mmscope_events : 0;
}

/* Records that found no memory since the reader came. */
static inline u64 mmscope_reader_dropped(const struct mmscope_reader *r)
{
	return atomic64_read(&r->log->dropped) - r->start_dropped;
}

/* reader.c */
int mmscope_reader_init(struct mmscope_reader *r, const struct file *file);
void mmscope_reader_destroy(struct mmscope_reader *r);
void mmscope_reader_attach(struct mmscope_reader *r, struct mmscope_mm *m, u32 flags,
			   struct pid *leader, u32 watermark);
void mmscope_reader_last(struct mmscope_reader *r, u64 records);
u64 mmscope_reader_unread(const struct mmscope_reader *r);
bool mmscope_reader_ready(struct mmscope_reader *r, u64 records);
void mmscope_reader_info(struct mmscope_reader *r, struct mmscope_info *info);

/* batch.c */
unsigned int mmscope_reader_fill(struct mmscope_reader *r, unsigned int max);
void mmscope_reader_commit(struct mmscope_reader *r, bool delivered);

/* vm_ops.c */
s16 mmscope_cause(const struct mm_struct *mm);
u32 mmscope_rights(vm_flags_t vm_flags);
struct mmscope_event mmscope_range_event(u32 type, const struct vm_area_struct *vma);
int mmscope_vm_mmap(struct file *file, struct vm_area_struct *vma);

/* vma.c */
void mmscope_record_vma(const struct vm_area_struct *vma, struct mmscope_event *e);
void mmscope_end_move(struct mmscope_mm *m);
void mmscope_vm_open(struct vm_area_struct *vma);
void mmscope_vm_close(struct vm_area_struct *vma);
int mmscope_vm_may_split(struct vm_area_struct *vma, unsigned long addr);
int mmscope_vm_mremap(struct vm_area_struct *vma);
int mmscope_vm_mprotect(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			unsigned long newflags);

/* fault.c */
vm_fault_t mmscope_vm_fault(struct vm_fault *vmf);
vm_fault_t mmscope_vm_page_mkwrite(struct vm_fault *vmf);
vm_fault_t mmscope_vm_pfn_mkwrite(struct vm_fault *vmf);
int mmscope_vm_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
		      int write);

/* ioctl.c */
long mmscope_ioctl(struct file *file, unsigned int cmd, unsigned long uarg);

/* dev.c, stats.c: brought up and down by main.c */
int mmscope_dev_init(void);
void mmscope_dev_exit(void);
void mmscope_stats_init(void);
void mmscope_stats_exit(void);

#endif
