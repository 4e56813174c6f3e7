// SPDX-License-Identifier: GPL-2.0
/*
 * Shows the ledger and the tables in which an answer was found, on the screen or as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "record/text.h"
#include "term/print.h"
#include "why/causes.h"

#define MOST_ROWS	8	/* rows of a table on the screen; JSON has all */

static const char *const entry_names[LEDGER_ENTRIES] = {
	[LEDGER_TOUCHED] = "touched", [LEDGER_AROUND] = "mapped around",
	[LEDGER_POPULATED] = "populated", [LEDGER_COPIED] = "copied on write",
	[LEDGER_HUGE] = "huge", [LEDGER_SWAPPED_IN] = "swapped in",
	[LEDGER_SWAPPED_OUT] = "swapped out", [LEDGER_UNMAPPED] = "unmapped",
	[LEDGER_ADVISED] = "advised away", [LEDGER_RECLAIMED] = "reclaimed",
	[LEDGER_MERGED] = "merged by KSM", [LEDGER_FORKED] = "by fork",
	[LEDGER_INSERTED] = "inserted", [LEDGER_MOVED] = "moved or split",
	[LEDGER_CUT] = "file cut", [LEDGER_THERE] = "there before",
	[LEDGER_LOST] = "in lost records", [LEDGER_UNSEEN] = "not seen",
};

static const char *const kind_names[NR_KINDS] = {
	[KIND_OTHER] = "other memory", [KIND_PROGRAM] = "program, library",
	[KIND_HEAP] = "heap", [KIND_ARENA] = "arenas of malloc", [KIND_STACK] = "stack",
	[KIND_THREAD] = "stacks of threads", [KIND_ANON] = "anonymous memory",
	[KIND_FILE] = "files", [KIND_SHMEM] = "shared memory", [KIND_HUGETLB] = "hugetlbfs",
};

/**
 * ledger_kind_words - a kind of memory in words
 * @kind: the kind
 */
const char *ledger_kind_words(enum ledger_kind kind)
{
	return kind_names[kind];
}

/**
 * ledger_entry_name - name of an entry of the ledger
 * @entry: the entry
 */
const char *ledger_entry_name(enum ledger_entry entry)
{
	return entry_names[entry];
}

/* Kinds of pages in the order of the ledger's columns. */
static const enum raw_rss kinds[] = {
	RAW_RSS_ANON, RAW_RSS_FILE, RAW_RSS_SHMEM, RAW_RSS_SWAP, RAW_RSS_HUGETLB,
};

static const struct report_column ledger_columns[] = {
	{ "pages", false, 0, "entry" }, { "times", true, 0, NULL }, { "anon", true, 0, NULL },
	{ "file", true, 0, NULL }, { "shmem", true, 0, NULL }, { "swap", true, 0, NULL },
	{ "hugetlb", true, 0, NULL }, { "RSS", true, 0, "rss" },
};

static void ledger_row(struct report_table *table, const char *name, __u64 times, const __s64 rss[])
{
	char texts[ARRAY_SIZE(ledger_columns)][24];
	const char *cells[ARRAY_SIZE(ledger_columns)];
	size_t n = 0;

	cells[n++] = name;
	snprintf(texts[n], sizeof(texts[n]), "%llu", times);
	n++;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++, n++)
		snprintf(texts[n], sizeof(texts[n]), "%lld", rss[kinds[i]]);
	snprintf(texts[n], sizeof(texts[n]), "%lld", ledger_pages(rss));
	for (size_t i = 1; i <= n; i++)
		cells[i] = texts[i];
	report_row(table, cells, NULL);
}

