// SPDX-License-Identifier: GPL-2.0
/*
 * The VMAs that differ, of each address space, as lines and as JSON.
 */
#include <stdio.h>
#include <string.h>
#include "base/proc.h"
#include "base/tool.h"
#include "diff/report.h"
#include "record/record.h"
#include "record/text.h"
#include "term/plain_text.h"
#include "term/print.h"

#define COLUMNS_BEFORE	36	/* of a line: change, address, pages, rights */
#define ROW_MOST	24	/* of an address space, on the screen */

/**
 * change_word - what became of a VMA, in a word
 * @change: the change
 */
const char *change_word(enum change change)
{
	static const char *const words[NR_CHANGES] = {
		[CHANGE_NONE] = "same",
		[CHANGE_WENT] = "went",
		[CHANGE_CAME] = "came",
		[CHANGE_CUT] = "cut",
		[CHANGE_GREW] = "grew",
		[CHANGE_MOVED] = "moved",
		[CHANGE_RIGHTS] = "rights",
	};

	return words[change];
}

static enum paint change_paint(enum change change)
{
	if (change == CHANGE_CAME || change == CHANGE_GREW)
		return PAINT_GOOD;
	return change == CHANGE_WENT || change == CHANGE_CUT ? PAINT_BAD : PAINT_WARN;
}

static void rights_of(const struct side_vma *vma, char out[5])
{
	out[0] = vma->rights & RAW_VM_READ ? 'r' : '-';
	out[1] = vma->rights & RAW_VM_WRITE ? 'w' : '-';
	out[2] = vma->rights & RAW_VM_EXEC ? 'x' : '-';
	out[3] = vma->rights & RAW_VM_MAYSHARE ? 's' : 'p';
	out[4] = '\0';
}

/* Where it came from, or how it went; in one recording only, for numbers mean something there. */
static void tell_life(const struct matched *matched, const struct vma_pair *vma, char *buf,
		      size_t size)
{
	const struct side_gone *gone;
	char cause[48];

	buf[0] = '\0';
	if (!matched->same)
		return;
	if (vma->b && !vma->a) {
		cause_text(vma->b->cause, cause, sizeof(cause));
		if (vma->b->parent)
			snprintf(buf, size, ", from #%u by %s", vma->b->parent, cause);
		else
			snprintf(buf, size, ", by %s", cause);
		return;
	}
	gone = vma->b ? NULL : side_gone(matched->b, vma->a->id);
	if (!gone)
		return;
	cause_text(gone->cause, cause, sizeof(cause));
	if (gone->into)
		snprintf(buf, size, ", part of #%u now", gone->into);
	else
		snprintf(buf, size, ", by %s%s", cause,
			 gone->type == MMSCOPE_MOVE ? ", elsewhere now" : "");
}

/* The name is what is cut where the rest of the line, and the columns before, need the room. */
static int name_room(size_t rest)
{
	int room = (int)report_columns() - COLUMNS_BEFORE - (int)rest;

	return report_room(room > 8 ? room : 8);
}

static void describe(const struct matched *matched, const struct vma_pair *vma, char *buf,
		     size_t size)
{
	const struct side_vma *one = vma->b ? vma->b : vma->a;
	const char *name = pairs_name(vma->b ? matched->b : matched->a, one);
	char life[96], number[32] = "", was[5], rights[16] = "", rest[160];

	tell_life(matched, vma, life, sizeof(life));
	if (matched->same && vma->a && vma->a->id != one->id)
		snprintf(number, sizeof(number), " #%u -> #%u", vma->a->id, one->id);
	else if (matched->same)
		snprintf(number, sizeof(number), " #%u", one->id);
	if (vma->a && vma->b && vma->a->rights != vma->b->rights) {
		rights_of(vma->a, was);
		snprintf(rights, sizeof(rights), ", was %s", was);
	}
	snprintf(rest, sizeof(rest), "%s%s%s", number, rights, life);
	snprintf(buf, size, "%.*s%s", name_room(strlen(rest)), *name ? name : "anon", rest);
}

static void pages_of(const struct side_vma *vma, char *buf, size_t size)
{
	buf[0] = '\0';
	if (vma)
		snprintf(buf, size, "%llu", (vma->end - vma->start) / proc_page_size());
}

