// SPDX-License-Identifier: GPL-2.0
/*
 * Hands out the records of a recording as if they came from the module and the BPF programs: raw
 * records go to the tracer, which decodes them as it would have done then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "base/proc.h"
#include "record/record.h"
#include "recording/keyframe.h"
#include "recording/reader.h"
#include "session/kept.h"
#include "session/kept_records.h"
#include "symbolize/symbol.h"
#include "tracer/decode.h"
#include "tracer/replay.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"
#include "tracer/vm_ops.h"

#define OPS_MOST	4096	/* operations of a recording that are known; others are dropped */

static void add_device(const struct recording_item *item)
{
	if (item->size < sizeof(*kept->devices))
		return;
	if (kept->next == kept->nr) {
		kept->next = 0;
		kept->nr = 0;
	}
	if (kept->nr == kept->room) {
		kept->room = 2 * kept->room + 64;
		kept->devices = realloc(kept->devices, kept->room * sizeof(*kept->devices));
		if (!kept->devices)
			abort();
	}
	memcpy(&kept->devices[kept->nr++], item->data, sizeof(*kept->devices));
}

static void take_ops(const void *data, size_t size)
{
	struct recording_ops ops = { 0 };

	memcpy(&ops, data, size < sizeof(ops) ? size : sizeof(ops));
	ops.name[sizeof(ops.name) - 1] = '\0';
	if (!ops.ops || kept->nr_ops++ >= OPS_MOST)
		return;
	hooks_tell(ops.ops, ops.hooks);
	if (*ops.name)
		kallsyms_add(ops.ops, ops.name);
}

static void take_code(const void *data, size_t size)
{
	struct recording_code code = { 0 };
	struct symbol_range range;

	memcpy(&code, data, size < sizeof(code) ? size : sizeof(code));
	code.name[sizeof(code.name) - 1] = '\0';
	range = (struct symbol_range){
		.mm = code.mm,
		.first = code.first,
		.start = code.start,
		.end = code.end,
		.base = code.base,
	};
	snprintf(range.name, sizeof(range.name), "%s", code.name);
	symbol_learn(&range);
}

static void take_stat(const void *data, size_t size)
{
	struct mmscope_stat *stat;

	kept->stats = realloc(kept->stats, (kept->nr_stats + 1) * sizeof(*kept->stats));
	if (!kept->stats)
		abort();
	stat = memset(&kept->stats[kept->nr_stats++], 0, sizeof(*kept->stats));
	memcpy(stat, data, size < sizeof(*stat) ? size : sizeof(*stat));
}

static void take_totals(const void *data, size_t size)
{
	struct recording_totals from = { 0 };
	struct tracer_totals to;

	memcpy(&from, data, size < sizeof(from) ? size : sizeof(from));
	to = (struct tracer_totals){
		.skipped = from.skipped,
		.refused = from.refused,
		.lost_stacks = from.lost_stacks,
		.usage = { from.faults, from.by_others, from.in_others, from.skips, from.living },
		.usage_known = from.usage_known,
	};
	tracer_replay_totals(&to);
	kept->session->unshown = from.unshown;
	shortage_add("beyond", from.beyond);
	kept->session->status = from.status;
}

/* Take what is no raw record of the tracer; return whether it was such. */
static bool take_other(const struct recording_item *item)
{
	struct mmscope_info *info = &kept->session->info;

	switch (item->type) {
	case RECORDING_OF_DEVICE:
		add_device(item);
		return true;
	case RECORDING_CODE:
		take_code(item->data, item->size);
		return true;
	case RECORDING_OPS:
		take_ops(item->data, item->size);
		return true;
	case RECORDING_HOST_NOW:
		proc_replace_memory(item->data, item->size);
		return true;
	case RECORDING_INFO:
		memcpy(info, item->data, item->size < sizeof(*info) ? item->size : sizeof(*info));
		info->size = sizeof(*info);
		return true;
	case RECORDING_STAT:
		take_stat(item->data, item->size);
		return true;
	case RECORDING_TOTALS:
		take_totals(item->data, item->size);
		return true;
	}
	return false;
}

static const struct mmscope_event *copied(const struct recording_item *item)
{
	union kept_raw *raw = &kept->raws[!kept->which];
	size_t size = item->size < sizeof(*raw) ? item->size : sizeof(*raw);

	if (item->type == RECORDING_DRAINED) {
		raw->e = (struct mmscope_event){ .type = REPLAY_DRAINED };
		return &raw->e;
	}
	memset((char *)raw + size, 0, sizeof(*raw) - size);
	memcpy(raw, item->data, size);
	raw->e.type = item->type;
	if (kept_is_raw(item->type) && kept_makes_sense(raw, size))
		return &raw->e;
	kept->reader.skipped++;
	return NULL;
}

/*
 * Records are missing, or were passed over, and a keyframe says what was known behind the gap. A
 * record MMSCOPE_LOST has the number of missing records, as where the ring had no room.
 */
