// SPDX-License-Identifier: GPL-2.0
/*
 * Decides which records are shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/name_list.h"
#include "base/suggest.h"
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"
#include "term/print.h"
#include "trace/context.h"
#include "trace/filter.h"
#include "tracer/tracer.h"

typedef const char *(*name_fn)(unsigned int number);

/* Is this a name? The numbers of no type are called "unknown". */
static bool is_name(const char *name)
{
	return name && strcmp(name, "unknown");
}

static void suggest(struct suggestion *near, const char *word, name_fn name_of, unsigned int count)
{
	suggest_begin(near, word);
	for (unsigned int i = 0; i < count; i++)
		if (is_name(name_of(i)))
			suggest_offer(near, name_of(i));
}

/* Set the bits of the names in a list; return the first word that is no name, or NULL. */
static const char *parse(const char *list, name_fn name_of, unsigned int count, __u64 *bits,
			 struct suggestion *near)
{
	static char word[32];
	bool any = false;

	while (name_list_next(&list, word, sizeof(word))) {
		unsigned int i;

		for (i = 0; i < count; i++)
			if (is_name(name_of(i)) && !strcasecmp(name_of(i), word))
				break;
		if (i == count) {
			suggest(near, word, name_of, count);
			return word;
		}
		bits[i / 64] |= 1ULL << i % 64;
		any = true;
	}
	return any ? NULL : "";
}

/**
 * filter_types - show only some types of records
 * @filter: is narrowed
 * @list: names of the types, as in the output
 * @near: becomes the names that are nearest to a word that is no name
 *
 * Return: NULL, or the word that is no name
 */
const char *filter_types(struct filter *filter, const char *list, struct suggestion *near)
{
	filter->by_type = true;
	return parse(list, event_name, RECORD_TYPES, filter->types, near);
}

/**
 * filter_asks_for - is a type of records asked for by its name?
 * @filter: the filter
 * @type: enum mmscope_type, or enum record_type
 */
bool filter_asks_for(const struct filter *filter, unsigned int type)
{
	return filter->by_type && record_in_set(filter->types, type);
}

/**
 * filter_classes - show only some classes of faults
 * @filter: is narrowed
 * @list: names of the classes
 * @near: becomes the names that are nearest to a word that is no name
 *
 * Return: NULL, or the word that is no name
 */
const char *filter_classes(struct filter *filter, const char *list, struct suggestion *near)
{
	return parse(list, class_name, RECORD_NR_CLASSES, &filter->classes, near);
}

/**
 * filter_latency - show only faults that took a time
 * @filter: is narrowed
 * @text: the time in microseconds, as typed
 *
 * Return: NULL, or @text where that is no time
 */
const char *filter_latency(struct filter *filter, const char *text)
{
	char *end;
	double us = strtod(text, &end);

	if (end == text || *end || !(us >= 0 && us < 1e12))
		return text;
	filter->min_ns = us * 1000;
	return NULL;
}

static bool is_fault(const struct mmscope_event *e)
{
	return record_of_page(e->type);
}

static bool holds(const struct mmscope_event *e, __u64 addr)
{
	return is_fault(e) ? e->addr == addr : addr >= e->start && addr < e->end;
}

static bool of_vma(const char *vma, const struct mmscope_event *e)
{
	bool parent = !is_fault(e) && e->type != MMSCOPE_UNMAP;
	const char *name;
	char *end;
	__u64 number;

	if (!strncmp(vma, "0x", 2))
		return holds(e, strtoull(vma, NULL, 16));
	number = strtoull(vma, &end, 10);
	if (end != vma && !*end)
		return e->vma == number || (parent && e->parent == number);
	name = event_context_name(e);
	return name && strstr(name, vma);
}

/* Has a fault a class that is wanted, and did it take as long as is wanted? */
static bool class_and_time(const struct filter *filter, const struct mmscope_event *e)
{
	if (filter->classes && !(filter->classes >> RECORD_CLASS(e->flags) & 1))
		return false;
	return e->ns >= filter->min_ns;
}

/*
 * Are only faults wanted? So they are if no type is named, but classes, slow faults or faults in
 * pages that were given back are.
 */
static bool asks_for_faults(const struct filter *filter)
{
	return filter->classes || filter->min_ns || filter->again;
}

/**
 * filter_needs - let the tracer load only the programs that the wanted records need
 * @filter: the filter, complete
 */
void filter_needs(const struct filter *filter)
{
	const __u64 faults[RECORD_SET] = { 1ULL << MMSCOPE_FAULT };

	if (filter->by_type)
		tracer_types(filter->types);
	else if (asks_for_faults(filter))
		tracer_types(faults);
}

/**
 * filter_wants - is a record to be shown?
 * @filter: the filter
 * @e: the record
 *
 * Records of losses are always shown.
 */
bool filter_wants(const struct filter *filter, const struct mmscope_event *e)
{
	if (e->type == MMSCOPE_LOST || e->type == RECORD_ANEW)
		return true;
	if (filter->no_there && e->type == RECORD_THERE)
		return false;
	if (filter->by_type ? !record_in_set(filter->types, e->type) :
	    asks_for_faults(filter) && !is_fault(e))
		return false;
	if (filter->vma && (e->type == MMSCOPE_NAME || !of_vma(filter->vma, e)))
		return false;
	if (!is_fault(e))
		return true;
	if (filter->again && !(e->flags & MMSCOPE_F_REFAULT))
		return false;
	return class_and_time(filter, e);
}

static const struct filter *passing;

static bool is_unwanted(const struct mmscope_event *fault)
{
	if (passing->by_type && !filter_asks_for(passing, MMSCOPE_FAULT))
		return true;
	return !class_and_time(passing, fault);
}

/**
 * filter_pass_over - let the tracer drop faults that are not wanted, before it decodes them
 * @filter: the filter, complete; must live as long as the tracer
 */
void filter_pass_over(const struct filter *filter)
{
	passing = filter;
	if (filter->by_type || filter->classes || filter->min_ns)
		tracer_pass_over(is_unwanted);
}

static void list(const char *what, name_fn name_of, name_fn word_of, unsigned int count)
{
	static const struct report_column columns[] = {
		{ "name", false, 0, NULL }, { "what", false, 0, NULL },
	};
	struct report_table *table = report_table(columns, word_of ? 2 : 1, false);

	for (unsigned int i = 0; i < count; i++)
		if (is_name(name_of(i)))
			report_row(table, (const char *[]){ name_of(i), word_of ? word_of(i) : "" },
				   NULL);
	report_table_print(table, what);
}

/**
 * filter_list_types - print the names that filter_types() takes
 */
void filter_list_types(void)
{
	list("events", event_name, NULL, RECORD_TYPES);
}

/**
 * filter_list_classes - print the names that filter_classes() takes, and what they mean
 */
void filter_list_classes(void)
{
	list("classes", class_name, class_word, RECORD_NR_CLASSES);
}
