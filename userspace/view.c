// SPDX-License-Identifier: GPL-2.0
/*
 * An experiment on the screen: predicted beside observed, a picture after each step, a verdict.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "event.h"
#include "proc.h"
#include "report.h"
#include "step.h"

#define INDENT	4

static const char *const verdicts[] = {
	[EXIT_HELD]	= "held",
	[EXIT_BROKEN]	= "FAILED",
	[EXIT_SKIPPED]	= "skipped",
	[EXIT_LOST]	= "LOST",
};

static const char *thp(void)
{
	static char word[64];

	proc_word("/sys/kernel/mm/transparent_hugepage/enabled", word, sizeof(word));
	return word[0] ? "off" : "absent";
}

/* On a wider screen than 80 columns predictions get the rest. */
#define NUMBER		2
#define TITLE		25
#define OBSERVED	12

static unsigned int predicted_width(void)
{
	return report_width() - NUMBER - TITLE - OBSERVED - 3;
}

static void view_legend(void)
{
	report_paragraph(PAINT_DIM, INDENT,
			 "# present  . promised  z zero page  c private copy  (blank) not mapped");
	report_paragraph(PAINT_DIM, INDENT,
			 "pages: space promised, rss present, held by the driver; minor: faults");
}

static void view_headings(const struct experiment *exp)
{
	if (!exp->terse)
		view_legend();
	report_line("%s", "");
	report_line("%*s %-*s %-*s %s", NUMBER, "", TITLE, "step", predicted_width(), "predicted",
		    "observed");
}

/**
 * view_begin - show the header
 * @exp: the experiment
 */
void view_begin(const struct experiment *exp)
{
	struct utsname uts;

	uname(&uts);
	if (report_json) {
		view_json_begin(exp, uts.release);
		return;
	}
	if (view_mode == VIEW_QUIET)
		return;
	report_painted(PAINT_STRONG, "%s   %s", exp->name, exp->question);
	report_line("Linux %s, page %lu, per-VMA lock %s, THP %s, one CPU", uts.release,
		    proc_page_size(), rules_hold(RULE_VMA_LOCK) ? "yes" : "no", thp());
	view_headings(exp);
}

/* One prediction may need several rows, as may the title: break each between words. */
struct cell {
	const char *left;
	size_t width;
	bool list;	/* break between its items rather than inside one */
};

static size_t piece_length(const struct cell *cell)
{
	size_t n = report_break(cell->left, cell->width);

	if (!cell->list || !cell->left[n])
		return n;
	for (size_t at = n; at > cell->width / 2; at--)
		if (cell->left[at - 1] == ',')
			return at;
	return n;
}

static const char *next_piece(struct cell *cell, char *buf, size_t size)
{
	size_t n = piece_length(cell);

	snprintf(buf, size, "%.*s", (int)n, cell->left);
	cell->left += n;
	cell->left += strspn(cell->left, " ");
	return buf;
}

static void add_rows(struct report_table *table, struct cell *title, const struct line *line,
		     bool first, const char *observed)
{
	enum paint paint = line->held ? PAINT_GOOD : PAINT_BAD;
	struct cell left = { line->predicted[0] ? line->predicted : "nothing more",
			     predicted_width(), true };
	struct cell right = { observed, OBSERVED, true };
	char number[12], piece[3][TEXT];

	snprintf(number, sizeof(number), "%u", step.number);
	do {
		report_row(table, (const char *[]){ first ? number : "",
			   next_piece(title, piece[0], TEXT), next_piece(&left, piece[1], TEXT),
			   next_piece(&right, piece[2], TEXT) },
			   (enum paint[]){ PAINT_PLAIN, PAINT_PLAIN, PAINT_PLAIN, paint });
		first = false;
	} while (*left.left || *right.left);
}

/* A step that holds says so once, another line by line. */
static void view_lines(bool held)
{
	struct report_column columns[] = {
		{ "", true, NUMBER, NULL }, { "step", false, TITLE, NULL },
		{ "predicted", false, predicted_width(), NULL }, { "observed", false, 0, NULL },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), false);
	struct cell title = { step.what, TITLE, false };
	char piece[TEXT];

	for (size_t i = 0; i < step.nr_lines; i++) {
		const struct line *line = &step.lines[i];

		add_rows(table, &title, line, !i, held && i ? "" : line->held ? "as predicted" :
			 strlen(line->observed) <= OBSERVED ? line->observed : "DIFFERS");
	}
	while (*title.left)
		report_row(table, (const char *[]){ "", next_piece(&title, piece, TEXT), "", "" },
			   NULL);
	report_table_print(table, NULL);
}

