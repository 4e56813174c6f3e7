// SPDX-License-Identifier: GPL-2.0
/*
 * Compares predictions with observations, line by line, as text. An observation that nobody
 * predicted breaks the step, too.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "lab/step.h"

static struct line *surprise(void)
{
	struct line *line;

	if (step->nr_lines == MAX_LINES)
		step->nr_lines--;
	line = &step->lines[step->nr_lines++];
	memset(line, 0, sizeof(*line));
	return line;
}

static void judge_record(struct line *line, const char *told)
{
	snprintf(line->observed, TEXT, "%s%s", told, sabotaged() ? " (sabotaged)" : "");
	line->held = !strcmp(line->predicted, line->observed);
}

/*
 * Compare the expected records with those of the log, in order. Records of the log that are left
 * over become lines of their own.
 */
static void judge_records(void)
{
	size_t n = step->nr_lines, told = 0;

	for (size_t i = 0; i < n; i++) {
		if (compare_is_figure(step->lines[i].predicted))
			continue;
		mutate_line(i + 1);
		judge_record(&step->lines[i],
			     told < step_log_lines() ? step_log_line(told) : "nothing");
		told++;
	}
	while (!step->hooks && told < step_log_lines())
		snprintf(surprise()->observed, TEXT, "%s", step_log_line(told++));
}

static void judge_figures(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct line *line = &step->lines[i];

		if (!compare_is_figure(line->predicted))
			continue;
		mutate_line(i + 1);
		observe(line);
	}
}

static bool predicted(const char *name)
{
	for (size_t i = 0; i < step->nr_lines; i++)
		if (strstr(step->lines[i].predicted, name))
			return true;
	return false;
}

static void judge_outcome(void)
{
	if (outcome->error && !predicted("errno "))
		snprintf(surprise()->observed, TEXT, "errno %s", outcome_errno());
	if (outcome->sig && !predicted("signal "))
		snprintf(surprise()->observed, TEXT, "signal %s", outcome_signal());
}

static void judge_maps(void)
{
	char log[TEXT], maps[TEXT];
	struct line *line;

	if (maps_agree(log, maps, TEXT))
		return;
	line = surprise();
	snprintf(line->predicted, TEXT, "VMAs by the log: %.180s", log);
	snprintf(line->observed, TEXT, "/proc/self/maps: %.180s", maps);
}

/**
 * judge - fill the lines of the step with what was observed, and whether it was predicted
 * @device: the step uses the device, so that its log has to agree with /proc/self/maps
 */
void judge(bool device)
{
	size_t n = step->nr_lines;

	judge_records();
	judge_figures(n);
	judge_outcome();
	if (device && !region_grows())
		judge_maps();
}
