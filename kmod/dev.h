/* SPDX-License-Identifier: GPL-2.0 */
/* The device and its open files: dev.c, ioctl.c */
#ifndef MMSCOPE_DEV_H
#define MMSCOPE_DEV_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "reader.h"
#include "store.h"

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
 * @mapped: mmap() was called, and the store is what it will be; under @setup_lock
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

long mmscope_ioctl(struct file *file, unsigned int cmd, unsigned long uarg);
int mmscope_dev_init(void);
void mmscope_dev_exit(void);

#endif
