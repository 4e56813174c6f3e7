// SPDX-License-Identifier: GPL-2.0
/*
 * Records that the BPF programs told, in words.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "base/format.h"
#include "base/kallsyms.h"
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "base/tool.h"
#include "record/extra.h"
#include "record/failure.h"
#include "record/record.h"
#include "record/refusal.h"
#include "record/rss_name.h"
#include "record/text.h"

static void add_advice(const struct mmscope_event *e, struct event_text *text)
{
	if (e->cause == SYS_madvise || e->cause == SYS_process_madvise)
		event_add(text, " %s", advice_name(e->aux));
	if (e->flags & MMSCOPE_F_ERROR)
		event_add(text, ", refused");
}

static void add_name(const struct event_about *about, struct event_text *text)
{
	const char *slash;

	if (!about || !about->name || !*about->name)
		return;
	slash = about->name[0] == '/' ? strrchr(about->name, '/') + 1 : about->name;
	event_add(text, " %s", slash);
}

static void add_cause(const struct mmscope_event *e, struct event_text *text)
{
	char cause[32];

	cause_text(e->cause, cause, sizeof(cause));
	event_add(text, " by %s", cause);
}

/* Say which process caused the record, where it is not the one that has the address space. */
static void add_outsider(const struct mmscope_event *e, const struct event_about *about,
			 struct event_text *text)
{
	if (about && about->extra && *about->extra->by && e->cause != MMSCOPE_CAUSE_KTHREAD)
		event_add(text, " of pid %u %s", e->tid, about->extra->by);
}

static void add_rss(const struct event_about *about, struct event_text *text)
{
	const char *sep = " ";

	for (int i = 0; about && about->extra && i < RAW_NR_RSS; i++) {
		if (!about->extra->rss[i])
			continue;
		event_add(text, "%s%+lld %s", sep, about->extra->rss[i], rss_kind(i));
		sep = ", ";
	}
}

static const char *const rss_words[RECORD_NR_RSS] = {
	[RECORD_RSS_UNSEEN]	= "nobody saw why",
	[RECORD_RSS_THERE]	= "there before",
	[RECORD_RSS_LOST]	= "in records that were lost",
	[RECORD_RSS_FORK]	= "copied",
	[RECORD_RSS_TAKEN]	= "taken",
	[RECORD_RSS_RECLAIM]	= "reclaimed",
	[RECORD_RSS_MIGRATE]	= "taken at migration",
	[RECORD_RSS_ZEROED]	= "now the zero page",
	[RECORD_RSS_COLLAPSE]	= "collapsed to a huge page",
	[RECORD_RSS_SPLIT]	= "a huge page unmapped to be split",
	[RECORD_RSS_KSM]	= "merged with the zero page",
	[RECORD_RSS_SWAPOFF]	= "back from swap",
	[RECORD_RSS_UFFD]	= "put there through userfaultfd",
	[RECORD_RSS_INSERT]	= "put there by a driver",
	[RECORD_RSS_OOM]	= "reaped",
};

/* Pages that came or went by no fault, no unmap and no advice. */
static void text_rss(const struct mmscope_event *e, const struct event_about *about,
		     struct event_text *text)
{
	bool thread = e->cause == MMSCOPE_CAUSE_KTHREAD && about && about->extra &&
		      *about->extra->by;
	char cause[32];

	if (e->end)
		event_range(e, text);
	else
		format_text(text->where, sizeof(text->where), "mm %u", e->mm);
	if (e->vma)
		event_add(text, "#%u", e->vma);
	add_rss(about, text);
	if (e->aux < RECORD_NR_RSS && rss_words[e->aux])
		event_add(text, ", %s", rss_words[e->aux]);
	if (e->aux <= RECORD_RSS_LOST)
		return;
	cause_text(e->cause, cause, sizeof(cause));
	event_add(text, " by %s", thread ? about->extra->by : cause);
	add_outsider(e, about, text);
}

/* Say what an advice took from memory, or brought there. */
static void add_advised(const struct mmscope_event *e, const struct event_about *about,
			struct event_text *text)
{
	const struct record_extra *extra = about ? about->extra : NULL;
	__s64 more = 0;

