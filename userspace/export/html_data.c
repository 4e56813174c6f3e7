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
#include "export/html_picture.h"
#include "record/record.h"
#include "recording/number.h"
#include "stat/fault_stacks.h"
#include "symbolize/source_line.h"

#define MOST_STACKS	20000	/* the most frequent */

/**
 * struct table - how an array is told
 * @columns: "time+ page": its columns, a + behind those that are told by differences
 * @name: what the script calls it
 * @size: bytes of an element
 * @fill: the values of an element, one for each column
 */
struct table {
	const char *name;
	const char *columns;
	size_t size;
	void (*fill)(const void *row, __u64 *values);
};

#define MOST_COLUMNS	16

/**
 * struct data - columns that are written
 * @bytes: them
 * @list: of each its name, whether it is told by differences, the numbers, and bytes
 */
struct data {
	struct bytes bytes;
	struct json_object *list;
};

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

static const struct table faults = {
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

static const struct table shapes = {
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

static const struct table records = {
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

static const struct table samples = {
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

static const struct table kinds = {
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

static const struct table places = {
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

static const struct table stacks = {
	"stack", "class many end frames", sizeof(struct stack), fill_stack,
};

static void fill_frame(const void *row, __u64 *to)
{
	*to = *(const __u32 *)row;
}

static const struct table frames = { "frame", "place+", sizeof(__u32), fill_frame };

static void list_column(struct data *data, const char *table, const char *column, size_t nr,
			const struct bytes *bytes)
{
	struct json_object *row = json_object_new_array();
	size_t length = strcspn(column, " +");
	char name[64];

	snprintf(name, sizeof(name), "%s.%.*s", table, (int)length, column);
	json_object_array_add(row, json_object_new_string(name));
	json_object_array_add(row, json_object_new_boolean(column[length] == '+'));
	json_object_array_add(row, json_object_new_uint64(nr));
	json_object_array_add(row, json_object_new_uint64(bytes->size));
	json_object_array_add(data->list, row);
	bytes_add(&data->bytes, bytes->data, bytes->size);
}

static void put(struct data *data, const struct table *table, const void *rows, size_t nr)
{
	struct bytes columns[MOST_COLUMNS] = { 0 };
	__u64 now[MOST_COLUMNS], before[MOST_COLUMNS] = { 0 };
	const char *names[MOST_COLUMNS];
	size_t n = 0;

	for (const char *at = table->columns; *at; at += strspn(at, " ")) {
		names[n++] = at;
		at += strcspn(at, " ");
	}
	for (size_t row = 0; row < nr; row++) {
		table->fill((const char *)rows + row * table->size, now);
		for (size_t i = 0; i < n; i++) {
			bool delta = names[i][strcspn(names[i], " +")] == '+';

			bytes_add_number(&columns[i], delta ? number_fold(now[i] - before[i]) :
					 now[i]);
			before[i] = now[i];
		}
	}
	for (size_t i = 0; i < n; i++) {
		list_column(data, table->name, names[i], nr, &columns[i]);
		bytes_free(&columns[i]);
	}
}

/* Of what the script reads as an array of all spaces it is told whose they are by their number. */
static void put_samples(struct data *data, const struct html_picture *picture)
{
	struct html_sample *all = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < picture->nr_spaces; i++) {
		const struct html_space *space = &picture->spaces[i];

		all = realloc(all, (nr + space->nr_samples + 1) * sizeof(*all));
		if (!all)
			abort();
		if (space->nr_samples)
			memcpy(all + nr, space->samples, space->nr_samples * sizeof(*all));
		nr += space->nr_samples;
	}
	put(data, &samples, all, nr);
	free(all);
}

/* Frames are places, whose numbers are kept where a place has none. */
static void put_stacks(struct data *data, struct html_picture *picture)
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
	put(data, &stacks, stack, n);
	put(data, &frames, all, nr);
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

static void put_places(struct data *data, struct html_picture *picture)
{
	size_t nr = picture->places.nr, size;
	struct known_place *all = calloc(nr + 1, sizeof(*all));
	char path[4096];

	if (!all)
		abort();
	for (size_t i = 0; i < nr; i++) {
		struct line line = { 0 };

		memcpy(&all[i].place, html_set_get(&picture->places, i, &size), sizeof(all[i].place));
		if (all[i].place.program)
			line = line_of(word(picture, all[i].place.program, path, sizeof(path)),
				       all[i].place.offset);
		all[i].function = html_word(&picture->words, line.function);
		all[i].file = html_word(&picture->words, line.file);
		all[i].line = line.file ? line.number : 0;
	}
	put(data, &places, all, nr);
	free(all);
}

/* Each word with a NUL behind it */
static void put_words(struct data *data, const struct html_picture *picture)
{
	struct bytes all = { 0 };

	for (__u32 i = 0; i < picture->words.nr; i++) {
		size_t size;
		const void *text = html_set_get(&picture->words, i, &size);

		bytes_add(&all, text, size);
		bytes_add(&all, "", 1);
	}
	list_column(data, "words", "text", picture->words.nr, &all);
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
	struct data data = { .list = json_object_new_array() };
	struct json_object *meta;
	const char *text;
	__u32 size;

	rounded = is_rounded;
	put(&data, &faults, picture->faults, picture->nr_faults);
	put(&data, &shapes, picture->shapes, picture->nr_shapes);
	put(&data, &records, picture->records, picture->nr_records);
	put_samples(&data, picture);
	put_stacks(&data, picture);
	put(&data, &kinds, picture->kinds.bytes.data, picture->kinds.nr);
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
