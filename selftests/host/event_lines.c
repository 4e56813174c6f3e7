// SPDX-License-Identifier: GPL-2.0
/*
 * A line of JSON for each kind of record, with all that such a record may say: what recordings at
 * hand do not have, the schema is held to as well.
 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include "base/tool.h"
#include "record/extra.h"
#include "record/record.h"
#include "record/text.h"
#include "term/json.h"

static struct event_about about = {
	.at = "program+0x1234", .name = "/usr/lib/\xff\xc3\"\\\n", .cgroup = "/a/b",
	.near = "4 KiB above #1", .apart = "flags differ: one may be executed",
	.again_by = "munmap(2)", .again_ns = 1000,
};

static struct record_extra extra = {
	.rss = { 1, -1, 2, -2, 3 }, .lazy = 1, .by = "kswapd0", .args = { ~0ULL, 1, 2, 3, 4, 5 },
	.figure = 65531, .limit = 65530, .answer = ~0U, .attempt = 2, .asked = true,
};

static void show_as(const struct mmscope_event *e, const struct event_about *known)
{
	static struct json line;

	json_start(&line);
	json_begin_object(&line, NULL);
	json_signed(&line, "schema", 1);
	event_json(&line, e, known);
	json_end_object(&line);
	puts(json_text(&line, NULL));
}

/* With nothing known beside it, and with all. */
static void show(const struct mmscope_event *e)
{
	bool asks = e->type == RECORD_QUERY || e->type == MMSCOPE_NAME || e->type == MMSCOPE_LOST;
	struct event_about some = about;

	show_as(e, NULL);
	if (!(e->flags & MMSCOPE_F_ERROR))
		some.near[0] = '\0';
	/* A page of a driver has no VMA of the tracer's, and what is told once is told alone. */
	if (asks || (record_of_page(e->type) && !(e->flags & RECORD_F_WHOLE)))
		some.name = NULL;
	some.extra = asks || e->type == RECORD_APART ? NULL : &extra;
	if (record_of_page(e->type) && !(e->flags & RECORD_F_WHOLE)) {
		struct record_extra answer = { .answer = ~0U, .attempt = 2, .asked = true };

		some.extra = &answer;
		show_as(e, &some);
		return;
	}
	if (e->type == RECORD_FAILED) {
		struct record_extra failed = extra;

		memset(failed.rss, 0, sizeof(failed.rss));
		failed.lazy = 0;
		failed.by[0] = '\0';
		some.extra = &failed;
		show_as(e, &some);
		return;
	}
	show_as(e, &some);
}

static struct mmscope_event of_type(unsigned int type, unsigned int flags)
{
	struct mmscope_event e = { .time_ns = 1000000000, .mm = 1, .vma = 2, .seq = ~0U, .tid = 3,
				   .type = type, .flags = flags, .cause = SYS_mmap, .cpu = 65535 };

	if (type == MMSCOPE_NAME) {
		strcpy(e.text, "\xffname\"\033");
		e.tgid = 3;
	} else if (type == MMSCOPE_LOST) {
		e.count = ~0ULL;
	} else {
		e.start = 0x1000;
		e.end = ~0xfffULL;
		e.aux = ~0ULL;
		e.parent = 1;
		e.pages = 1;
	}
	return e;
}

/* All flags but the class, each alone and then together; not those that only a fault has. */
static void show_flags(unsigned int type, bool whole)
{
	unsigned int all = (1U << RECORD_CLASS_SHIFT) - 1, source = whole ? RECORD_F_WHOLE : 0;
	struct mmscope_event e;

	for (unsigned int flag = 1; flag <= all; flag <<= 1) {
		e = of_type(type, flag == RECORD_F_WHOLE ? source : flag | source);
		if (type == RECORD_FAILED)
			e.aux = FAILURE_AUX(12, FAILURE_MAP_COUNT);
		if (type == RECORD_APART || type == RECORD_RSS)
			e.aux = 1;
		show(&e);
	}
	e.flags = (all & ~RECORD_F_WHOLE) | source;
	e.cause = RECORD_CAUSE_32(5);
	show(&e);
	e.cause = MMSCOPE_CAUSE_TEARDOWN;
	show(&e);
}

static void show_faults(void)
{
	unsigned int whole = RECORD_F_WHOLE, error = whole | MMSCOPE_F_ERROR;
	struct mmscope_event e;

	for (unsigned int class = 0; class < RECORD_NR_CLASSES; class++) {
		e = of_type(MMSCOPE_FAULT, whole | class << RECORD_CLASS_SHIFT);
		e.ip = ~0ULL;
		show(&e);
	}
	error |= RECORD_CLASS_REFUSED << RECORD_CLASS_SHIFT;
	for (unsigned int how = 0; how < RECORD_SEGV_OTHER + 2; how++)
		for (unsigned int why = 0; why < NR_REFUSALS; why++) {
			e = of_type(MMSCOPE_FAULT, error);
			e.npages = how | why << REFUSAL_SHIFT;
			show(&e);
		}
}

static void show_words(void)
{
	struct mmscope_event e;

	for (unsigned int why = 0; why <= RECORD_WHY_UFFD + 1; why++) {
		e = of_type(RECORD_APART, RECORD_F_WHOLE);
		e.pages = why;
		show(&e);
	}
	for (unsigned int why = 0; why <= RECORD_NR_RSS; why++) {
		e = of_type(RECORD_RSS, RECORD_F_WHOLE);
		e.aux = why;
		show(&e);
	}
	for (unsigned int hook = 0; hook < RAW_NR_HOOKS; hook++) {
		e = of_type(RECORD_QUERY, 0);
		e.pages = hook;
		show(&e);
	}
	for (unsigned int why = 0; why <= NR_FAILURES; why++)
		for (unsigned int error = 0; error < 140; error += 11) {
			e = of_type(RECORD_FAILED, RECORD_F_WHOLE);
			e.aux = FAILURE_AUX(error, why);
			show(&e);
		}
	e = of_type(RECORD_FAILED, RECORD_F_WHOLE);
	e.aux = 0;
	e.cause = SYS_ioctl;
	for (extra.args[1] = 0; extra.args[1] < 0x41; extra.args[1]++)
		show(&e);
}

int main(void)
{
	for (unsigned int type = 0; type < RECORD_TYPES; type++) {
		bool hook = record_of_page(type);

		if (!strcmp(event_name(type), "unknown"))
			continue;
		if (!hook && type != RECORD_QUERY)
			show_flags(type, true);
		if (type < RECORD_FIRST || hook)
			show_flags(type, false);
	}
	show_faults();
	show_words();
	return 0;
}
