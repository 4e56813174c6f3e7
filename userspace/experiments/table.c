// SPDX-License-Identifier: GPL-2.0
/*
 * The experiments in teaching order, which is that of list and of run --all.
 */
#include <string.h>
#include "experiments/table.h"

static const struct experiment *const experiments[] = {
	&exp_lazy,
	&exp_hint,
	&exp_map_fixed,
	&exp_munmap_basics,
	&exp_partial_munmap,
	&exp_dontneed,
	&exp_merge,
	&exp_mprotect,
	&exp_mremap,
	&exp_private_cow,
	&exp_fault_around,
	&exp_kernel_fault,
	&exp_sigbus,
	&exp_fork,
	&exp_remote,
	&exp_hooks,
	&exp_vmalloc_map,
	&exp_write_notify,
	&exp_double_fault,
	&exp_veto,
};

/**
 * experiment_get - an experiment by its place in the table
 * @i: from 0
 *
 * Return: it, or NULL behind the last
 */
const struct experiment *experiment_get(size_t i)
{
	return i < ARRAY_SIZE(experiments) ? experiments[i] : NULL;
}

/**
 * experiment_find - an experiment by its name
 * @name: as typed
 *
 * Return: it, or NULL
 */
const struct experiment *experiment_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(experiments); i++)
		if (!strcmp(experiments[i]->name, name))
			return experiments[i];
	return NULL;
}
