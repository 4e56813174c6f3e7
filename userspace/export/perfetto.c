// SPDX-License-Identifier: GPL-2.0
/*
 * A trace for ui.perfetto.dev and trace_processor: processes, in them their address spaces, in
 * these VMAs, faults and numbers by time.
 */
#include "base/table.h"
#include "base/tool.h"
#include "export/export.h"
#include "export/packets.h"
#include "export/text.h"
#include "export/tracks.h"
#include "term/print.h"
#include "tracer/shortage.h"

static bool same(size_t place, const void *wanted)
{
	return place == *(const __u32 *)wanted;
}

/* A process may have several address spaces, one after the other, for it executes programs. */
static void tell_process(const struct model_mm *mm)
{
	static struct table table;
	__u64 hash = table_hash(0, mm->tgid);

	if (!mm->tgid || table_find(&table, hash, same, &mm->tgid) != TABLE_NONE)
		return;
	table_add(&table, hash, mm->tgid);
	packets_track(&(struct packets_track){
		.uuid = TRACK(TRACK_OF_PROCESS, mm->tgid), .name = mm->comm, .pid = mm->tgid,
	});
}

static void tell_mm(const struct model_mm *mm)
{
	char name[80];

	snprintf(name, sizeof(name), "mm %u %.40s", mm->id, mm->comm);
	packets_track(&(struct packets_track){
		.uuid = TRACK(TRACK_OF_MM, mm->id),
		.parent = mm->tgid ? TRACK(TRACK_OF_PROCESS, mm->tgid) : 0,
		/* A character may have been cut. */
		.name = text_keep(name),
	});
	packets_track(&(struct packets_track){
		.uuid = TRACK(TRACK_OF_VMAS, mm->id),
		.parent = TRACK(TRACK_OF_MM, mm->id),
		.name = "VMAs",
		.ordered = true,
	});
	packets_track(&(struct packets_track){
		.uuid = TRACK(TRACK_OF_CALLS, mm->id),
		.parent = TRACK(TRACK_OF_MM, mm->id),
		.name = "calls",
	});
}

static void tell_loss(const char *name, __u64 now)
{
	static bool told;

	if (!told)
		packets_track(&(struct packets_track){
			.uuid = TRACK(TRACK_OF_LOSSES, 0), .name = "what the recording lacks",
		});
	told = true;
	packets_event(TYPE_INSTANT, TRACK(TRACK_OF_LOSSES, 0), name);
	packets_send(now);
}

static void tell_losses(const struct model *model)
{
	struct json_object *all = shortage_json();
	char name[120];

	for (size_t i = 0; i < model->nr_losses; i++) {
		snprintf(name, sizeof(name), "%llu records lost", model->losses[i].count);
		tell_loss(name, model->losses[i].time_ns);
	}
	json_object_object_foreach(all, kind, count) {
		snprintf(name, sizeof(name), "%lld %s", (long long)json_object_get_int64(count),
			 kind);
		if (json_object_get_int64(count))
			tell_loss(name, model->last);
	}
	json_object_put(all);
}

/**
 * export_perfetto - write a trace for Perfetto
 * @session: the recording
 * @out: where to
 */
int export_perfetto(struct session *session, FILE *out)
{
	const struct model *model = model_read(session);

	packets_begin(out, model->first);
	for (size_t i = 0; i < model->nr_mms; i++) {
		tell_process(&model->mms[i]);
		tell_mm(&model->mms[i]);
	}
	tracks_of_vmas(model);
	tracks_of_faults(model);
	tracks_of_counts(model);
	tell_losses(model);
	return EXIT_HELD;
}