	add_outsider(e, about, text);
	if (e->pages && e->pages != MMSCOPE_PAGES_UNKNOWN)
		event_add(text, ", %u given back", e->pages);
	if (!extra)
		return;
	for (int i = 0; i < RAW_NR_RSS; i++)
		more += i == RAW_RSS_SWAP ? 0 : extra->rss[i];
	if (more > 0)
		event_add(text, ", %lld more in memory", more);
	if (extra->rss[RAW_RSS_SWAP])
		event_add(text, ", %lld %s swap", llabs(extra->rss[RAW_RSS_SWAP]),
			  extra->rss[RAW_RSS_SWAP] > 0 ? "to" : "from");
	if (extra->lazy)
		event_add(text, ", %u %s", extra->lazy,
			  e->aux == MADV_FREE ? "lazily free" : "cold");
}

static void add_pages(const struct mmscope_event *e, struct event_text *text)
{
	if (e->pages == MMSCOPE_PAGES_UNKNOWN || !e->pages)
		return;
	event_add(text, ", %u given back", e->pages);
	if (e->type == MMSCOPE_UNMAP && record_anon(e) && record_anon(e) != e->pages)
		event_add(text, " (%u anonymous)", record_anon(e));
}

/* A VMA that was made: say what it is, and which VMA it came from. */
static void text_made(const struct mmscope_event *e, const struct event_about *about,
		      struct event_text *text)
{
	char mode[4];

	event_rights(e, mode);
	event_range(e, text);
	event_add(text, "#%u", e->vma);
	if (e->parent)
		event_add(text, " from #%u", e->parent);
	event_add(text, " %s %s", e->flags & MMSCOPE_F_SHARED ? "shared" : "private", mode);
	add_name(about, text);
	if (e->aux && about && about->name && about->name[0] == '/')
		event_add(text, " page %llu", e->aux);
	if (e->cause != SYS_mmap && e->type != RECORD_THERE)
		add_cause(e, text);
}

/* An edge of a VMA has moved; aux is where the edge was before. */
static void text_edge(const struct mmscope_event *e, const struct event_about *about,
		      struct event_text *text)
{
	bool low = e->flags & MMSCOPE_F_BELOW;
	long long pages = ((long long)(low ? e->aux - e->start : e->end - e->aux)) /
			  (long long)proc_page_size();

	event_range(e, text);
	event_add(text, "#%u", e->vma);
	add_name(about, text);
	event_add(text, ", %+lld at its %s", pages, low ? "start" : "end");
	add_cause(e, text);
}

static void text_two(const struct mmscope_event *e, struct event_text *text)
{
	bool below = e->flags & MMSCOPE_F_BELOW;
	__u32 low = below ? e->vma : e->parent, high = below ? e->parent : e->vma;

	event_cut(e, text);
	if (e->type == MMSCOPE_SPLIT)
		event_add(text, "#%u -> #%u + #%u", e->parent, low, high);
	else
		event_add(text, "#%u + #%u -> #%u", below ? e->parent : e->vma,
			  below ? e->vma : e->parent, e->vma);
	add_cause(e, text);
}

static void text_process(const struct mmscope_event *e, struct event_text *text)
{
	if (e->type == MMSCOPE_FORK)
		format_text(text->where, sizeof(text->where), "-> mm %llu", e->aux);
	else
		format_text(text->where, sizeof(text->where), "mm %u", e->mm);
	if (e->type == RECORD_EXEC && e->aux)
		event_add(text, "in place of mm %llu", e->aux);
	else if (e->type == RECORD_ANEW)
		event_add(text, "records of its VMAs were lost: read anew");
}

static void text_rest(const struct mmscope_event *e, const struct event_about *about,
		      struct event_text *text)
{
	char mode[4];

	event_range(e, text);
	event_add(text, "#%u", e->vma);
	add_name(about, text);
	switch (e->type) {
	case MMSCOPE_MPROTECT:
		event_rights(e, mode);
		event_add(text, " is %s", mode);
		add_cause(e, text);
		break;
	case MMSCOPE_UNMAP:
		add_cause(e, text);
		add_pages(e, text);
		break;
	case MMSCOPE_MOVE:
		event_add(text, " lives on elsewhere");
		break;
	case MMSCOPE_MREMAP:
		event_add(text, " from %012llx", e->aux);
		add_cause(e, text);
		break;
	case RECORD_ADVISE:
		add_cause(e, text);
		add_advice(e, text);
		add_advised(e, about, text);
		break;
	}
}

