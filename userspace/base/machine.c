// SPDX-License-Identifier: GPL-2.0
/*
 * Machines that records come from. Two recordings that are read side by side have one each.
 */
#include <stdlib.h>
#include "base/machine.h"

static struct machine here;
struct machine *machine = &here;

/**
 * machine_new - a machine of which nothing is known yet, to be selected
 */
struct machine *machine_new(void)
{
	struct machine *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * machine_select - have what is asked about the kernel be answered for a machine
 * @selected: from machine_new(); NULL for the one that is there from the start
 */
void machine_select(struct machine *selected)
{
	machine = selected ? selected : &here;
}
