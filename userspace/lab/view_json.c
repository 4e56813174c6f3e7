// SPDX-License-Identifier: GPL-2.0
/*
 * Shows an experiment as JSON: one object, with the same facts as on the screen, and the raw
 * records.
 */
#include <gnu/libc-version.h>
#include "base/proc.h"
#include "lab/step.h"
#include "record/text.h"
#include "term/json.h"
#include "term/print.h"

static const char *const verdicts[] = {
	[EXIT_HELD]	= "held",
	[EXIT_BROKEN]	= "failed",
	[EXIT_SKIPPED]	= "skipped",
	[EXIT_LOST]	= "lost",
};

/* Called with each object when it is complete, which it may keep by json_object_get(); or NULL */
void (*view_json_kept)(struct json_object *run, const struct experiment *exp);

static struct json_object *whole, *steps, *left_out;
static const char *part;

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
 * view_json_begin - begin the object of an experiment
 * @exp: the experiment
 * @group: name of its group
 * @release: release of the kernel
 */
void view_json_begin(const struct experiment *exp, const char *group, const char *release)
{
	whole = report_object();
	steps = json_object_new_array();
	left_out = json_object_new_array();
	part = NULL;
	add(whole, "experiment", text(exp->name));
	add(whole, "group", text(group));
	add(whole, "question", text(exp->question));
	add(whole, "kernel", text(release));
	add(whole, "glibc", text(gnu_get_libc_version()));
	add(whole, "page_size", number(proc_page_size()));
	add(whole, "vma_lock", json_object_new_boolean(rule_holds(&rule_vma_lock)));
}

static struct json_object *json_regions(void)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < step->nr_pictures; i++) {
		const struct drawn *d = &step->pictures[i];
		struct json_object *object = json_object_new_object();

		if (d->name[0])
			add(object, "name", text(d->name));
		add(object, "start", number(d->start));
		add(object, "pages", number(d->size));
		add(object, "picture", text(d->pages));
		add(object, "vmas", text(d->vmas));
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *json_drawing(void)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < step->nr_drawing; i++)
		json_object_array_add(list, text(step->drawing[i]));
	return list;
}

static struct json_object *json_line(const struct line *line)
{
	struct json_object *object = json_object_new_object();

	add(object, "predicted", text(line->predicted));
	add(object, "observed", text(line->observed));
	add(object, "held", json_object_new_boolean(line->held));
	if (line->rule[0]) {
		add(object, "rule", text(line->rule));
		add(object, "where", text(line->where));
	}
	return object;
}

/**
 * view_json_part - begin a part
 * @title: heading of the part
 */
void view_json_part(const char *title)
{
	part = title;
}

/**
 * view_json_left_out - add what is left out, and why, from &channel.reason
 */
void view_json_left_out(void)
{
	json_object_array_add(left_out, text(channel->reason));
}

static struct json_object *json_record(const struct mmscope_event *e)
{
	static struct json out;

	json_start(&out);
	json_begin_object(&out, NULL);
	event_json(&out, e, NULL);
	json_end_object(&out);
	return json_tokener_parse(json_text(&out, NULL));
}

/**
 * view_json_step - add the step that is over
 */
void view_json_step(void)
{
	struct json_object *object = json_object_new_object();
	struct json_object *lines = json_object_new_array();
	struct json_object *records = json_object_new_array();
	struct json_object *notes = json_object_new_array();

	for (size_t i = 0; i < step->nr_lines; i++)
		json_object_array_add(lines, json_line(&step->lines[i]));
	for (size_t i = 0; i < step->nr_records; i++)
		json_object_array_add(records, json_record(&channel->records[i]));
	for (size_t i = 0; i < step->nr_notes; i++)
		json_object_array_add(notes, text(step->notes[i]));
	add(object, "step", json_object_new_int(step->number));
	if (part)
		add(object, "part", text(part));
	add(object, "what", text(step->what));
	add(object, "held", json_object_new_boolean(step->held));
	add(object, "lines", lines);
	add(object, "notes", notes);
	add(object, "drawing", json_drawing());
	add(object, "regions", json_regions());
	add(object, "records", records);
	json_object_array_add(steps, object);
}

/**
 * view_json_end - complete the object, and print it with --json
 * @exp: the experiment
 * @verdict: enum mmscope_exit
 */
void view_json_end(const struct experiment *exp, int verdict)
{
	add(whole, "steps", steps);
	add(whole, "left_out", left_out);
	add(whole, "predictions", number(totals->predictions));
	add(whole, "held", number(totals->held));
	add(whole, "hooks", number(totals->hooks));
	add(whole, "faults", number(totals->faults));
	add(whole, "splits", number(totals->splits));
	add(whole, "touched", number(totals->touched));
	add(whole, "given_back", number(totals->given_back));
	add(whole, "verdict", text(verdicts[verdict]));
	if (verdict == EXIT_SKIPPED)
		add(whole, "reason", text(channel->reason));
	json_object_get(whole);
	if (report_json)
		report_object_print(whole);
	else
		json_object_put(whole);
	if (view_json_kept)
		view_json_kept(whole, exp);
	json_object_put(whole);
}
