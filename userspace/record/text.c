// SPDX-License-Identifier: GPL-2.0
/*
 * One record in words. No function here prints: the words are put into a struct event_text.
 */
#include "base/format.h"
#include "base/proc.h"
#include "base/tool.h"
#include "record/answer.h"
#include "record/extra.h"
#include "record/hook_name.h"
#include "record/record.h"
#include "record/text.h"

#define RETRIES	10	/* after so many attempts in a row a driver is said to retry for ever */

static const char *const names[RECORD_TYPES] = {
	[MMSCOPE_MMAP]		= "mmap",
	[MMSCOPE_MAY_SPLIT]	= "may_split",
	[MMSCOPE_SPLIT]		= "split",
	[MMSCOPE_COPY]		= "copy",
	[MMSCOPE_DUP]		= "dup",
	[MMSCOPE_MREMAP]	= "mremap",
	[MMSCOPE_MPROTECT]	= "mprotect",
	[MMSCOPE_UNMAP]		= "unmap",
	[MMSCOPE_MOVE]		= "move",
	[MMSCOPE_FORK]		= "fork",
	[MMSCOPE_END]		= "end",
	[MMSCOPE_FAULT]		= "fault",
	[MMSCOPE_MKWRITE]	= "mkwrite",
	[MMSCOPE_PFN_MKWRITE]	= "pfn_mkwrite",
	[MMSCOPE_ACCESS]	= "access",
	[RECORD_HUGE_FAULT]	= "huge_fault",
	[RECORD_MAP_PAGES]	= "map_pages",
	[RECORD_QUERY]		= "query",
	[MMSCOPE_NAME]		= "name",
	[MMSCOPE_LOST]		= "LOST",
	[RECORD_GROW]		= "grow",
	[RECORD_SHRINK]		= "shrink",
	[RECORD_MERGE]		= "merge",
	[RECORD_EXEC]		= "exec",
	[RECORD_THERE]		= "there",
	[RECORD_ADVISE]		= "advise",
	[RECORD_APART]		= "apart",
	[RECORD_ANEW]		= "anew",
	[RECORD_RSS]		= "rss",
	[RECORD_FAILED]		= "failed",
};

/**
 * event_structural - does a record tell of the set of VMAs, and not of one page?
 * @e: the record
 */
bool event_structural(const struct mmscope_event *e)
{
	return record_structural(e->type);
}

/**
 * event_name - the name of a type of records
 * @type: enum mmscope_type, or enum record_type
 *
 * Return: the name, "unknown" where no type has this number
 */
const char *event_name(unsigned int type)
{
	if (type >= ARRAY_SIZE(names) || !names[type])
		return "unknown";
	return names[type];
}

static void given_back(const struct mmscope_event *e, struct event_text *text, const char *what)
{
	if (e->pages != MMSCOPE_PAGES_UNKNOWN)
		event_add(text, ", %u %s", e->pages, what);
}

static void text_unmap(const struct mmscope_event *e, struct event_text *text)
{
	char cause[32];

	event_range(e, text);
	if (e->start == e->end) {
		event_add(text, "#%u: its split is undone", e->vma);
		return;
	}
	cause_text(e->cause, cause, sizeof(cause));
	event_add(text, "#%u by %s", e->vma, cause);
	if (e->flags & MMSCOPE_F_ERROR) {
		event_add(text, ": its mremap failed, and is undone");
		return;
	}
	if (e->flags & MMSCOPE_F_PARTIAL)
		event_add(text, ", partial");
	given_back(e, text, "given back");
}

static void text_split(const struct mmscope_event *e, struct event_text *text)
{
	bool below = e->flags & MMSCOPE_F_BELOW;

	event_cut(e, text);
	event_add(text, "#%u -> #%u + #%u", e->parent, below ? e->vma : e->parent,
		  below ? e->parent : e->vma);
}

static void text_rest(const struct mmscope_event *e, struct event_text *text)
{
	char mode[4];

	event_rights(e, mode);
	event_range(e, text);
	switch (e->type) {
	case MMSCOPE_MMAP:
		event_add(text, "#%u %s %s", e->vma,
			  e->flags & MMSCOPE_F_SHARED ? "shared" : "private", mode);
		if (e->aux)
			event_add(text, ", from page %llu", e->aux);
		if (e->pages && e->pages != MMSCOPE_PAGES_UNKNOWN)
			event_add(text, ", %u mapped at once", e->pages);
		break;
	case MMSCOPE_COPY:
		event_add(text, "#%u, to take #%u's pages", e->vma, e->parent);
		break;
	case MMSCOPE_DUP:
		event_add(text, "#%u from #%u by fork", e->vma, e->parent);
		given_back(e, text, "copied");
		break;
	case MMSCOPE_MREMAP:
		event_add(text, "#%u from %012llx", e->vma, e->aux);
		break;
	case MMSCOPE_MPROTECT:
		event_add(text, "#%u asked for %s", e->vma, mode);
		break;
	case MMSCOPE_MOVE:
		event_add(text, "#%u lives on elsewhere", e->vma);
		given_back(e, text, "moved");
		break;
	case MMSCOPE_FORK:
		format_text(text->where, sizeof(text->where), "-> mm %llu", e->aux);
		break;
	case MMSCOPE_END:
		format_text(text->where, sizeof(text->where), "mm %u", e->mm);
		break;
	}
}

