// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/mmscope: open, mmap, read and poll. uapi/linux/mmscope.h says what each means to a
 * caller.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

static int attach_own(struct mmscope_reader *r)
{
	struct mmscope_mm *m = mmscope_mm_get(current->mm, current, NULL);

	if (!m)
		return -ENOMEM;
	mmscope_reader_attach(r, m, 0, NULL, 1);
	r->opener = m->id;
	mmscope_mm_release(m);
	return 0;
}

static int mmscope_open(struct inode *inode, struct file *file)
{
	struct mmscope_file *f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	int err;

	if (!f)
		return -ENOMEM;
	mutex_init(&f->setup_lock);
	mutex_init(&f->lock);
	spin_lock_init(&f->store.lock);
	f->plain = true;
	err = mmscope_reader_init(&f->reader, file);
	if (err)
		goto err_free_file;
	err = attach_own(&f->reader);
	if (err)
		goto err_destroy_reader;
	file->private_data = f;
	return stream_open(inode, file);

err_destroy_reader:
	mmscope_reader_destroy(&f->reader);
err_free_file:
	kfree(f);
	return err;
}

static int mmscope_release(struct inode *inode, struct file *file)
{
	struct mmscope_file *f = file->private_data;

	mmscope_reader_destroy(&f->reader);
	mmscope_store_destroy(&f->store);
	kfree(f);
	return 0;
}

/* One batch to user space. Returns bytes, 0 if there is nothing to read now. */
static ssize_t read_batch(struct mmscope_reader *r, char __user *buf, size_t len)
{
	unsigned int n = mmscope_reader_fill(r, min_t(size_t, len / sizeof(*r->buffer), UINT_MAX));
	bool ok = !copy_to_user(buf, r->buffer, n * sizeof(*r->buffer));

	mmscope_reader_commit(r, ok);
	return ok ? n * sizeof(*r->buffer) : -EFAULT;
}

/* How many records the reader has passed, whether they were delivered or not. */
static u64 dealt_with(const struct mmscope_reader *r)
{
	return r->total.delivered + r->total.lost + r->total.dropped + r->total.skipped;
}

/*
 * What was there at the beginning, until the buffer is full. What comes meanwhile may be for other
 * readers and never end. f->lock is held.
 */
static ssize_t read_available(struct mmscope_reader *r, char __user *buf, size_t len)
{
	u64 end = dealt_with(r) + mmscope_reader_unread(r);
	size_t done = 0;
	ssize_t n;

	do {
		n = read_batch(r, buf + done, len - done);
		if (n < 0)
			return done ?: n;
		done += n;
		cond_resched();
	} while (len - done >= sizeof(*r->buffer) && dealt_with(r) < end &&
		 mmscope_reader_unread(r) && !signal_pending(current));
	return done;
}

static ssize_t mmscope_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct mmscope_file *f = file->private_data;
	ssize_t done;
	int err;

	if (len < sizeof(struct mmscope_event))
		return -EINVAL;
	for (;;) {
		if (mutex_lock_interruptible(&f->lock))
			return -ERESTARTSYS;
		done = read_available(&f->reader, buf, len);
		mutex_unlock(&f->lock);
		if (done)
			return done;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		/* Records for other readers may keep it awake, and a signal unnoticed. */
		if (signal_pending(current))
			return -ERESTARTSYS;
		err = wait_event_interruptible(f->reader.wait,
					       mmscope_reader_ready(&f->reader, 1));
		if (err)
			return err;
	}
}

static __poll_t mmscope_poll(struct file *file, poll_table *wait)
{
	struct mmscope_file *f = file->private_data;

	poll_wait(file, &f->reader.wait, wait);
	return mmscope_reader_ready(&f->reader, READ_ONCE(f->reader.watermark)) ?
	       EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations mmscope_fops = {
	.owner		= THIS_MODULE,
	.open		= mmscope_open,
	.release	= mmscope_release,
	.read		= mmscope_read,
	.poll		= mmscope_poll,
	.mmap		= mmscope_vm_mmap,
	.unlocked_ioctl	= mmscope_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice mmscope_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "mmscope",
	.fops	= &mmscope_fops,
	.mode	= 0600,
};

/**
 * mmscope_dev_init() - the device appears
 *
 * Return: 0 or an errno.
 */
int mmscope_dev_init(void)
{
	return misc_register(&mmscope_misc);
}

/**
 * mmscope_dev_exit() - the device goes; no file is open, since an open one holds the module
 */
void mmscope_dev_exit(void)
{
	misc_deregister(&mmscope_misc);
}
