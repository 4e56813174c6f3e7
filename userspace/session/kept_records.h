/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_KEPT_RECORDS_H
#define MMSCOPE_SESSION_KEPT_RECORDS_H

#include "bpf/tracer_abi.h"
#include "recording/reader.h"
#include "session/session.h"

/* Room for the largest raw record; what a shorter one lacks is 0. */
union kept_raw {
	struct mmscope_event e;
	struct raw_vma vma;
	struct raw_pages pages;
	struct raw_file file;
	struct raw_name name;
	struct raw_task task;
	struct raw_failed failed;
	struct raw_stack stack;
	struct raw_site site;
	struct raw_call call;
};

struct recording_reader *kept_begin(struct watch *watch);
bool kept_ended(void);

/* session/kept_raw.c */
bool kept_is_raw(unsigned int type);
bool kept_makes_sense(const union kept_raw *raw, size_t size);

#endif
