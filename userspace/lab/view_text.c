// SPDX-License-Identifier: GPL-2.0
/*
 * Shows an experiment on the screen: predictions beside observations, pictures after each step, and
 * the verdict.
 */
#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/step.h"
#include "record/text.h"
#include "term/print.h"

#define INDENT	4

static const char *const verdicts[] = {
	[EXIT_HELD]	= "held",
	[EXIT_BROKEN]	= "FAILED",
	[EXIT_SKIPPED]	= "skipped",
	[EXIT_LOST]	= "LOST",
};

enum view_mode view_mode;

static bool told_above;	/* a step of this experiment was shown already */

/* Columns of the table. The column of predictions gets what is left of the screen's width. */
#define NUMBER		2
#define TITLE		25
#define OBSERVED	12

static unsigned int predicted_width(void)
{
	return report_width() - NUMBER - TITLE - OBSERVED - 3;
}

/* Print the properties of the system that the results depend on. */
static void view_system(void)
{
	char thp[64], aslr[8], text[2 * TEXT];
	struct utsname uts;

	uname(&uts);
	proc_word("/sys/kernel/mm/transparent_hugepage/enabled", thp, sizeof(thp));
	proc_word("/proc/sys/kernel/randomize_va_space", aslr, sizeof(aslr));
	snprintf(text, sizeof(text),
		 "Linux %s, page %lu, per-VMA lock %s, THP %s, ASLR %s, glibc %s, one CPU",
		 uts.release, proc_page_size(), rule_holds(&rule_vma_lock) ? "yes" : "no",
		 thp[0] ? "off here" : "absent", strcmp(aslr, "0") ? "on" : "off",
		 gnu_get_libc_version());
	report_fill(0, text);
}

/* Print the variables that are removed from the environment of the experiment's process. */
static void view_forgotten(void)
{
	char names[TEXT] = "", text[2 * TEXT];

	for (char **variable = environ; *variable; variable++)
		if (environment_foreign(*variable))
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%.*s",
				 names[0] ? ", " : "", (int)strcspn(*variable, "="), *variable);
	if (!names[0])
		return;
	snprintf(text, sizeof(text), "%s: set, but not for the experiment", names);
	report_fill(0, text);
}

static void view_legend(const struct experiment *exp)
{
	if (exp->words)
		report_paragraph(PAINT_DIM, INDENT, exp->words);
	if (exp->words || exp->terse)
		return;
	report_paragraph(PAINT_DIM, INDENT,
			 "# present  . promised  z zero page  c private copy  (blank) not mapped");
	report_paragraph(PAINT_DIM, INDENT,
			 "pages: space promised, rss present, held by the driver; minor: faults");
}

/* Is the object of lab/view_json.c needed: for --json, or to be kept for a page? */
static bool is_json(void)
{
	return report_json || view_json_kept;
}

/**
 * view_begin - show the header of an experiment
 * @exp: the experiment
 * @group: name of its group
 */
void view_begin(const struct experiment *exp, const char *group)
{
	struct utsname uts;

	told_above = false;
	if (is_json()) {
		uname(&uts);
		view_json_begin(exp, group, uts.release);
	}
	if (report_json || view_mode == VIEW_QUIET)
		return;
	report_painted(PAINT_STRONG, "%s   %s", exp->name, exp->question);
	view_system();
	view_forgotten();
	view_legend(exp);
	report_line("%s", "");
	report_line("%*s %-*s %-*s %s", NUMBER, "", TITLE, "step", predicted_width(), "predicted",
		    "observed");
}

/**
 * view_part - show the heading of a part
 * @title: the heading, or NULL
 */
void view_part(const char *title)
{
	if (!title)
		return;
	if (is_json())
		view_json_part(title);
	if (report_json || view_mode == VIEW_QUIET)
		return;
	if (told_above)
		report_line("%s", "");
	report_painted(PAINT_STRONG, "%*s %s", NUMBER, "", title);
}

/**
 * view_left_out - show what is left out, and why, from &channel.reason
 */
void view_left_out(void)
{
	char text[TEXT + 20];

	snprintf(text, sizeof(text), "left out: %s", channel->reason);
	if (is_json())
		view_json_left_out();
	if (!report_json && view_mode != VIEW_QUIET)
		report_paragraph(PAINT_WARN, INDENT, text);
}

/*
 * A cell of the table. A prediction or a title may need several rows, and is broken between words.
 */
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

	snprintf(number, sizeof(number), "%u", step->number);
	do {
		report_row(table, (const char *[]){ first ? number : "",
			   next_piece(title, piece[0], TEXT), next_piece(&left, piece[1], TEXT),
			   next_piece(&right, piece[2], TEXT) },
			   (enum paint[]){ PAINT_PLAIN, PAINT_PLAIN, PAINT_PLAIN, paint });
		first = false;
	} while (*left.left || *right.left);
}

static const char *observed(const struct line *line, bool say)
{
	if (!line->held)
		return strlen(line->observed) <= OBSERVED ? line->observed : "DIFFERS";
	if (line->value[0])
		return line->value;
	return say ? "as predicted" : "";
}

/*
 * Print the lines of a step. If all hold, "as predicted" stands once in the first line; else each
 * line has its verdict.
 */
static void view_lines(bool held)
{
	struct report_column columns[] = {
		{ "", true, NUMBER, NULL }, { "step", false, TITLE, NULL },
		{ "predicted", false, predicted_width(), NULL }, { "observed", false, 0, NULL },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), false);
	struct cell title = { step->what, TITLE, false };
	char piece[TEXT];

	for (size_t i = 0; i < step->nr_lines; i++) {
		const struct line *line = &step->lines[i];

		add_rows(table, &title, line, !i, observed(line, !i || !held));
	}
	while (*title.left)
		report_row(table, (const char *[]){ "", next_piece(&title, piece, TEXT), "", "" },
			   NULL);
	report_table_print(table, NULL);
}

