// SPDX-License-Identifier: GPL-2.0
/*
 * One record as JSON.
 */
#include "base/kallsyms.h"
#include "base/tool.h"
#include "record/answer.h"
#include "record/extra.h"
#include "record/failure.h"
#include "record/hook_name.h"
#include "record/record.h"
#include "record/refusal.h"
#include "record/rss_name.h"
#include "record/text.h"
#include "term/json.h"

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
	{ MMSCOPE_F_BELOW, "below" }, { RECORD_F_WHOLE, "whole" },
	{ MMSCOPE_F_DROPPED, "dropped" }, { RECORD_F_UNASKED, "unasked" },
};

/*
 * The name of a flag in a record. In a fault that the tracer tells, RECORD_F_GUP and
 * RECORD_F_FELL_BACK are bits that mean something else in the module's records.
 */
static const char *flag_name(const struct mmscope_event *e, size_t i)
{
	if (e->type == MMSCOPE_FAULT && e->flags & RECORD_F_WHOLE) {
		if (flags[i].flag == RECORD_F_GUP)
			return "gup";
		if (flags[i].flag == RECORD_F_FELL_BACK)
			return "fell_back";
	}
	return flags[i].name;
}

static void json_common(struct json *out, const struct mmscope_event *e)
{
	const char *call = cause_name(e->cause);

	json_signed(out, "time_ns", e->time_ns);
	json_signed(out, "mm", e->mm);
	json_signed(out, "vma", e->vma);
	json_signed(out, "seq", e->seq);
	json_signed(out, "tid", e->tid);
	json_signed(out, "cpu", e->cpu);
	if (e->type != MMSCOPE_NAME && e->type != MMSCOPE_LOST) {
		json_signed(out, "cause", e->cause);
		if (call)
			json_word(out, "syscall", call);
		if (RECORD_IS_CAUSE_32(e->cause))
			json_word(out, "abi", "32");
	}
	json_begin_array(out, "flags");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (e->flags & flags[i].flag &&
		    (flags[i].flag != RECORD_F_UNASKED || e->flags & RECORD_F_WHOLE))
			json_word(out, NULL, flag_name(e, i));
	json_end_array(out);
}

static void json_range(struct json *out, const struct mmscope_event *e,
		       const struct event_about *about)
{
	json_unsigned(out, "start", e->start);
	json_unsigned(out, "end", e->end);
	json_unsigned(out, "aux", e->aux);
	if (e->type == MMSCOPE_UNMAP && e->flags & RECORD_F_WHOLE)
		json_signed(out, "anon", record_anon(e));
	else
		json_signed(out, "parent", e->parent);
	if (e->type == RECORD_APART) {
		json_word(out, "why", why_name(e->pages));
		json_string(out, "apart",
			    about && *about->apart ? about->apart : why_name(e->pages));
	} else if (e->pages != MMSCOPE_PAGES_UNKNOWN) {
		json_signed(out, "pages", e->pages);
	}
}

static void json_refusal(struct json *out, const struct mmscope_event *e,
			 const struct event_about *about)
{
	const char *figure = refusal_figure(record_error(e));

	json_word(out, "error", error_name(REFUSAL_ERROR(record_error(e))));
	json_word(out, "reason", refusal_name(record_error(e)));
	if (figure)
		json_unsigned(out, figure, e->pgoff);
	if (about && about->cgroup && REFUSAL_WHY(record_error(e)) == REFUSAL_CGROUP)
		json_string(out, "cgroup", about->cgroup);
}

/* Members that only the tracer's faults have. */
static void json_probed(struct json *out, const struct mmscope_event *e,
			const struct event_about *about)
{
	const char *ops = about && about->ops ? kallsyms_name(about->ops) : NULL;
	const char *class = class_name(RECORD_CLASS(e->flags));

	json_word(out, "class", class ? class : "unknown");
	if (e->flags & MMSCOPE_F_ERROR)
		json_refusal(out, e, about);
	json_word(out, "lock", e->flags & MMSCOPE_F_VMA_LOCK ? "vma" :
			     e->flags & RECORD_F_FELL_BACK ? "vma, then mmap" : "mmap");
	if (ops)
		json_string(out, "ops", ops);
	if (about && *about->near)
		json_string(out, "near", about->near);
	if (about && *about->again_by) {
		json_string(out, "again_by", about->again_by);
		json_signed(out, "again_ns", about->again_ns);
	}
}

/* Add the pages that came or went by the record. */
static void json_rss(struct json *out, const struct record_extra *extra)
{
	bool any = false;

	for (int i = 0; i < RAW_NR_RSS; i++) {
		if (!extra->rss[i])
			continue;
		if (!any)
			json_begin_object(out, "rss");
		any = true;
		json_signed(out, rss_kind(i), extra->rss[i]);
	}
	if (any)
		json_end_object(out);
	if (extra->lazy)
		json_signed(out, "lazy", extra->lazy);
	if (*extra->by)
		json_string(out, "by", extra->by);
}

static void json_fault(struct json *out, const struct mmscope_event *e, const char *at)
{
	json_unsigned(out, "addr", e->addr);
	json_unsigned(out, "ip", e->ip);
	if (at && *at)
		json_string(out, "at", at);
	/* In a fault of the tracer pgoff is a detail of the refusal. */
	json_unsigned(out, "pgoff", e->flags & RECORD_F_WHOLE ? 0 : e->pgoff);
	if (!(e->flags & RECORD_F_WHOLE && e->flags & MMSCOPE_F_ERROR))
		json_signed(out, e->type == MMSCOPE_ACCESS ? "bytes" : "npages", e->npages);
	json_signed(out, "ns", e->ns);
}

/**
 * event_json - add the members of a record to an object, without the number of the schema
 * @out: has begun the object
 * @e: the record
 * @about: what else is known of the record, or NULL
 */
void event_json(struct json *out, const struct mmscope_event *e, const struct event_about *about)
{
	json_word(out, "event", event_name(e->type));
	json_common(out, e);
	if (event_structural(e)) {
		json_range(out, e, about);
	} else if (e->type == RECORD_RSS) {
		json_unsigned(out, "start", e->start);
		json_unsigned(out, "end", e->end);
		json_signed(out, "pages", e->pages);
		json_word(out, "why", rss_why(e->aux));
	} else if (e->type == RECORD_FAILED) {
		failure_json(out, e, about);
	} else if (e->type == RECORD_QUERY) {
		json_unsigned(out, "start", e->start);
		json_unsigned(out, "end", e->end);
		json_word(out, "hook", hook_name(e->pages));
	} else if (e->type == MMSCOPE_NAME) {
		json_signed(out, "pid", e->tgid);
		json_signed(out, "parent_mm", e->parent_mm);
		json_string(out, "comm", e->text);
	} else if (e->type == MMSCOPE_LOST) {
		json_unsigned(out, "count", e->count);
	} else {
		json_fault(out, e, about ? about->at : NULL);
		if (e->flags & RECORD_F_WHOLE)
			json_probed(out, e, about);
		else if (about && about->extra)
			answer_json(out, e, about->extra);
	}
	if (about && about->extra)
		json_rss(out, about->extra);
	json_word(out, "source", e->flags & RECORD_F_WHOLE ? "bpf" : "device");
	if (about && about->name && *about->name)
		json_string(out, "name", about->name);
}