static void text_apart(const struct mmscope_event *e, const struct event_about *about,
		       struct event_text *text)
{
	bool low = e->end == e->aux;

	format_text(text->where, sizeof(text->where), "%012llx", e->aux);
	event_add(text, "#%u | #%u: %s", low ? e->vma : e->parent, low ? e->parent : e->vma,
		  about && *about->apart ? about->apart : why_name(e->pages));
}

static void add_who(const struct mmscope_event *e, const struct event_about *about,
		    struct event_text *text)
{
	char cause[32];

	if (e->flags & MMSCOPE_F_USER) {
		event_word(text, ", by user");
		if (about && about->at && *about->at) {
			event_word(text, " at ");
			event_word(text, about->at);
		}
		return;
	}
	cause_by_kernel(e->cause, cause, sizeof(cause));
	event_add(text, e->flags & MMSCOPE_F_REMOTE ? ", for another, in %s" : ", by kernel in %s",
		  cause);
}

/* Say which lock a fault was handled under, where it is not the one that the kernel tries first. */
static void add_lock(const struct mmscope_event *e, struct event_text *text)
{
	if (!rule_holds(&rule_vma_lock) || e->flags & (MMSCOPE_F_VMA_LOCK | MMSCOPE_F_ERROR))
		return;
	event_word(text, e->flags & RECORD_F_FELL_BACK ? ", VMA lock, then mmap_lock" :
							   ", mmap_lock");
}

/* The kernel's own mappings have names, as [vdso]; others are named by their operations. */
static const char *driver_of(const struct event_about *about)
{
	if (about->name && about->name[0] == '[')
		return about->name;
	return about->ops ? kallsyms_name(about->ops) : NULL;
}

static void add_result(const struct mmscope_event *e, const struct event_about *about,
		       struct event_text *text)
{
	const char *driver = NULL;

	if (e->flags & MMSCOPE_F_ERROR) {
		refusal_text(e, about, text);
		return;
	}
	event_word(text, class_word(RECORD_CLASS(e->flags)));
	if (RECORD_CLASS(e->flags) == RECORD_CLASS_DRIVER && about)
		driver = driver_of(about);
	if (driver)
		event_add(text, " %s", driver);
	if (e->flags & MMSCOPE_F_MAJOR)
		event_add(text, ", major");
	if (e->npages > 1)
		event_add(text, ", maps %u", e->npages);
	if (about && *about->again)
		event_add(text, ", again: %s", about->again);
}

static void text_fault(const struct mmscope_event *e, const struct event_about *about,
		       struct event_text *text)
{
	char *at = text->where;

	text->event = e->flags & MMSCOPE_F_WRITE ? "fault w" :
		      e->flags & MMSCOPE_F_EXEC ? "fault x" : "fault r";
	at += format_hexadecimal(at, e->addr, 12);
	if (e->vma) {
		*at++ = ' ';
		*at++ = '#';
		at += format_decimal(at, e->vma);
	}
	*at = '\0';
	add_result(e, about, text);
	add_who(e, about, text);
	add_lock(e, text);
	event_time(text, e->ns);
}

/**
 * probed_text - write a record of the tracer in words
 * @e: the record
 * @about: what else is known of the record, or NULL
 * @text: is filled
 */
void probed_text(const struct mmscope_event *e, const struct event_about *about,
		 struct event_text *text)
{
	switch (e->type) {
	case MMSCOPE_FAULT:
		text_fault(e, about, text);
		break;
	case MMSCOPE_MMAP:
	case MMSCOPE_COPY:
	case MMSCOPE_DUP:
	case RECORD_THERE:
		text_made(e, about, text);
		break;
	case RECORD_GROW:
	case RECORD_SHRINK:
		text_edge(e, about, text);
		break;
	case MMSCOPE_SPLIT:
	case RECORD_MERGE:
		text_two(e, text);
		break;
	case RECORD_RSS:
		text_rss(e, about, text);
		break;
	case RECORD_FAILED:
		failure_text(e, about, text);
		break;
	case RECORD_APART:
		text_apart(e, about, text);
		break;
	case MMSCOPE_FORK:
	case RECORD_EXEC:
	case MMSCOPE_END:
	case RECORD_ANEW:
		text_process(e, text);
		break;
	default:
		text_rest(e, about, text);
		break;
	}
}
