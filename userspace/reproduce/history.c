// SPDX-License-Identifier: GPL-2.0
/*
 * Steps of address spaces, and which of them are wanted.
 */
#include <stdlib.h>
#include "reproduce/backing.h"
#include "reproduce/history.h"

/**
 * history_family - an address space
 * @history: of all
 * @mm: its id
 *
 * Return: it, made if it was not known; valid until the next call
 */
struct family *history_family(struct history *history, __u32 mm)
{
	struct family *family;

	for (size_t i = history->nr_families; i-- > 0;)
		if (history->families[i].mm == mm)
			return &history->families[i];
	history->families = realloc(history->families,
				    (history->nr_families + 1) * sizeof(*history->families));
	if (!history->families)
		abort();
	family = &history->families[history->nr_families++];
	*family = (struct family){ .mm = mm, .actor = -1, .ready = true };
	return family;
}

/**
 * history_add - one more step
 * @history: becomes longer
 * @kind: of the step
 * @raw: tells of it
 *
 * Return: it, to be completed; valid until the next call
 */
struct step *history_add(struct history *history, enum step_kind kind,
			 const struct mmscope_event *raw)
{
	struct step *step;

	if (history->nr == history->room) {
		history->room = 2 * history->room + 256;
		history->steps = realloc(history->steps,
					 history->room * sizeof(*history->steps));
		if (!history->steps)
			abort();
	}
	step = &history->steps[history->nr++];
	*step = (struct step){
		.kind = kind, .mm = raw->mm, .tid = raw->tid, .time_ns = raw->time_ns,
	};
	return step;
}

/**
 * history_last - the address space that the first process had last
 * @history: of all
 *
 * Return: 0 where there is none
 */
__u32 history_last(const struct history *history)
{
	__u32 tgid = 0, mm = 0;

	for (size_t i = 0; i < history->nr_families; i++) {
		const struct family *family = &history->families[i];

		if (!tgid)
			tgid = family->tgid;
		if (tgid && family->tgid == tgid)
			mm = family->mm;
	}
	return mm;
}

static struct family *known(const struct history *history, __u32 mm)
{
	for (size_t i = 0; i < history->nr_families; i++)
		if (history->families[i].mm == mm)
			return &history->families[i];
	return NULL;
}

static bool descends(const struct history *history, const struct family *family, __u32 from)
{
	for (size_t n = 0; family && n <= history->nr_families; n++) {
		if (family->mm == from)
			return true;
		family = known(history, family->parent);
	}
	return false;
}

/**
 * history_choose - whose steps are wanted: an address space's, of those that it was forked from,
 *	and those that were forked from it
 * @history: of all
 * @mm: it
 *
 * Return: false where there is none
 */
bool history_choose(struct history *history, __u32 mm)
{
	struct family *chosen = known(history, mm);
	int actor = 0;

	if (!chosen)
		return false;
	for (size_t i = 0; i < history->nr_families; i++) {
		struct family *family = &history->families[i];

		if (descends(history, family, mm) || descends(history, chosen, family->mm))
			family->actor = actor++;
	}
	return true;
}

/**
 * history_free - forget all
 * @history: of all
 */
void history_free(struct history *history)
{
	for (size_t i = 0; i < history->nr; i++)
		free(history->steps[i].name);
	free(history->steps);
	free(history->families);
	backing_free();
}
