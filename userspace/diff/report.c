// SPDX-License-Identifier: GPL-2.0
/*
 * What differs between two sides: sums, VMAs, then faults by class, VMA and function.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "diff/report.h"
#include "diff/sums.h"
#include "record/text.h"
#include "term/plain_text.h"
#include "term/print.h"

#define ROW_MOST	12

static void add_sum(struct report_table *table, const struct sum_pair *sum)
{
	char a[24], b[24], change[24], name[300];
	const char *const cells[] = {
		a, b, change, name, report_json ? sum->where : class_name(sum->class),
		report_json ? class_name(sum->class) : sum->where,
	};

	snprintf(a, sizeof(a), "%llu", sum->a);
	snprintf(b, sizeof(b), "%llu", sum->b);
	snprintf(change, sizeof(change), report_json ? "%lld" : "%+lld", sum->b - sum->a);
	snprintf(name, sizeof(name), "%.*s", report_limited() ? 30 : 299,
		 *sum->name ? sum->name : "anon");
	report_row(table, cells, NULL);
}

/* Faults by class and function: as many columns more. */
static void report_sums(struct sum_pair *sums, size_t n, const char *title, const char *json,
			bool class)
{
	struct report_column columns[] = {
		{ "faults", true, 0, "a" }, { "now", true, 0, "b" }, { "", true, 0, "change" },
		{ title, false, 0, "name" }, { "class", false, 0, "class" },
		{ "program", false, 0, "program" },
	};
	const struct report_column json_columns[] = {
		columns[0], columns[1], columns[2], columns[3], columns[5], columns[4],
	};
	struct report_table *table;
	size_t shown = report_json || n < ROW_MOST ? n : ROW_MOST;

	if (!n && !report_json)
		return;
	report_gap();
	table = report_table(report_json ? json_columns : columns, class ? 6 : 4, true);
	for (size_t i = 0; i < shown; i++)
		add_sum(table, &sums[i]);
	report_table_print(table, json);
	if (n > shown)
		report_line("and %zu more (--json shows all)", n - shown);
	free(sums);
}

static void name_changes(const struct matched *matched, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = CHANGE_WENT; i < NR_CHANGES && n < size; i++)
		if (matched->changes[i])
			n += snprintf(buf + n, size - n, "%s%llu %s", n ? ", " : "",
				      matched->changes[i],
				      i == CHANGE_RIGHTS ? "with other rights" : change_word(i));
}

static void report_figures(const struct sum_pair *figures, size_t n)
{
	static const struct report_column columns[] = {
		{ "", false, 0, NULL }, { "first", true, 0, NULL }, { "second", true, 0, NULL },
		{ "", true, 0, NULL },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);
	char a[24], b[24], change[24];

	for (size_t i = 0; i < n; i++) {
		const char *const cells[] = { figures[i].name, a, b, change };

		if (!figures[i].a && !figures[i].b)
			continue;
		snprintf(a, sizeof(a), "%llu", figures[i].a);
		snprintf(b, sizeof(b), "%llu", figures[i].b);
		snprintf(change, sizeof(change), "%+lld", figures[i].b - figures[i].a);
		report_row(table, cells, NULL);
	}
	report_table_print(table, "");
}

static struct json_object *json_side(const struct side *side, const char *words)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "input", json_object_new_string(words));
	json_object_object_add(o, "at_ns", json_object_new_uint64(side->head.at_ns));
	json_object_object_add(o, "short",
			       json_tokener_parse(side_say(side, side->head.missing)));
	return o;
}

static void put_rss(struct json_object *o, const char *name, const struct side_mm *mm)
{
	static const char *const kinds[RAW_NR_RSS] = {
		[RAW_RSS_FILE] = "file", [RAW_RSS_ANON] = "anon", [RAW_RSS_SWAP] = "swap",
		[RAW_RSS_SHMEM] = "shmem", [RAW_RSS_HUGETLB] = "hugetlb",
	};
	struct json_object *rss = json_object_new_object();

	if (!mm)
		return;
	json_object_object_add(rss, "mm", json_object_new_uint64(mm->mm));
	json_object_object_add(rss, "pid", json_object_new_uint64(mm->tgid));
	json_object_object_add(rss, "ended", json_object_new_boolean(mm->ended));
	json_object_object_add(rss, "vmas", json_object_new_uint64(mm->nr));
	json_object_object_add(rss, "rss_known", json_object_new_boolean(mm->rss_known));
	for (int i = 0; i < RAW_NR_RSS; i++)
		json_object_object_add(rss, kinds[i], json_object_new_uint64(mm->rss[i]));
	json_object_object_add(o, name, rss);
}

