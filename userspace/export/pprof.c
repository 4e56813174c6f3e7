// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks of faults as pprof has profiles: profile.proto, packed by gzip. Numbers of fields are
 * those of google/pprof, proto/profile.proto.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/proc.h"
#include "base/table.h"
#include "export/callers.h"
#include "export/code.h"
#include "export/export.h"
#include "export/protobuf.h"
#include "export/samples.h"
#include "export/text.h"
#include "record/text.h"
#include "session/kept.h"
#include "term/print.h"
#include "tracer/shortage.h"

enum field_of_profile {
	PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE = 2, PROFILE_MAPPING = 3, PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5, PROFILE_STRING = 6, PROFILE_DURATION = 10, PROFILE_PERIOD_TYPE = 11,
	PROFILE_PERIOD = 12, PROFILE_COMMENT = 13, PROFILE_DEFAULT = 14,
};

enum field_of_sample { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };

enum field_of_label { LABEL_KEY = 1, LABEL_STRING = 2 };

enum field_of_mapping {
	MAPPING_ID = 1, MAPPING_START = 2, MAPPING_END = 3, MAPPING_OFFSET = 4, MAPPING_FILE = 5,
	MAPPING_BUILD_ID = 6, MAPPING_FUNCTIONS = 7, MAPPING_FILES = 8, MAPPING_LINES = 9,
};

enum field_of_location { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_ADDRESS = 3,
			 LOCATION_LINE = 4 };

enum field_of_line { LINE_FUNCTION = 1, LINE_NUMBER = 2 };

enum field_of_function { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3,
			 FUNCTION_FILE = 4 };

/* A type and a unit, both as pprof calls them. */
enum field_of_type { TYPE_NAME = 1, TYPE_UNIT = 2 };

/**
 * struct mapping - a file; in a profile they lie one behind the other, wherever they were
 * @name: of it
 * @ino: its inode
 * @start: where it is
 * @size: bytes of it that any instruction is in
 * @functions: there are names of functions
 * @lines: and lines
 */
struct mapping {
	const char *name;
	__u64 ino;
	__u64 start;
	__u64 size;
	bool functions;
	bool lines;
};

static struct protobuf profile, part, inner;
static struct mapping *mappings;
static size_t nr_mappings;
static const char **strings;
static size_t nr_strings;
static struct table string_table;

static bool same_string(size_t place, const void *wanted)
{
	return strings[place] == wanted;
}

/* Strings are written once, and have numbers. */
static __u64 string(const char *text)
{
	const char *kept = text_keep(text);
	__u64 hash = table_hash(0, (__u64)(uintptr_t)kept);
	size_t place = table_find(&string_table, hash, same_string, kept);

	if (place != TABLE_NONE)
		return place;
	strings = table_grow(strings, nr_strings, sizeof(*strings));
	strings[nr_strings] = kept;
	table_add(&string_table, hash, nr_strings);
	protobuf_string(&profile, PROFILE_STRING, kept);
	return nr_strings++;
}

static void write_type(unsigned int field, const char *name, const char *unit)
{
	__u64 type = string(name), of = string(unit);

	protobuf_number(&part, TYPE_NAME, type);
	protobuf_number(&part, TYPE_UNIT, of);
	protobuf_message(&profile, field, &part);
}

static void write_label(const char *key, const char *text)
{
	__u64 name = string(key), value = string(text);

	protobuf_number(&inner, LABEL_KEY, name);
	protobuf_number(&inner, LABEL_STRING, value);
	protobuf_message(&part, SAMPLE_LABEL, &inner);
}

static void write_sample(const struct sample *sample)
{
	const struct callers *callers = callers_get(sample->callers);
	const char *class = class_name(sample->class);

	for (size_t i = 0; i < callers->n; i++)
		protobuf_packed(&inner, callers->codes[i]);
	protobuf_message(&part, SAMPLE_LOCATION, &inner);
	protobuf_packed(&inner, sample->faults);
	protobuf_packed(&inner, sample->bytes);
	protobuf_packed(&inner, sample->ns);
	protobuf_message(&part, SAMPLE_VALUE, &inner);
	write_label("class", class ? class : "unknown");
	write_label("process", sample->comm);
	if (callers_end(callers->end))
		write_label("stack_end", callers_end(callers->end));
	protobuf_message(&profile, PROFILE_SAMPLE, &part);
}

/* Place of the file of an instruction among the mappings, from 1; 0 for none. */
static size_t mapping_of(const struct code *code)
{
	size_t i = 0;

	if (!*code->name)
		return 0;
	while (i < nr_mappings && (mappings[i].name != code->name ||
				   mappings[i].ino != code->ino))
		i++;
	if (i == nr_mappings) {
		mappings = table_grow(mappings, nr_mappings, sizeof(*mappings));
		mappings[nr_mappings++] = (struct mapping){ .name = code->name, .ino = code->ino };
	}
	return i + 1;
}

/* How large each file is at least, and then where it is. */
static void place_mappings(void)
{
	__u64 page = proc_page_size(), at = 0x400000;

	for (__u32 id = 1; id <= code_number(); id++) {
		const struct code *code = code_get(id);
		size_t number = mapping_of(code);
		struct mapping *mapping;

		if (!number)
			continue;
		mapping = &mappings[number - 1];
		if (code->offset >= mapping->size)
			mapping->size = (code->offset / page + 1) * page;
		mapping->functions |= !!code->function;
		mapping->lines |= !!code->file;
	}
	for (size_t i = 0; i < nr_mappings; i++) {
		mappings[i].start = at;
		at += mappings[i].size;
	}
}

