// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a function of the kernel fail, once, for whoever is called "failing": failures.h asks for
 * it.
 *
 * function=NAME chooses it, or, empty, none. nth=N arms it: the Nth call from then on returns
 * value, without running, or with after=1 after it has run. failed counts what was done.
 * Never load it where you want to go on working.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

static int nth;
module_param(nth, int, 0600);
MODULE_PARM_DESC(nth, "which call fails, counted down");

static long value;
module_param(value, long, 0600);
MODULE_PARM_DESC(value, "what it returns");

static bool after;
module_param(after, bool, 0600);
MODULE_PARM_DESC(after, "let it run first; to be set before function");

static int failed;
module_param(failed, int, 0600);
MODULE_PARM_DESC(failed, "how often it has failed");

/* Is it this call? The caller is one thread. */
static bool due(void)
{
	if (strcmp(current->comm, "failing") || nth <= 0 || --nth)
		return false;
	failed++;
	return true;
}

/* What runs instead */
static noinline long give_value(void)
{
	return READ_ONCE(value);
}

static int enter(struct kprobe *unused, struct pt_regs *regs)
{
	if (!due())
		return 0;
	instruction_pointer_set(regs, (unsigned long)give_value);
	return 1;
}

NOKPROBE_SYMBOL(enter);

static int leave(struct kretprobe_instance *unused, struct pt_regs *regs)
{
	if (due())
		regs_set_return_value(regs, value);
	return 0;
}

NOKPROBE_SYMBOL(leave);

static char function[64];
static struct kprobe entry;
static struct kretprobe exit;

static void forget(void)
{
	if (entry.addr)
		unregister_kprobe(&entry);
	if (exit.kp.addr)
		unregister_kretprobe(&exit);
	memset(&entry, 0, sizeof(entry));
	memset(&exit, 0, sizeof(exit));
}

static int set_function(const char *name, const struct kernel_param *unused)
{
	int err;

	forget();
	nth = 0;
	if (sscanf(name, "%63s", function) != 1)
		return 0;
	if (after) {
		exit.kp.symbol_name = function;
		exit.handler = leave;
		err = register_kretprobe(&exit);
	} else {
		entry.symbol_name = function;
		entry.pre_handler = enter;
		err = register_kprobe(&entry);
	}
	if (err) {
		memset(&entry, 0, sizeof(entry));
		memset(&exit, 0, sizeof(exit));
	}
	return err;
}

static const struct kernel_param_ops function_ops = { .set = set_function };
module_param_cb(function, &function_ops, NULL, 0200);
MODULE_PARM_DESC(function, "what fails");

static int __init failures_init(void)
{
	return 0;
}
module_init(failures_init);

static void __exit failures_exit(void)
{
	forget();
}
module_exit(failures_exit);

MODULE_DESCRIPTION("failures on request");
MODULE_LICENSE("GPL");
