// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls: a table of them, and what they do. uapi/linux/mmscope.h is their manual.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

#define SETUP_FLAGS	(MMSCOPE_EAGER | MMSCOPE_MKWRITE_NOTIFY | MMSCOPE_AROUND | \
			 MMSCOPE_GROWABLE | MMSCOPE_DROP | MMSCOPE_NO_VMA_LOCK | MMSCOPE_VETO | \
			 MMSCOPE_COUNT | MMSCOPE_QUIET | MMSCOPE_LATENCY)

/* A vmalloc buffer is allocated whole at SETUP, so it is small unless asked for. */
#define VMALLOC_PAGES	16

#define MAX_DELAY_US	1000000

union arg {
	struct mmscope_info info;
	struct mmscope_setup setup;
	struct mmscope_attach attach;
	struct mmscope_stat stat;
};

static long ioctl_info(struct mmscope_file *f, union arg *arg)
{
	struct mmscope_info *info = &arg->info;
	bool settled;
	int err;

	info->features = (IS_ENABLED(CONFIG_PER_VMA_LOCK) ? MMSCOPE_FEATURE_VMA_LOCK : 0) |
			 (IS_ENABLED(CONFIG_COMPAT) ? MMSCOPE_FEATURE_COMPAT : 0);
	info->backings = BIT(MMSCOPE_PAGE) | BIT(MMSCOPE_VMALLOC) | BIT(MMSCOPE_PFN);
	info->flags = SETUP_FLAGS;
	info->max_pages = mmscope_max_pages;
	info->events = mmscope_events;
	info->idle_mms = mmscope_idle_mms;
	info->dead_mms = mmscope_dead_mms;
	info->max_cpus = nr_cpu_ids;

	mutex_lock(&f->setup_lock);
	info->pages = f->store.pages ?: mmscope_max_pages;
	info->held = f->store.buffer ? f->store.pages : 0;
	settled = f->mapped;
	mutex_unlock(&f->setup_lock);
	/* Before the first mmap() a store holds its buffer only; after that the store stays. */
	err = settled ? mmscope_store_held(&f->store, &info->held) : 0;
	if (err)
		return err;

	if (mutex_lock_interruptible(&f->lock))
		return -ERESTARTSYS;
	mmscope_reader_info(&f->reader, info);
	mutex_unlock(&f->lock);
	return 0;
}

static bool all_set(u64 flags, u64 mask)
{
	return (flags & mask) == mask;
}

/* What cannot work together; the list in uapi/linux/mmscope.h. */
static bool conflicts(const struct mmscope_setup *s)
{
	u64 flags = s->flags;

	if (s->backing == MMSCOPE_PFN &&
	    flags & (MMSCOPE_EAGER | MMSCOPE_AROUND | MMSCOPE_GROWABLE | MMSCOPE_MKWRITE_NOTIFY))
		return true;
	if (flags & MMSCOPE_DROP &&
	    (s->backing != MMSCOPE_PAGE || flags & (MMSCOPE_GROWABLE | MMSCOPE_QUIET)))
		return true;
	if (flags & MMSCOPE_QUIET && flags & (MMSCOPE_VETO | MMSCOPE_COUNT | MMSCOPE_LATENCY))
		return true;
	return all_set(flags, MMSCOPE_EAGER | MMSCOPE_AROUND) ||
	       all_set(flags, MMSCOPE_GROWABLE | MMSCOPE_EAGER) ||
	       all_set(flags, MMSCOPE_GROWABLE | MMSCOPE_AROUND);
}

static int check_setup(const struct mmscope_setup *s)
{
	if (s->backing > MMSCOPE_PFN || s->flags & ~SETUP_FLAGS || s->pages > mmscope_max_pages ||
	    s->delay_us > MAX_DELAY_US)
		return -EINVAL;
	return conflicts(s) ? -EOPNOTSUPP : 0;
}

static bool is_plain(const struct mmscope_setup *s)
{
	u64 special = MMSCOPE_AROUND | MMSCOPE_GROWABLE | MMSCOPE_DROP;

	return s->backing == MMSCOPE_PAGE && !(s->flags & special) && !s->error_nth &&
	       !s->delay_us;
}

