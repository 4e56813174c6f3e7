/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LAB_HTML_H
#define MMSCOPE_LAB_HTML_H

#include <stdio.h>
#include "base/tool.h"

struct json_object;

void html_to(FILE *out);
void html_mark(const char *fmt, ...) __printf(1, 2);
void html_text(const char *text);
void html_paragraph(const char *class, const char *text);
const char *html_member(struct json_object *object, const char *name);
struct json_object *html_list(struct json_object *object, const char *name, size_t *n);
bool html_is(struct json_object *object, const char *name);
long html_number(struct json_object *object, const char *name);

/* This function is in lab/page_step.c. */
void page_step(struct json_object *at);

#endif