static const struct mmscope_event *take_key(const struct recording_item *item)
{
	union kept_raw *raw = &kept->raws[!kept->which];

	kept->key.size = 0;
	bytes_add(&kept->key, item->data, item->size);
	raw->e = (struct mmscope_event){
		.type = MMSCOPE_LOST,
		.flags = RECORD_F_WHOLE,
		.time_ns = item->time_ns,
		.count = item->missing,
	};
	return &raw->e;
}

/* Read the next raw record, NULL where the recording ends; what comes before it is taken. */
static const struct mmscope_event *read_raw(void)
{
	const struct mmscope_event *raw = NULL;
	struct recording_item item;

	while (!raw && !kept->session->ended) {
		switch (recording_next(&kept->reader, &item)) {
		case RECORDING_OVER:
			kept->session->ended = true;
			break;
		case RECORDING_KEYFRAME:
			raw = take_key(&item);
			break;
		case RECORDING_RECORD:
			if (!take_other(&item))
				raw = copied(&item);
			break;
		}
	}
	return raw;
}

/* Does a raw record say that a VMA goes because its mm ends, or that the mm ends? */
static bool begins_end(const struct mmscope_event *raw)
{
	switch (raw->type) {
	case RAW_ZAP:
	case RAW_GONE:
	case RAW_FREE:
	case RAW_STORE:
		return raw->cause == MMSCOPE_CAUSE_TEARDOWN;
	}
	return raw->type == RAW_MM_END;
}

static const struct mmscope_event *next_raw(void)
{
	static const struct mmscope_event drained = { .type = REPLAY_DRAINED };
	const struct mmscope_event *raw = kept->held ? kept->held : read_raw();

	kept->held = NULL;
	if (raw && raw->time_ns)
		kept->now = raw->time_ns;
	if (raw && kept->until && raw->time_ns > kept->until) {
		kept->session->ended = true;
		kept->stopped = true;
	}
	if (kept->stopped)
		return NULL;
	if (raw && raw->type == MMSCOPE_LOST && kept->key.size) {
		raw_reset();
		keyframe_load(kept->key.data, kept->key.size, take_ops);
		kept->key.size = 0;
		/* The reader went there on purpose (kept_skip()), so that nothing is missing. */
		if (!raw->count)
			raw = &drained;
	}
	if (raw && kept->on_end && begins_end(raw))
		kept->on_end(raw->mm, kept->arg);
	if (raw && kept->on_raw)
		kept->on_raw(raw, kept->raw_arg);
	kept->which = raw == &kept->raws[1].e;
	return raw;
}

/**
 * kept_device - the next record of the module, up to the tracer's next raw record
 *
 * Return: the record, valid until the next call; NULL where the tracer's next raw record comes
 *	first
 */
const struct mmscope_event *kept_device(void)
{
	if (kept->next == kept->nr && !kept->held)
		kept->held = read_raw();
	if (kept->next == kept->nr)
		return NULL;
	kept->device = kept->devices[kept->next++];
	return &kept->device;
}

/**
 * kept_time - the time of the raw record that was handed out last, in ns
 */
__u64 kept_time(void)
{
	return kept->now;
}

/**
 * kept_until - end the recording at a time
 * @ns: the time; later records are not read
 */
void kept_until(__u64 ns)
{
	kept->until = ns;
}

/**
 * kept_stop - end the recording here
 */
void kept_stop(void)
{
	kept->stopped = true;
}

/**
 * kept_skip - go on at the last keyframe before an instant, unless reading is further on already
 * @ns: the instant
 */
void kept_skip(__u64 ns)
{
	if (recording_seek(&kept->reader, ns))
		kept->held = NULL;
}

/**
 * kept_on_end - set a function that is called before an address space ends
 * @on_end: the function; it is called again for each VMA that goes because of the end
 * @arg: handed to @on_end
 */
void kept_on_end(void (*on_end)(__u32 mm, void *arg), void *arg)
{
	kept->on_end = on_end;
	kept->arg = arg;
}

/**
 * kept_on_raw - set a function that is called with each raw record
 * @on_raw: the function; the layers know what all earlier raw records have told
 * @arg: handed to @on_raw
 */
void kept_on_raw(void (*on_raw)(const struct mmscope_event *raw, void *arg), void *arg)
{
	kept->on_raw = on_raw;
	kept->raw_arg = arg;
}

/**
 * kept_stat - the module's counters of an address space at the end of the recording
 * @mm: id of the address space
 * @stat: becomes the counters
 *
 * Return: false where the recording has none of this address space
 */
bool kept_stat(unsigned int mm, struct mmscope_stat *stat)
{
	for (size_t i = 0; i < kept->nr_stats; i++)
		if (kept->stats[i].mm == mm) {
			*stat = kept->stats[i];
			return true;
		}
	return false;
}

/**
 * kept_begin - let the tracer take its raw records from a recording
 * @session: session that reads the recording
 *
 * Return: the reader, for the caller to open
 */
struct recording_reader *kept_begin(struct session *session)
{
	kept->session = session;
	tracer_replay(next_raw);
	return &kept->reader;
}

/**
 * kept_ended - were all records handed out, up to the end or to where reading was to stop?
 */
bool kept_ended(void)
{
	return kept->reader.ended || kept->stopped;
}
