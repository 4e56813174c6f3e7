// SPDX-License-Identifier: GPL-2.0
/*
 * Makes rare moments long, so that a test finds itself in them: delay_test.c says which.
 *
 * place=FUNCTION+OFFSET makes whoever is called @comm wait there for @us, busy, with preemption
 * off. An instruction must begin there; place=- ends it. hold_ms=N keeps the module's lock
 * over its list of mms for so long, which is where everybody sleeps who comes by.
 * Never load it where you want to go on working.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/string.h>

static char comm[TASK_COMM_LEN] = "delayed";
module_param_string(comm, comm, sizeof(comm), 0600);
MODULE_PARM_DESC(comm, "name of the threads that wait");

static unsigned int us = 20000;
module_param(us, uint, 0600);
MODULE_PARM_DESC(us, "how long they wait at place");

static int hits;
module_param(hits, int, 0600);
MODULE_PARM_DESC(hits, "how often somebody waited");

static int wait_here(struct kprobe *unused, struct pt_regs *regs)
{
	if (!strcmp(current->comm, comm)) {
		WRITE_ONCE(hits, hits + 1);
		mdelay(us / USEC_PER_MSEC);
	}
	return 0;
}

static char function[64];
static struct kprobe probe;

static void leave(void)
{
	if (probe.addr)
		unregister_kprobe(&probe);
	memset(&probe, 0, sizeof(probe));
}

static int set_place(const char *value, const struct kernel_param *unused)
{
	unsigned int offset = 0;
	int err;

	leave();
	if (!strcmp(value, "-"))
		return 0;
	if (sscanf(value, "%63[^+]+%u", function, &offset) < 1)
		return -EINVAL;
	probe.symbol_name = function;
	probe.offset = offset;
	probe.pre_handler = wait_here;
	err = register_kprobe(&probe);
	if (err)
		memset(&probe, 0, sizeof(probe));
	return err;
}

static const struct kernel_param_ops place_ops = { .set = set_place };
module_param_cb(place, &place_ops, NULL, 0200);
MODULE_PARM_DESC(place, "where they wait: FUNCTION+OFFSET");

static int never(struct kprobe *unused, struct pt_regs *regs)
{
	return 0;
}

/* The address of a symbol that is not exported. A probe tells that of this function. */
static void *look_up(const char *name)
{
	struct kprobe at = { .symbol_name = "kallsyms_lookup_name", .pre_handler = never };
	unsigned long (*look)(const char *name);

	if (register_kprobe(&at))
		return NULL;
	look = (void *)at.addr;
	unregister_kprobe(&at);
	return (void *)look(name);
}

static struct mutex *lock;

/* The writer sleeps interruptibly once it has the lock, and only then: so it can be told. */
static int set_hold(const char *value, const struct kernel_param *unused)
{
	unsigned int ms;
	int err = kstrtouint(value, 0, &ms);

	if (err)
		return err;
	mutex_lock(lock);
	msleep_interruptible(ms);
	mutex_unlock(lock);
	return 0;
}

static const struct kernel_param_ops hold_ops = { .set = set_hold };
module_param_cb(hold_ms, &hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold_ms, "hold mmscope_mms_lock, while this is being written");

static int __init delays_init(void)
{
	lock = look_up("mmscope:mmscope_mms_lock");
	return lock ? 0 : -ENOENT;
}
module_init(delays_init);

static void __exit delays_exit(void)
{
	leave();
}
module_exit(delays_exit);

MODULE_DESCRIPTION("delays where they hurt");
MODULE_LICENSE("GPL");