static void view_pictures(void)
{
	char pages[TEXT], vmas[2 * TEXT], line[2 * TEXT];
	bool several = region_live() > 1;

	for (size_t i = 0; i < MAX_REGIONS; i++) {
		const struct region *r = &regions[i];

		if (!r->live)
			continue;
		picture(r, pages, vmas, sizeof(vmas));
		if (several && !r->name && !pages[strspn(pages, " ")])
			continue;
		snprintf(line, sizeof(line), "%s%s[%s]", several && r->name ? r->name : "",
			 several && r->name ? " " : "", pages);
		if (INDENT + strlen(line) + 2 + strlen(vmas) <= report_width()) {
			report_line("%*s%s  %s", INDENT, "", line, vmas);
			continue;
		}
		report_line("%*s%s", INDENT, "", line);
		report_fill(INDENT, vmas);
	}
}

static void view_rule(enum rule_id id)
{
	const struct rule *rule = rules_get(id);
	char text[3 * TEXT];
	unsigned int major = rule->since >> 8, minor = rule->since & 255;

	if (rules_hold(id))
		snprintf(text, sizeof(text), "on this kernel %s; before %u.%u, %s", rule->now,
			 major, minor, rule->before);
	else
		snprintf(text, sizeof(text), "on this kernel %s; since %u.%u, %s", rule->before,
			 major, minor, rule->now);
	report_paragraph(PAINT_DIM, INDENT, text);
}

static void view_rules(bool where)
{
	static bool told[NR_RULES];

	for (size_t i = 0; i < step.nr_lines; i++) {
		enum rule_id id = step.lines[i].rule;

		if (id == RULE_NONE || (told[id] && !where))
			continue;
		if (!told[id])
			view_rule(id);
		if (where)
			report_line("%*srule: %s", INDENT, "", rules_get(id)->where);
		told[id] = true;
	}
}

static void view_records(size_t most)
{
	size_t n = step.nr_records < most ? step.nr_records : most;
	struct event_text t;

	for (size_t i = 0; i < n; i++) {
		event_text(&step.records[i], NULL, &t);
		report_line("%*s%-11s %-21s %s", INDENT, "", t.event, t.where, t.what);
	}
	if (n < step.nr_records)
		report_line("%*sand %zu more (--json has them all)", INDENT, "",
			    step.nr_records - n);
}

static void view_broken(void)
{
	for (size_t i = 0; i < step.nr_lines; i++) {
		const struct line *line = &step.lines[i];

		if (line->held)
			continue;
		report_painted(PAINT_BAD, "%*sbroken: %s", INDENT, "", line->predicted[0] ?
			       line->predicted : "nothing more");
		report_painted(PAINT_BAD, "%*sbut it was: %s", INDENT, "", line->observed);
	}
	view_rules(true);
	if (step.nr_records)
		report_line("%*sthe records of this step:", INDENT, "");
	view_records(20);
}

/**
 * view_step - show a step that is over
 * @exp: whose
 * @held: every prediction of it held
 */
void view_step(const struct experiment *exp, bool held)
{
	if (report_json) {
		view_json_step(held);
		return;
	}
	if (view_mode == VIEW_QUIET && held)
		return;
	view_lines(held);
	if (!exp->terse)
		view_pictures();
	if (held)
		view_rules(false);
	else
		view_broken();
	for (size_t i = 0; i < step.nr_notes; i++)
		report_paragraph(PAINT_DIM, INDENT, step.notes[i]);
	if (held && view_mode == VIEW_VERBOSE)
		view_records(100);
	report_flush();
}

static void view_cost(void)
{
	char text[TEXT];

	if (!tally.hooks)
		return;
	snprintf(text, sizeof(text),
		 "What it cost: %lu calls of the driver's hooks, %lu of them faults; %lu splits.",
		 tally.hooks, tally.faults, tally.splits);
	report_fill(0, text);
	if (tally.given_back)
		report_line("What came back: %lu of %lu pages that the driver gave.",
			    tally.given_back, tally.touched);
}

/**
 * view_end - show the verdict
 * @exp: the experiment
 * @verdict: enum mmscope_exit
 * @reason: why it was skipped
 */
void view_end(const struct experiment *exp, int verdict, const char *reason)
{
	char see[TEXT];

	if (report_json) {
		view_json_end(verdict, reason);
		return;
	}
	if (view_mode != VIEW_QUIET) {
		report_line("%s", "");
		view_cost();
		snprintf(see, sizeof(see), "See also: mmscope explain %s; mmscope run %s",
			 exp->name, exp->see);
		report_fill(0, see);
	}
	if (verdict == EXIT_LOST)
		report_painted(PAINT_WARN, "lost: %lu records (insmod mmscope.ko events=65536)",
			       story_lost);
	if (verdict == EXIT_SKIPPED)
		report_painted(PAINT_WARN, "skipped: %s", reason);
	else
		report_painted(verdict == EXIT_HELD ? PAINT_GOOD : PAINT_BAD,
			       "%s: %u of %u predictions", verdicts[verdict], tally.held,
			       tally.predictions);
}