static void text_structural(const struct mmscope_event *e, struct event_text *text)
{
	if (e->type == MMSCOPE_SPLIT) {
		text_split(e, text);
	} else if (e->type == MMSCOPE_MAY_SPLIT) {
		event_cut(e, text);
		event_add(text, "#%u%s", e->vma, e->flags & MMSCOPE_F_ERROR ? ", refused" : "");
	} else if (e->type == MMSCOPE_UNMAP) {
		text_unmap(e, text);
	} else {
		text_rest(e, text);
	}
}

static void who(const struct mmscope_event *e, const char *at, struct event_text *text)
{
	char cause[32];

	if (e->cause == MMSCOPE_CAUSE_USER && !(e->flags & MMSCOPE_F_KERNEL)) {
		event_add(text, at && *at ? "by user at %s" : "by user", at);
		return;
	}
	cause_by_kernel(e->cause, cause, sizeof(cause));
	if (e->cause == MMSCOPE_CAUSE_REMOTE)
		event_add(text, "for another");
	else if (e->flags & MMSCOPE_F_REMOTE)
		event_add(text, "for another, in %s", cause);
	else
		event_add(text, "by kernel in %s", cause);
}

/* Write the driver's answer by its VM_FAULT_* names, which say more than that the hook failed. */
static void add_answer(const struct mmscope_event *e, const struct record_extra *extra,
		       struct event_text *text)
{
	char answer[96];

	answer_text(extra->answer, " | ", answer, sizeof(answer));
	if (*answer)
		event_add(text, ", answered %s", answer);
	else
		event_add(text, e->flags & MMSCOPE_F_WRITE && e->type != MMSCOPE_FAULT ?
			  ", answered 0" : ", answered with a page");
	if (extra->attempt > 1)
		event_add(text, ", %u times in a row", extra->attempt);
	if (extra->attempt > RETRIES)
		event_add(text, ": tried again for ever");
	if (maps_own_page(e, extra))
		event_add(text, ", the driver mapped its own page into a private mapping");
}

static void text_fault(const struct mmscope_event *e, const struct event_about *about,
		       struct event_text *text)
{
	const struct record_extra *extra = about ? about->extra : NULL;
	const char *at = about ? about->at : NULL;

	if (extra && !extra->asked)
		extra = NULL;
	if (e->type == MMSCOPE_FAULT)
		text->event = e->flags & MMSCOPE_F_WRITE ? "fault w" : "fault r";
	format_text(text->where, sizeof(text->where), "%012llx page %llu", e->addr, e->pgoff);
	who(e, at, text);
	if (e->type == MMSCOPE_ACCESS) {
		event_add(text, ", %u bytes", e->npages);
		return;
	}
	if (e->flags & MMSCOPE_F_COW && !(extra && maps_own_page(e, extra)))
		event_add(text, ", private copy");
	if (e->flags & MMSCOPE_F_REFAULT)
		event_add(text, ", again");
	if (e->flags & MMSCOPE_F_MAJOR)
		event_add(text, ", major");
	if (extra)
		add_answer(e, extra, text);
	else if (e->flags & MMSCOPE_F_ERROR)
		event_add(text, ", SIGBUS");
	if (e->npages > 1)
		event_add(text, e->type == RECORD_MAP_PAGES ? ", of %u" : ", maps %u", e->npages);
	event_time(text, e->ns);
}

/* A call of a hook of which only the hook's name is told. */
static void text_query(const struct mmscope_event *e, struct event_text *text)
{
	char cause[32];

	event_range(e, text);
	cause_text(e->cause, cause, sizeof(cause));
	event_add(text, "#%u ->%s by %s", e->vma, hook_name(e->pages), cause);
}

/**
 * event_text - write a record in words
 * @e: the record
 * @about: what else is known of the record, or NULL
 * @text: is filled
 */
void event_text(const struct mmscope_event *e, const struct event_about *about,
		struct event_text *text)
{
	text->where[0] = '\0';
	text->what[0] = '\0';
	text->used = 0;
	text->event = event_name(e->type);
	if (about && about->device)
		event_add(text, "dev ");
	if (e->flags & RECORD_F_WHOLE && e->type != MMSCOPE_NAME && e->type != MMSCOPE_LOST) {
		probed_text(e, about, text);
	} else if (event_structural(e)) {
		text_structural(e, text);
	} else if (e->type == RECORD_QUERY) {
		text_query(e, text);
	} else if (e->type == MMSCOPE_NAME) {
		format_text(text->where, sizeof(text->where), "mm %u", e->mm);
		event_add(text, "%.24s, pid %u", e->text, e->tgid);
		if (e->parent_mm)
			event_add(text, ", forked from mm %u", e->parent_mm);
	} else if (e->type == MMSCOPE_LOST) {
		event_add(text, "%llu records are missing here", e->count);
		if (e->flags & RECORD_F_WHOLE)
			event_add(text, ", of CPU %u", e->cpu);
	} else {
		text_fault(e, about, text);
	}
	if (e->flags & RECORD_F_WHOLE && e->flags & RECORD_F_UNASKED && !record_of_page(e->type))
		event_add(text, ", no hook is asked");
}