static void print_ledger(const struct ledger_mm *mm)
{
	struct report_table *table;
	__s64 rest[RAW_NR_RSS], change[RAW_NR_RSS];
	__u64 all = 0;

	table = report_table(ledger_columns, ARRAY_SIZE(ledger_columns), true);
	for (int i = 0; i < LEDGER_ENTRIES; i++) {
		all += mm->times[i];
		if (mm->times[i])
			ledger_row(table, entry_names[i], mm->times[i], mm->entries[i]);
	}
	for (int i = 0; i < RAW_NR_RSS; i++)
		change[i] = mm->at_end[i] - mm->base[i];
	ledger_row(table, "change", all, change);
	if (ledger_remainder(mm, rest) || report_json)
		ledger_row(table, "remainder", 0, rest);
	report_table_print(table, "ledger");
}

/* Times are in us on the screen, and in ns in JSON. */
static __u64 shown_time(__u64 ns)
{
	return report_json ? ns : (ns + 500) / 1000;
}

static const struct report_column row_columns[] = {
	{ "VMA", false, 0, "vma" }, { "pages", true, 0, NULL }, { "faults", true, 0, NULL },
	{ "us", true, 0, "ns" }, { "VMAs", true, 0, "vmas" }, { "made by", false, 0, "made_by" },
	{ "kind", false, 0, NULL }, { "name", false, 0, NULL },
};

static const char *made_by(const struct ledger_row *row, char *buf, size_t size)
{
	cause_text(row->made_by, buf, size);
	return buf;
}

static bool row_counts(enum question question, const struct ledger_row *row)
{
	if (question == WHY_RSS)
		return ledger_pages(row->rss) || row->rss[RAW_RSS_HUGETLB] ||
		       row->rss[RAW_RSS_SWAP];
	return question == WHY_VMAS ? row->vmas : row->faults.count;
}

static enum question sorted_by;

static __u64 row_weight(const struct ledger_row *row)
{
	__s64 pages = ledger_pages(row->rss) + row->rss[RAW_RSS_HUGETLB];

	switch (sorted_by) {
	case WHY_RSS:
		return pages > 0 ? pages : 0;
	case WHY_VMAS:
		return row->vmas;
	case WHY_FAULTS:
		return row->faults.count;
	default:
		return row->faults.ns;
	}
}

static int compare_rows(const void *a, const void *b)
{
	const struct ledger_row *x = *(struct ledger_row *const *)a;
	const struct ledger_row *y = *(struct ledger_row *const *)b;

	if (row_weight(x) != row_weight(y))
		return row_weight(x) < row_weight(y) ? 1 : -1;
	return x->root < y->root ? -1 : x->root > y->root;
}

static void print_row(struct report_table *table, const struct ledger_row *row)
{
	const char *slash = report_json ? NULL : strrchr(row->name, '/');
	char texts[5][24], by[32];
	const char *cells[ARRAY_SIZE(row_columns)];

	snprintf(texts[0], sizeof(texts[0]), "#%u", row->root);
	snprintf(texts[1], sizeof(texts[1]), "%lld",
		 ledger_pages(row->rss) + row->rss[RAW_RSS_HUGETLB]);
	snprintf(texts[2], sizeof(texts[2]), "%llu", row->faults.count);
	snprintf(texts[3], sizeof(texts[3]), "%llu", shown_time(row->faults.ns));
	snprintf(texts[4], sizeof(texts[4]), "%llu", row->vmas);
	for (int i = 0; i < 5; i++)
		cells[i] = texts[i];
	cells[5] = made_by(row, by, sizeof(by));
	cells[6] = kind_names[row->kind];
	cells[7] = slash ? slash + 1 : row->name;
	report_row(table, cells, NULL);
}

static void print_rows(enum question question, const struct ledger_mm *mm)
{
	struct report_table *table;
	struct ledger_row **list;
	size_t n = rows_of(mm->id, &list), shown = 0, left = 0;

	sorted_by = question;
	if (n)
		qsort(list, n, sizeof(*list), compare_rows);
	table = report_table(row_columns, ARRAY_SIZE(row_columns), true);
	for (size_t i = 0; i < n; i++) {
		if (!row_counts(question, list[i]))
			continue;
		if (report_json || shown < MOST_ROWS) {
			print_row(table, list[i]);
			shown++;
		} else {
			left++;
		}
	}
	report_table_print(table, "lineages");
	if (left)
		report_line("%zu more (--json has all)", left);
	free(list);
}

