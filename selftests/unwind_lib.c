// SPDX-License-Identifier: GPL-2.0
/*
 * A library that touches pages, in a function that is called NAME.
 */
#include <unistd.h>

void NAME(volatile char *p, int pages);

void NAME(volatile char *p, int pages)
{
	int i;

	for (i = 0; i < pages; i++)
		p[i * getpagesize()] = 1;
}
