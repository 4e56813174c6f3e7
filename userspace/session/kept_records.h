/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_KEPT_RECORDS_H
#define MMSCOPE_SESSION_KEPT_RECORDS_H

#include "bpf/tracer_abi.h"
#include "recording/bytes.h"
#include "recording/reader.h"
#include "session/session.h"

/* Room for the largest raw record; if the recording has less of a record, the rest is 0. */
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
 * @reader: reads the file
 * @input: name of the file
 * @command: the recorded command as one would type it at a shell, "" where it was none
 * @program: first word of the command
 * @raws: the raw record that was handed out last, and the next one
 * @session: session that reads the recording
 * @devices: records of the module that are still to be handed out
 * @next: first of these in @devices
 * @nr: behind the last of them
 * @room: number of elements for which @devices has room
 * @held: the next raw record, if it was read already
 * @which: element of @raws that was handed out last
 * @device: record of the module that was handed out last
 * @stats: counters of the module, by address space
 * @nr_stats: number of elements of @stats
 * @nr_ops: number of operations that were read
 * @key: keyframe that is loaded when the record MMSCOPE_LOST before it is handed out
 * @now: time of the raw record that was handed out last
 * @until: time at which the recording is to end, 0 for its own end
 * @stopped: reading was ended at @until, or by kept_stop()
 * @on_end: called when an address space is about to end, or NULL
 * @arg: handed to @on_end
 * @on_raw: called with each raw record before the tracer has it, or NULL
 * @raw_arg: handed to @on_raw
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

/* The recording of the session that is selected. */
extern struct kept *kept;

struct recording_reader *kept_begin(struct session *session);
bool kept_ended(void);

/* These functions are in session/kept_raw.c. */
bool kept_is_raw(unsigned int type);
bool kept_makes_sense(const union kept_raw *raw, size_t size);

#endif