static void add_vma(struct report_table *table, const struct matched *matched,
		    const struct vma_pair *vma)
{
	const struct side_vma *one = vma->b ? vma->b : vma->a;
	char start[24], before[24], after[24], rights[5], what[512];
	const char *const cells[] = {
		change_word(vma->change), start, before, after, rights, what,
	};
	const enum paint paints[ARRAY_SIZE(cells)] = { change_paint(vma->change) };

	snprintf(start, sizeof(start), "%012llx", one->start);
	pages_of(vma->a, before, sizeof(before));
	pages_of(vma->b, after, sizeof(after));
	rights_of(one, rights);
	describe(matched, vma, what, sizeof(what));
	report_row(table, cells, paints);
}

static void head_mm(const struct mm_pair *pair)
{
	const struct side_mm *one = pair->b ? pair->b : pair->a;
	const char *what = "";
	char comm[64];

	plain_text(comm, sizeof(comm), one->comm);
	if (!pair->a)
		what = ", on the second side alone";
	else if (!pair->b)
		what = ", on the first side alone";
	else if (one->ended && !pair->a->ended)
		what = ", as it was when it ended";
	report_gap();
	if (pair->a && pair->b && pair->a->tgid != pair->b->tgid)
		report_painted(PAINT_STRONG, "%s (pid %u and %u, mm %u and %u)%s", comm,
			       pair->a->tgid, pair->b->tgid, pair->a->mm, pair->b->mm, what);
	else
		report_painted(PAINT_STRONG, "%s (pid %u, mm %u)%s", comm, one->tgid, one->mm,
			       what);
}

static void report_mm(const struct matched *matched, const struct mm_pair *pair)
{
	static const struct report_column columns[] = {
		{ "", false, 0, NULL }, { "start", false, 0, NULL }, { "pages", true, 0, NULL },
		{ "now", true, 0, NULL }, { "", false, 0, NULL }, { "VMA", false, 0, NULL },
	};
	struct report_table *table;
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < pair->nr; i++)
		more += pair->vmas[i].change != CHANGE_NONE;
	if (!more)
		return;
	head_mm(pair);
	if (!pair->a || !pair->b) {
		report_line("all of its %zu VMAs", more);
		return;
	}
	table = report_table(columns, ARRAY_SIZE(columns), true);
	for (size_t i = 0; i < pair->nr && shown < ROW_MOST; i++) {
		if (pair->vmas[i].change == CHANGE_NONE)
			continue;
		add_vma(table, matched, &pair->vmas[i]);
		shown++;
	}
	report_table_print(table, "");
	if (more > shown)
		report_line("and %zu more (--json shows all)", more - shown);
}

/**
 * report_vmas - show the VMAs that differ
 * @matched: both sides
 */
void report_vmas(const struct matched *matched)
{
	for (size_t i = 0; i < matched->nr; i++)
		report_mm(matched, &matched->mms[i]);
}

static void put(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static struct json_object *json_side(const struct side *side, const struct side_vma *vma)
{
	struct json_object *o = json_object_new_object();
	char rights[5];

	rights_of(vma, rights);
	put(o, "vma", vma->id);
	put(o, "parent", vma->parent);
	put(o, "start", vma->start);
	put(o, "end", vma->end);
	json_object_object_add(o, "rights", json_object_new_string(rights));
	json_object_object_add(o, "name", json_object_new_string(side_say(side, vma->name)));
	put(o, "faults", vma->faults);
	return o;
}

static struct json_object *json_vma(const struct matched *matched, const struct mm_pair *pair,
				    const struct vma_pair *vma)
{
	struct json_object *o = json_object_new_object();
	char life[96];

	json_object_object_add(o, "change", json_object_new_string(change_word(vma->change)));
	if (pair->a)
		put(o, "mm_a", pair->a->mm);
	if (pair->b)
		put(o, "mm_b", pair->b->mm);
	if (vma->a)
		json_object_object_add(o, "a", json_side(matched->a, vma->a));
	if (vma->b)
		json_object_object_add(o, "b", json_side(matched->b, vma->b));
	tell_life(matched, vma, life, sizeof(life));
	if (*life)
		json_object_object_add(o, "life", json_object_new_string(life + 2));
	return o;
}

/**
 * json_vmas - the same for programs
 * @matched: both sides
 */
struct json_object *json_vmas(const struct matched *matched)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < matched->nr; i++) {
		const struct mm_pair *pair = &matched->mms[i];

		for (size_t j = 0; j < pair->nr; j++)
			if (pair->vmas[j].change != CHANGE_NONE)
				json_object_array_add(list,
						      json_vma(matched, pair, &pair->vmas[j]));
	}
	return list;
}
