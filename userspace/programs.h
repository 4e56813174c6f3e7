/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_PROGRAMS_H
#define MMSCOPE_PROGRAMS_H

#include <stdbool.h>

struct bpf_object;

int programs_choose(const struct bpf_object *object, const char *const *without);
bool programs_refuse(const char *name);
void programs_choose_none(const struct bpf_object *object);
int programs_attach(const struct bpf_object *object);
void programs_detach(void);
void programs_missing(void (*tell)(const char *what, bool minor));

#endif
