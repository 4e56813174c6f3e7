// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers with one mistake each, and some without, of other shapes than those of mmscope_mmaps.c: a
 * device for each, /dev/mmscope_shape_NAME. Those whose mistake costs the kernel itself something
 * are told apart in selftests/check_shapes_test.sh.
 * Never load it where you want to go on working.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "shapes.h"

static const struct shape_set *const sets[] = {
	&shapes_ring, &shapes_lazy, &shapes_object, &shapes_huge, &shapes_calls,
};

static void remove(struct shape *shape)
{
	if (!shape->misc.name)
		return;
	misc_deregister(&shape->misc);
	kfree(shape->misc.name);
	shape->misc.name = NULL;
}

static int add(struct shape *shape)
{
	int err;

	shape->misc.minor = MISC_DYNAMIC_MINOR;
	shape->misc.fops = shape->fops;
	shape->misc.name = kasprintf(GFP_KERNEL, "mmscope_shape_%s", shape->name);
	if (!shape->misc.name)
		return -ENOMEM;
	err = misc_register(&shape->misc);
	if (err) {
		kfree(shape->misc.name);
		shape->misc.name = NULL;
	}
	return err;
}

static void remove_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		for (size_t k = 0; k < sets[i]->n; k++)
			remove(&sets[i]->shapes[k]);
	shapes_ring_end();
	shapes_calls_end();
}

static int __init start(void)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sets) && !err; i++)
		for (size_t k = 0; k < sets[i]->n && !err; k++)
			err = add(&sets[i]->shapes[k]);
	if (err)
		remove_all();
	return err;
}

static void __exit stop(void)
{
	remove_all();
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("Drivers of many shapes, with one mistake each, for mmscope check");
MODULE_LICENSE("GPL");
