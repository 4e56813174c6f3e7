/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_PACKETS_H
#define MMSCOPE_EXPORT_PACKETS_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>
#include "export/perfetto_fields.h"

/* Names of what an event tells beside its name; their numbers are in the file. */
enum packets_note {
	NOTE_ADDRESS = 1, NOTE_CLASS, NOTE_FUNCTION, NOTE_VMA, NOTE_PAGES, NOTE_BY, NOTE_ERROR,
	NOTE_STACK, NOTE_START, NOTE_END, NOTE_RIGHTS, NOTE_PAGE, NOTE_WHAT, NOTE_CPU,
	NR_NOTES,
};

/**
 * struct packets_track - a line of the picture
 * @uuid: its number
 * @parent: that of the one above it, 0 for none
 * @name: of it
 * @pid: it is that of this process, 0 for none
 * @unit: it has numbers, of this unit; 0 for events
 * @ordered: its children are ordered by @rank
 * @rank: its place among its like
 */
struct packets_track {
	__u64 uuid;
	__u64 parent;
	const char *name;
	__u32 pid;
	unsigned int unit;
	bool ordered;
	__u32 rank;
};

void packets_begin(FILE *out, __u64 first);
void packets_track(const struct packets_track *track);
void packets_event(enum event_type type, __u64 track, const char *name);
void packets_flow(__u64 id, bool ends);
void packets_count(__s64 value);
void packets_number(enum packets_note note, __u64 value);
void packets_pointer(enum packets_note note, __u64 value);
void packets_text(enum packets_note note, const char *text);
void packets_callers(__u32 callers);
void packets_send(__u64 time_ns);

#endif
