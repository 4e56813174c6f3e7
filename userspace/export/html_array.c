// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays that grow by one element at a time.
 */
#include <stdlib.h>
#include "export/html_array.h"

/**
 * html_array_room - have room for another element
 * @array: NULL if there is none yet
 * @nr: elements that there are
 * @size: of each
 *
 * Return: the array, perhaps at another address; it doubles in size
 */
void *html_array_room(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	array = realloc(array, (nr ? 2 * nr : 1) * size);
	if (!array)
		abort();
	return array;
}
