// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of a Perfetto trace: tracks, and events on them. One event at a time is put together.
 */
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "export/callers.h"
#include "export/code.h"
#include "export/packets.h"
#include "export/protobuf.h"

#define SEQUENCE	1	/* all packets are of one sequence */

static const char *const notes[NR_NOTES] = {
	[NOTE_ADDRESS] = "address", [NOTE_CLASS] = "class", [NOTE_FUNCTION] = "function",
	[NOTE_VMA] = "vma", [NOTE_PAGES] = "pages", [NOTE_BY] = "by", [NOTE_ERROR] = "error",
	[NOTE_STACK] = "stack", [NOTE_START] = "start", [NOTE_END] = "end",
	[NOTE_RIGHTS] = "rights", [NOTE_PAGE] = "page", [NOTE_WHAT] = "what", [NOTE_CPU] = "cpu",
};

static FILE *to;
static struct protobuf file, packet, event, part, inner;

static void send_packet(void)
{
	protobuf_number(&packet, PACKET_SEQUENCE, SEQUENCE);
	protobuf_message(&file, TRACE_PACKET, &packet);
	fwrite_unlocked(file.bytes, 1, file.n, to);
	file.n = 0;
}

/* Times are those of CLOCK_MONOTONIC, and shown as such. */
static void tell_clock(__u64 first)
{
	protobuf_number(&inner, CLOCK_ID, CLOCK_IS_MONOTONIC);
	protobuf_number(&inner, CLOCK_TIMESTAMP, first);
	protobuf_message(&part, CLOCKS_CLOCK, &inner);
	protobuf_number(&part, CLOCKS_PRIMARY, CLOCK_IS_MONOTONIC);
	protobuf_message(&packet, PACKET_CLOCK_SNAPSHOT, &part);
	send_packet();
}

/**
 * packets_begin - begin a trace
 * @out: where to
 * @first: time of the first record
 */
void packets_begin(FILE *out, __u64 first)
{
	to = out;
	tell_clock(first);
	for (unsigned int i = 1; i < NR_NOTES; i++) {
		protobuf_number(&inner, INTERNED_ID, i);
		protobuf_string(&inner, INTERNED_NAME, notes[i]);
		protobuf_message(&part, INTERNED_ANNOTATION_NAMES, &inner);
	}
	protobuf_message(&packet, PACKET_INTERNED, &part);
	protobuf_number(&packet, PACKET_FLAGS, SEQUENCE_CLEARED);
	send_packet();
}

/**
 * packets_track - tell of a track, before its events
 * @track: it
 */
void packets_track(const struct packets_track *track)
{
	protobuf_number(&part, TRACK_UUID, track->uuid);
	protobuf_string(&part, TRACK_NAME, track->name);
	if (track->parent)
		protobuf_number(&part, TRACK_PARENT, track->parent);
	if (track->pid) {
		protobuf_number(&inner, PROCESS_PID, track->pid);
		protobuf_string(&inner, PROCESS_NAME, track->name);
		protobuf_message(&part, TRACK_PROCESS, &inner);
	}
	if (track->unit) {
		protobuf_number(&inner, COUNTER_UNIT, track->unit);
		protobuf_message(&part, TRACK_COUNTER, &inner);
	}
	if (track->ordered)
		protobuf_number(&part, TRACK_ORDERING, ORDERING_EXPLICIT);
	if (track->rank)
		protobuf_number(&part, TRACK_RANK, track->rank);
	protobuf_message(&packet, PACKET_TRACK, &part);
	send_packet();
}

/**
 * packets_event - begin an event
 * @type: of it
 * @track: where
 * @name: NULL for none
 */
void packets_event(enum event_type type, __u64 track, const char *name)
{
	protobuf_number(&event, EVENT_TYPE, type);
	protobuf_number(&event, EVENT_TRACK, track);
	if (name)
		protobuf_string(&event, EVENT_NAME, name);
}

/**
 * packets_flow - the event is connected with another
 * @id: by this number
 * @ends: it is the second
 */
void packets_flow(__u64 id, bool ends)
{
	protobuf_fixed(&event, ends ? EVENT_FLOW_ENDS : EVENT_FLOW, id);
}

/**
 * packets_count - the number that a track has from now on
 * @value: the number
 */
void packets_count(__s64 value)
{
	protobuf_number(&event, EVENT_COUNTER, value);
}

/**
 * packets_number - what the event tells beside its name
 * @note: name of that
 * @value: a number
 */
void packets_number(enum packets_note note, __u64 value)
{
	protobuf_number(&part, ANNOTATION_NAME_ID, note);
	protobuf_number(&part, ANNOTATION_NUMBER, value);
	protobuf_message(&event, EVENT_ANNOTATION, &part);
}

/**
 * packets_pointer - the same, an address
 * @note: name of it
 * @value: the address
 */
void packets_pointer(enum packets_note note, __u64 value)
{
	protobuf_number(&part, ANNOTATION_NAME_ID, note);
	protobuf_number(&part, ANNOTATION_POINTER, value);
	protobuf_message(&event, EVENT_ANNOTATION, &part);
}

/**
 * packets_text - the same, a text
 * @note: name of it
 * @text: UTF-8
 */
void packets_text(enum packets_note note, const char *text)
{
	protobuf_number(&part, ANNOTATION_NAME_ID, note);
	protobuf_string(&part, ANNOTATION_STRING, text);
	protobuf_message(&event, EVENT_ANNOTATION, &part);
}

/* The same in words, for readers that know no stacks of events. */
static void add_words(const struct callers *callers)
{
	char *text = NULL;
	size_t size;
	FILE *words = open_memstream(&text, &size);

	if (!words)
		abort();
	for (size_t i = 0; i < callers->n; i++)
		fprintf(words, "%s%s", i ? " < " : "", code_get(callers->codes[i])->words);
	fclose(words);
	packets_text(NOTE_STACK, text);
	free(text);
}

/**
 * packets_callers - what led to the event
 * @callers: number of its stack
 */
void packets_callers(__u32 callers)
{
	const struct callers *stack = callers_get(callers);

	for (size_t i = stack->n; i-- > 0;) {
		const struct code *code = code_get(stack->codes[i]);

		protobuf_string(&inner, FRAME_FUNCTION, code->words);
		protobuf_string(&inner, FRAME_FILE, code->file ? code->file : code->name);
		if (code->file)
			protobuf_number(&inner, FRAME_LINE, code->line);
		protobuf_message(&part, CALLSTACK_FRAME, &inner);
	}
	protobuf_message(&event, EVENT_CALLSTACK, &part);
	if (stack->n > 1)
		add_words(stack);
}

/**
 * packets_send - the event is complete
 * @time_ns: when it happened
 */
void packets_send(__u64 time_ns)
{
	protobuf_number(&packet, PACKET_TIMESTAMP, time_ns);
	protobuf_message(&packet, PACKET_TRACK_EVENT, &event);
	protobuf_number(&packet, PACKET_FLAGS, SEQUENCE_NEEDED);
	send_packet();
}
