// SPDX-License-Identifier: GPL-2.0
/*
 * The experiments in teaching order, which is that of list and of run --all: groups, and in each
 * the rows of its own file.
 */
#include <string.h>
#include "base/suggest.h"
#include "lab/experiment.h"

#define EXPERIMENT(name)	extern const struct experiment exp_##name;
#include "experiments/address_space/list.h"
#include "experiments/origin/list.h"
#include "experiments/pages/list.h"
#include "experiments/merging/list.h"
#include "experiments/malloc/list.h"
#include "experiments/driver/list.h"
#undef EXPERIMENT

#define EXPERIMENT(name)	&exp_##name,

static const struct experiment *const group_a[] = {
#include "experiments/address_space/list.h"
	NULL
};

static const struct experiment *const group_b[] = {
#include "experiments/origin/list.h"
	NULL
};

static const struct experiment *const group_c[] = {
#include "experiments/pages/list.h"
	NULL
};

static const struct experiment *const group_d[] = {
#include "experiments/merging/list.h"
	NULL
};

static const struct experiment *const group_e[] = {
#include "experiments/malloc/list.h"
	NULL
};

static const struct experiment *const group_f[] = {
#include "experiments/driver/list.h"
	NULL
};

static const struct {
	const char *title;
	const struct experiment *const *rows;
} groups[] = {
	{ "A  address space, and giving memory back", group_a },
	{ "B  how a process comes by its memory", group_b },
	{ "C  pages, copies and faults", group_c },
	{ "D  regions, merging, demand paging", group_d },
	{ "E  the allocator's story", group_e },
	{ "F  what a driver sees", group_f },
};

/**
 * experiment_get - an experiment by its place in the table
 * @i: from 0
 *
 * Return: it, or NULL behind the last
 */
const struct experiment *experiment_get(size_t i)
{
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++)
		for (size_t n = 0; groups[g].rows[n]; n++)
			if (!i--)
				return groups[g].rows[n];
	return NULL;
}

/**
 * experiment_find - an experiment by its name
 * @name: as typed
 *
 * Return: it, or NULL
 */
const struct experiment *experiment_find(const char *name)
{
	const struct experiment *exp;

	for (size_t i = 0; (exp = experiment_get(i)); i++)
		if (!strcmp(exp->name, name))
			return exp;
	return NULL;
}

/**
 * experiment_suggest - what may have been meant by a name that no experiment has
 * @name: as typed; must stay
 * @near: becomes the nearest names
 */
void experiment_suggest(const char *name, struct suggestion *near)
{
	const struct experiment *exp;

	suggest_begin(near, name);
	for (size_t i = 0; (exp = experiment_get(i)); i++)
		suggest_offer(near, exp->name);
}

/**
 * experiment_group - the heading that an experiment is under
 * @exp: the experiment
 */
const char *experiment_group(const struct experiment *exp)
{
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++)
		for (size_t n = 0; groups[g].rows[n]; n++)
			if (groups[g].rows[n] == exp)
				return groups[g].title;
	return NULL;
}
