// SPDX-License-Identifier: GPL-2.0
/*
 * How many rows of mmscope stat's tables are printed, and in which order.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "stat/tables.h"

#define USUAL	12	/* rows of a table that are printed as text */

static size_t most = USUAL;
static enum tables_order order;

/**
 * tables_top - set how many rows of a table are printed as text
 * @text: the number, as typed; 0 for all
 *
 * Return: NULL, or @text where it is no number
 */
const char *tables_top(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-')
		return text;
	most = n ? n : SIZE_MAX;
	return NULL;
}

/**
 * tables_sort - set which rows come first
 * @word: faults, time or pages
 *
 * Return: NULL, or @word where it is none of these
 */
const char *tables_sort(const char *word)
{
	static const char *const words[] = {
		[TABLES_FAULTS] = "faults",
		[TABLES_TIME] = "time",
		[TABLES_PAGES] = "pages",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i], word)) {
			order = i;
			return NULL;
		}
	return word;
}

/**
 * tables_most - the number of rows of a table that are printed as text
 */
size_t tables_most(void)
{
	return most;
}

/**
 * tables_order - which rows come first
 */
enum tables_order tables_order(void)
{
	return order;
}
