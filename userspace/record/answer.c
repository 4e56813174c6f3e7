// SPDX-License-Identifier: GPL-2.0
/*
 * What a driver answers when it is asked for a page: enum vm_fault_reason of the kernel's
 * include/linux/mm_types.h, whose numbers have not changed since 5.1; COMPLETED came with 6.0.
 */
#include <stdio.h>
#include <string.h>
#include "base/tool.h"
#include "record/answer.h"
#include "record/extra.h"
#include "term/json.h"

#define NOPAGE		0x000100
#define DONE_COW	0x001000

static const struct {
	__u32 bit;
	const char *name;
} answers[] = {
	{ 0x000001, "OOM" }, { 0x000002, "SIGBUS" }, { 0x000004, "MAJOR" },
	{ 0x000010, "HWPOISON" }, { 0x000020, "HWPOISON_LARGE" }, { 0x000040, "SIGSEGV" },
	{ NOPAGE, "NOPAGE" }, { 0x000200, "LOCKED" }, { 0x000400, "RETRY" },
	{ 0x000800, "FALLBACK" }, { DONE_COW, "DONE_COW" }, { 0x002000, "NEEDDSYNC" },
	{ 0x004000, "COMPLETED" },
};

/**
 * answer_text - write a driver's answer by the names of its bits
 * @answer: VM_FAULT_*; bits that have no name in this file are left out
 * @between: what is put between two names
 * @buf: becomes the names, "" for 0
 * @size: of @buf
 */
void answer_text(__u32 answer, const char *between, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(answers) && used < size; i++)
		if (answer & answers[i].bit)
			used += snprintf(buf + used, size - used, "%s%s", used ? between : "",
					 answers[i].name);
}

/**
 * maps_own_page - did a driver put its own page into a private mapping that was written to?
 * @e: record of a hook that was asked for a page
 * @extra: what the driver answered
 *
 * For a write to a private mapping mm copies the page that ->fault returns. A page that ->fault has
 * mapped itself (VM_FAULT_NOPAGE) is not copied, so that the write reaches the driver's page.
 */
bool maps_own_page(const struct mmscope_event *e, const struct record_extra *extra)
{
	return e->flags & MMSCOPE_F_COW && extra->asked && extra->answer & NOPAGE &&
	       !(extra->answer & DONE_COW);
}

/**
 * answer_json - add a driver's answer to an object
 * @out: has begun the object
 * @e: record of a hook that was asked for a page
 * @extra: what the driver answered; nothing is added where that is not known
 */
void answer_json(struct json *out, const struct mmscope_event *e, const struct record_extra *extra)
{
	if (!extra->asked)
		return;
	json_begin_array(out, "answer");
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (extra->answer & answers[i].bit)
			json_word(out, NULL, answers[i].name);
	json_end_array(out);
	if (extra->attempt)
		json_signed(out, "attempt", extra->attempt);
	if (maps_own_page(e, extra))
		json_word(out, "mapped", "own page");
}
