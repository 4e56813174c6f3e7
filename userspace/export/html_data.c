// SPDX-License-Identifier: GPL-2.0
/*
 * What the page's script reads: the size of a JSON object, the object, and columns of numbers, one
 * behind the other; the object names them. Each number is as number_put() has it; where that is
 * smaller, it tells how much it is more than the one before, folded.
 */
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include "base/proc.h"
#include "base/tool.h"
#include "export/html_columns.h"
#include "export/html_picture.h"
#include "record/record.h"
#include "recording/number.h"
#include "stat/fault_stacks.h"
#include "symbolize/source_line.h"

#define MOST_STACKS	20000	/* the most frequent */

static bool rounded;	/* what is told of faults */

static __u64 page_of(__u64 addr)
{
	return addr / proc_page_size();
}

/* Two digits, the others 0 */
static __u64 round_digits(__u64 value)
{
	__u64 unit = 1;

	while (value / unit >= 100)
		unit *= 10;
	return (value / unit) * unit;
}

static void fill_fault(const void *row, __u64 *to)
{
	const struct html_fault *fault = row;

	*to++ = fault->time / 1000;
	*to++ = page_of(fault->addr);
	*to++ = rounded ? 0 : fault->addr % proc_page_size();
	*to++ = rounded ? round_digits(fault->ns / 100) : fault->ns / 100;
	*to++ = fault->pages;
	*to++ = fault->count;
	*to++ = fault->kind;
	*to++ = fault->mm;
	*to++ = fault->vma;
	*to++ = fault->tid;
}

static const struct html_table faults = {
	"fault", "time+ page+ offset time_taken pages many kind mm+ vma+ tid+",
	sizeof(struct html_fault), fill_fault,
};

static void fill_shape(const void *row, __u64 *to)
{
	const struct html_shape *shape = row;

	*to++ = shape->mm;
	*to++ = shape->vma;
	*to++ = page_of(shape->start);
	*to++ = page_of(shape->end) - page_of(shape->start);
	*to++ = shape->from / 1000;
	*to++ = shape->to == ~0ULL ? 0 : shape->to / 1000 - shape->from / 1000 + 1;
	*to++ = shape->flags & 0xffff;
	*to++ = shape->name;
}

static const struct html_table shapes = {
	"shape", "mm+ vma+ start+ pages from+ lasts flags name",
	sizeof(struct html_shape), fill_shape,
};

static bool has_range(const struct mmscope_event *e)
{
	switch (e->type) {
	case MMSCOPE_NAME:
	case MMSCOPE_LOST:
	case MMSCOPE_FORK:
	case MMSCOPE_END:
	case RECORD_EXEC:
	case RECORD_ANEW:
		return false;
	default:
		return !record_of_page(e->type);
	}
}

/* Where it was cut, merged, or came from; or another address space */
static __u64 other_place(const struct mmscope_event *e)
{
	switch (e->type) {
	case MMSCOPE_SPLIT:
	case MMSCOPE_MREMAP:
	case RECORD_MERGE:
	case RECORD_GROW:
	case RECORD_SHRINK:
	case RECORD_APART:
		return page_of(e->aux);
	case MMSCOPE_FORK:
	case RECORD_EXEC:
		return e->aux;
	default:
		return 0;
	}
}

static __u64 given_back(const struct mmscope_event *e)
{
	if (e->type != MMSCOPE_UNMAP && e->type != RECORD_ADVISE)
		return 0;
	return e->pages == MMSCOPE_PAGES_UNKNOWN ? 0 : e->pages;
}

static void fill_record(const void *row, __u64 *to)
{
	const struct html_record *record = row;
	const struct mmscope_event *e = &record->e;
	bool range = has_range(e);

	*to++ = e->time_ns / 1000;
	*to++ = e->mm;
	*to++ = e->vma;
	*to++ = e->tid;
	*to++ = range ? page_of(e->start) : 0;
	*to++ = range ? page_of(e->end - e->start) : 0;
	/* Of what was unmapped something else is told there. */
	*to++ = range && e->type != MMSCOPE_UNMAP ? e->parent : 0;
	*to++ = given_back(e);
	*to++ = other_place(e);
	*to++ = record->event;
	*to++ = record->where;
	*to++ = record->what;
}

static const struct html_table records = {
	"record", "time+ mm+ vma+ tid+ start+ pages parent back other+ event where+ what+",
	sizeof(struct html_record), fill_record,
};

static void fill_sample(const void *row, __u64 *to)
{
	const struct html_sample *sample = row;

	*to++ = sample->time / 1000;
	*to++ = sample->rss[RAW_RSS_FILE];
	*to++ = sample->rss[RAW_RSS_ANON];
	*to++ = sample->rss[RAW_RSS_SWAP];
	*to++ = sample->rss[RAW_RSS_SHMEM];
	*to++ = sample->rss[RAW_RSS_HUGETLB];
	*to++ = sample->vmas;
}

static const struct html_table samples = {
	"sample", "time+ file+ anon+ swap+ shmem+ hugetlb+ vmas+",
	sizeof(struct html_sample), fill_sample,
};

static void fill_kind(const void *row, __u64 *to)
{
	const struct html_kind *kind = row;

	*to++ = kind->class;
	*to++ = kind->event;
	*to++ = kind->what;
	*to++ = kind->place == HTML_NO_PLACE ? 0 : kind->place + 1;
}

static const struct html_table kinds = {
	"kind", "class event what+ place+", sizeof(struct html_kind), fill_kind,
};

