/* SPDX-License-Identifier: GPL-2.0 */
/* A place in a log, and batches of records from there: reader.c, batch.c */
#ifndef MMSCOPE_READER_H
#define MMSCOPE_READER_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/mmscope.h>

#include "log.h"
#include "mm.h"

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
 * @node: in log->waiting, under log->lock
 * @follow_node: with a leader, in family.c's tree; under mmscope_mms_lock, as @came
 * @came: greater than that of whoever came before
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
	struct rb_node follow_node;
	u64 came;
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

/* Records of one batch. */
#define MMSCOPE_BATCH	((unsigned int)(PAGE_SIZE / sizeof(struct mmscope_event)))

/* Records that found no memory since the reader came. */
static inline u64 mmscope_reader_dropped(const struct mmscope_reader *r)
{
	return atomic64_read(&r->log->dropped) - r->start_dropped;
}

int mmscope_reader_init(struct mmscope_reader *r, const struct file *file);
void mmscope_reader_destroy(struct mmscope_reader *r);
int mmscope_reader_attach(struct mmscope_reader *r, struct mmscope_mm *m, u32 flags,
			  struct pid *leader, u32 watermark);
void mmscope_reader_last(struct mmscope_reader *r, u64 records);
u64 mmscope_reader_unread(const struct mmscope_reader *r);
bool mmscope_reader_ready(struct mmscope_reader *r, u64 records);
void mmscope_reader_info(struct mmscope_reader *r, struct mmscope_info *info);

/* batch.c */
unsigned int mmscope_reader_fill(struct mmscope_reader *r, unsigned int max);
void mmscope_reader_commit(struct mmscope_reader *r, bool delivered);

#endif
