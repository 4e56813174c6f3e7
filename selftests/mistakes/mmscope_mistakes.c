// SPDX-License-Identifier: GPL-2.0
/*
 * Makes one mistake while it is loaded, so that scripts/mistakes can see whether it is noticed.
 * Never load it where you want to go on working.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>

static char *mistake = "nothing";
module_param(mistake, charp, 0);
MODULE_PARM_DESC(mistake, "what to do wrong");

static void nothing(void)
{
}

static void warning(void)
{
	WARN_ON(1);
}

static void bug(void)
{
	BUG();
}

static void stop(void)
{
	panic("on request");
}

/* Nothing but an NMI gets through */
static void spin(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

/* KASAN: one byte behind the end */
static void bounds(void)
{
	char *p = kmalloc(24, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	if (p)
		WRITE_ONCE(p[24], 1);
	kfree(p);
}

/* KASAN: after its end */
static void freed(void)
{
	char *p = kmalloc(24, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	if (p)
		WRITE_ONCE(*p, 1);
}

/* UBSAN */
static void shift(void)
{
	int by = 40;

	OPTIMIZER_HIDE_VAR(by);
	pr_info("shifted: %d\n", 1 << by);
}

/* kmemleak */
static void leak(void)
{
	char *p = kmalloc(24, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
}

/* DEBUG_ATOMIC_SLEEP */
static void asleep(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static int __rcu *nowhere;

/* PROVE_RCU */
static void unread(void)
{
	pr_info("read without a lock: %p\n", rcu_dereference(nowhere));
}

/* PROVE_LOCKING: either order */
static void locks(void)
{
	static DEFINE_MUTEX(a);
	static DEFINE_MUTEX(b);

	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static void never(struct timer_list *timer)
{
}

/* DEBUG_OBJECTS: a timer that still runs is freed */
static void object(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, never, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
}

static int counter;

static int increment(void *unused)
{
	while (!kthread_should_stop()) {
		counter++;
		cond_resched();
	}
	return 0;
}

/* KCSAN: two threads, no lock */
static void race(void)
{
	struct task_struct *one = kthread_run(increment, NULL, "mistake/1");
	struct task_struct *two = kthread_run(increment, NULL, "mistake/2");

	msleep(3000);
	if (!IS_ERR(one))
		kthread_stop(one);
	if (!IS_ERR(two))
		kthread_stop(two);
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{ "nothing", nothing }, { "warning", warning }, { "bug", bug }, { "panic", stop },
	{ "spin", spin },
	{ "bounds", bounds }, { "freed", freed }, { "shift", shift }, { "leak", leak },
	{ "sleep", asleep }, { "rcu", unread }, { "locks", locks }, { "object", object },
	{ "race", race },
};

static int __init mistakes_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (strcmp(mistakes[i].name, mistake))
			continue;
		mistakes[i].make();
		return 0;
	}
	return -EINVAL;
}
module_init(mistakes_init);

static void __exit mistakes_exit(void)
{
}
module_exit(mistakes_exit);

MODULE_DESCRIPTION("mistakes that must be noticed");
MODULE_LICENSE("GPL");
