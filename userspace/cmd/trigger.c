// SPDX-License-Identifier: GPL-2.0
/*
 * What record --trigger waits for. Alternatives are parted by |, and each has conditions, parted by
 * blanks, that have to hold together:
 *
 *	event=LIST  class=LIST  slow=US  vma=VMA  again
 *			of a record, as trace has them as options
 *	exit		the command, or the process, ends
 *	failed		the command ends with an exit code that is not 0, or by a signal
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/suggest.h"
#include "cmd/trigger.h"
#include "record/record.h"
#include "term/print.h"
#include "term/verb.h"
#include "trace/filter.h"
#include "tracer/tracer.h"

#define MOST	16

/**
 * struct alternative - what one alternative asks for
 * @filter: of records
 * @of_records: it asks for any
 * @at_end: it asks for the end
 * @if_failed: but only for one that is a failure
 * @text: all of it, as it was typed
 */
struct alternative {
	struct filter filter;
	bool of_records;
	bool at_end;
	bool if_failed;
	const char *text;
};

static struct alternative alternatives[MOST];
static size_t nr;

static const char *const words[] = {
	"event", "class", "slow", "vma", "again", "exit", "failed",
};

static int bad(const struct verb *verb, const char *word, const char *why)
{
	char text[200];

	snprintf(text, sizeof(text), "'%.180s'", word);
	return verb_usage(verb, text, why);
}

static int unknown(const char *word)
{
	struct suggestion near;

	suggest_begin(&near, word);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		suggest_offer(&near, words[i]);
	return verb_unknown(word, "no trigger is called so", &near,
			    "event=, class=, slow=, vma=, again, exit, failed");
}

/* Names that trace knows. 0, or an exit code after a complaint */
static int take_names(const struct verb *verb, struct filter *filter, bool event, const char *list)
{
	struct suggestion near;
	const char *word = event ? filter_types(filter, list, &near) :
			   filter_classes(filter, list, &near);

	if (!word)
		return 0;
	if (!*word)
		return bad(verb, event ? "event=" : "class=", "a list of names, and there is none");
	return verb_unknown(word, event ? "no event is called so" :
			    "no class of faults is called so", &near,
			    event ? "trace --events help lists them" :
			    "trace --class help lists them");
}

static int take_value(const struct verb *verb, struct alternative *to, const char *name,
		      const char *value)
{
	to->of_records = true;
	if (!strcmp(name, "event"))
		return take_names(verb, &to->filter, true, value);
	if (!strcmp(name, "class"))
		return take_names(verb, &to->filter, false, value);
	if (!strcmp(name, "vma")) {
		to->filter.vma = value;
		return *value ? 0 : bad(verb, "vma=", "a number, 0xADDRESS, or part of a name");
	}
	if (!strcmp(name, "slow"))
		return filter_latency(&to->filter, value) ?
		       bad(verb, value, "no number of microseconds") : 0;
	return unknown(name);
}

static int take_condition(const struct verb *verb, struct alternative *to, char *word)
{
	char *value = strchr(word, '=');

	if (value) {
		*value = '\0';
		return take_value(verb, to, word, value + 1);
	}
	if (!strcmp(word, "again")) {
		to->filter.again = true;
		to->of_records = true;
	} else if (!strcmp(word, "exit") || !strcmp(word, "failed")) {
		to->at_end = true;
		to->if_failed = *word == 'f';
	} else {
		return unknown(word);
	}
	return 0;
}

static int take_alternative(const struct verb *verb, char *text)
{
	struct alternative *to = &alternatives[nr];
	char *word, *rest;
	int code;

	if (nr == MOST)
		return bad(verb, text, "16 triggers are the most");
	to->text = strdup(text);
	if (!to->text)
		abort();
	for (word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		code = take_condition(verb, to, word);
		if (code)
			return code;
	}
	if (!to->of_records && !to->at_end)
		return bad(verb, to->text, "a trigger is missing: class=refused");
	if (to->of_records && to->at_end)
		return bad(verb, to->text, "an end is no record: part them by |");
	nr++;
	return 0;
}

/**
 * trigger_parse - know what is waited for
 * @verb: whose command line
 * @text: in words
 *
 * Return: 0, or an exit code after a complaint
 */
int trigger_parse(const struct verb *verb, const char *text)
{
	char *copy = strdup(text), *rest = copy, *one;	/* parts of it are kept */
	int code = 0;

	if (!copy)
		abort();
	while (!code && (one = strsep(&rest, "|"))) {
		one += strspn(one, " \t");
		for (size_t n = strlen(one); n && strchr(" \t", one[n - 1]); n--)
			one[n - 1] = '\0';
		code = take_alternative(verb, one);
	}
	return code;
}

/**
 * trigger_given - is anything waited for?
 */
bool trigger_given(void)
{
	return nr;
}

/**
 * trigger_of_records - have records to be looked at?
 */
bool trigger_of_records(void)
{
	for (size_t i = 0; i < nr; i++)
		if (alternatives[i].of_records)
			return true;
	return false;
}

/**
 * trigger_needs - have the tracer tell what is waited for
 */
void trigger_needs(void)
{
	for (size_t i = 0; i < nr; i++)
		if (filter_asks_for(&alternatives[i].filter, RECORD_FAILED))
			probe_failures();
}

static bool asks_for_fault(const struct filter *filter)
{
	return filter->classes || filter->min_ns || filter->again;
}

/**
 * trigger_matches - is a record what is waited for?
 * @e: the record
 *
 * Return: the trigger, NULL where it is none
 */
const char *trigger_matches(const struct mmscope_event *e)
{
	for (size_t i = 0; i < nr; i++) {
		const struct filter *filter = &alternatives[i].filter;

		if (!alternatives[i].of_records)
			continue;
		/* These are always shown; waited for they are only if they are named. */
		if ((e->type == MMSCOPE_LOST || e->type == RECORD_ANEW) &&
		    !filter_asks_for(filter, e->type))
			continue;
		if (asks_for_fault(filter) && !record_of_page(e->type))
			continue;
		if (filter_wants(filter, e))
			return alternatives[i].text;
	}
	return NULL;
}

/**
 * trigger_at_end - is the end what is waited for? Without triggers it is
 * @status: of the command, as from waitpid(2)
 */
bool trigger_at_end(int status)
{
	bool wanted = !nr;

	for (size_t i = 0; i < nr; i++)
		wanted |= alternatives[i].at_end && (status || !alternatives[i].if_failed);
	return wanted;
}
