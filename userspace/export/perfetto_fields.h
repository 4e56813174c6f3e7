/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of the fields that are written of Perfetto's trace format: google/perfetto,
 * protos/perfetto/trace and its folder track_event.
 */
#ifndef MMSCOPE_EXPORT_PERFETTO_FIELDS_H
#define MMSCOPE_EXPORT_PERFETTO_FIELDS_H

enum field_of_trace { TRACE_PACKET = 1 };

enum field_of_packet {
	PACKET_CLOCK_SNAPSHOT = 6, PACKET_TIMESTAMP = 8, PACKET_SEQUENCE = 10,
	PACKET_TRACK_EVENT = 11, PACKET_INTERNED = 12, PACKET_FLAGS = 13, PACKET_TRACK = 60,
};

/* Of PACKET_FLAGS: names are told anew; and they are needed. */
#define SEQUENCE_CLEARED	1
#define SEQUENCE_NEEDED		2

enum field_of_clocks { CLOCKS_CLOCK = 1, CLOCKS_PRIMARY = 2 };

enum field_of_clock { CLOCK_ID = 1, CLOCK_TIMESTAMP = 2 };

#define CLOCK_IS_MONOTONIC	3

enum field_of_track {
	TRACK_UUID = 1, TRACK_NAME = 2, TRACK_PROCESS = 3, TRACK_THREAD = 4, TRACK_PARENT = 5,
	TRACK_COUNTER = 8, TRACK_ORDERING = 11, TRACK_RANK = 12,
};

#define ORDERING_EXPLICIT	3

enum field_of_process { PROCESS_PID = 1, PROCESS_NAME = 6 };

enum field_of_thread { THREAD_PID = 1, THREAD_TID = 2 };

enum field_of_counter { COUNTER_UNIT = 3 };

#define UNIT_COUNT	2
#define UNIT_BYTES	3

enum field_of_event {
	EVENT_ANNOTATION = 4, EVENT_TYPE = 9, EVENT_TRACK = 11, EVENT_CATEGORY = 22,
	EVENT_NAME = 23, EVENT_COUNTER = 30, EVENT_FLOW = 47, EVENT_FLOW_ENDS = 48,
	EVENT_CALLSTACK = 55,
};

enum event_type { TYPE_BEGIN = 1, TYPE_END = 2, TYPE_INSTANT = 3, TYPE_COUNTER = 4 };

enum field_of_callstack { CALLSTACK_FRAME = 1 };

enum field_of_frame { FRAME_FUNCTION = 1, FRAME_FILE = 2, FRAME_LINE = 3 };

enum field_of_interned { INTERNED_ANNOTATION_NAMES = 3 };

enum field_of_interned_name { INTERNED_ID = 1, INTERNED_NAME = 2 };

enum field_of_annotation {
	ANNOTATION_NAME_ID = 1, ANNOTATION_NUMBER = 3, ANNOTATION_STRING = 6,
	ANNOTATION_POINTER = 7,
};

#endif
