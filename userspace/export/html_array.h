/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_HTML_ARRAY_H
#define MMSCOPE_EXPORT_HTML_ARRAY_H

#include <stddef.h>

void *html_array_room(void *array, size_t nr, size_t size);

#endif
