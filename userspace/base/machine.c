// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of the machines that records come from. Two recordings that are read side by side
 * have one machine each.
 */
#include <stdlib.h>
#include "base/machine.h"

static struct machine here;
struct machine *machine = &here;

/**
 * machine_new - make a machine of which nothing is known yet, for machine_select()
 *
 * Return: the machine, which is never freed
 */
struct machine *machine_new(void)
{
	struct machine *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * machine_select - let base/kallsyms.c, base/kernel_rules.c and proc_memory() answer for a machine
 * @selected: from machine_new(); NULL for the one that exists from the start
 */
void machine_select(struct machine *selected)
{
	machine = selected ? selected : &here;
}
