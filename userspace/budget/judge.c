// SPDX-License-Identifier: GPL-2.0
/*
 * Is a budget kept? A line of TAP, or a member of an object, for each limit. What was lost may only
 * make a count larger: a limit that is exceeded is exceeded all the same, and one that seems kept
 * was not judged.
 */
#include <stdio.h>
#include <string.h>
#include "base/tool.h"
#include "budget/budget.h"
#include "figures/figures.h"
#include "term/plain_text.h"
#include "term/print.h"
#include "tracer/shortage.h"

enum verdict {
	VERDICT_HELD,
	VERDICT_FAILED,
	VERDICT_LOST,
	VERDICT_UNKNOWN,
};

/**
 * struct measured - a limit, and what was measured
 * @limit: the limit
 * @value: the figure
 * @unknown: faults that may be in the place, too
 * @verdict: on it
 */
struct measured {
	const struct limit *limit;
	__u64 value;
	__u64 unknown;
	enum verdict verdict;
};

static bool compare(enum compare how, __u64 value, __u64 limit)
{
	switch (how) {
	case COMPARE_LE:
		return value <= limit;
	case COMPARE_LT:
		return value < limit;
	case COMPARE_GE:
		return value >= limit;
	case COMPARE_GT:
		return value > limit;
	case COMPARE_EQ:
		return value == limit;
	}
	return false;
}

/* Could nothing that was lost change the verdict? Times of some say nothing of those of all. */
static bool is_certain(const struct measured *m, bool held)
{
	const struct limit *limit = m->limit;

	if (limit->percent)
		return false;
	if (limit->compare == COMPARE_EQ)
		return !held && m->value > limit->value;
	return held == (limit->compare == COMPARE_GE || limit->compare == COMPARE_GT);
}

static bool is_rss(const struct limit *limit)
{
	return limit->kind->unit == UNIT_BYTES;
}

static void judge(struct measured *m, bool lost)
{
	const struct limit *limit = m->limit;
	bool held;

	if (limit->place)
		m->value = spot_faults(limit->place, limit->class, &m->unknown);
	else
		m->value = limit->kind->value(limit->class, limit->percent);
	held = compare(limit->compare, m->value, limit->value);
	m->verdict = held ? VERDICT_HELD : VERDICT_FAILED;
	if (m->unknown && compare(limit->compare, m->value + m->unknown, limit->value) != held)
		m->verdict = VERDICT_UNKNOWN;
	if (lost && !is_certain(m, held))
		m->verdict = VERDICT_LOST;
	/* Pages that nobody told of may have come or gone. */
	if (is_rss(limit) && !figures_all()->rss_known)
		m->verdict = VERDICT_LOST;
}

/* In TAP a # begins a directive. */
static void limit_text(const struct limit *limit, char *buf, size_t size)
{
	char plain[512];
	size_t n = 0;

	plain_text(plain, sizeof(plain), limit->text);
	for (const char *at = plain; *at && n + 2 < size; at++) {
		if (*at == '#')
			buf[n++] = '\\';
		buf[n++] = *at;
	}
	buf[n] = '\0';
}

static void show(const struct measured *m, size_t number)
{
	char text[600], value[64];

	limit_text(m->limit, text, sizeof(text));
	kinds_value_text(m->limit->kind->unit, m->value, value, sizeof(value));
	switch (m->verdict) {
	case VERDICT_HELD:
		report_painted(PAINT_GOOD, "ok %zu - %s (%s)", number, text, value);
		break;
	case VERDICT_FAILED:
		report_painted(PAINT_BAD, "not ok %zu - %s (%s)", number, text, value);
		break;
	case VERDICT_LOST:
		report_painted(PAINT_WARN, "ok %zu - %s (%s) # SKIP not judged: something was lost",
			       number, text, value);
		break;
	case VERDICT_UNKNOWN:
		report_painted(PAINT_WARN, "ok %zu - %s (%s) # SKIP not judged: no such place",
			       number, text, value);
		report_line("# %llu faults are in code without symbols or lines, and may be there",
			    m->unknown);
		break;
	}
}

static struct json_object *json_limit(const struct measured *m)
{
	static const char *const words[] = {
		[VERDICT_HELD] = "held", [VERDICT_FAILED] = "failed", [VERDICT_LOST] = "lost",
		[VERDICT_UNKNOWN] = "unknown",
	};
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "line", json_object_new_uint64(m->limit->line));
	json_object_object_add(o, "limit", json_object_new_string(m->limit->text));
	json_object_object_add(o, "value", json_object_new_uint64(m->limit->value));
	json_object_object_add(o, "measured", json_object_new_uint64(m->value));
	json_object_object_add(o, "unknown", json_object_new_uint64(m->unknown));
	json_object_object_add(o, "verdict", json_object_new_string(words[m->verdict]));
	return o;
}

static void conclude(const struct budget *budget, struct json_object *limits,
		     const size_t verdicts[])
{
	struct json_object *o;

	if (!report_json) {
		report_line("# %zu of %zu limits held, %zu failed, %zu not judged",
			    verdicts[VERDICT_HELD], budget->nr, verdicts[VERDICT_FAILED],
			    verdicts[VERDICT_LOST] + verdicts[VERDICT_UNKNOWN]);
		return;
	}
	o = report_object();
	json_object_object_add(o, "event", json_object_new_string("budget"));
	json_object_object_add(o, "budget", json_object_new_string(budget->path));
	json_object_object_add(o, "limits", limits);
	json_object_object_add(o, "held", json_object_new_uint64(verdicts[VERDICT_HELD]));
	json_object_object_add(o, "failed", json_object_new_uint64(verdicts[VERDICT_FAILED]));
	json_object_object_add(o, "lost", json_object_new_uint64(verdicts[VERDICT_LOST]));
	json_object_object_add(o, "unknown", json_object_new_uint64(verdicts[VERDICT_UNKNOWN]));
	json_object_object_add(o, "short", shortage_json());
	report_object_print(o);
}

/**
 * budget_judge - say of each limit whether it was kept
 * @budget: the limits
 * @lost: something was lost, so that figures may be too small
 *
 * Return: an exit code: EXIT_BROKEN if one failed; else EXIT_LOST, or EXIT_SKIPPED where a place
 *	was not found
 */
int budget_judge(const struct budget *budget, bool lost)
{
	struct json_object *limits = report_json ? json_object_new_array() : NULL;
	size_t verdicts[4] = { 0 };

	if (!report_json) {
		report_line("TAP version 13");
		report_line("1..%zu", budget->nr);
	}
	for (size_t i = 0; i < budget->nr; i++) {
		struct measured m = { .limit = &budget->limits[i] };

		judge(&m, lost);
		verdicts[m.verdict]++;
		if (report_json)
			json_object_array_add(limits, json_limit(&m));
		else
			show(&m, i + 1);
	}
	conclude(budget, limits, verdicts);
	if (verdicts[VERDICT_FAILED])
		return EXIT_BROKEN;
	if (lost || verdicts[VERDICT_LOST])
		return EXIT_LOST;
	return verdicts[VERDICT_UNKNOWN] ? EXIT_SKIPPED : EXIT_HELD;
}
