// SPDX-License-Identifier: GPL-2.0
/*
 * Experiments and their results as an HTML page: one file without scripts, which needs no other
 * file and no network. It is made of the objects of lab/view_json.c.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "lab/experiment.h"
#include "lab/html.h"
#include "lab/page.h"
#include "lab/page.skel.h"

/**
 * struct page_run - an experiment that was run
 * @run: its results, an object of lab/view_json.c
 * @exp: the experiment, for its lesson; or NULL
 */
struct page_run {
	struct json_object *run;
	const struct experiment *exp;
};

static struct page_run *runs;
static size_t nr_runs;

/*
 * Drop all but the first records of a step. There may be thousands, which nobody reads on a page.
 */
static void leave_out_records(struct json_object *step)
{
	size_t n;
	struct json_object *records = html_list(step, "records", &n);

	if (!json_object_is_type(step, json_type_object))
		return;
	json_object_object_add(step, PAGE_RECORDS, json_object_new_int64(n));
	if (n > PAGE_RECORDS_MOST)
		json_object_array_del_idx(records, PAGE_RECORDS_MOST, n - PAGE_RECORDS_MOST);
}

/**
 * page_add - add an experiment that was run to the page
 * @run: object of lab/view_json.c; is changed, and kept until page_write()
 * @exp: the experiment, for its lesson; or NULL
 */
void page_add(struct json_object *run, const struct experiment *exp)
{
	size_t n;
	struct json_object *steps = html_list(run, "steps", &n);

	for (size_t i = 0; i < n; i++)
		leave_out_records(json_object_array_get_idx(steps, i));
	runs = realloc(runs, (nr_runs + 1) * sizeof(*runs));
	if (!runs)
		abort();
	runs[nr_runs++] = (struct page_run){ json_object_get(run), exp };
}

static const char *class_of(const char *verdict)
{
	return !strcmp(verdict, "held") ? "good" : !strcmp(verdict, "failed") ? "bad" : "other";
}

static void add_verdict(struct json_object *run)
{
	const char *verdict = html_member(run, "verdict");

	html_mark("<span class=\"verdict %s\">", class_of(verdict));
	html_text(verdict);
	if (strcmp(verdict, "skipped"))
		html_mark(": %ld of %ld predictions", html_number(run, "held"),
			  html_number(run, "predictions"));
	html_mark("</span>");
}

/* Write a list of all experiments, with a heading for each group. */
static void add_contents(void)
{
	const char *group = "";

	html_mark("<nav>\n<table>\n");
	for (size_t i = 0; i < nr_runs; i++) {
		struct json_object *run = runs[i].run;

		if (strcmp(group, html_member(run, "group"))) {
			group = html_member(run, "group");
			html_mark("<tr><th colspan=\"3\">");
			html_text(group);
			html_mark("</th></tr>\n");
		}
		html_mark("<tr><td><a href=\"#run-%zu\">", i + 1);
		html_text(html_member(run, "experiment"));
		html_mark("</a></td><td>");
		html_text(html_member(run, "question"));
		html_mark("</td><td>");
		add_verdict(run);
		html_mark("</td></tr>\n");
	}
	html_mark("</table>\n</nav>\n");
}

static void add_part_of_lesson(const char *heading, const char *text, bool is_long)
{
	if (!text)
		return;
	html_mark("<div%s>\n<h3>%s</h3>\n", is_long ? " class=\"long\"" : "", heading);
	html_paragraph(NULL, text);
	html_mark("</div>\n");
}

static void add_lesson(const struct experiment *exp)
{
	html_mark("<div class=\"lesson\">\n");
	add_part_of_lesson("The textbook", exp->textbook, false);
	add_part_of_lesson("What to look at", exp->look, false);
	add_part_of_lesson("The kernel", exp->kernel, true);
	html_mark("</div>\n");
}

/* Has a run pictures of regions, whose characters have to be explained? */
static bool has_pictures(struct json_object *run)
{
	size_t n, regions;
	struct json_object *steps = html_list(run, "steps", &n);

	for (size_t i = 0; i < n; i++) {
		html_list(json_object_array_get_idx(steps, i), "regions", &regions);
		if (regions)
			return true;
	}
	return false;
}

static void add_legend(struct json_object *run)
{
	static const struct {
		char mark;
		const char *class;
		const char *what;
	} all[] = {
		{ '#', "present", "present" }, { '.', "promised", "promised" },
		{ 'z', "zero", "the zero page" }, { 'c', "copy", "a private copy" },
		{ '+', "some", "some of several present" }, { 's', "swap", "in swap" },
		{ 'g', "guard", "a guard" },
	};

	if (!has_pictures(run))
		return;
	html_mark("<p class=\"legend\">");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		html_mark("<code class=\"pages\"><span class=\"%s\">%c</span></code> %s; ",
			  all[i].class, all[i].mark, all[i].what);
	html_mark("blank: not mapped</p>\n");
}

