// SPDX-License-Identifier: GPL-2.0
/*
 * What the BPF programs told, in words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "event.h"
#include "kallsyms.h"
#include "mmscope.h"
#include "outbox.h"
#include "proc.h"
#include "record.h"
#include "rss_name.h"
#include "rules.h"

/**
 * struct class_words - how a class is called
 * @name: in JSON and on the command line
 * @word: on the screen
 */
static const struct class_words {
	const char *name;
	const char *word;
} classes[MMSCOPE_NR_CLASSES] = {
	[MMSCOPE_CLASS_NONE]	= { "none", "not told" },
	[MMSCOPE_CLASS_ANON]	= { "anon", "fresh page" },
	[MMSCOPE_CLASS_ZERO]	= { "zero", "zero page" },
	[MMSCOPE_CLASS_COPY]	= { "copy", "copied on write" },
	[MMSCOPE_CLASS_REUSE]	= { "reuse", "reused on write" },
	[MMSCOPE_CLASS_PRIVATE]	= { "private", "private copy of a file's page" },
	[MMSCOPE_CLASS_FILE]	= { "file", "file" },
	[MMSCOPE_CLASS_DIRTY]	= { "dirty", "file's page made writable" },
	[MMSCOPE_CLASS_SHMEM]	= { "shmem", "shared memory" },
	[MMSCOPE_CLASS_SWAP]	= { "swap", "from swap" },
	[MMSCOPE_CLASS_THP]	= { "thp", "huge page" },
	[MMSCOPE_CLASS_HUGETLB]	= { "hugetlb", "hugetlb" },
	[MMSCOPE_CLASS_STACK]	= { "stack", "stack grew" },
	[MMSCOPE_CLASS_NUMA]	= { "numa", "NUMA hint" },
	[MMSCOPE_CLASS_DRIVER]	= { "driver", "driver" },
	[MMSCOPE_CLASS_NOTHING]	= { "nothing", "nothing to do" },
	[MMSCOPE_CLASS_WAIT]	= { "wait", "waited for migration" },
	[MMSCOPE_CLASS_UFFD]	= { "uffd", "userfaultfd" },
	[MMSCOPE_CLASS_REFUSED]	= { "refused", "refused" },
};

static const char *const errors[] = {
	[MMSCOPE_SIGBUS]	= "SIGBUS",
	[MMSCOPE_SEGV_MAPERR]	= "SIGSEGV MAPERR",
	[MMSCOPE_SEGV_ACCERR]	= "SIGSEGV ACCERR",
	[MMSCOPE_SEGV_PKUERR]	= "SIGSEGV PKUERR",
	[MMSCOPE_EFAULT]	= "EFAULT",
	[MMSCOPE_OOM]		= "out of memory",
	[MMSCOPE_POISONED]	= "SIGBUS, hardware error",
	[MMSCOPE_KILLED]	= "killed while it waited",
};

static const char *const whys[] = {
	[MMSCOPE_WHY_NOT_TRIED]	= "nobody has tried to merge them",
	[MMSCOPE_WHY_FLAGS]	= "flags differ",
	[MMSCOPE_WHY_FILE]	= "files differ",
	[MMSCOPE_WHY_OFFSET]	= "offsets do not go on",
	[MMSCOPE_WHY_ANON_VMA]	= "anon_vmas differ",
	[MMSCOPE_WHY_CLOSE]	= "the driver has a close hook",
	[MMSCOPE_WHY_SPECIAL]	= "special mappings never merge",
	[MMSCOPE_WHY_POLICY]	= "NUMA policies differ",
	[MMSCOPE_WHY_NAME]	= "names differ",
	[MMSCOPE_WHY_UFFD]	= "userfaultfds differ",
};

static const struct {
	int advice;
	const char *name;
} advices[] = {
	{ MADV_NORMAL, "NORMAL" }, { MADV_RANDOM, "RANDOM" }, { MADV_SEQUENTIAL, "SEQUENTIAL" },
	{ MADV_WILLNEED, "WILLNEED" }, { MADV_DONTNEED, "DONTNEED" }, { MADV_FREE, "FREE" },
	{ MADV_REMOVE, "REMOVE" }, { MADV_DONTFORK, "DONTFORK" }, { MADV_DOFORK, "DOFORK" },
	{ MADV_MERGEABLE, "MERGEABLE" }, { MADV_UNMERGEABLE, "UNMERGEABLE" },
	{ MADV_HUGEPAGE, "HUGEPAGE" }, { MADV_NOHUGEPAGE, "NOHUGEPAGE" },
	{ MADV_DONTDUMP, "DONTDUMP" }, { MADV_DODUMP, "DODUMP" },
	{ MADV_WIPEONFORK, "WIPEONFORK" }, { MADV_KEEPONFORK, "KEEPONFORK" },
	{ MADV_COLD, "COLD" }, { MADV_PAGEOUT, "PAGEOUT" },
	{ MADV_POPULATE_READ, "POPULATE_READ" }, { MADV_POPULATE_WRITE, "POPULATE_WRITE" },
	{ 24, "DONTNEED_LOCKED" }, { 25, "COLLAPSE" }, { 102, "GUARD_INSTALL" },
	{ 103, "GUARD_REMOVE" },
};

/**
 * class_name - a class of faults, as a word for programs
 * @class: enum mmscope_class
 *
 * Return: its name, NULL when there is none of that number
 */
