// SPDX-License-Identifier: GPL-2.0
/*
 * Records from a recording, as if they came from the module and the BPF programs: raw ones go to
 * the tracer, which makes of them what it made of them then.
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

#define OPS_MOST	4096	/* operations that have names */

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

/* What is no record of what happened. Return: is it any? */
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
 * Records are missing, or were passed over: all is known anew. How many, and when, is told as of
 * records that found no room.
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

/* The next raw record, NULL where the recording ends; others are taken on the way. */
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

/* Does it tell of a VMA that goes since its mm ends, or of the end itself? */
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
		/* It was asked for: nothing is missing. */
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
 * kept_device - the module's next record
 *
 * It was handed out before the tracer's next one was looked at, or after that.
 *
 * Return: valid until the next call; NULL where there is none before the tracer's next one
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
 * kept_time - when what was handed out last was told
 */
__u64 kept_time(void)
{
	return kept->now;
}

/**
 * kept_until - what is later is not to be read
 * @ns: than this
 */
void kept_until(__u64 ns)
{
	kept->until = ns;
}

/**
 * kept_stop - nothing more is to be read
 */
void kept_stop(void)
{
	kept->stopped = true;
}

/**
 * kept_skip - go on with the last keyframe before an instant, if that is further on
 * @ns: the instant
 */
void kept_skip(__u64 ns)
{
	if (recording_seek(&kept->reader, ns))
		kept->held = NULL;
}

/**
 * kept_on_end - have a function called before an address space ends
 * @on_end: it; is called again for each VMA that goes
 * @arg: handed to it
 */
void kept_on_end(void (*on_end)(__u32 mm, void *arg), void *arg)
{
	kept->on_end = on_end;
	kept->arg = arg;
}

/**
 * kept_on_raw - have a function called with each raw record, when all that came of those before it
 *	is known
 * @on_raw: it
 * @arg: handed to it
 */
void kept_on_raw(void (*on_raw)(const struct mmscope_event *raw, void *arg), void *arg)
{
	kept->on_raw = on_raw;
	kept->raw_arg = arg;
}

/**
 * kept_stat - counters of the module's
 * @mm: of which address space
 * @stat: becomes them
 *
 * Return: false where the recording has none
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
 * kept_begin - hand out records of a recording
 * @session: to whom
 *
 * Return: to be opened, and asked for what it says as a whole
 */
struct recording_reader *kept_begin(struct session *session)
{
	kept->session = session;
	tracer_replay(next_raw);
	return &kept->reader;
}

/**
 * kept_ended - were all records handed out that are to be?
 */
bool kept_ended(void)
{
	return kept->reader.ended || kept->stopped;
}