static void add_steps(struct json_object *run)
{
	const char *part = "";
	size_t n;
	struct json_object *steps = html_list(run, "steps", &n);

	for (size_t i = 0; i < n; i++) {
		struct json_object *step = json_object_array_get_idx(steps, i);

		if (strcmp(part, html_member(step, "part"))) {
			part = html_member(step, "part");
			html_mark("<h3>");
			html_text(part);
			html_mark("</h3>\n");
		}
		page_step(step);
	}
}

static void add_left_out(struct json_object *run)
{
	size_t n;
	struct json_object *list = html_list(run, "left_out", &n);

	for (size_t i = 0; i < n; i++) {
		html_mark("<p class=\"warn\">Left out: ");
		html_text(json_object_get_string(json_object_array_get_idx(list, i)));
		html_mark("</p>\n");
	}
	if (*html_member(run, "reason")) {
		html_mark("<p class=\"warn\">Skipped: ");
		html_text(html_member(run, "reason"));
		html_mark("</p>\n");
	}
}

static void add_cost(struct json_object *run)
{
	if (!html_number(run, "hooks"))
		return;
	html_mark("<p class=\"dim\">What it cost: ");
	html_mark("%ld calls of the driver's hooks, %ld of them faults; ",
		  html_number(run, "hooks"), html_number(run, "faults"));
	html_mark("%ld splits. What came back: %ld of %ld pages that the driver gave.</p>\n",
		  html_number(run, "splits"), html_number(run, "given_back"),
		  html_number(run, "touched"));
}

static void add_next(const struct experiment *exp)
{
	if (exp->next) {
		html_mark("<p><b>Next:</b> ");
		html_text(exp->next);
		html_mark("</p>\n");
	}
	if (exp->see) {
		html_mark("<p class=\"dim\">See also: ");
		html_text(exp->see);
		html_mark("</p>\n");
	}
}

static void add_run(const struct page_run *of, size_t number)
{
	struct json_object *run = of->run;

	html_mark("<article id=\"run-%zu\">\n<h2>", number);
	html_text(html_member(run, "experiment"));
	html_mark(" <span class=\"question\">");
	html_text(html_member(run, "question"));
	html_mark("</span></h2>\n<p>");
	add_verdict(run);
	html_mark("</p>\n");
	if (of->exp)
		add_lesson(of->exp);
	add_legend(run);
	add_steps(run);
	add_left_out(run);
	add_cost(run);
	if (of->exp)
		add_next(of->exp);
	html_mark("</article>\n");
}

/* Write what the results depend on, which is the same for all experiments. */
static void add_system(struct json_object *run)
{
	html_mark("<p class=\"dim\">Linux ");
	html_text(html_member(run, "kernel"));
	html_mark(", glibc ");
	html_text(html_member(run, "glibc"));
	html_mark(", pages of %ld bytes, %s per-VMA locks. Made by mmscope %s: ",
		  html_number(run, "page_size"), html_is(run, "vma_lock") ? "with" : "without",
		  MMSCOPE_VERSION);
	html_text("each step says what the kernel will do, then makes it do it, and is judged.");
	html_mark("</p>\n");
}

static void add_title(void)
{
	if (nr_runs != 1) {
		html_text("Experiments with memory");
		return;
	}
	html_text(html_member(runs[0].run, "experiment"));
	html_text(": ");
	html_text(html_member(runs[0].run, "question"));
}

/**
 * page_write - write the page, and free what was added
 * @out: stream to write to; the caller looks whether writing has failed
 */
void page_write(FILE *out)
{
	html_to(out);
	fwrite(lab_page_head, 1, sizeof(lab_page_head) - 1, out);
	html_mark("<title>");
	add_title();
	html_mark("</title>\n</head>\n<body>\n<h1>");
	add_title();
	html_mark("</h1>\n");
	if (nr_runs)
		add_system(runs[0].run);
	if (nr_runs > 1)
		add_contents();
	for (size_t i = 0; i < nr_runs; i++)
		add_run(&runs[i], i + 1);
	html_mark("</body>\n</html>\n");
	for (size_t i = 0; i < nr_runs; i++)
		json_object_put(runs[i].run);
	free(runs);
	runs = NULL;
	nr_runs = 0;
}
