// SPDX-License-Identifier: GPL-2.0
/*
 * Records in columns, as they come: each has its width from the start.
 */
#include <stdio.h>
#include <string.h>
#include "columns.h"
#include "event.h"
#include "mmscope.h"
#include "report.h"
#include "vmas.h"

#define MAX_CHOSEN	16

/**
 * struct cell - what is to be written of a record
 * @e: the record
 * @about: what else is known of it
 * @words: it in words
 */
struct cell {
	const struct mmscope_event *e;
	const struct event_about *about;
	const struct event_text *words;
};

typedef void (*cell_fn)(const struct cell *cell, char *buf, size_t size);

static __u64 started;

static bool is_fault(const struct mmscope_event *e)
{
	return e->type >= MMSCOPE_FAULT && e->type < MMSCOPE_NAME;
}

static void fill_time(const struct cell *cell, char *buf, size_t size)
{
	long long ns = cell->e->time_ns - started;

	snprintf(buf, size, "%+lld.%06lld", ns / 1000000000, ns / 1000 % 1000000);
}

static void fill_tid(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%u", cell->e->tid);
}

static void fill_event(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", cell->words->event);
}

static void fill_where(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", cell->words->where);
}

static void fill_what(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", cell->words->what);
}

static void fill_mm(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%u", cell->e->mm);
}

static void fill_comm(const struct cell *cell, char *buf, size_t size)
{
	bool probed = cell->e->flags & MMSCOPE_F_WHOLE;
	const struct space *space = probed ? space_get(cell->e->mm) : NULL;

	snprintf(buf, size, "%.15s", space ? space->comm : "");
}

static void fill_cpu(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%u", cell->e->cpu);
}

static void fill_vma(const struct cell *cell, char *buf, size_t size)
{
	if (cell->e->vma)
		snprintf(buf, size, "#%u", cell->e->vma);
}

static void fill_name(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", cell->about->name ? cell->about->name : "");
}

static void fill_class(const struct cell *cell, char *buf, size_t size)
{
	const char *name = class_name(MMSCOPE_CLASS(cell->e->flags));

	if (is_fault(cell->e) && cell->e->flags & MMSCOPE_F_WHOLE)
		snprintf(buf, size, "%s", name ? name : "unknown");
}

static void fill_us(const struct cell *cell, char *buf, size_t size)
{
	if (is_fault(cell->e) && cell->e->ns)
		snprintf(buf, size, "%u.%u", cell->e->ns / 1000, cell->e->ns % 1000 / 100);
}

static void fill_cause(const struct cell *cell, char *buf, size_t size)
{
	if (cell->e->type != MMSCOPE_NAME && cell->e->type != MMSCOPE_LOST)
		cause_text(cell->e->cause, buf, size);
}

static void fill_at(const struct cell *cell, char *buf, size_t size)
{
	snprintf(buf, size, "%s", cell->about->at ? cell->about->at : "");
}

/**
 * struct column - one that may be chosen
 * @name: on the command line
 * @heading: above it
 * @width: at least; negative: flush left
 * @fill: writes it
 */
static const struct column {
	const char *name;
	const char *heading;
	int width;
	cell_fn fill;
} columns[] = {
	{ "time", "time", 10, fill_time },
	{ "tid", "tid", 6, fill_tid },
	{ "event", "event", -8, fill_event },
	{ "where", "range or address", -20, fill_where },
	{ "what", "what", 0, fill_what },
	{ "mm", "mm", 4, fill_mm },
	{ "comm", "comm", -15, fill_comm },
	{ "cpu", "cpu", 3, fill_cpu },
	{ "vma", "vma", -5, fill_vma },
	{ "name", "name", -20, fill_name },
	{ "class", "class", -8, fill_class },
	{ "us", "us", 8, fill_us },
	{ "cause", "cause", -13, fill_cause },
	{ "at", "at", -20, fill_at },
};

#define NR_DEFAULT	5

static const struct column *chosen[MAX_CHOSEN];
static size_t nr_chosen;

static const struct column *find(const char *name, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (strlen(columns[i].name) == n && !strncmp(columns[i].name, name, n))
			return &columns[i];
	return NULL;
}

/**
 * columns_choose - which columns, and in which order
 * @list: names with commas; after a plus sign they are added to the usual ones
 *
 * Return: NULL, or the word that is wrong
 */
const char *columns_choose(const char *list)
{
	nr_chosen = 0;
	for (size_t i = 0; i < NR_DEFAULT && (!*list || *list == '+'); i++)
		chosen[nr_chosen++] = &columns[i];
	list += *list == '+';
	for (size_t n; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (nr_chosen == MAX_CHOSEN || !find(list, n))
			return list;
		chosen[nr_chosen++] = find(list, n);
	}
	return nr_chosen ? NULL : list;
}

/**
 * columns_names - all that there are, for people
 */
const char *columns_names(void)
{
	static char names[160];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		n += snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
			      columns[i].name);
	return names;
}

/* The last column needs no width; all end within @room of the line as far as they can. */
static size_t append(char *line, size_t size, size_t n, const struct column *column,
		     const char *text, bool last)
{
	int width = last && column->width < 0 ? 0 : column->width;

	return n + snprintf(line + n, size - n, "%s%*s", n ? " " : "", width, text);
}

/**
 * columns_heading - the names above
 */
void columns_heading(void)
{
	char line[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < nr_chosen && n < sizeof(line); i++)
		n = append(line, sizeof(line), n, chosen[i], chosen[i]->heading,
			   i + 1 == nr_chosen);
	report_line("%s", line);
}

/* What is longer than the terminal goes on below the last column. */
static void print(enum paint paint, const char *line, size_t indent)
{
	size_t room = report_width() - indent, n;

	if (!report_terminal() || strlen(line) <= report_width() || indent + 16 > report_width()) {
		report_painted(paint, "%s", line);
		return;
	}
	n = report_break(line + indent, room);
	report_painted(paint, "%.*s", (int)(indent + n), line);
	report_paragraph(paint, indent, line + indent + n + strspn(line + indent + n, " "));
}

/**
 * columns_event - a record on its line
 * @e: the record
 * @about: what else is known of it
 */
void columns_event(const struct mmscope_event *e, const struct event_about *about)
{
	bool alarming = e->type == MMSCOPE_LOST || e->flags & MMSCOPE_F_ERROR;
	struct event_text words;
	const struct cell cell = { e, about, &words };
	char line[1024] = "", text[256];
	size_t n = 0, last = 0;

	if (!started)
		started = e->time_ns;
	event_text(e, about, &words);
	for (size_t i = 0; i < nr_chosen && n < sizeof(line); i++) {
		text[0] = '\0';
		chosen[i]->fill(&cell, text, sizeof(text));
		last = n ? n + 1 : 0;
		n = append(line, sizeof(line), n, chosen[i], text, i + 1 == nr_chosen);
	}
	print(alarming ? PAINT_BAD : PAINT_PLAIN, line, last);
}
