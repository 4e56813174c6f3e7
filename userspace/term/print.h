/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TERM_PRINT_H
#define MMSCOPE_TERM_PRINT_H

#include <json-c/json.h>
#include "base/tool.h"

/* Every object printed with --json carries "schema": this. */
#define REPORT_SCHEMA	1

/* What a word means, not what it looks like: colour only on a terminal that is not dumb. */
enum paint {
	PAINT_PLAIN,
	PAINT_GOOD,
	PAINT_WARN,
	PAINT_BAD,
	PAINT_DIM,
	PAINT_STRONG,
};

/**
 * struct report_column - one column of a table
 * @name: heading
 * @number: flush right, and a number in JSON
 * @width: exact width in characters, 0 for what the content needs
 * @json: member name in JSON, NULL where the heading serves
 */
struct report_column {
	const char *name;
	bool number;
	unsigned int width;
	const char *json;
};

struct report_table;

extern bool report_json;

void report_start(void);
int report_end(int code);
bool report_broken(void);
const char *report_escape(enum paint paint);
bool report_terminal(void);
unsigned int report_width(void);
unsigned int report_columns(void);
bool report_limited(void);
int report_room(int most);
void report_gap(void);
void report_to_errors(void);
void report_flush(void);

int report_fail(int code, const char *what, const char *why, const char *todo);
void report_message(const char *fmt, ...) __printf(1, 2);
void report_notice(const char *fmt, ...) __printf(1, 2);
void report_text(enum paint paint, const char *text, size_t n);
void report_verbatim(const char *text, size_t n);
void report_colours(const char *fmt, ...) __printf(1, 2);
void report_line(const char *fmt, ...) __printf(1, 2);
void report_painted(enum paint paint, const char *fmt, ...) __printf(2, 3);
void report_prompt(const char *fmt, ...) __printf(1, 2);
void report_fill(unsigned int indent, const char *text);
void report_paragraph(enum paint paint, unsigned int indent, const char *text);
size_t report_break(const char *text, size_t width);

struct report_table *report_table(const struct report_column *columns, size_t n, bool headings);
void report_row(struct report_table *table, const char *const *cells, const enum paint *paints);
void report_table_print(struct report_table *table, const char *name);

struct json_object *report_object(void);
void report_object_print(struct json_object *object);

#endif
