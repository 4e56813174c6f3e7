/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_SHORTAGE_H
#define MMSCOPE_TRACER_SHORTAGE_H

#include <stdbool.h>
#include <linux/types.h>

struct json_object;

void shortage_add(const char *name, __u64 count);
bool shortage_tell(const char *verb, bool told);
struct json_object *shortage_json(void);

#endif