/**
 * struct known_place - an instruction, and what is known of it
 * @place: it
 * @function: a word
 * @file: a word
 * @line: in it
 */
struct known_place {
	struct html_place place;
	__u32 function;
	__u32 file;
	__u32 line;
};

static void fill_place(const void *row, __u64 *to)
{
	const struct known_place *known = row;

	*to++ = known->place.program;
	*to++ = known->place.offset;
	*to++ = known->function;
	*to++ = known->file;
	*to++ = known->line;
}

static const struct html_table places = {
	"place", "program+ offset+ function+ file+ line",
	sizeof(struct known_place), fill_place,
};

static void fill_stack(const void *row, __u64 *to)
{
	const struct stack *stack = row;

	*to++ = stack->class;
	*to++ = stack->total.count;
	*to++ = stack->end;
	*to++ = stack->n;
}

static const struct html_table stacks = {
	"stack", "class many end frames", sizeof(struct stack), fill_stack,
};

static void fill_frame(const void *row, __u64 *to)
{
	*to = *(const __u32 *)row;
}

static const struct html_table frames = { "frame", "place+", sizeof(__u32), fill_frame };

/* Of what the script reads as an array of all mms it is told whose they are by their number. */
static void put_samples(struct html_columns *data, const struct html_picture *picture)
{
	struct html_sample *all = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < picture->nr_mms; i++) {
		const struct html_mm *mm = &picture->mms[i];

		all = realloc(all, (nr + mm->nr_samples + 1) * sizeof(*all));
		if (!all)
			abort();
		if (mm->nr_samples)
			memcpy(all + nr, mm->samples, mm->nr_samples * sizeof(*all));
		nr += mm->nr_samples;
	}
	html_columns_put(data, &samples, all, nr);
	free(all);
}

/* Frames are places, whose numbers are kept where a place has none. */
static void put_stacks(struct html_columns *data, struct html_picture *picture)
{
	__u32 *all = NULL;
	size_t n, nr = 0;
	const struct stack *stack = stacks_all(&n);

	n = n < MOST_STACKS ? n : MOST_STACKS;
	for (size_t i = 0; i < n; i++)
		for (size_t frame = 0; frame < stack[i].n; frame++) {
			const struct stack_frame *from = &stack[i].frames[frame];
			/* A call returns to what follows it, which may be another line. */
			struct html_place place = {
				.program = html_word(&picture->words, from->name),
				.offset = from->offset - !from->exact,
			};

			all = html_array_room(all, nr, sizeof(*all));
			all[nr++] = html_set_add(&picture->places, &place, sizeof(place));
		}
	html_columns_put(data, &stacks, stack, n);
	html_columns_put(data, &frames, all, nr);
	free(all);
}

static const char *word(const struct html_picture *picture, __u32 number, char *buf, size_t room)
{
	size_t size;
	const char *text = html_set_get(&picture->words, number, &size);

	size = size < room - 1 ? size : room - 1;
	memcpy(buf, text, size);
	buf[size] = '\0';
	return buf;
}

static void put_places(struct html_columns *data, struct html_picture *picture)
{
	size_t nr = picture->places.nr, size;
	struct known_place *all = calloc(nr + 1, sizeof(*all));
	char path[4096];

	if (!all)
		abort();
	for (size_t i = 0; i < nr; i++) {
		struct line line = { 0 };

		memcpy(&all[i].place, html_set_get(&picture->places, i, &size),
		       sizeof(all[i].place));
		if (all[i].place.program)
			line = line_of(word(picture, all[i].place.program, path, sizeof(path)),
				       all[i].place.offset);
		all[i].function = html_word(&picture->words, line.function);
		all[i].file = html_word(&picture->words, line.file);
		all[i].line = line.file ? line.number : 0;
	}
	html_columns_put(data, &places, all, nr);
	free(all);
}

/* Each word with a NUL behind it */
static void put_words(struct html_columns *data, const struct html_picture *picture)
{
	struct bytes all = { 0 };

	for (__u32 i = 0; i < picture->words.nr; i++) {
		size_t size;
		const void *text = html_set_get(&picture->words, i, &size);

		bytes_add(&all, text, size);
		bytes_add(&all, "", 1);
	}
	html_columns_list(data, "words", "text", picture->words.nr, &all);
	bytes_free(&all);
}

/**
 * html_data - what the script reads
 * @picture: all
 * @to: becomes it
 * @is_rounded: of addresses of faults only the page is told, and of times two digits
 */
void html_data(struct html_picture *picture, struct bytes *to, bool is_rounded)
{
	struct html_columns data = { .list = json_object_new_array() };
	struct json_object *meta;
	const char *text;
	__u32 size;

	rounded = is_rounded;
	html_columns_put(&data, &faults, picture->faults, picture->nr_faults);
	html_columns_put(&data, &shapes, picture->shapes, picture->nr_shapes);
	html_columns_put(&data, &records, picture->records, picture->nr_records);
	put_samples(&data, picture);
	put_stacks(&data, picture);
	html_columns_put(&data, &kinds, picture->kinds.bytes.data, picture->kinds.nr);
	put_places(&data, picture);
	put_words(&data, picture);
	meta = html_meta(picture, is_rounded);
	json_object_object_add(meta, "columns", data.list);
	text = json_object_to_json_string_ext(meta, JSON_C_TO_STRING_PLAIN);
	size = strlen(text);
	bytes_add(to, &size, sizeof(size));
	bytes_add(to, text, size);
	bytes_add(to, data.bytes.data, data.bytes.size);
	bytes_free(&data.bytes);
	json_object_put(meta);
}