static void view_region(const struct drawn *d, bool several)
{
	bool empty = !d->pages[strspn(d->pages, " ")];
	char line[2 * TEXT];

	if (several && !d->name[0] && empty)
		return;
	snprintf(line, sizeof(line), "%s%s[%s]", several ? d->name : "",
		 several && d->name[0] ? " " : "", d->pages);
	if (INDENT + strlen(line) + 2 + strlen(d->vmas) <= report_width()) {
		report_line("%*s%s  %s", INDENT, "", line, d->vmas);
		return;
	}
	report_line("%*s%s", INDENT, "", line);
	report_fill(INDENT, d->vmas);
}

static void view_pictures(void)
{
	for (size_t i = 0; i < step->nr_pictures; i++)
		view_region(&step->pictures[i], step->nr_pictures > 1);
	for (size_t i = 0; i < step->nr_drawing; i++)
		report_line("%*s%s", INDENT, "", step->drawing[i]);
}

/*
 * Show the rules of a step, each once in an experiment; if the step is broken, where they can be
 * read.
 */
static void view_rules(bool where)
{
	static char told[8][2 * TEXT];
	static unsigned int number;

	for (size_t i = 0; i < step->nr_lines; i++) {
		const struct line *line = &step->lines[i];
		bool known = !line->rule[0];

		for (size_t j = 0; j < ARRAY_SIZE(told) && !known; j++)
			known = told_above && !strcmp(told[j], line->rule);
		if (!known) {
			report_paragraph(PAINT_DIM, INDENT, line->rule);
			strcpy(told[number++ % ARRAY_SIZE(told)], line->rule);
		}
		if (where && line->rule[0])
			report_line("%*srule: %s", INDENT, "", line->where);
	}
}

static void view_records(size_t most)
{
	size_t n = step->nr_records < most ? step->nr_records : most;
	struct event_text t;

	for (size_t i = 0; i < n; i++) {
		event_text(&channel->records[i], NULL, &t);
		report_line("%*s%-11s %-21s %s", INDENT, "", t.event, t.where, t.what);
	}
	if (n < step->nr_records)
		report_line("%*sand %zu more (--json has them all)", INDENT, "",
			    step->nr_records - n);
}

static void view_broken(void)
{
	for (size_t i = 0; i < step->nr_lines; i++) {
		const struct line *line = &step->lines[i];

		if (line->held)
			continue;
		report_painted(PAINT_BAD, "%*sbroken: %s", INDENT, "", line->predicted[0] ?
			       line->predicted : "nothing more");
		report_painted(PAINT_BAD, "%*sbut it was: %s", INDENT, "", line->observed);
	}
	view_rules(true);
	if (step->nr_records)
		report_line("%*sthe records of this step:", INDENT, "");
	view_records(20);
}

/**
 * view_step - show the step that is over
 */
void view_step(void)
{
	if (is_json())
		view_json_step();
	if (report_json || (view_mode == VIEW_QUIET && step->held))
		return;
	view_lines(step->held);
	quiz_compare();
	view_pictures();
	if (step->held)
		view_rules(false);
	else
		view_broken();
	for (size_t i = 0; i < step->nr_notes; i++)
		report_paragraph(PAINT_DIM, INDENT, step->notes[i]);
	if (step->held && view_mode == VIEW_VERBOSE)
		view_records(100);
	told_above = true;
	report_flush();
}

static void view_cost(void)
{
	char text[TEXT];

	if (!totals->hooks)
		return;
	snprintf(text, sizeof(text),
		 "What it cost: %lu calls of the driver's hooks, %lu of them faults; %lu splits.",
		 totals->hooks, totals->faults, totals->splits);
	report_fill(0, text);
	if (totals->given_back)
		report_line("What came back: %lu of %lu pages that the driver gave.",
			    totals->given_back, totals->touched);
}

static void view_verdict(int verdict)
{
	char left_out[40] = "", guesses[60] = "";

	if (totals->left_out)
		snprintf(left_out, sizeof(left_out), ", %u left out", totals->left_out);
	if (totals->guesses)
		snprintf(guesses, sizeof(guesses), "; you: %u%s of %u", totals->half_points / 2,
			 totals->half_points % 2 ? ".5" : "", totals->guesses);
	report_painted(verdict == EXIT_HELD ? PAINT_GOOD : PAINT_BAD,
		       "%s: %u of %u predictions%s%s", verdicts[verdict], totals->held,
		       totals->predictions, left_out, guesses);
}

/**
 * view_end - show the verdict of an experiment
 * @exp: the experiment
 * @verdict: enum mmscope_exit
 */
void view_end(const struct experiment *exp, int verdict)
{
	char see[TEXT];

	if (is_json())
		view_json_end(exp, verdict);
	if (report_json)
		return;
	if (view_mode != VIEW_QUIET) {
		report_line("%s", "");
		view_cost();
		snprintf(see, sizeof(see), "See also: mmscope explain %s; mmscope run %s",
			 exp->name, exp->see);
		report_fill(0, see);
	}
	if (verdict == EXIT_LOST)
		report_painted(PAINT_WARN, "lost: %lu records (insmod mmscope.ko events=65536)",
			       channel->lost);
	if (verdict == EXIT_SKIPPED)
		report_painted(PAINT_WARN, "skipped: %s", channel->reason);
	else
		view_verdict(verdict);
}
