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
 * struct watch_context - what one of several sessions knows
 * @machine: where its records come from
 * @aspaces: address spaces and VMAs
 * @symbols: code
 * @tracer: what its raw records become
 * @kept: its recording
 */
struct watch_context {
	struct machine *machine;
	struct aspaces *aspaces;
	struct symbols *symbols;
	struct tracer *tracer;
	struct kept kept;
};

static struct kept first;
struct kept *kept = &first;
static struct watch_context *selected;

/**
 * context_select - have all layers below be about a session
 * @context: of the session; NULL for what is there from the start
 */
void context_select(struct watch_context *context)
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
 * watch_select - have what is asked, set or named from now on be about one of several sessions
 * @watch: of a recording. The first time is before anything is set for it, and it begins.
 */
void watch_select(struct watch *watch)
{
	if (!watch->context) {
		watch->context = calloc(1, sizeof(*watch->context));
		if (!watch->context)
			abort();
		watch->context->machine = machine_new();
		watch->context->aspaces = aspaces_new();
		watch->context->symbols = symbols_new();
		watch->context->tracer = tracer_new();
	}
	context_select(watch->context);
}
