// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks on a line each, from the process to the function that faulted, then a sum: what
 * flamegraph.pl and speedscope read.
 */
#include <stdlib.h>
#include <string.h>
#include "base/table.h"
#include "export/callers.h"
#include "export/code.h"
#include "export/export.h"
#include "export/samples.h"
#include "export/text.h"
#include "term/print.h"
#include "tracer/shortage.h"

/**
 * struct folded_line - a stack
 * @text: as it is written
 * @sum: of what is summed up
 */
struct folded_line {
	const char *text;
	__u64 sum;
};

static enum export_value value = EXPORT_FAULTS;
static struct folded_line *lines;
static size_t nr_lines;

/**
 * export_sum - choose what folded stacks sum up
 * @what: faults, bytes or time
 *
 * Return: is there such a thing?
 */
bool export_sum(const char *what)
{
	static const char *const names[] = {
		[EXPORT_FAULTS] = "faults", [EXPORT_BYTES] = "bytes", [EXPORT_TIME] = "time",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(what, names[i])) {
			value = i;
			return true;
		}
	return false;
}

/* What parts functions and lines cannot be in their names, nor what a terminal obeys. */
static void add_frame(FILE *to, const char *name)
{
	if (ftell(to))
		fputc(';', to);
	for (; *name; name++) {
		unsigned char c = *name;

		/* From U+0080 to U+009f */
		if (c == 0xc2 && (unsigned char)name[1] < 0xa0) {
			fputc('?', to);
			name++;
		} else if (c < ' ' || c == 127) {
			fputc('?', to);
		} else {
			fputc(c == ';' ? ':' : c, to);
		}
	}
}

static const char *line_for(const struct sample *sample)
{
	const struct callers *callers = callers_get(sample->callers);
	const char *end = callers_end(callers->end), *kept;
	char *text = NULL, word[32];
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		abort();
	add_frame(to, *sample->comm ? sample->comm : "(no name)");
	if (end) {
		snprintf(word, sizeof(word), "[%s]", end);
		add_frame(to, word);
	}
	for (size_t i = callers->n; i-- > 0;)
		add_frame(to, code_get(callers->codes[i])->words);
	fclose(to);
	kept = text_keep(text);
	free(text);
	return kept;
}

static bool same(size_t place, const void *wanted)
{
	return lines[place].text == wanted;
}

static void add(struct table *table, const char *text, __u64 sum)
{
	__u64 hash = table_hash(0, (__u64)(uintptr_t)text);
	size_t place = table_find(table, hash, same, text);

	if (place != TABLE_NONE) {
		lines[place].sum += sum;
		return;
	}
	lines = table_grow(lines, nr_lines, sizeof(*lines));
	lines[nr_lines] = (struct folded_line){ text, sum };
	table_add(table, hash, nr_lines++);
}

static int compare(const void *a, const void *b)
{
	const struct folded_line *x = a, *y = b;

	return strcmp(x->text, y->text);
}

/* Readers pass over lines that end in no number. */
static void write_shortages(FILE *out)
{
	struct json_object *all = shortage_json();

	json_object_object_foreach(all, name, count)
		if (json_object_get_int64(count))
			fprintf(out, "# the recording lacks something: %lld %s\n",
				(long long)json_object_get_int64(count), name);
	json_object_put(all);
}

/**
 * export_folded - write folded stacks
 * @session: the recording
 * @out: where to
 */
int export_folded(struct session *session, FILE *out)
{
	const struct model *model = model_read(session);
	struct table table = { 0 };
	size_t n;
	const struct sample *samples = samples_sum(model, &n);

	for (size_t i = 0; i < n; i++)
		add(&table, line_for(&samples[i]), value == EXPORT_FAULTS ? samples[i].faults :
		    value == EXPORT_BYTES ? samples[i].bytes : samples[i].ns);
	table_free(&table);
	if (nr_lines)
		qsort(lines, nr_lines, sizeof(*lines), compare);
	for (size_t i = 0; i < nr_lines; i++)
		if (lines[i].sum)
			fprintf(out, "%s %llu\n", lines[i].text, lines[i].sum);
	write_shortages(out);
	return EXIT_HELD;
}
