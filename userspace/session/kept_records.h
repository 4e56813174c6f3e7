/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_KEPT_RECORDS_H
#define MMSCOPE_SESSION_KEPT_RECORDS_H

#include "bpf/tracer_abi.h"
#include "recording/bytes.h"
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

/**
 * struct kept - a recording that is being read
 * @reader: it
 * @input: its file
 * @command: that was recorded, as a shell reads it, "" where it was none
 * @program: the first word of that
 * @raws: the raw record that was handed out last, and the one that comes next
 * @session: whose
 * @devices: records of the module that wait for their turn
 * @next: the first of them
 * @nr: behind the last
 * @room: for how many
 * @held: the raw record that comes next, if it was read already
 * @which: of @raws has the one that was handed out last
 * @device: the module's record that was handed out last
 * @stats: of the module, by address space
 * @nr_stats: how many
 * @nr_ops: operations so far
 * @key: a keyframe, for the record that says how many are missing
 * @now: time of the raw record that was handed out last
 * @until: what is later is not read, 0 for all
 * @stopped: because of that
 * @on_end: is told when an address space is about to end
 * @arg: handed to it
 * @on_raw: is given each raw record, before the tracer is
 * @raw_arg: handed to it
 */
struct kept {
	struct recording_reader reader;
	const char *input;
	char *command;
	char *program;
	union kept_raw raws[2];
	struct session *session;
	struct mmscope_event *devices;
	size_t next;
	size_t nr;
	size_t room;
	const struct mmscope_event *held;
	unsigned int which;
	struct mmscope_event device;
	struct mmscope_stat *stats;
	size_t nr_stats;
	size_t nr_ops;
	struct bytes key;
	__u64 now;
	__u64 until;
	bool stopped;
	void (*on_end)(__u32 mm, void *arg);
	void *arg;
	void (*on_raw)(const struct mmscope_event *raw, void *arg);
	void *raw_arg;
};

/* That of the session that is selected. */
extern struct kept *kept;

struct recording_reader *kept_begin(struct session *session);
bool kept_ended(void);

/* session/kept_raw.c */
bool kept_is_raw(unsigned int type);
bool kept_makes_sense(const union kept_raw *raw, size_t size);

#endif
