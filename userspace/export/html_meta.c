// SPDX-License-Identifier: GPL-2.0
/*
 * What the page says of a recording as a whole: who, how long, sums by class, address spaces, and
 * what is missing.
 */
#include <json-c/json.h>
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "base/tool.h"
#include "export/html_picture.h"
#include "record/text.h"
#include "session/kept.h"
#include "stat/fault_stacks.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"
#include "tracer/usage.h"

static void add(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static void add_text(struct json_object *o, const char *name, const char *value)
{
	json_object_object_add(o, name, json_object_new_string(value ? value : ""));
}

static struct json_object *classes(const struct html_picture *picture)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < RECORD_NR_CLASSES; i++) {
		struct json_object *o = json_object_new_object();

		add_text(o, "name", class_name(i));
		add_text(o, "word", class_word(i));
		add(o, "faults", picture->classes[i].count);
		add(o, "pages", picture->classes[i].pages);
		add(o, "ns", picture->classes[i].ns);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *mms(const struct html_picture *picture)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < picture->nr_mms; i++) {
		const struct html_mm *mm = &picture->mms[i];
		struct json_object *o = json_object_new_object();

		add(o, "mm", mm->mm);
		add(o, "parent", mm->parent);
		add(o, "pid", mm->tgid);
		add(o, "comm", mm->comm);
		add(o, "peak", mm->peak);
		add(o, "most_vmas", mm->most_vmas);
		add(o, "samples", mm->nr_samples);
		json_object_object_add(o, "unknown", json_object_new_boolean(mm->unknown));
		json_object_array_add(list, o);
	}
	return list;
}

/* Numbers of types, by the names that they have in records. */
static struct json_object *types(void)
{
	struct json_object *o = json_object_new_object();

	for (unsigned int i = 1; i < RECORD_TYPES; i++)
		add(o, event_name(i), i);
	return o;
}

static void add_usage(struct json_object *o)
{
	const struct usage *usage = tracer_usage();
	struct json_object *to;

	if (!usage)
		return;
	to = json_object_new_object();
	add(to, "faults", usage->faults);
	add(to, "by_others", usage->outside);
	add(to, "in_others", usage->elsewhere);
	json_object_object_add(o, "usage", to);
}

/**
 * html_meta - all of it but the columns
 * @picture: all
 * @rounded: what is told of faults is
 */
struct json_object *html_meta(const struct html_picture *picture, bool rounded)
{
	struct json_object *o = json_object_new_object();
	unsigned int kernel = rules_kernel();
	char release[32];

	snprintf(release, sizeof(release), "%u.%u", kernel >> 8, kernel & 0xff);
	add_text(o, "version", MMSCOPE_VERSION);
	add_text(o, "kernel", release);
	add_text(o, "command", kept_command());
	add(o, "page_size", proc_page_size());
	add(o, "began_ns", picture->first);
	add(o, "lasted_ns", picture->last);
	add(o, "device", picture->device);
	add(o, "cell_ns", picture->cell_ns);
	add(o, "cell_pages", picture->cell_pages);
	json_object_object_add(o, "rounded", json_object_new_boolean(rounded));
	json_object_object_add(o, "stacks", json_object_new_boolean(picture->stacks));
	json_object_object_add(o, "short", shortage_json());
	json_object_object_add(o, "classes", classes(picture));
	json_object_object_add(o, "spaces", mms(picture));
	json_object_object_add(o, "types", types());
	add_usage(o);
	return o;
}