const char *class_name(unsigned int class)
{
	return class < ARRAY_SIZE(classes) ? classes[class].name : NULL;
}

/**
 * class_word - a class of faults, in words for people
 * @class: enum mmscope_class
 */
const char *class_word(unsigned int class)
{
	return class < ARRAY_SIZE(classes) ? classes[class].word : "unknown";
}

/**
 * error_name - how a fault ended that gave no page
 * @error: enum mmscope_error
 */
const char *error_name(unsigned int error)
{
	return error < ARRAY_SIZE(errors) ? errors[error] : "failed";
}

/**
 * why_name - why two VMAs that touch are two
 * @why: enum mmscope_why
 */
const char *why_name(unsigned int why)
{
	return why < ARRAY_SIZE(whys) ? whys[why] : "unknown";
}

/**
 * advice_name - an advice of madvise(2), without MADV_
 * @advice: it
 */
const char *advice_name(int advice)
{
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		if (advices[i].advice == advice)
			return advices[i].name;
	return "unknown advice";
}

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

/* Who did it, where it was not the process. */
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
		snprintf(text->where, sizeof(text->where), "mm %u", e->mm);
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

/* Of advice: what it took from memory, or put there. */
static void add_advised(const struct mmscope_event *e, const struct event_about *about,
			struct event_text *text)
{
	const struct outbox_extra *extra = about ? about->extra : NULL;
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
	if (e->type == MMSCOPE_UNMAP && e->anon && e->anon != e->pages)
		event_add(text, " (%u anonymous)", e->anon);
}

/* A VMA that was made: what it is, and where it came from. */
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
	if (e->cause != SYS_mmap && e->type != MMSCOPE_THERE)
		add_cause(e, text);
}

/* An edge moved; aux is where it was. */
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
		snprintf(text->where, sizeof(text->where), "-> mm %llu", e->aux);
	else
		snprintf(text->where, sizeof(text->where), "mm %u", e->mm);
	if (e->type == MMSCOPE_EXEC && e->aux)
		event_add(text, "in place of mm %llu", e->aux);
	else if (e->type == MMSCOPE_ANEW)
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
	case MMSCOPE_ADVISE:
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

	snprintf(text->where, sizeof(text->where), "%012llx", e->aux);
	event_add(text, "#%u | #%u: %s", low ? e->vma : e->parent, low ? e->parent : e->vma,
		  about && *about->apart ? about->apart : why_name(e->pages));
}

static void add_who(const struct mmscope_event *e, const struct event_about *about,
		    struct event_text *text)
{
	char cause[32];

	if (e->flags & MMSCOPE_F_USER) {
		event_add(text, about && about->at && *about->at ? ", by user at %s" : ", by user",
			  about ? about->at : NULL);
		return;
	}
	cause_by_kernel(e->cause, cause, sizeof(cause));
	event_add(text, e->flags & MMSCOPE_F_REMOTE ? ", for another, in %s" : ", by kernel in %s",
		  cause);
}

/* Which lock: said where it is not the one that is tried first. */
static void add_lock(const struct mmscope_event *e, struct event_text *text)
{
	if (!rule_holds(&rule_vma_lock) || e->flags & (MMSCOPE_F_VMA_LOCK | MMSCOPE_F_ERROR))
		return;
	event_add(text, e->flags & MMSCOPE_F_FELL_BACK ? ", VMA lock, then mmap_lock" :
							  ", mmap_lock");
}

/* What the kernel maps itself has a name, as [vdso]; others are known by their operations. */
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
		event_add(text, "%s", error_name(e->error));
		if (about && *about->near)
			event_add(text, ", %s", about->near);
		return;
	}
	event_add(text, "%s", class_word(MMSCOPE_CLASS(e->flags)));
	if (MMSCOPE_CLASS(e->flags) == MMSCOPE_CLASS_DRIVER && about)
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
	char kind = e->flags & MMSCOPE_F_WRITE ? 'w' : e->flags & MMSCOPE_F_EXEC ? 'x' : 'r';

	snprintf(text->event, sizeof(text->event), "fault %c", kind);
	if (e->vma)
		snprintf(text->where, sizeof(text->where), "%012llx #%u", e->addr, e->vma);
	else
		snprintf(text->where, sizeof(text->where), "%012llx", e->addr);
	add_result(e, about, text);
	add_who(e, about, text);
	add_lock(e, text);
	if (e->ns)
		event_add(text, ", %u.%u us", e->ns / 1000, e->ns % 1000 / 100);
}

/**
 * probed_text - a record of the tracer in words
 * @e: the record
 * @about: what else is known of it, or NULL
 * @text: to be filled
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
	case MMSCOPE_THERE:
		text_made(e, about, text);
		break;
	case MMSCOPE_GROW:
	case MMSCOPE_SHRINK:
		text_edge(e, about, text);
		break;
	case MMSCOPE_SPLIT:
	case MMSCOPE_MERGE:
		text_two(e, text);
		break;
	case RECORD_RSS:
		text_rss(e, about, text);
		break;
	case MMSCOPE_APART:
		text_apart(e, about, text);
		break;
	case MMSCOPE_FORK:
	case MMSCOPE_EXEC:
	case MMSCOPE_END:
	case MMSCOPE_ANEW:
		text_process(e, text);
		break;
	default:
		text_rest(e, about, text);
		break;
	}
}
