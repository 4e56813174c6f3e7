// SPDX-License-Identifier: GPL-2.0
/* Life of the module, and its parameters. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/log2.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include "internal.h"

unsigned int mmscope_max_pages = SZ_1G / PAGE_SIZE;
module_param_named(max_pages, mmscope_max_pages, uint, 0444);
MODULE_PARM_DESC(max_pages, "largest mapping in pages (default 1 GiB, at most 16 GiB)");

unsigned int mmscope_events = 4096;
module_param_named(events, mmscope_events, uint, 0444);
MODULE_PARM_DESC(events, "records kept per CPU and log, 64 bytes each (a power of 2, 64 to 1048576)");

unsigned int mmscope_idle_mms = 64;
module_param_named(idle_mms, mmscope_idle_mms, uint, 0444);
MODULE_PARM_DESC(idle_mms, "processes without a mapping that keep their id and log (at most 65536)");

unsigned int mmscope_dead_mms = 256;
module_param_named(dead_mms, mmscope_dead_mms, uint, 0444);
MODULE_PARM_DESC(dead_mms, "ended processes whose counters are kept (at most 65536)");

static bool __init bad_param(const char *name, unsigned int value, unsigned int low,
			     unsigned int high)
{
	if (value >= low && value <= high)
		return false;
	pr_err("%s=%u is not within %u and %u\n", name, value, low, high);
	return true;
}

static int __init check_params(void)
{
	if (bad_param("max_pages", mmscope_max_pages, 1, 16ULL * SZ_1G / PAGE_SIZE) ||
	    bad_param("events", mmscope_events, 64, 1 << 20) ||
	    bad_param("idle_mms", mmscope_idle_mms, 0, 1 << 16) ||
	    bad_param("dead_mms", mmscope_dead_mms, 0, 1 << 16))
		return -EINVAL;
	if (is_power_of_2(mmscope_events))
		return 0;
	pr_err("events=%u is not a power of 2\n", mmscope_events);
	return -EINVAL;
}

static int __init mmscope_init(void)
{
	int err = check_params();

	if (err)
		return err;
	err = mmscope_wake_init();
	if (err)
		return err;
	err = mmscope_dev_init();
	if (err)
		goto err_wake_exit;
	mmscope_stats_init();
	return 0;

err_wake_exit:
	mmscope_wake_exit();
	return err;
}

static void __exit mmscope_exit(void)
{
	mmscope_stats_exit();
	mmscope_dev_exit();
	mmscope_wake_exit();
	mmscope_mm_exit();
}

module_init(mmscope_init);
module_exit(mmscope_exit);
MODULE_DESCRIPTION("What the kernel does with a process's memory, hook by hook");
MODULE_AUTHOR("The mmscope developers");
MODULE_VERSION("0.2");
MODULE_LICENSE("GPL");
