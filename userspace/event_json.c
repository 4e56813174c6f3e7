// SPDX-License-Identifier: GPL-2.0
/*
 * One record as JSON.
 */
#include <json-c/json.h>
#include "event.h"
#include "hook_name.h"
#include "kallsyms.h"
#include "mmscope.h"
#include "outbox.h"
#include "record.h"
#include "rss_name.h"

static const struct {
	unsigned int flag;
	const char *name;
} flags[] = {
	{ MMSCOPE_F_READ, "read" }, { MMSCOPE_F_WRITE, "write" }, { MMSCOPE_F_EXEC, "exec" },
	{ MMSCOPE_F_SHARED, "shared" }, { MMSCOPE_F_USER, "user" },
	{ MMSCOPE_F_KERNEL, "kernel" }, { MMSCOPE_F_REMOTE, "remote" },
	{ MMSCOPE_F_VMA_LOCK, "vma_lock" }, { MMSCOPE_F_REFAULT, "refault" },
	{ MMSCOPE_F_COW, "cow" }, { MMSCOPE_F_MAJOR, "major" }, { MMSCOPE_F_TRIED, "tried" },
	{ MMSCOPE_F_ERROR, "error" }, { MMSCOPE_F_PARTIAL, "partial" },
	{ MMSCOPE_F_BELOW, "below" }, { MMSCOPE_F_WHOLE, "whole" },
	{ MMSCOPE_F_DROPPED, "dropped" },
};

static void put(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_int64(value));
}

static void json_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

/* Two bits say something else of a fault that the tracer tells. */
static const char *flag_name(const struct mmscope_event *e, size_t i)
{
	if (e->type == MMSCOPE_FAULT && e->flags & MMSCOPE_F_WHOLE) {
		if (flags[i].flag == MMSCOPE_F_GUP)
			return "gup";
		if (flags[i].flag == MMSCOPE_F_FELL_BACK)
			return "fell_back";
	}
	return flags[i].name;
}

static void json_common(struct json_object *o, const struct mmscope_event *e)
{
	struct json_object *list = json_object_new_array();
	const char *call = cause_name(e->cause);

	put(o, "time_ns", e->time_ns);
	put(o, "mm", e->mm);
	put(o, "vma", e->vma);
	put(o, "seq", e->seq);
	put(o, "tid", e->tid);
	put(o, "cpu", e->cpu);
	if (e->type != MMSCOPE_NAME && e->type != MMSCOPE_LOST) {
		put(o, "cause", e->cause);
		if (call)
			json_text(o, "syscall", call);
		if (RECORD_IS_CAUSE_32(e->cause))
			json_text(o, "abi", "32");
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (e->flags & flags[i].flag)
			json_object_array_add(list, json_object_new_string(flag_name(e, i)));
	json_object_object_add(o, "flags", list);
}

static void json_range(struct json_object *o, const struct mmscope_event *e,
		       const struct event_about *about)
{
	put(o, "start", e->start);
	put(o, "end", e->end);
	put(o, "aux", e->aux);
	if (e->type == MMSCOPE_UNMAP)
		put(o, "anon", e->anon);
	else
		put(o, "parent", e->parent);
	if (e->type == MMSCOPE_APART) {
		json_text(o, "why", why_name(e->pages));
		json_text(o, "apart", about && *about->apart ? about->apart : why_name(e->pages));
	} else if (e->pages != MMSCOPE_PAGES_UNKNOWN) {
		put(o, "pages", e->pages);
	}
}

/* What only the tracer's faults have. */
static void json_probed(struct json_object *o, const struct mmscope_event *e,
			const struct event_about *about)
{
	const char *ops = about && about->ops ? kallsyms_name(about->ops) : NULL;
	const char *class = class_name(MMSCOPE_CLASS(e->flags));

	json_text(o, "class", class ? class : "unknown");
	if (e->flags & MMSCOPE_F_ERROR)
		json_text(o, "error", error_name(e->error));
	json_text(o, "lock", e->flags & MMSCOPE_F_VMA_LOCK ? "vma" :
			     e->flags & MMSCOPE_F_FELL_BACK ? "vma, then mmap" : "mmap");
	if (ops)
		json_text(o, "ops", ops);
	if (about && *about->near)
		json_text(o, "near", about->near);
	if (about && *about->again_by) {
		json_text(o, "again_by", about->again_by);
		put(o, "again_ns", about->again_ns);
	}
}

/* Pages that came, or went. */
static void json_rss(struct json_object *o, const struct outbox_extra *extra)
{
	struct json_object *rss = NULL;

	for (int i = 0; i < RAW_NR_RSS; i++) {
		if (!extra->rss[i])
			continue;
		rss = rss ? rss : json_object_new_object();
		json_object_object_add(rss, rss_kind(i),
				       json_object_new_int64(extra->rss[i]));
	}
	if (rss)
		json_object_object_add(o, "rss", rss);
	if (extra->lazy)
		put(o, "lazy", extra->lazy);
	if (*extra->by)
		json_text(o, "by", extra->by);
}

static void json_fault(struct json_object *o, const struct mmscope_event *e, const char *at)
{
	put(o, "addr", e->addr);
	put(o, "ip", e->ip);
	if (at && *at)
		json_text(o, "at", at);
	/* The tracer has another use for it. */
	put(o, "pgoff", e->flags & MMSCOPE_F_WHOLE ? 0 : e->pgoff);
	if (!(e->flags & MMSCOPE_F_WHOLE && e->flags & MMSCOPE_F_ERROR))
		put(o, e->type == MMSCOPE_ACCESS ? "bytes" : "npages", e->npages);
	put(o, "ns", e->ns);
}

/**
 * event_json - a record as JSON, without the schema's number
 * @e: the record
 * @about: what else is known of it, or NULL
 */
struct json_object *event_json(const struct mmscope_event *e, const struct event_about *about)
{
	struct json_object *o = json_object_new_object();

	json_text(o, "event", event_name(e->type));
	json_common(o, e);
	if (event_structural(e)) {
		json_range(o, e, about);
	} else if (e->type == RECORD_RSS) {
		put(o, "start", e->start);
		put(o, "end", e->end);
		put(o, "pages", e->pages);
		json_text(o, "why", rss_why(e->aux));
	} else if (e->type == MMSCOPE_QUERY) {
		put(o, "start", e->start);
		put(o, "end", e->end);
		json_text(o, "hook", hook_name(e->pages));
	} else if (e->type == MMSCOPE_NAME) {
		put(o, "pid", e->tgid);
		put(o, "parent_mm", e->parent_mm);
		json_text(o, "comm", e->text);
	} else if (e->type == MMSCOPE_LOST) {
		put(o, "count", e->count);
	} else {
		json_fault(o, e, about ? about->at : NULL);
		if (e->flags & MMSCOPE_F_WHOLE)
			json_probed(o, e, about);
	}
	if (about && about->extra)
		json_rss(o, about->extra);
	json_text(o, "source", e->flags & MMSCOPE_F_WHOLE ? "bpf" : "device");
	if (about && about->name && *about->name)
		json_text(o, "name", about->name);
	return o;
}
