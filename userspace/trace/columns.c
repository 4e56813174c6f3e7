// SPDX-License-Identifier: GPL-2.0
/*
 * Prints records in columns, each when it comes. So the width of a column is fixed from the start.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/format.h"
#include "base/name_list.h"
#include "base/proc.h"
#include "base/suggest.h"
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"
#include "term/print.h"
#include "trace/cgroup_name.h"
#include "trace/columns.h"

#define MAX_CHOSEN	32

/**
 * struct cell - what the columns of a line are filled from
 * @e: the record
 * @about: what else is known of the record
 * @words: the record in words
 */
struct cell {
	const struct mmscope_event *e;
	const struct event_about *about;
	const struct event_text *words;
};

typedef const char *(*cell_fn)(const struct cell *cell, char *buf, size_t size);

static __u64 started;

static bool is_fault(const struct mmscope_event *e)
{
	return record_of_page(e->type);
}

static const char *fill_time(const struct cell *cell, char *buf, size_t size)
{
	long long ns = cell->e->time_ns - started;
	char *at = buf;

		/*
		 * Clocks of two CPUs differ a little, so that a record may seem older than the
		 * first.
		 */
	if (ns < 0) {
		format_text(buf, size, "-%lld.%06lld", -ns / 1000000000, -ns / 1000 % 1000000);
		return buf;
	}
	*at++ = '+';
	at += format_decimal(at, ns / 1000000000);
	/* The leading 1 keeps all six digits; the point then replaces it. */
	format_decimal(at, 1000000 + ns / 1000 % 1000000);
	at[0] = '.';
	at[7] = '\0';
	return buf;
}

static const char *fill_number(char *buf, unsigned int number)
{
	buf[format_decimal(buf, number)] = '\0';
	return buf;
}

static const char *fill_tid(const struct cell *cell, char *buf, size_t size)
{
	return fill_number(buf, cell->e->tid);
}

static const char *fill_event(const struct cell *cell, char *buf, size_t size)
{
	return cell->words->event;
}

static const char *fill_where(const struct cell *cell, char *buf, size_t size)
{
	return cell->words->where;
}

static const char *fill_what(const struct cell *cell, char *buf, size_t size)
{
	return cell->words->what;
}

static const char *fill_mm(const struct cell *cell, char *buf, size_t size)
{
	return fill_number(buf, cell->e->mm);
}

/* The address space of a record of the tracer. The module's records have other ids: NULL. */
static const struct mm *mm_of(const struct cell *cell)
{
	return cell->e->flags & RECORD_F_WHOLE ? mm_get(cell->e->mm) : NULL;
}

static const char *fill_comm(const struct cell *cell, char *buf, size_t size)
{
	const struct mm *mm = mm_of(cell);

	format_text(buf, size, "%.15s", mm ? mm->comm : "");
	return buf;
}

static const char *fill_pid(const struct cell *cell, char *buf, size_t size)
{
	const struct mm *mm = mm_of(cell);

	return mm && mm->tgid ? fill_number(buf, mm->tgid) : "";
}

static const char *fill_cgroup(const struct cell *cell, char *buf, size_t size)
{
	const struct mm *mm = mm_of(cell);

	return mm ? cgroup_name(mm) : "";
}

static const char *fill_cpu(const struct cell *cell, char *buf, size_t size)
{
	return fill_number(buf, cell->e->cpu);
}

static const char *fill_vma(const struct cell *cell, char *buf, size_t size)
{
	if (!cell->e->vma)
		return "";
	format_text(buf, size, "#%u", cell->e->vma);
	return buf;
}

static const char *fill_name(const struct cell *cell, char *buf, size_t size)
{
	if (!cell->about->name)
		return "";
	return *cell->about->name ? cell->about->name : "anon";
}

static const char *fill_class(const struct cell *cell, char *buf, size_t size)
{
	const char *name = class_name(RECORD_CLASS(cell->e->flags));

	if (!is_fault(cell->e) || !(cell->e->flags & RECORD_F_WHOLE))
		return "";
	return name ? name : "unknown";
}

static const char *fill_us(const struct cell *cell, char *buf, size_t size)
{
	if (!is_fault(cell->e) || !cell->e->ns)
		return "";
	format_text(buf, size, "%u.%u", cell->e->ns / 1000, cell->e->ns % 1000 / 100);
	return buf;
}

static const char *fill_cause(const struct cell *cell, char *buf, size_t size)
{
	if (cell->e->type == MMSCOPE_NAME || cell->e->type == MMSCOPE_LOST)
		return "";
	cause_text(cell->e->cause, buf, size);
	return buf;
}

static const char *fill_at(const struct cell *cell, char *buf, size_t size)
{
	return cell->about->at ? cell->about->at : "";
}

/**
 * struct column - a column that the user may choose
 * @name: of the column, on the command line
 * @heading: heading above the column
 * @width: width at least; if it is negative, text is flush left
 * @fill: returns the text of a cell, in its buffer or elsewhere
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
	{ "pid", "pid", 6, fill_pid },
	{ "comm", "comm", -15, fill_comm },
	{ "cgroup", "cgroup", -20, fill_cgroup },
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

static const struct column *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!strcasecmp(columns[i].name, name))
			return &columns[i];
	return NULL;
}

/**
 * columns_choose_usual - choose the usual columns, unless others were chosen before
 */
