// SPDX-License-Identifier: GPL-2.0
/*
 * Instants of a recording, which are given by time or by a record.
 */
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "record/record.h"
#include "record/text.h"
#include "session/instant.h"
#include "session/kept.h"
#include "session/session.h"

#define BILLION	1000000000ULL

/**
 * instant_time - parse a time since the first record, as mmscope trace shows it
 * @text: seconds: 1.5 or +1.5
 * @ns: becomes the time in ns
 *
 * Return: NULL, or @text where that is no time
 */
const char *instant_time(const char *text, __u64 *ns)
{
	const char *digits = text + (*text == '+');
	size_t whole = strspn(digits, "0123456789"), rest = 0;
	__u64 unit = BILLION;

	*ns = strtoull(digits, NULL, 10);
	if (whole > 9 || (!whole && digits[whole] != '.'))
		return text;
	*ns *= BILLION;
	if (digits[whole] == '.') {
		rest = strspn(digits + whole + 1, "0123456789");
		for (size_t i = 0; i < rest && unit > 1; i++) {
			unit /= 10;
			*ns += (digits[whole + 1 + i] - '0') * unit;
		}
	}
	if (digits[whole] == '.' ? !rest || digits[whole + 1 + rest] : digits[whole])
		return text;
	return NULL;
}

static bool is_event(const char *name)
{
	for (unsigned int type = 0; type < RECORD_TYPES; type++) {
		const char *known = event_name(type);

		if (known && !strcmp(known, name))
			return true;
	}
	return false;
}

/**
 * instant_parse - parse an instant
 * @instant: is filled
 * @text: "end", a time, "unmap 3", or "fault 0x7f00"
 *
 * Return: NULL, or @text where that is no instant
 */
const char *instant_parse(struct instant *instant, const char *text)
{
	size_t n = strcspn(text, " ");
	const char *number = text + n + (text[n] == ' ');
	char *end;

	memset(instant, 0, sizeof(*instant));
	if (!strcmp(text, "end"))
		return NULL;
	instant->kind = INSTANT_TIME;
	if (!instant_time(text, &instant->ns))
		return NULL;
	if (n >= sizeof(instant->type) || !*number)
		return text;
	memcpy(instant->type, text, n);
	instant->kind = strncmp(number, "0x", 2) ? INSTANT_NTH : INSTANT_AT;
	instant->n = strtoull(number, &end, 0);
	instant->addr = instant->n;
	if (*end || !is_event(instant->type) || (instant->kind == INSTANT_NTH && !instant->n))
		return text;
	return NULL;
}

static bool is_about(const struct mmscope_event *e, __u64 addr)
{
	__u64 page = proc_page_size();

	if (record_of_page(e->type))
		return e->addr / page == addr / page;
	return record_structural(e->type) && e->start <= addr && addr < e->end;
}

/**
 * instant_is - is a record the one that an instant is given by?
 * @instant: the instant; counts the records that are shown to it
 * @e: a record of the tracer, in order
 */
bool instant_is(struct instant *instant, const struct mmscope_event *e)
{
	const char *name = event_name(e->type);

	if (instant->kind < INSTANT_NTH || !name || strcmp(name, instant->type) ||
	    !(e->flags & RECORD_F_WHOLE))
		return false;
	if (instant->kind == INSTANT_AT)
		return is_about(e, instant->addr);
	return ++instant->seen == instant->n;
}

/**
 * instant_reach - read a recording up to an instant; then all layers know what was so at that time
 * @session: of the recording
 * @instant: the instant
 * @mm: becomes the address space of the record that the instant is given by; 0 where it is a time
 *
 * Return: false when there is no such record
 */
bool instant_reach(struct session *session, struct instant *instant, __u32 *mm)
{
	const struct mmscope_event *e;
	__u64 first = 0;

	*mm = 0;
	while ((e = session_next(session))) {
		if (!first && instant->kind == INSTANT_TIME) {
			kept_until(e->time_ns + instant->ns);
			kept_skip(e->time_ns + instant->ns);
		}
		first = e->time_ns;
		if (!instant_is(instant, e))
			continue;
		*mm = e->mm;
		kept_stop();
		return true;
	}
	return instant->kind < INSTANT_NTH;
}
