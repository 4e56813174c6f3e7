/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_PROGRAMS_H
#define MMSCOPE_TRACER_PROGRAMS_H

#include <stdbool.h>
#include <linux/types.h>

struct bpf_iter_attach_opts;
struct bpf_object;
struct bpf_program;
struct choice;

void programs_choose(const struct bpf_object *object, const struct choice *choice);
int programs_find(const struct bpf_object *object, int types);
bool programs_refuse(const char *name);
bool programs_refused(const char *name);
bool programs_unwanted(const char *name);
int programs_attach(const struct bpf_object *object);
void programs_detach(void);
int programs_iterate(const struct bpf_program *prog, const struct bpf_iter_attach_opts *opts,
		     void (*between)(void));
bool programs_run(const char *name);
__u64 programs_skipped(const struct bpf_object *object, bool faults);
void programs_each(void (*each)(const char *name, int fd));

#endif