void columns_choose_usual(void)
{
	for (size_t i = 0; i < NR_DEFAULT && !nr_chosen; i++)
		chosen[i] = &columns[i];
	nr_chosen = nr_chosen ? nr_chosen : NR_DEFAULT;
}

/**
 * columns_have - is a column chosen?
 * @name: of the column
 */
bool columns_have(const char *name)
{
	for (size_t i = 0; i < nr_chosen; i++)
		if (!strcmp(chosen[i]->name, name))
			return true;
	return false;
}

/**
 * columns_choose - choose columns, in this order
 * @list: names of columns, which are added to those chosen before. A plus sign in front adds them
 *	to the usual columns
 * @near: becomes the names that are nearest to a word that is no name
 *
 * Return: NULL, or the word that is no name
 */
const char *columns_choose(const char *list, struct suggestion *near)
{
	static char word[32];

	if (!nr_chosen && *list == '+')
		columns_choose_usual();
	list += *list == '+';
	while (name_list_next(&list, word, sizeof(word))) {
		const struct column *column = find(word);

		if (!column || nr_chosen == MAX_CHOSEN) {
			suggest_begin(near, word);
			for (size_t i = 0; i < ARRAY_SIZE(columns) && !column; i++)
				suggest_offer(near, columns[i].name);
			return word;
		}
		chosen[nr_chosen++] = column;
	}
	return nr_chosen ? NULL : "";
}

/**
 * columns_list - print the names that columns_choose() takes
 */
void columns_list(void)
{
	static const struct report_column names[] = { { "name", false, 0, NULL } };
	struct report_table *table = report_table(names, ARRAY_SIZE(names), false);

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		report_row(table, (const char *[]){ columns[i].name }, NULL);
	report_table_print(table, "columns");
}

/* Append a cell to the line. The last column is not padded if it is flush left. */
static char *append(char *at, char *end, const struct column *column, const char *text, bool last)
{
	return format_string(at, end, text, last && column->width < 0 ? 0 : column->width);
}

/**
 * columns_since - set the time that times are counted from, if it is not that of the first record
 * @first: the time, in ns
 */
void columns_since(__u64 first)
{
	started = first;
}

/**
 * columns_heading - print the headings of the columns
 */
void columns_heading(void)
{
	char line[512], *at = line, *end = line + sizeof(line);

	for (size_t i = 0; i < nr_chosen; i++) {
		if (at > line && at < end)
			*at++ = ' ';
		at = append(at, end, chosen[i], chosen[i]->heading, i + 1 == nr_chosen);
	}
	report_text(PAINT_PLAIN, line, at - line);
}

/* Print a line. If it is wider than the terminal, the last column goes on in lines below. */
static void print(enum paint paint, const char *line, size_t length, size_t indent)
{
	size_t room = report_width() - indent, n;

	if (!report_limited() || length <= report_width() || indent + 16 > report_width()) {
		report_text(paint, line, length);
		return;
	}
	n = report_break(line + indent, room);
	report_painted(paint, "%.*s", (int)(indent + n), line);
	report_paragraph(paint, indent, line + indent + n + strspn(line + indent + n, " "));
}

/* Change the words of a fault into those of several faults that are told in one line. */
static void add_run(struct event_text *words, const struct mmscope_event *e,
		    const struct columns_run *run)
{
	unsigned long long pages = (run->high - run->low) / proc_page_size();
	__u64 ns = run->ns < UINT_MAX ? run->ns : UINT_MAX;

	format_text(words->where, sizeof(words->where), "%llx +%llup #%u", run->low, pages, e->vma);
	event_add(words, ", %lu faults", run->faults);
	event_time(words, ns);
}

/**
 * columns_fill - make the line of a record
 * @line: becomes the line
 * @e: the record
 * @about: what else is known of the record
 * @run: faults that the line stands for together with this one, or NULL
 */
void columns_fill(struct columns_line *line, const struct mmscope_event *e,
		  const struct event_about *about, const struct columns_run *run)
{
	struct mmscope_event one = *e;
	struct event_text words;
	const struct cell cell = { &one, about, &words };
	char text[256], *at = line->text, *end = at + sizeof(line->text) - 1, *last = at;

	if (run) {
		one.time_ns = run->time_ns;
		one.ns = 0;
	}
	event_text(&one, about, &words);
	if (run)
		add_run(&words, e, run);
	if (!started)
		started = e->time_ns;
	for (size_t i = 0; i < nr_chosen; i++) {
		if (at > line->text && at < end)
			*at++ = ' ';
		last = at;
		at = append(at, end, chosen[i], chosen[i]->fill(&cell, text, sizeof(text)),
			    i + 1 == nr_chosen);
	}
	*at = '\0';
	line->length = at - line->text;
	line->last = last - line->text;
	line->alarming = e->type == MMSCOPE_LOST || e->flags & MMSCOPE_F_ERROR;
}

/**
 * columns_print - print a line
 * @line: from columns_fill()
 */
void columns_print(const struct columns_line *line)
{
	print(line->alarming ? PAINT_BAD : PAINT_PLAIN, line->text, line->length, line->last);
}

/**
 * columns_event - print the line of a record
 * @e: the record
 * @about: what else is known of the record
 */
void columns_event(const struct mmscope_event *e, const struct event_about *about)
{
	struct columns_line line;

	columns_fill(&line, e, about, NULL);
	columns_print(&line);
}