static long ioctl_setup(struct mmscope_file *f, union arg *arg)
{
	const struct mmscope_setup *s = &arg->setup;
	unsigned long pages = s->pages;
	struct mmscope_store store;
	int err = check_setup(s);

	if (err)
		return err;
	if (!pages)
		pages = s->backing == MMSCOPE_VMALLOC ? min(VMALLOC_PAGES, mmscope_max_pages) :
							mmscope_max_pages;
	if (READ_ONCE(f->mapped))
		return -EBUSY;
	/* Making and freeing one takes long: not under a lock that mmap() takes. */
	err = mmscope_store_setup(&store, s->backing, s->flags & MMSCOPE_DROP, pages);
	if (err)
		return err;
	mutex_lock(&f->setup_lock);
	if (f->mapped) {
		err = -EBUSY;
	} else {
		mmscope_store_swap(&f->store, &store);
		f->backing = s->backing;
		f->flags = s->flags;
		f->error_nth = s->error_nth;
		f->delay_us = s->delay_us;
		f->plain = is_plain(s);
	}
	mutex_unlock(&f->setup_lock);
	mmscope_store_destroy(&store);
	return err;
}

/* Returns 0 if a process may be seen, or an error. */
static int may_see(struct task_struct *task, struct mm_struct *mm)
{
	int err = -ESRCH;

	rcu_read_lock();
	if (pid_alive(task))
		err = mm == current->mm || mmscope_task_visible(task, mm, NULL) ? 0 : -EPERM;
	rcu_read_unlock();
	return err;
}

/* The record of a task's mm, held; it is made where there is none. */
static struct mmscope_mm *get_record(struct task_struct *task, struct mm_struct *mm)
{
	int err = may_see(task, mm);
	struct mmscope_mm *m;

	if (err)
		return ERR_PTR(err);
	m = mmscope_mm_get(mm, task, NULL);
	if (m)
		return m;
	return ERR_PTR(pid_alive(task) ? -ENOMEM : -ESRCH);
}

/* The mm to read, held. The process may end at any moment: then there is none, ESRCH. */
static struct mmscope_mm *find_by_pid(pid_t nr, struct pid **leader)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mmscope_mm *m = ERR_PTR(-ESRCH);
	struct mm_struct *mm;

	put_pid(pid);
	if (!task)
		return m;
	*leader = get_task_pid(task, PIDTYPE_TGID);
	mm = *leader ? get_task_mm(task) : NULL;
	if (mm) {
		m = get_record(task, mm);
		mmput(mm);
	}
	put_task_struct(task);
	return m;
}

static struct mmscope_mm *find_by_id(u32 id, struct pid **leader)
{
	*leader = get_task_pid(current, PIDTYPE_TGID);
	return mmscope_mm_find_id(id) ?: ERR_PTR(-ESRCH);
}

/*
 * A follower decides by its opener's credentials who joins a log: so he must be the opener, and in
 * a log that was made for another mm, be allowed to see all.
 */
static bool may_follow(const struct mmscope_file *f, const struct mmscope_mm *m)
{
	return uid_eq(current_euid(), f->reader.file->f_cred->euid) &&
	       (m->family == m->id || capable(CAP_SYS_PTRACE));
}

static long ioctl_attach(struct mmscope_file *f, union arg *arg)
{
	const struct mmscope_attach *a = &arg->attach;
	bool follow = a->flags & MMSCOPE_ATTACH_FOLLOW;
	struct pid *leader = NULL;
	struct mmscope_mm *m;
	int err;

	if (a->flags & ~(MMSCOPE_ATTACH_NOW | MMSCOPE_ATTACH_FOLLOW) || a->pid < 0 ||
	    (a->pid && a->mm) || a->watermark > mmscope_events || a->reserved)
		return -EINVAL;
	if (mutex_lock_interruptible(&f->lock))
		return -ERESTARTSYS;
	m = a->pid ? find_by_pid(a->pid, &leader) : find_by_id(a->mm ?: f->reader.mm, &leader);
	if (!IS_ERR(m) && (!mmscope_mm_visible(m, &f->reader) || (follow && !may_follow(f, m)))) {
		mmscope_mm_release(m);
		m = ERR_PTR(-EPERM);
	}
	err = PTR_ERR_OR_ZERO(m);
	if (!err) {
		err = mmscope_reader_attach(&f->reader, m, a->flags,
					    follow ? get_pid(leader) : NULL, a->watermark ?: 1);
		mmscope_mm_release(m);
	}
	mutex_unlock(&f->lock);
	put_pid(leader);
	return err;
}

