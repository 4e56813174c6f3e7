// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of experiments: --pages, --threads, --size, --runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lab/step.h"
#include "term/print.h"

static const char *const names[] = { "pages", "size", "threads", "runs" };

static unsigned long given[ARRAY_SIZE(names)];

/**
 * param_text - write a value as it may be typed
 * @param: the parameter
 * @value: the value
 */
const char *param_text(const struct param *param, unsigned long value)
{
	static const char units[] = "\0KMGT";
	static char text[32];
	size_t i = 0;

	while (!strcmp(param->name, "size") && value && !(value & 1023) && i < 4) {
		value >>= 10;
		i++;
	}
	snprintf(text, sizeof(text), "%lu%.1s", value, &units[i]);
	return text;
}

/**
 * param_set - take a parameter from the command line
 * @name: &param.name
 * @value: "16", "64K", "1G"
 *
 * Return: false when @value is no number
 */
bool param_set(const char *name, const char *value)
{
	static const char units[] = "KMGT";
	char *end;
	unsigned long number = strtoul(value, &end, 0);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (end == value || *value == '-' || (*end && (!unit || end[1])) || !number)
		return false;
	if (unit && number > ~0UL >> 10 * (unit - units + 1))
		return false;
	if (unit)
		number <<= 10 * (unit - units + 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			given[i] = number;
	return true;
}

static const struct param *find(const struct experiment *exp, const char *name)
{
	for (size_t i = 0; i < MAX_PARAMS && exp->params[i].name; i++)
		if (!strcmp(exp->params[i].name, name))
			return &exp->params[i];
	return NULL;
}

/**
 * param_unknown - does an experiment have the parameters that were given?
 * @exp: the experiment
 *
 * Return: what is wrong, or NULL
 */
const char *param_unknown(const struct experiment *exp)
{
	static char text[120];
	const struct param *p;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		p = find(exp, names[i]);
		if (given[i] && !p) {
			snprintf(text, sizeof(text), "takes no --%s", names[i]);
			return text;
		}
		if (!given[i] || (given[i] >= p->least && given[i] <= p->most))
			continue;
		n = snprintf(text, sizeof(text), "--%s must be %s", p->name,
			     param_text(p, p->least));
		snprintf(text + n, sizeof(text) - n, " to %s", param_text(p, p->most));
		return text;
	}
	return NULL;
}

/**
 * param_channel - put the parameters of an experiment into the channel
 * @exp: the experiment
 */
void param_channel(const struct experiment *exp)
{
	for (size_t i = 0; i < MAX_PARAMS && exp->params[i].name; i++) {
		channel->params[i] = exp->params[i].value;
		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			if (given[j] && !strcmp(names[j], exp->params[i].name))
				channel->params[i] = given[j];
	}
}
