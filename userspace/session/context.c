// SPDX-License-Identifier: GPL-2.0
/*
 * What a session knows, in an object for each layer. A verb with one session uses those that exist
 * from the start. A verb that reads two recordings side by side selects each session before it is
 * opened; later session_next() selects it.
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
 * @machine: machine that its records come from
 * @aspaces: address spaces and VMAs
 * @symbols: code of the processes
 * @tracer: what is made of its raw records
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
 * context_select - let all layers below work for a session
 * @context: of the session; NULL for the objects that exist from the start
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
 * session_select - let all that is asked or set from now on be about one of several sessions
 * @session: of a recording. It is selected for the first time before it begins.
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