/* The mm with an id, or the next one that may be seen: there may be many that may not. */
static struct mmscope_mm *find_visible(const struct mmscope_reader *r, u32 id, bool next)
{
	struct mmscope_mm *m;

	for (;;) {
		m = mmscope_mm_next(id);
		if (!m)
			return ERR_PTR(-ESRCH);
		if (!next && m->id != id) {
			mmscope_mm_put(m);
			return ERR_PTR(-ESRCH);
		}
		if (mmscope_mm_visible(m, r))
			return m;
		id = m->id + 1;
		mmscope_mm_put(m);
		if (!next)
			return ERR_PTR(-EPERM);
		if (signal_pending(current))
			return ERR_PTR(-ERESTARTSYS);
		cond_resched();
	}
}

static long ioctl_stat(struct mmscope_file *f, union arg *arg)
{
	struct mmscope_stat *stat = &arg->stat;
	u32 flags = stat->flags;
	struct mmscope_mm *m;
	u32 id = stat->mm;

	if (flags & ~MMSCOPE_STAT_NEXT)
		return -EINVAL;
	if (!id) {
		if (mutex_lock_interruptible(&f->lock))
			return -ERESTARTSYS;
		id = f->reader.mm;
		mutex_unlock(&f->lock);
	}
	m = find_visible(&f->reader, id, flags & MMSCOPE_STAT_NEXT);
	if (IS_ERR(m))
		return PTR_ERR(m);
	*stat = (struct mmscope_stat) { .size = stat->size, .flags = flags };
	mmscope_mm_stat(m, stat);
	mmscope_mm_put(m);
	return 0;
}

static const struct op {
	unsigned int cmd;
	u32 size;
	u32 min_size;	/* of the struct's first version */
	bool result;	/* the struct goes back to the caller */
	long (*fn)(struct mmscope_file *f, union arg *arg);
} ops[] = {
	{ MMSCOPE_INFO, sizeof(struct mmscope_info),
	  offsetofend(struct mmscope_info, skipped), true, ioctl_info },
	{ MMSCOPE_SETUP, sizeof(struct mmscope_setup),
	  offsetofend(struct mmscope_setup, delay_us), false, ioctl_setup },
	{ MMSCOPE_ATTACH, sizeof(struct mmscope_attach),
	  offsetofend(struct mmscope_attach, reserved), false, ioctl_attach },
	{ MMSCOPE_STAT, sizeof(struct mmscope_stat),
	  offsetofend(struct mmscope_stat, latency), true, ioctl_stat },
};

static long run_op(struct mmscope_file *f, const struct op *op, void __user *uarg, union arg *arg)
{
	u32 size;
	long err;

	if (get_user(size, (u32 __user *)uarg))
		return -EFAULT;
	if (size < op->min_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(arg, op->size, uarg, size);
	if (err)
		return err;
	err = op->fn(f, arg);
	if (!err && op->result && copy_to_user(uarg, arg, min(size, op->size)))
		err = -EFAULT;
	return err;
}

/**
 * mmscope_ioctl() - the table's way in
 * @file: the device
 * @cmd: MMSCOPE_INFO and the others
 * @uarg: struct that begins with its own size
 *
 * Return: 0 or the errors that uapi/linux/mmscope.h lists.
 */
long mmscope_ioctl(struct file *file, unsigned int cmd, unsigned long uarg)
{
	union arg *arg;
	size_t i;
	long err = -ENOTTY;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		if (ops[i].cmd != cmd)
			continue;
		arg = kzalloc(sizeof(*arg), GFP_KERNEL_ACCOUNT);
		if (!arg)
			return -ENOMEM;
		err = run_op(file->private_data, &ops[i], (void __user *)uarg, arg);
		kfree(arg);
		break;
	}
	return err;
}
