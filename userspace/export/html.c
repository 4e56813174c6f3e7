// SPDX-License-Identifier: GPL-2.0
/*
 * A recording as a page: address over time, each VMA and each fault, in one file that needs nothing
 * else. What its script reads is packed into it, so that no name of a recording is ever part of
 * HTML or of a script.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/tool.h"
#include "export/export.h"
#include "export/html_picture.h"
#include "export/page.skel.h"
#include "record/record.h"
#include "record/text.h"
#include "session/kept.h"
#include "stat/fault_stacks.h"
#include "term/print.h"
#include "trace/context.h"
#include "tracer/decode.h"
#include "tracer/tracer.h"

/* Of the data when packed: in base64, and with the rest of the page, it is below 5,000,000. */
#define MOST_PACKED	3600000UL
#define LINE		120	/* characters, a multiple of 4 */

static void add_fault(struct html_picture *picture, const struct mmscope_event *e)
{
	struct mmscope_event timeless = *e;
	struct event_text text = { 0 };
	struct html_kind kind = { .class = RECORD_CLASS(e->flags) };

	if (kind.class >= RECORD_NR_CLASSES)
		kind.class = RECORD_CLASS_NONE;
	/* Without its time the text is that of many others. */
	timeless.ns = 0;
	event_text(&timeless, about(e), &text);
	kind.event = html_word(&picture->words, text.event);
	kind.what = html_word(&picture->words, text.what);
	kind.place = html_place_of(picture, e);
	html_faults_add(picture, e, &kind);
}

static void add_record(struct html_picture *picture, const struct mmscope_event *e)
{
	struct event_text text = { 0 };
	struct html_record *record;

	event_text(e, about(e), &text);
	picture->records = html_array_room(picture->records, picture->nr_records, sizeof(*record));
	record = &picture->records[picture->nr_records++];
	*record = (struct html_record){
		.e = *e,
		.event = html_word(&picture->words, text.event),
		.where = html_word(&picture->words, text.where),
		.what = html_word(&picture->words, text.what),
	};
	record->e.time_ns = html_since(picture, e->time_ns);
}

static void each(const struct mmscope_event *e, void *arg)
{
	struct html_picture *picture = arg;

	event_context_note(e);
	if (e->type >= 128)
		return;
	if (!picture->begun) {
		picture->begun = true;
		picture->first = e->time_ns;
	}
	if (html_since(picture, e->time_ns) > picture->last)
		picture->last = html_since(picture, e->time_ns);
	if (e->type == MMSCOPE_LOST) {
		add_record(picture, e);
		return;
	}
	/* The module has numbers of its own for what the tracer tells, too. */
	if (!(e->flags & RECORD_F_WHOLE)) {
		picture->device++;
		return;
	}
	if (e->type == MMSCOPE_FAULT)
		add_fault(picture, e);
	else
		add_record(picture, e);
	if (e->mm)
		html_shapes_note(picture, e);
}

static void pack(const struct bytes *from, struct bytes *to)
{
	uLongf size = compressBound(from->size);

	to->size = 0;
	bytes_room(to, size);
	if (compress2(to->data, &size, from->data, from->size, Z_BEST_COMPRESSION) != Z_OK)
		abort();
	to->size = size;
}

/* Pack it all; round what is round enough, and fold cells, until it is small enough. */
static void fit(struct html_picture *picture, struct bytes *packed)
{
	struct bytes data = { 0 };
	bool rounded = false;

	for (;;) {
		size_t most;

		data.size = 0;
		html_data(picture, &data, rounded);
		pack(&data, packed);
		if (packed->size <= MOST_PACKED || (rounded && picture->nr_faults < 4096))
			break;
		if (!rounded) {
			rounded = true;
			continue;
		}
		most = picture->nr_faults * (MOST_PACKED / 1024.0) / (packed->size / 1024.0) * 1.02;
		do
			html_faults_fold(picture);
		while (picture->nr_faults > most);
	}
	if (rounded)
		report_message("html: addresses are told to the page, times to two digits");
	if (picture->cell_ns)
		report_message("html: faults within %llu us and %llu pages are one number",
			       (picture->cell_ns + 999) / 1000, picture->cell_pages);
	bytes_free(&data);
}

static void put_base64(FILE *out, const struct bytes *data)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < data->size; i += 3) {
		size_t left = data->size - i;
		__u32 bits = data->data[i] << 16;

		if (left > 1)
			bits |= data->data[i + 1] << 8;
		if (left > 2)
			bits |= data->data[i + 2];
		if (i % (LINE / 4 * 3) == 0)
			putc('\n', out);
		putc(digits[bits >> 18], out);
		putc(digits[bits >> 12 & 63], out);
		putc(left > 1 ? digits[bits >> 6 & 63] : '=', out);
		putc(left > 2 ? digits[bits & 63] : '=', out);
	}
	putc('\n', out);
}

/**
 * export_html - a recording as a page
 * @session: it
 * @out: where to
 */
int export_html(struct session *session, FILE *out)
{
	static const struct raw_sums sums = { .stack = stacks_unwind };
	static struct html_picture picture;
	struct bytes packed = { 0 };

	/* Word 0 is none. */
	html_word(&picture.words, "");
	picture.stacks = kept_stacks();
	if (picture.stacks) {
		tracer_stacks(STACKS_DWARF);
		raw_sum_up(&sums);
	}
	export_read(session, each, &picture);
	html_shapes_end(&picture);
	html_faults_sort(&picture);
	if (picture.device)
		report_message("html: %llu records of the module are not shown", picture.device);
	fit(&picture, &packed);
	fwrite(html_page_head, 1, sizeof(html_page_head) - 1, out);
	put_base64(out, &packed);
	fwrite(html_page_tail, 1, sizeof(html_page_tail) - 1, out);
	bytes_free(&packed);
	return EXIT_HELD;
}
