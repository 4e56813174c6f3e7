// SPDX-License-Identifier: GPL-2.0
/*
 * What sessions know of code. Two recordings that are read side by side have ids of their own for
 * files and address spaces.
 */
#include <stdlib.h>
#include "symbolize/symbols.h"

static struct symbols first;
struct symbols *symbols = &first;

/**
 * symbols_new - make an object that knows no code yet, for symbols_select()
 *
 * Return: the object, which is never freed
 */
struct symbols *symbols_new(void)
{
	struct symbols *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * symbols_select - let all functions of symbolize/ work for another session
 * @selected: from symbols_new(); NULL for the object that exists from the start
 */
void symbols_select(struct symbols *selected)
{
	symbols = selected ? selected : &first;
}
