// SPDX-License-Identifier: GPL-2.0
/*
 * What a session knows, layer by layer. A verb that has one session does not have to care: it has
 * what is there from the start. Who reads two recordings side by side selects each before it is
 * opened; from then on its records select it, as they are handed out.
 */
#include <stdlib.h>
#include "aspace/aspaces.h"
#include "base/machine.h"
#include "session/context.h"
#include "session/kept_records.h"
#include "session/session.h"
#include "symbolize/symbols.h"
#include "tracer/context.h"

/**
 * struct session_context - what one of several sessions knows
 * @machine: where its records come from
 * @aspaces: address spaces and VMAs
 * @symbols: code
 * @tracer: what its raw records become
 * @kept: its recording
 */
struct session_context {
	struct machine *machine;
	struct aspaces *aspaces;
	struct symbols *symbols;
	struct tracer *tracer;
	struct kept kept;
};

static struct kept first;
struct kept *kept = &first;
static struct session_context *selected;

/**
 * context_select - have all layers below be about a session
 * @context: of the session; NULL for what is there from the start
 */
void context_select(struct session_context *context)
{
	if (context == selected)
		return;
	selected = context;
	machine_select(context ? context->machine : NULL);
	aspaces_select(context ? context->aspaces : NULL);
	symbols_select(context ? context->symbols : NULL);
	tracer_select(context ? context->tracer : NULL);
	kept = context ? &context->kept : &first;
}

/**
 * session_select - have what is asked, set or named from now on be about one of several sessions
 * @session: of a recording. The first time is before anything is set for it, and it begins.
 */
void session_select(struct session *session)
{
	if (!session->context) {
		session->context = calloc(1, sizeof(*session->context));
		if (!session->context)
			abort();
		session->context->machine = machine_new();
		session->context->aspaces = aspaces_new();
		session->context->symbols = symbols_new();
		session->context->tracer = tracer_new();
	}
	context_select(session->context);
}