static struct json_object *json_mms(const struct matched *matched)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < matched->nr; i++) {
		const struct mm_pair *pair = &matched->mms[i];
		struct json_object *o = json_object_new_object();
		const char *comm = pair->b ? pair->b->comm : pair->a->comm;

		json_object_object_add(o, "comm", json_object_new_string(comm));
		put_rss(o, "a", pair->a);
		put_rss(o, "b", pair->b);
		json_object_array_add(list, o);
	}
	return list;
}

static void report_json_summary(const struct matched *matched, const char *a, const char *b,
				const struct sum_pair *figures, size_t n, bool same)
{
	struct json_object *o = report_object(), *list = json_object_new_array();
	struct json_object *changes = json_object_new_object();

	json_object_object_add(o, "event", json_object_new_string("diff"));
	json_object_object_add(o, "same", json_object_new_boolean(same));
	json_object_object_add(o, "one_recording", json_object_new_boolean(matched->same));
	json_object_object_add(o, "a", json_side(matched->a, a));
	json_object_object_add(o, "b", json_side(matched->b, b));
	for (size_t i = 0; i < n; i++) {
		struct json_object *figure = json_object_new_object();

		json_object_object_add(figure, "name", json_object_new_string(figures[i].name));
		json_object_object_add(figure, "a", json_object_new_uint64(figures[i].a));
		json_object_object_add(figure, "b", json_object_new_uint64(figures[i].b));
		json_object_array_add(list, figure);
	}
	json_object_object_add(o, "figures", list);
	for (int i = CHANGE_WENT; i < NR_CHANGES; i++)
		json_object_object_add(changes, change_word(i),
				       json_object_new_uint64(matched->changes[i]));
	json_object_object_add(o, "changes", changes);
	json_object_object_add(o, "in_order", json_object_new_uint64(matched->in_order));
	json_object_object_add(o, "spaces", json_mms(matched));
	json_object_object_add(o, "vmas", json_vmas(matched));
	report_object_print(o);
}

static bool rss_is_known(const struct matched *matched)
{
	bool known = true;

	for (size_t i = 0; i < matched->nr; i++) {
		const struct mm_pair *pair = &matched->mms[i];

		known &= !pair->a || pair->a->rss_known;
		known &= !pair->b || pair->b->rss_known;
	}
	return known;
}

/* The end of a long path tells more than its beginning: the file, and the instant. */
static const char *last_of(const char *text, int room)
{
	size_t n = strlen(text);

	return n > (size_t)room ? text + n - room : text;
}

static void report_summary(const struct matched *matched, const char *a, const char *b,
			   const struct sum_pair *figures, size_t n, bool same)
{
	char changes[200], first[512], second[512];

	plain_text(first, sizeof(first), a);
	plain_text(second, sizeof(second), b);
	report_painted(same ? PAINT_GOOD : PAINT_STRONG, "%s and %s: %s",
		       last_of(first, report_room(32)), last_of(second, report_room(32)),
		       same ? "the same" : "different");
	report_gap();
	report_figures(figures, n);
	name_changes(matched, changes, sizeof(changes));
	if (*changes)
		report_line("VMAs: %s", changes);
	if (!rss_is_known(matched))
		report_line("pages: not all that came or went was told, so they may be others");
	if (matched->in_order)
		report_line("%llu VMAs were matched by their order alone: too many of one name",
			    matched->in_order);
}

/**
 * diff_report - show what differs
 * @matched: both sides
 * @a: what the first was called
 * @b: what the second was called
 *
 * Return: is nothing different?
 */
bool diff_report(const struct matched *matched, const char *a, const char *b)
{
	size_t n, classes, names, places;
	struct sum_pair *figures = sums_figures(matched->a, matched->b, &n);
	struct sum_pair *by_class = sums_classes(matched->a, matched->b, &classes);
	struct sum_pair *by_name = sums_names(matched->a, matched->b, &names);
	struct sum_pair *by_place = sums_places(matched->a, matched->b, &places);
	bool same = !sums_differ(figures, n) && !classes && !names && !places;

	for (int i = CHANGE_WENT; i < NR_CHANGES; i++)
		same &= !matched->changes[i];
	if (report_json)
		report_json_summary(matched, a, b, figures, n, same);
	else
		report_summary(matched, a, b, figures, n, same);
	if (!report_json)
		report_vmas(matched);
	report_sums(by_class, classes, "class", "classes", false);
	report_sums(by_name, names, "in VMAs", "names", false);
	report_sums(by_place, places, "function", "places", true);
	free(figures);
	return same;
}
