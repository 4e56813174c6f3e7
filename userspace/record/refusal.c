// SPDX-License-Identifier: GPL-2.0
/*
 * Why faults were refused, in words.
 */
#include <stdio.h>
#include "base/tool.h"
#include "record/record.h"
#include "record/refusal.h"
#include "record/text.h"

/* What &mmscope_event.pgoff is for a reason */
enum detail {
	NONE,
	RIGHTS,
	KEY,
	BYTES,
	HUGE_PAGES,
};

/**
 * struct refusal - words for an enum record_refusal
 * @name: the reason in JSON
 * @word: the reason on the screen
 * @detail: what the figure beside the reason is
 */
static const struct refusal {
	const char *name;
	const char *word;
	enum detail detail;
} refusals[NR_REFUSALS] = {
	[REFUSAL_NOT_TOLD]	= { "not_told", "nothing says why", NONE },
	[REFUSAL_HOLE]		= { "hole", "no VMA there", NONE },
	[REFUSAL_NO_RIGHTS]	= { "prot_none", "nothing is allowed (PROT_NONE)", NONE },
	[REFUSAL_READ]		= { "read", "may not be read", RIGHTS },
	[REFUSAL_WRITE]		= { "write", "may not be written", RIGHTS },
	[REFUSAL_EXEC]		= { "exec", "may not be executed", RIGHTS },
	[REFUSAL_PKEY]		= { "pkey", "protection key", KEY },
	[REFUSAL_KERNEL]	= { "kernel_address", "a kernel address", NONE },
	[REFUSAL_PROTECTION]	= { "general_protection", "not canonical, or not permitted",
				    NONE },
	[REFUSAL_STACK_LIMIT]	= { "stack_limit", "stack limit (RLIMIT_STACK)", BYTES },
	[REFUSAL_STACK_GAP]	= { "stack_gap", "stack gap (stack_guard_gap)", NONE },
	[REFUSAL_STACK_MEMORY]	= { "stack_memory", "no more memory for a stack", BYTES },
	[REFUSAL_STACK_LOW]	= { "stack_low", "stack below vm.mmap_min_addr", NONE },
	[REFUSAL_GUARD]		= { "guard", "guard region", NONE },
	[REFUSAL_END]		= { "end_of_file", "beyond the end of the file", BYTES },
	[REFUSAL_FULL]		= { "tmpfs_full", "tmpfs is full", BYTES },
	[REFUSAL_NO_HUGE]	= { "no_huge_page", "no huge page is free", HUGE_PAGES },
	[REFUSAL_HUGE_LIMIT]	= { "huge_page_limit", "limit of huge pages", HUGE_PAGES },
	[REFUSAL_HUGE_TAKEN]	= { "huge_page_taken", "its huge page was taken", HUGE_PAGES },
	[REFUSAL_POISON]	= { "poison", "hardware poison", NONE },
	[REFUSAL_MARKED]	= { "poison_marked", "marked as poisoned", NONE },
	[REFUSAL_SWAP]		= { "swap_error", "not readable from swap", NONE },
	[REFUSAL_UFFD]		= { "uffd", "userfaultfd does not wait", NONE },
	[REFUSAL_DRIVER]	= { "driver", "the driver refused", NONE },
	[REFUSAL_FILE]		= { "file_system", "the file system refused", NONE },
	[REFUSAL_CGROUP]	= { "cgroup_limit", "memory cgroup is full", BYTES },
	[REFUSAL_MEMORY]	= { "no_memory", "no memory", NONE },
};

static const struct refusal *refusal_of(__u32 error)
{
	__u32 why = REFUSAL_WHY(error);

	return &refusals[why < NR_REFUSALS ? why : REFUSAL_NOT_TOLD];
}

/**
 * refusal_name - why a fault was refused, as a word for programs
 * @error: record_error()
 */
const char *refusal_name(__u32 error)
{
	return refusal_of(error)->name;
}

/**
 * refusal_word - why a fault was refused, in words for people
 * @error: record_error()
 */
const char *refusal_word(__u32 error)
{
	if (REFUSAL_WHY(error) == REFUSAL_NOT_TOLD)
		return error_name(REFUSAL_ERROR(error));
	return refusal_of(error)->word;
}

/**
 * refusal_figure - the JSON member that has the figure beside a reason
 * @error: record_error()
 *
 * Return: the name of the member, NULL where the reason has no such figure
 */
const char *refusal_figure(__u32 error)
{
	static const char *const figures[] = {
		[NONE] = NULL, [RIGHTS] = NULL, [KEY] = "pkey", [BYTES] = "limit_bytes",
		[HUGE_PAGES] = "huge_pages",
	};

	return figures[refusal_of(error)->detail];
}

static void add_bytes(__u64 bytes, struct event_text *text)
{
	if (bytes && bytes % 1024 == 0)
		event_add(text, ", %llu KiB", bytes / 1024);
	else
		event_add(text, ", %llu bytes", bytes);
}

static void add_detail(const struct refusal *refusal, __u64 figure, struct event_text *text)
{
	switch (refusal->detail) {
	case NONE:
		break;
	case RIGHTS:
		event_add(text, " (%c%c%c)", figure & 1 ? 'r' : '-', figure & 2 ? 'w' : '-',
			  figure & 4 ? 'x' : '-');
		break;
	case KEY:
		event_add(text, " %llu", figure);
		break;
	case BYTES:
		if (figure)
			add_bytes(figure, text);
		break;
	case HUGE_PAGES:
		event_add(text, ", %llu in all", figure);
		break;
	}
}

/**
 * refusal_text - how a refused fault ended, and why, in words
 * @e: FAULT with MMSCOPE_F_ERROR, from the tracer
 * @about: what else is known of the fault, or NULL
 * @text: of the record; is gone on with
 */
void refusal_text(const struct mmscope_event *e, const struct event_about *about,
		  struct event_text *text)
{
	const struct refusal *refusal = refusal_of(record_error(e));

	event_add(text, "%s", error_name(REFUSAL_ERROR(record_error(e))));
	if (REFUSAL_WHY(record_error(e)) != REFUSAL_NOT_TOLD) {
		event_add(text, ": %s", refusal->word);
		add_detail(refusal, e->pgoff, text);
	}
	if (about && about->cgroup && REFUSAL_WHY(record_error(e)) == REFUSAL_CGROUP)
		event_add(text, ", of %s", about->cgroup);
	if (about && *about->near)
		event_add(text, ", %s", about->near);
}
