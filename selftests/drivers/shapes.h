/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drivers of other shapes than those of mmscope_mmaps.c, of mmscope_shapes.ko alone: memory that is
 * mapped at once, that comes with the first fault, that belongs to each mapping, huge pages, and
 * calls beside them.
 */
#ifndef MMSCOPE_DRIVERS_SHAPES_H
#define MMSCOPE_DRIVERS_SHAPES_H

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include "compat.h"

/* Pages that a driver has, but for huge ones */
#define SHAPE_PAGES	16
#define SHAPE_BYTES	(SHAPE_PAGES * PAGE_SIZE)

/**
 * struct shape - a driver
 * @misc: its device, /dev/mmscope_shape_NAME
 * @name: of it
 * @is: what is peculiar to it, by the constants of its file
 * @fops: of its file
 */
struct shape {
	struct miscdevice misc;
	const char *name;
	unsigned int is;
	const struct file_operations *fops;
};

/**
 * struct shape_set - the drivers of a file
 * @shapes: they
 * @n: how many
 */
struct shape_set {
	struct shape *shapes;
	size_t n;
};

/* What misc_open() has put there, before ->open puts its own. */
static inline unsigned int shape_is(const struct file *file)
{
	return container_of(file->private_data, struct shape, misc)->is;
}

void shapes_ring_end(void);
void shapes_calls_end(void);

extern const struct shape_set shapes_ring;
extern const struct shape_set shapes_lazy;
extern const struct shape_set shapes_object;
extern const struct shape_set shapes_huge;
extern const struct shape_set shapes_calls;

/**
 * shape_fits - a mapping is within a driver's pages
 * @vma: of it
 */
static inline bool shape_fits(struct vm_area_struct *vma)
{
	return vma->vm_pgoff < SHAPE_PAGES && vma_pages(vma) <= SHAPE_PAGES - vma->vm_pgoff;
}

#endif
