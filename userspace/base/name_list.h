/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_NAME_LIST_H
#define MMSCOPE_BASE_NAME_LIST_H

#include <stdbool.h>
#include <stddef.h>

bool name_list_next(const char **list, char *name, size_t size);
bool name_list_open(const char *list);

#endif