static const struct report_column class_columns[] = {
	{ "faults", false, 0, "class" }, { "times", true, 0, NULL }, { "pages", true, 0, NULL },
	{ "us", true, 0, "ns" },
};

static void print_classes(const struct ledger_mm *mm)
{
	struct report_table *table;

	table = report_table(class_columns, ARRAY_SIZE(class_columns), true);
	for (int i = 0; i < RECORD_NR_CLASSES; i++) {
		const struct fault_sum *sum = &mm->classes[i];
		char texts[3][24];
		const char *const cells[] = { report_json ? class_name(i) : class_word(i), texts[0],
					texts[1], texts[2] };

		if (!sum->count)
			continue;
		snprintf(texts[0], sizeof(texts[0]), "%llu", sum->count);
		snprintf(texts[1], sizeof(texts[1]), "%llu", sum->pages);
		snprintf(texts[2], sizeof(texts[2]), "%llu", shown_time(sum->ns));
		report_row(table, cells, NULL);
	}
	report_table_print(table, "classes");
}

static const struct report_column site_columns[] = {
	{ "touched at", false, 0, "site" }, { "faults", true, 0, NULL },
	{ "pages", true, 0, NULL }, { "again", true, 0, NULL }, { "memory", false, 0, NULL },
};

static void print_sites(const struct ledger_mm *mm)
{
	struct report_table *table;
	struct ledger_site **list;
	size_t n = sites_of(mm->id, &list);

	table = report_table(site_columns, ARRAY_SIZE(site_columns), true);
	for (size_t i = 0; i < n && (report_json || i < MOST_ROWS); i++) {
		const struct ledger_site *site = list[i];
		char texts[3][24], at[96];
		const char *const cells[] = {
			at, texts[0], texts[1], texts[2], kind_names[site->kind],
		};

		snprintf(at, sizeof(at), "%.*s", report_json ? 95 : 36, site->text);
		snprintf(texts[0], sizeof(texts[0]), "%llu", site->faults.count);
		snprintf(texts[1], sizeof(texts[1]), "%llu", site->faults.pages);
		snprintf(texts[2], sizeof(texts[2]), "%llu", site->again);
		report_row(table, cells, NULL);
	}
	report_table_print(table, "sites");
	if (n > MOST_ROWS && !report_json)
		report_line("%zu more (--json has all)", n - MOST_ROWS);
	free(list);
}

static const struct report_column reason_columns[] = {
	{ "VMAs", true, 0, "vmas" }, { "why they are not one with the VMA below", false, 0, "why" },
};

static void print_reasons(const struct ledger_mm *mm)
{
	struct report_table *table;
	__u64 counts[NR_REASONS];

	vmas_reasons(mm, counts);
	table = report_table(reason_columns, ARRAY_SIZE(reason_columns), true);
	for (int i = 0; i < NR_REASONS; i++) {
		char text[24];
		const char *const cells[] = { text, vma_reason_words(i) };

		if (!counts[i])
			continue;
		snprintf(text, sizeof(text), "%llu", counts[i]);
		report_row(table, cells, NULL);
	}
	report_table_print(table, "reasons");
}

/**
 * report_evidence - show the ledger and the tables in which an answer was found
 * @answer: the answer; its mm is not NULL
 */
void report_evidence(const struct answer *answer)
{
	const struct ledger_mm *mm = answer->mm;

	report_gap();
	print_ledger(mm);
	report_gap();
	if (answer->question == WHY_VMAS) {
		print_reasons(mm);
		report_gap();
	}
	if (answer->question >= WHY_FAULTS) {
		print_classes(mm);
		report_gap();
	}
	print_rows(answer->question, mm);
	if (answer->question == WHY_VMAS)
		return;
	report_gap();
	print_sites(mm);
}
