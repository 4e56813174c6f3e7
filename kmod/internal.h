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
 * lock -> file->setup_lock -> mmscope_mms_lock -> mm->lock, reader->lock -> log->lock; store->lock.
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
 *	task->real_parent	family.c, find_first(), of each ancestor
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
 *
 * Time. This is every loop that a caller can make long, and what bounds it. "CPUs" is a step of
 * constant size for each possible CPU.
 *
 *	mmscope_mms_lock
 *	mmscope_mm_from(), find()	log2 of the mms
 *	mmscope_mms_tidy(), trim_idle()	64 mms, CPUs each. Rings are freed after the lock
 *	mmscope_mm_stat()		CPUs
 *	sum_up()			CPUs of one mm; then others may have the lock. Ends at
 *					SIGKILL
 *	mmscope_family_find()		256 generations x (log2 of the followers + 64 followers),
 *	and RCU				in one RCU section
 *	mmscope_family_is_full()	64 followers
 *	place_cursors()			CPUs
 *
 *	mm->lock
 *	mmscope_vma_from(), rb_add()	log2 of the mm's VMAs. debugfs copies one VMA, then others
 *					may have the lock; its walks end at SIGKILL
 *
 *	spinlocks, and preemption off
 *	wake_some()			16 readers; the others by a work item, 16 at a time. Of who
 *					waits for one file there are as many as the kernel allows
 *					for any: RLIMIT_NPROC, and 1,000 epolls (eventpoll.c)
 *	mmscope_reader_ready()		CPUs; mmscope_ring_settle() waits for one record to be
 *					written, which is with preemption off
 *	store->lock			one page
 *	store(), mmscope_record_fault()	one record
 *
 *	file->setup_lock
 *	ioctl_setup(), ioctl_info()	they look and exchange. Stores are made, freed and counted
 *					without it; making and counting end at SIGKILL
 *
 *	mmap_lock, of the caller's own mm, and of the child in a fork
 *	insert_all()			max_pages; reschedules, ends at SIGKILL
 *	mmscope_map_take(), _inherit(),	max_pages, by words of 64 pages where nothing drops them;
 *	_keep()				reschedule. They have to end what mm has done: it has just
 *					zapped or is about to copy as many entries itself
 *	mmscope_map_weigh()		max_pages / 64 words
 *	misbehave()			1 s, asked for; ends at SIGKILL
 *
 *	file->lock, or no lock
 *	read_available()		what was unread when it began; reschedules, ends at signals
 *	take_run(), merge()		CPUs x events; reschedule, end at SIGKILL
 *	find_visible()			the mms; reschedules, ends at signals
 *	mms_next(), events_next()	the mms and VMAs; reschedule, end at SIGKILL
 *	show_records()			CPUs x 64 records; likewise
 *	mmscope_store_destroy()		max_pages; reschedules. Memory has to be freed
 *	mmscope_wake_rest()		the readers that waited when it began; reschedules
 *	mmscope_mm_exit()		at rmmod, when nobody is left to wait
 */
#ifndef MMSCOPE_INTERNAL_H
#define MMSCOPE_INTERNAL_H

#include "access.h"
#include "compat.h"
#include "counts.h"
#include "dev.h"
#include "family.h"
#include "hooks.h"
#include "log.h"
#include "map.h"
#include "mm.h"
#include "param.h"
#include "reader.h"
#include "stats.h"
#include "store.h"

#endif
