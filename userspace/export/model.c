// SPDX-License-Identifier: GPL-2.0
/*
 * One pass over a recording, for all formats that are no stream of records.
 */
#include <stdio.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/table.h"
#include "export/callers.h"
#include "export/code.h"
#include "export/export.h"
#include "export/model.h"
#include "export/text.h"
#include "record/record.h"
#include "record/text.h"
#include "term/print.h"
#include "trace/context.h"

static struct model model;

static void add_fault(const struct mmscope_event *e)
{
	bool refused = e->flags & MMSCOPE_F_ERROR;
	struct model_vma *vma = e->vma ? model_vma_find(&model, e->vma) : NULL;
	struct model_fault *fault;

	model.faults = table_grow(model.faults, model.nr_faults, sizeof(*model.faults));
	fault = &model.faults[model.nr_faults++];
	*fault = (struct model_fault){
		.time_ns = e->time_ns,
		.addr = e->addr,
		.ip = e->ip,
		.ns = e->ns,
		.pages = refused ? 0 : e->npages,
		.mm = e->mm,
		.vma = e->vma,
		.tid = e->tid,
		.flags = e->flags,
		.error = refused ? record_error(e) : 0,
		.callers = callers_of(e),
		.cause = e->cause,
		.cpu = e->cpu,
	};
	if (vma) {
		vma->faults++;
		vma->pages += fault->pages;
	}
}

/* The words are those of the column "what" of trace. */
static void add_call(const struct mmscope_event *e)
{
	static struct event_text text;

	text.used = 0;
	text.what[0] = '\0';
	event_text(e, about(e), &text);
	model.calls = table_grow(model.calls, model.nr_calls, sizeof(*model.calls));
	model.calls[model.nr_calls++] = (struct model_call){ *e, text_keep(text.what) };
}

static void add_rss(struct model_mm *id, __u64 now)
{
	static const struct mm none;
	const struct mm *mm = mm_get(id->id);

	if (!mm)
		mm = &none;
	if (!memcmp(id->rss, mm->rss, sizeof(id->rss)))
		return;
	memcpy(id->rss, mm->rss, sizeof(id->rss));
	model.rss = table_grow(model.rss, model.nr_rss, sizeof(*model.rss));
	model.rss[model.nr_rss] = (struct model_rss){ .time_ns = now, .mm = id->id };
	memcpy(model.rss[model.nr_rss++].pages, id->rss, sizeof(id->rss));
}

static void add_loss(const struct mmscope_event *e)
{
	model.losses = table_grow(model.losses, model.nr_losses, sizeof(*model.losses));
	model.losses[model.nr_losses++] = (struct model_loss){ e->time_ns, e->count };
}

static void take_mm(const struct mmscope_event *e)
{
	struct model_mm *mm = model_mm_get(&model, e->mm, e->time_ns);
	char comm[sizeof(e->text) + 1];

	add_rss(mm, e->time_ns);
	if (e->type == MMSCOPE_END)
		mm->to = e->time_ns;
	if (e->type != MMSCOPE_NAME)
		return;
	snprintf(comm, sizeof(comm), "%.*s", (int)sizeof(e->text), e->text);
	mm->comm = text_keep(comm);
	mm->tgid = e->tgid;
	mm->parent = e->parent_mm;
}

static void each(const struct mmscope_event *e, void *arg)
{
	if (!(e->flags & RECORD_F_WHOLE)) {
		model.device++;
		return;
	}
	/* A copy of a stack is no record of what happened. */
	if (e->type >= RAW_MM)
		return;
	if (!model.first || e->time_ns < model.first)
		model.first = e->time_ns;
	if (e->time_ns > model.last)
		model.last = e->time_ns;
	ranges_note(&model, e);
	if (e->type == MMSCOPE_LOST)
		add_loss(e);
	if (!e->mm || e->type == MMSCOPE_LOST)
		return;
	take_mm(e);
	if (e->type == MMSCOPE_FAULT)
		add_fault(e);
	else if (e->type != MMSCOPE_NAME && e->type != RECORD_APART)
		add_call(e);
}

/**
 * model_read - read a recording
 * @session: from session_begin()
 *
 * Return: what it tells; functions of code are looked up
 */
const struct model *model_read(struct session *session)
{
	callers_begin();
	export_read(session, each, NULL);
	if (model.device)
		report_message("%llu records of the module are not in it: the format json has them",
			       model.device);
	code_look_up();
	return &model;
}
