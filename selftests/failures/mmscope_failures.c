// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a function of the kernel fail, once, for whoever is called "failing": failures.h asks for
 * it.
 *
 * function=NAME chooses it, or, empty, none; NAME,NAME,... are several, of which those count that
 * this kernel has. nth=N arms it: the Nth call from then on returns value, without running, or
 * with after=1 after it has run; with times=N, so do the N - 1 after it. With caller=MODULE only
 * calls by that module count, but not with after=1. Both are to be set after function. failed
 * counts what was done.
 * Never load it where you want to go on working.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

static int nth;
module_param(nth, int, 0600);
MODULE_PARM_DESC(nth, "which call fails, counted down");

static int times = 1;
module_param(times, int, 0600);
MODULE_PARM_DESC(times, "how many calls fail from the nth on");

static long value;
module_param(value, long, 0600);
MODULE_PARM_DESC(value, "what it returns");

static bool after;
module_param(after, bool, 0600);
MODULE_PARM_DESC(after, "let it run first; to be set before function");

static int failed;
module_param(failed, int, 0600);
MODULE_PARM_DESC(failed, "how often it has failed");

static char caller[64];
module_param_string(caller, caller, sizeof(caller), 0600);
MODULE_PARM_DESC(caller, "the module whose calls count; empty: all calls");

/* At the beginning of a function, does it return to the module? */
static bool called_by_module(const struct pt_regs *regs)
{
	char symbol[KSYM_SYMBOL_LEN], name[sizeof(caller) + 2];

	if (!caller[0])
		return true;
	snprintf(name, sizeof(name), "[%s]", caller);
	sprint_symbol(symbol, *(unsigned long *)regs->sp);
	return strstr(symbol, name);
}

/* Who is meant, and is anything armed? */
static bool armed(void)
{
	return nth > 0 && !strcmp(current->comm, "failing");
}

/* Is it this call? The caller is one thread. */
static bool due(void)
{
	if (--nth)
		return false;
	failed++;
	if (--times > 0)
		nth = 1;
	return true;
}

/* What runs instead */
static noinline long give_value(void)
{
	return READ_ONCE(value);
}

static int enter(struct kprobe *unused, struct pt_regs *regs)
{
	if (!armed() || !called_by_module(regs) || !due())
		return 0;
	instruction_pointer_set(regs, (unsigned long)give_value);
	return 1;
}

NOKPROBE_SYMBOL(enter);

static int leave(struct kretprobe_instance *unused, struct pt_regs *regs)
{
	if (armed() && due())
		regs_set_return_value(regs, value);
	return 0;
}

NOKPROBE_SYMBOL(leave);

#define MOST	16

static struct kprobe entry[MOST];
static struct kretprobe exit;

static void forget(void)
{
	int i;

	for (i = 0; i < MOST; i++)
		if (entry[i].addr)
			unregister_kprobe(&entry[i]);
	if (exit.kp.addr)
		unregister_kretprobe(&exit);
	memset(&entry, 0, sizeof(entry));
	memset(&exit, 0, sizeof(exit));
}

static int add_entry(struct kprobe *probe, const char *name)
{
	int err;

	probe->symbol_name = name;
	probe->pre_handler = enter;
	err = register_kprobe(probe);
	if (err)
		memset(probe, 0, sizeof(*probe));
	return err;
}

static int add_exit(const char *name)
{
	int err;

	exit.kp.symbol_name = name;
	exit.handler = leave;
	err = register_kretprobe(&exit);
	if (err)
		memset(&exit, 0, sizeof(exit));
	return err;
}

/* As many of them as the kernel has; an error if it has none */
static int add_entries(char *names)
{
	int err = -ENOENT, n = 0;
	char *name;

	while (n < MOST && (name = strsep(&names, ","))) {
		err = add_entry(&entry[n], name);
		n += !err;
	}
	return n ? 0 : err;
}

static int set_function(const char *text, const struct kernel_param *unused)
{
	static char names[512];

	forget();
	nth = 0;
	times = 1;
	caller[0] = '\0';
	if (strscpy(names, text, sizeof(names)) < 0)
		return -E2BIG;
	if (!*strim(names))
		return 0;
	return after ? add_exit(strim(names)) : add_entries(strim(names));
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
