// SPDX-License-Identifier: GPL-2.0
/*
 * A step of an experiment on an HTML page: predictions beside observations, memory after the step,
 * and the records.
 */
#include <json-c/json.h>
#include <string.h>
#include "base/utf8.h"
#include "lab/html.h"
#include "lab/page.h"

/* The class of a character of a picture; lab/picture.c draws them. */
static const char *kind_of(char c)
{
	switch (c) {
	case '#':
		return "present";
	case '+':
		return "some";
	case 'z':
		return "zero";
	case 'c':
		return "copy";
	case 's':
		return "swap";
	case 'g':
		return "guard";
	case '.':
		return "promised";
	}
	return "none";
}

/* Write a picture. Characters stay, for readers without colours and for printing. */
static void add_picture(const char *picture)
{
	html_mark("<code class=\"pages\">");
	while (*picture) {
		char one[2] = { *picture, 0 }, run[200];
		size_t n = strspn(picture, one), whole = utf8_length(picture);

		if (n >= sizeof(run))
			n = sizeof(run) - 1;
		if (whole > 1)
			n = whole;
		snprintf(run, sizeof(run), "%.*s", (int)n, picture);
		html_mark("<span class=\"%s\">", kind_of(*picture));
		html_text(run);
		html_mark("</span>");
		picture += n;
	}
	html_mark("</code>");
}

static void add_region(struct json_object *region, bool several)
{
	const char *name = html_member(region, "name");
	const char *picture = html_member(region, "picture");

	if (several && !*name && !picture[strspn(picture, " ")])
		return;
	html_mark("<div class=\"region\">");
	if (*name) {
		html_mark("<b>");
		html_text(name);
		html_mark("</b> ");
	}
	add_picture(picture);
	html_mark(" <span class=\"dim\">");
	html_text(html_member(region, "vmas"));
	html_mark("</span></div>\n");
}

static void add_line(struct json_object *line)
{
	bool held = html_is(line, "held");
	const char *predicted = html_member(line, "predicted");
	const char *observed = html_member(line, "observed");

	html_mark("<tr%s><td>", held ? "" : " class=\"broken\"");
	html_text(*predicted ? predicted : "nothing more");
	html_mark("</td><td>");
	if (held && !strcmp(predicted, observed))
		html_mark("<span class=\"dim\">as predicted</span>");
	else
		html_text(observed);
	html_mark("</td><td class=\"%s\">%s</td></tr>\n", held ? "good" : "bad",
		  held ? "\xe2\x9c\x93 held" : "\xe2\x9c\x97 differs");
}

static void add_lines(struct json_object *step)
{
	size_t n;
	struct json_object *lines = html_list(step, "lines", &n);

	if (!n)
		return;
	html_mark("<table>\n<thead><tr><th>predicted</th><th>observed</th><th></th></tr></thead>\n"
		  "<tbody>\n");
	for (size_t i = 0; i < n; i++)
		add_line(json_object_array_get_idx(lines, i));
	html_mark("</tbody></table>\n");
}

/* Write the rules that predictions rest on. Lines with the same rule in a row share it. */
static void add_rules(struct json_object *step)
{
	const char *told = "";
	size_t n;
	struct json_object *lines = html_list(step, "lines", &n);

	for (size_t i = 0; i < n; i++) {
		struct json_object *line = json_object_array_get_idx(lines, i);
		const char *rule = html_member(line, "rule");

		if (!*rule || !strcmp(rule, told))
			continue;
		told = rule;
		html_mark("<p class=\"rule\">");
		html_text(rule);
		html_mark(" <span class=\"dim\">(");
		html_text(html_member(line, "where"));
		html_mark(")</span></p>\n");
	}
}

static void add_texts(struct json_object *step, const char *name, const char *class)
{
	size_t n;
	struct json_object *list = html_list(step, name, &n);

	for (size_t i = 0; i < n; i++)
		html_paragraph(class, json_object_get_string(json_object_array_get_idx(list, i)));
}

static void add_drawing(struct json_object *step)
{
	size_t n;
	struct json_object *list = html_list(step, "drawing", &n);

	if (!n)
		return;
	html_mark("<pre>");
	for (size_t i = 0; i < n; i++) {
		html_text(json_object_get_string(json_object_array_get_idx(list, i)));
		html_mark("\n");
	}
	html_mark("</pre>\n");
}

/* Write what a record is about: a range, or an address. */
static void add_place(struct json_object *record)
{
	bool range = json_object_object_get_ex(record, "start", NULL);

	if (range)
		html_mark("%lx-%lx", html_number(record, "start"), html_number(record, "end"));
	else if (json_object_object_get_ex(record, "addr", NULL))
		html_mark("%lx", html_number(record, "addr"));
}

static void add_record(struct json_object *record)
{
	const char *call = html_member(record, "syscall");
	bool fault = json_object_object_get_ex(record, "npages", NULL);

	html_mark("<tr><td>");
	html_text(html_member(record, "event"));
	html_mark("</td><td><code>");
	add_place(record);
	html_mark("</code></td><td>#%ld</td><td>", html_number(record, "vma"));
	html_text(*call ? call : html_number(record, "cause") == -1 ? "user" : "");
	html_mark("</td><td>%ld</td></tr>\n", html_number(record, fault ? "npages" : "pages"));
}

static void add_records(struct json_object *step)
{
	size_t n;
	struct json_object *list = html_list(step, "records", &n);
	long all = html_number(step, PAGE_RECORDS);

	if (!n)
		return;
	html_mark("<details><summary>%ld %s</summary>\n<table>\n<thead><tr><th>event</th>"
		  "<th>range or address</th><th>VMA</th><th>by</th><th>pages</th></tr></thead>\n"
		  "<tbody>\n", all, all == 1 ? "record" : "records");
	for (size_t i = 0; i < n; i++)
		add_record(json_object_array_get_idx(list, i));
	html_mark("</tbody></table>\n");
	if ((size_t)all > n)
		html_mark("<p class=\"dim\">and %ld more: mmscope run --json has them all</p>\n",
			  all - (long)n);
	html_mark("</details>\n");
}

/**
 * page_step - write a step
 * @at: the step, an object of lab/view_json.c
 */
void page_step(struct json_object *at)
{
	size_t n;
	struct json_object *regions;

	html_mark("<section class=\"step\">\n<h4><span class=\"number\">%ld</span> ",
		  html_number(at, "step"));
	html_text(html_member(at, "what"));
	html_mark("</h4>\n");
	add_lines(at);
	regions = html_list(at, "regions", &n);
	for (size_t i = 0; i < n; i++)
		add_region(json_object_array_get_idx(regions, i), n > 1);
	add_drawing(at);
	add_rules(at);
	add_texts(at, "notes", "note");
	add_records(at);
	html_mark("</section>\n");
}