static void write_mappings(void)
{
	char hex[80];

	for (size_t i = 0; i < nr_mappings; i++) {
		const struct mapping *mapping = &mappings[i];

		protobuf_number(&part, MAPPING_ID, i + 1);
		protobuf_number(&part, MAPPING_START, mapping->start);
		protobuf_number(&part, MAPPING_END, mapping->start + mapping->size);
		protobuf_number(&part, MAPPING_OFFSET, 0);
		protobuf_number(&part, MAPPING_FILE, string(mapping->name));
		if (code_build_id(mapping->name, mapping->ino, hex, sizeof(hex)))
			protobuf_number(&part, MAPPING_BUILD_ID, string(hex));
		protobuf_number(&part, MAPPING_FUNCTIONS, mapping->functions);
		protobuf_number(&part, MAPPING_FILES, mapping->lines);
		protobuf_number(&part, MAPPING_LINES, mapping->lines);
		protobuf_message(&profile, PROFILE_MAPPING, &part);
	}
}

/**
 * struct function - of a source file
 * @name: of it
 * @file: "" for none
 */
struct function {
	const char *name;
	const char *file;
};

static struct function *functions;
static size_t nr_functions;
static struct table function_table;

static bool same_function(size_t place, const void *wanted)
{
	const struct function *a = &functions[place], *b = wanted;

	return a->name == b->name && a->file == b->file;
}

/* Number of a function, from 1; a new one is written. */
static __u64 function_of(const struct code *code)
{
	struct function function = { code->words, text_keep(code->file) };
	__u64 hash = table_hash((__u64)(uintptr_t)function.name, (__u64)(uintptr_t)function.file);
	size_t place = table_find(&function_table, hash, same_function, &function);
	__u64 name, file;

	if (place != TABLE_NONE)
		return place + 1;
	functions = table_grow(functions, nr_functions, sizeof(*functions));
	functions[nr_functions] = function;
	table_add(&function_table, hash, nr_functions++);
	name = string(function.name);
	file = string(function.file);
	protobuf_number(&part, FUNCTION_ID, nr_functions);
	protobuf_number(&part, FUNCTION_NAME, name);
	protobuf_number(&part, FUNCTION_SYSTEM_NAME, name);
	protobuf_number(&part, FUNCTION_FILE, file);
	protobuf_message(&profile, PROFILE_FUNCTION, &part);
	return nr_functions;
}

/* What has no function's name has file and offset in its place: so it is told apart, too. */
static void write_location(__u32 id)
{
	const struct code *code = code_get(id);
	size_t mapping = mapping_of(code);
	__u64 function = function_of(code);

	protobuf_number(&inner, LINE_FUNCTION, function);
	if (code->file)
		protobuf_number(&inner, LINE_NUMBER, code->line);
	protobuf_number(&part, LOCATION_ID, id);
	if (mapping)
		protobuf_number(&part, LOCATION_MAPPING, mapping);
	protobuf_number(&part, LOCATION_ADDRESS,
			code->offset + (mapping ? mappings[mapping - 1].start : 0));
	protobuf_message(&part, LOCATION_LINE, &inner);
	protobuf_message(&profile, PROFILE_LOCATION, &part);
}

static void write_comment(const char *text)
{
	protobuf_number(&profile, PROFILE_COMMENT, string(text));
}

static void write_comments(void)
{
	struct json_object *all = shortage_json();
	char text[120], *what;

	if (asprintf(&what, "page faults, recorded by mmscope %s: %s", MMSCOPE_VERSION,
		     kept_command()) < 0)
		abort();
	write_comment(what);
	free(what);
	json_object_object_foreach(all, name, count) {
		if (!json_object_get_int64(count))
			continue;
		snprintf(text, sizeof(text), "the recording lacks something: %lld %s",
			 (long long)json_object_get_int64(count), name);
		write_comment(text);
	}
	json_object_put(all);
}

static void write_profile(const struct model *model)
{
	size_t n;
	const struct sample *samples = samples_sum(model, &n);

	/* Number 0 has to be this one. */
	string("");
	write_type(PROFILE_SAMPLE_TYPE, "faults", "count");
	write_type(PROFILE_SAMPLE_TYPE, "bytes", "bytes");
	write_type(PROFILE_SAMPLE_TYPE, "time", "nanoseconds");
	for (size_t i = 0; i < n; i++)
		write_sample(&samples[i]);
	place_mappings();
	write_mappings();
	for (__u32 id = 1; id <= code_number(); id++)
		write_location(id);
	protobuf_number(&profile, PROFILE_DURATION, model->last - model->first);
	write_type(PROFILE_PERIOD_TYPE, "faults", "count");
	protobuf_number(&profile, PROFILE_PERIOD, 1);
	write_comments();
	protobuf_number(&profile, PROFILE_DEFAULT, string("faults"));
}

static void pack(FILE *out)
{
	static unsigned char packed[1 << 16];
	z_stream stream = { .next_in = (unsigned char *)profile.bytes };
	size_t left = profile.n;
	int state = Z_OK;

	/* 16 more than the window's bits: with gzip's header. */
	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	while (state != Z_STREAM_END) {
		if (!stream.avail_in && left) {
			stream.avail_in = left < sizeof(packed) ? left : sizeof(packed);
			left -= stream.avail_in;
		}
		stream.next_out = packed;
		stream.avail_out = sizeof(packed);
		state = deflate(&stream, left ? Z_NO_FLUSH : Z_FINISH);
		fwrite(packed, 1, sizeof(packed) - stream.avail_out, out);
	}
	deflateEnd(&stream);
}

/**
 * export_pprof - write a profile of faults
 * @session: the recording
 * @out: where to
 */
int export_pprof(struct session *session, FILE *out)
{
	write_profile(model_read(session));
	pack(out);
	return EXIT_HELD;
}
