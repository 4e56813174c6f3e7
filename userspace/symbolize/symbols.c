// SPDX-License-Identifier: GPL-2.0
/*
 * Code that sessions know. Two recordings that are read side by side have numbers of their own for
 * files and address spaces.
 */
#include <stdlib.h>
#include "symbolize/symbols.h"

static struct symbols first;
struct symbols *symbols = &first;

/**
 * symbols_new - no code is known yet; to be selected
 */
struct symbols *symbols_new(void)
{
	struct symbols *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * symbols_select - have all functions of symbolize/ be about a session
 * @selected: from symbols_new(); NULL for what is there from the start
 */
void symbols_select(struct symbols *selected)
{
	symbols = selected ? selected : &first;
}
