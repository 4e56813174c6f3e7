// SPDX-License-Identifier: GPL-2.0
/*
 * An experiment as JSON: one object, the same facts as on the screen, and the raw records.
 */
#include "event.h"
#include "proc.h"
#include "report.h"
#include "step.h"

static const char *const verdicts[] = {
	[EXIT_HELD]	= "held",
	[EXIT_BROKEN]	= "failed",
	[EXIT_SKIPPED]	= "skipped",
	[EXIT_LOST]	= "lost",
};

static struct json_object *whole, *steps;

static struct json_object *text(const char *s)
{
	return json_object_new_string(s);
}

static void add(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add(object, name, value);
}

static struct json_object *number(unsigned long n)
{
	return json_object_new_int64(n);
}

/**
 * view_json_begin - begin the object
 * @exp: the experiment
 * @release: of the kernel
 */
void view_json_begin(const struct experiment *exp, const char *release)
{
	whole = report_object();
	steps = json_object_new_array();
	add(whole, "experiment", text(exp->name));
	add(whole, "group", text(exp->group));
	add(whole, "question", text(exp->question));
	add(whole, "kernel", text(release));
	add(whole, "page_size", number(proc_page_size()));
	add(whole, "vma_lock", json_object_new_boolean(rules_hold(RULE_VMA_LOCK)));
}

static struct json_object *json_regions(void)
{
	struct json_object *list = json_object_new_array();
	char pages[TEXT], vmas[2 * TEXT];

	for (size_t i = 0; i < MAX_REGIONS; i++) {
		const struct region *r = &regions[i];
		struct json_object *object;

		if (!r->live)
			continue;
		picture(r, pages, vmas, sizeof(vmas));
		object = json_object_new_object();
		if (r->name)
			add(object, "name", text(r->name));
		add(object, "start", number((uintptr_t)r->at));
		add(object, "pages", number(r->pages));
		add(object, "picture", text(pages));
		add(object, "vmas", text(vmas));
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *json_line(const struct line *line)
{
	struct json_object *object = json_object_new_object();

	add(object, "predicted", text(line->predicted));
	add(object, "observed", text(line->observed));
	add(object, "held", json_object_new_boolean(line->held));
	if (line->rule != RULE_NONE)
		add(object, "where", text(rules_get(line->rule)->where));
	return object;
}

/**
 * view_json_step - add a step that is over
 * @held: every prediction of it held
 */
void view_json_step(bool held)
{
	struct json_object *object = json_object_new_object();
	struct json_object *lines = json_object_new_array();
	struct json_object *records = json_object_new_array();
	struct json_object *notes = json_object_new_array();

	for (size_t i = 0; i < step.nr_lines; i++)
		json_object_array_add(lines, json_line(&step.lines[i]));
	for (size_t i = 0; i < step.nr_records; i++)
		json_object_array_add(records, event_json(&step.records[i], NULL));
	for (size_t i = 0; i < step.nr_notes; i++)
		json_object_array_add(notes, text(step.notes[i]));
	add(object, "step", json_object_new_int(step.number));
	add(object, "what", text(step.what));
	add(object, "held", json_object_new_boolean(held));
	add(object, "lines", lines);
	add(object, "notes", notes);
	add(object, "regions", json_regions());
	add(object, "records", records);
	json_object_array_add(steps, object);
}

/**
 * view_json_end - end the object and print it
 * @verdict: enum mmscope_exit
 * @reason: why it was skipped
 */
void view_json_end(int verdict, const char *reason)
{
	add(whole, "steps", steps);
	add(whole, "predictions", number(tally.predictions));
	add(whole, "held", number(tally.held));
	add(whole, "hooks", number(tally.hooks));
	add(whole, "faults", number(tally.faults));
	add(whole, "splits", number(tally.splits));
	add(whole, "touched", number(tally.touched));
	add(whole, "given_back", number(tally.given_back));
	add(whole, "verdict", text(verdicts[verdict]));
	if (verdict == EXIT_SKIPPED)
		add(whole, "reason", text(reason));
	report_object_print(whole);
}
