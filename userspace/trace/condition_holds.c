// SPDX-License-Identifier: GPL-2.0
/*
 * Tests records by a condition.
 */
#include <stdlib.h>
#include <string.h>
#include "record/record.h"
#include "record/text.h"
#include "trace/condition.h"

#define SECOND_NS	1000000000ULL

/* Does a record tell that memory ran out: for a fault, or so that the OOM killer took pages? */
static bool is_oom(const struct mmscope_event *e)
{
	if (e->type == RECORD_RSS)
		return e->aux == RECORD_RSS_OOM;
	if (e->type != MMSCOPE_FAULT || !(e->flags & RECORD_F_WHOLE))
		return false;
	return e->flags & MMSCOPE_F_ERROR && REFUSAL_ERROR(record_error(e)) == RECORD_OOM;
}

/*
 * Does a record pass the filter? Losses, which a trace always shows, do not unless they are named.
 */
static bool passes(const struct condition *c, const struct mmscope_event *e)
{
	struct filter rest = c->filter;

	if (c->oom && is_oom(e))
		rest.by_type = false;
	else if ((e->type == MMSCOPE_LOST || e->type == RECORD_ANEW) &&
		 !filter_asks_for(&rest, e->type))
		return false;
	return filter_wants(&rest, e);
}

static bool is_in_call(const struct condition *c, const struct mmscope_event *e)
{
	const char *name;

	if (!c->nr_calls)
		return true;
	if (e->type == MMSCOPE_NAME || e->type == MMSCOPE_LOST)
		return false;
	name = cause_name(e->cause);
	for (size_t i = 0; name && i < c->nr_calls; i++)
		if (!strcmp(name, c->calls[i]))
			return true;
	return false;
}

static bool has_error(const struct condition *c, const struct mmscope_event *e)
{
	unsigned int error = FAILURE_ERROR(e->aux);

	return e->type == RECORD_FAILED && error < 256 && c->errnos[error / 64] >> error % 64 & 1;
}

/*
 * The pages of a record. Some records have another number there, and of some pages are not counted.
 */
static bool pages_of(const struct mmscope_event *e, __u64 *value)
{
	if (record_of_page(e->type)) {
		*value = e->npages;
		return e->type != MMSCOPE_ACCESS && e->type != RECORD_QUERY &&
		       !(e->flags & MMSCOPE_F_ERROR);
	}
	*value = e->pages;
	return e->type != MMSCOPE_NAME && e->type != MMSCOPE_LOST && e->type != RECORD_APART &&
	       e->type != RECORD_FAILED && e->pages != MMSCOPE_PAGES_UNKNOWN;
}

static bool has_range(__u8 type)
{
	return (record_structural(type) || type == RECORD_RSS || type == RECORD_FAILED) &&
	       type != MMSCOPE_END && type != RECORD_EXEC && type != RECORD_ANEW;
}

static bool value_of(enum condition_figure figure, const struct mmscope_event *e, __u64 *value)
{
	switch (figure) {
	case FIGURE_PAGES:
		return pages_of(e, value);
	case FIGURE_LENGTH:
		*value = e->end - e->start;
		return has_range(e->type) && e->end >= e->start;
	default:
		*value = e->ns;
		return e->ns;
	}
}

static bool keeps(const struct condition_limit *limit, const struct mmscope_event *e)
{
	__u64 value;

	if (!value_of(limit->figure, e, &value))
		return false;
	if (value == limit->value)
		return strchr(limit->compare, '=');
	return *limit->compare == (value < limit->value ? '<' : '>');
}

/* Were there more than c->rate records within a second, with this one? */
static bool is_often(struct condition *c, __u64 now)
{
	__u64 *oldest = &c->times[c->nr_times % c->rate];
	bool often = c->nr_times >= c->rate && now < *oldest + SECOND_NS;

	*oldest = now;
	c->nr_times++;
	return often;
}

/**
 * condition_holds - does a record satisfy a condition?
 * @condition: from condition_parse(); with a rate it remembers the time of the record
 * @e: the record as it is read
 */
bool condition_holds(struct condition *condition, const struct mmscope_event *e)
{
	/*
	 * Higher types are of raw records, as a copy of a stack: they tell of nothing that
	 * happened.
	 */
	if (e->type >= RECORD_TYPES || !passes(condition, e))
		return false;
	if (condition->faults && !record_of_page(e->type) && !(condition->oom && is_oom(e)))
		return false;
	if (condition->failed && !has_error(condition, e))
		return false;
	if (!is_in_call(condition, e))
		return false;
	for (size_t i = 0; i < condition->nr_limits; i++)
		if (!keeps(&condition->limits[i], e))
			return false;
	return !condition->rate || is_often(condition, e->time_ns);
}

/**
 * condition_free - free what a condition owns
 * @condition: from condition_parse()
 */
void condition_free(struct condition *condition)
{
	free(condition->times);
	condition->times = NULL;
}
