// SPDX-License-Identifier: GPL-2.0
/*
 * A database of SQLite: what sqlite_schema.h says. Ranges of addresses are plain integers, each
 * with an index on the address space and the first address.
 */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "export/callers.h"
#include "export/code.h"
#include "export/export.h"
#include "export/model.h"
#include "export/sqlite_schema.h"
#include "export/text.h"
#include "record/record.h"
#include "record/refusal.h"
#include "record/text.h"
#include "session/kept.h"
#include "term/print.h"
#include "tracer/shortage.h"

static struct sqlite3 *db;
static int trouble;	/* the first error */

static void note(int error)
{
	if (!trouble && error != SQLITE_OK && error != SQLITE_DONE && error != SQLITE_ROW)
		trouble = error;
}

static void run(const char *sql)
{
	if (!trouble)
		note(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (!trouble)
		note(sqlite3_prepare_v2(db, sql, -1, &statement, NULL));
	return statement;
}

/* What is in @values: i, an integer; z, one of which 0 is none; s, a text, NULL is none. */
static void insert(sqlite3_stmt *statement, const char *values, ...)
{
	const char *text;
	va_list args;
	__s64 number;

	if (trouble || !statement)
		return;
	va_start(args, values);
	for (int i = 0; values[i]; i++) {
		if (values[i] == 's') {
			text = va_arg(args, const char *);
			note(sqlite3_bind_text(statement, i + 1, text, -1, SQLITE_TRANSIENT));
			continue;
		}
		number = va_arg(args, __s64);
		if (values[i] == 'z' && !number)
			note(sqlite3_bind_null(statement, i + 1));
		else
			note(sqlite3_bind_int64(statement, i + 1, number));
	}
	va_end(args);
	note(sqlite3_step(statement));
	note(sqlite3_reset(statement));
}

#define INT(value)	((__s64)(value))

static void write_info(const struct model *model)
{
	sqlite3_stmt *to = prepare("INSERT INTO info VALUES(?, ?)");
	struct json_object *all = shortage_json();
	char name[40];

	insert(to, "si", "schema", INT(REPORT_SCHEMA));
	insert(to, "ss", "version", MMSCOPE_VERSION);
	insert(to, "ss", "command", text_keep(kept_command()));
	insert(to, "si", "page_size", INT(proc_page_size()));
	insert(to, "si", "first_ns", INT(model->first));
	insert(to, "si", "last_ns", INT(model->last));
	insert(to, "si", "module_records", INT(model->device));
	json_object_object_foreach(all, key, count) {
		snprintf(name, sizeof(name), "short_%s", key);
		insert(to, "si", name, INT(json_object_get_int64(count)));
	}
	json_object_put(all);
	sqlite3_finalize(to);
	to = prepare("INSERT INTO lost VALUES(?, ?)");
	for (size_t i = 0; i < model->nr_losses; i++)
		insert(to, "ii", INT(model->losses[i].time_ns), INT(model->losses[i].count));
	sqlite3_finalize(to);
}

static void write_mms(const struct model *model)
{
	sqlite3_stmt *to = prepare("INSERT INTO mm VALUES(?, ?, ?, ?, ?, ?)");

	for (size_t i = 0; i < model->nr_mms; i++) {
		const struct model_mm *mm = &model->mms[i];

		insert(to, "izzsiz", INT(mm->id), INT(mm->parent), INT(mm->tgid), mm->comm,
		       INT(mm->from), INT(mm->to));
	}
	sqlite3_finalize(to);
}

static void write_vmas(const struct model *model)
{
	static const struct model_range nowhere;
	sqlite3_stmt *to = prepare("INSERT INTO vma VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
				   " ?, ?, ?, ?, ?, ?)");
	char rights[5], by[64], ended[64];

	for (size_t i = 0; i < model->nr_vmas; i++) {
		const struct model_vma *vma = &model->vmas[i];
		const struct model_range *range = vma->range == MODEL_NONE ? &nowhere :
						  &model->ranges[vma->range];

		text_rights(range->rights, rights);
		cause_text(vma->birth_cause, by, sizeof(by));
		cause_text(vma->end_cause, ended, sizeof(ended));
		insert(to, "iiiissizzissizssiii", INT(vma->id), INT(vma->mm), INT(range->start),
		       INT(range->end), vma->name, rights, INT(vma->pgoff), INT(vma->parent),
		       INT(vma->heir), INT(vma->from), event_name(vma->birth), by,
		       INT(vma->birth_tid), INT(vma->to), vma->to ? event_name(vma->end) : NULL,
		       vma->to ? ended : NULL, INT(vma->end_tid), INT(vma->faults),
		       INT(vma->pages));
	}
	sqlite3_finalize(to);
}

static void write_ranges(const struct model *model)
{
	sqlite3_stmt *to = prepare("INSERT INTO range VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
	char rights[5];

	for (size_t i = 0; i < model->nr_ranges; i++) {
		const struct model_range *range = &model->ranges[i];
		const struct model_vma *vma = &model->vmas[range->vma];

		/* What was there for no time, between two records of one change, was never seen. */
		if (range->from == range->to)
			continue;
		text_rights(range->rights, rights);
		insert(to, "iiiisiiz", INT(vma->mm), INT(vma->id), INT(range->start),
		       INT(range->end), rights, INT(range->pgoff), INT(range->from),
		       INT(range->to));
	}
	sqlite3_finalize(to);
}

static void write_stacks(void)
{
	sqlite3_stmt *to = prepare("INSERT INTO stack VALUES(?, ?, ?, ?, ?, ?, ?, ?)");

	for (__u32 id = 1; id <= callers_number(); id++) {
		const struct callers *callers = callers_get(id);
		const char *end = callers_end(callers->end);

		for (size_t i = 0; i < callers->n; i++) {
			const struct code *code = code_get(callers->codes[i]);

			insert(to, "iisszsis", INT(id), INT(i), code->words, code->file,
			       INT(code->line), code->name, INT(code->offset), end);
		}
	}
	sqlite3_finalize(to);
}

static const char *access_of(const struct model_fault *fault)
{
	return fault->flags & MMSCOPE_F_WRITE ? "write" :
	       fault->flags & MMSCOPE_F_EXEC ? "fetch" : "read";
}

static void write_faults(const struct model *model)
{
	sqlite3_stmt *to = prepare("INSERT INTO fault VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
				   " ?, ?, ?, ?)");
	char by[64];

	for (size_t i = 0; i < model->nr_faults; i++) {
		const struct model_fault *fault = &model->faults[i];
		const char *class = class_name(RECORD_CLASS(fault->flags));
		bool refused = fault->flags & MMSCOPE_F_ERROR;

		cause_text(fault->cause, by, sizeof(by));
		insert(to, "iiziisizssiiissi", INT(fault->time_ns), INT(fault->mm), INT(fault->vma),
		       INT(fault->tid), INT(fault->cpu), class ? class : "unknown",
		       INT(fault->addr), INT(fault->ip), access_of(fault), by, INT(fault->pages),
		       INT(fault->ns), INT(!!(fault->flags & MMSCOPE_F_MAJOR)),
		       refused ? error_name(REFUSAL_ERROR(fault->error)) : NULL,
		       refused ? refusal_name(fault->error) : NULL, INT(fault->callers));
	}
	sqlite3_finalize(to);
}

static void write_calls(const struct model *model)
{
	sqlite3_stmt *to = prepare("INSERT INTO call VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	char by[64];

	for (size_t i = 0; i < model->nr_calls; i++) {
		const struct mmscope_event *e = &model->calls[i].e;
		/* UNMAP has something else there; of failures neither is a number of a VMA. */
		__u32 parent = e->type == MMSCOPE_UNMAP || e->type == RECORD_FAILED ||
			       e->type == RECORD_RSS ? 0 : e->parent;

		cause_text(e->cause, by, sizeof(by));
		insert(to, "iizzissiiiis", INT(e->time_ns), INT(e->mm),
		       INT(e->type == RECORD_FAILED ? 0 : e->vma), INT(parent), INT(e->tid),
		       event_name(e->type), by, INT(e->start), INT(e->end), INT(e->aux),
		       INT(e->pages == MMSCOPE_PAGES_UNKNOWN ? 0 : e->pages),
		       model->calls[i].words);
	}
	sqlite3_finalize(to);
}

static void write_rss(const struct model *model)
{
	sqlite3_stmt *to = prepare("INSERT INTO rss VALUES(?, ?, ?, ?, ?, ?, ?)");

	for (size_t i = 0; i < model->nr_rss; i++) {
		const struct model_rss *rss = &model->rss[i];

		insert(to, "iiiiiii", INT(rss->time_ns), INT(rss->mm),
		       INT(rss->pages[RAW_RSS_FILE]), INT(rss->pages[RAW_RSS_ANON]),
		       INT(rss->pages[RAW_RSS_SWAP]), INT(rss->pages[RAW_RSS_SHMEM]),
		       INT(rss->pages[RAW_RSS_HUGETLB]));
	}
	sqlite3_finalize(to);
}

static void write_all(const struct model *model)
{
	run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
	    "BEGIN;" SQLITE_TABLES);
	write_info(model);
	write_mms(model);
	write_vmas(model);
	write_ranges(model);
	write_stacks();
	write_faults(model);
	write_calls(model);
	write_rss(model);
	run(SQLITE_INDEXES SQLITE_VIEWS "COMMIT; ANALYZE;");
}

/* SQLite writes a file by its name, which a file that is open has in /proc. */
static int open_database(FILE *out)
{
	char link[40], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fileno(out));
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return report_fail(EXIT_ENVIRONMENT, link, strerror(errno), NULL);
	path[n] = '\0';
	note(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL));
	return 0;
}

/**
 * export_sqlite - write a database
 * @session: the recording
 * @out: where to, a file
 */
int export_sqlite(struct session *session, FILE *out)
{
	const struct model *model = model_read(session);
	int code = open_database(out);

	if (code)
		return code;
	write_all(model);
	note(sqlite3_close(db));
	if (!trouble)
		return EXIT_HELD;
	return report_fail(EXIT_ENVIRONMENT, "the database was not written",
			   sqlite3_errstr(trouble), "-o names another place");
}
