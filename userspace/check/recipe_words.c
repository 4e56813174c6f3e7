// SPDX-License-Identifier: GPL-2.0
/*
 * Values in a recipe: numbers, the size of a page, characters, variables, and sums of products of
 * them. Also the variables.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check/memory.h"
#include "check/recipe.h"
#include "check/target.h"

/**
 * recipe_wrong - why a line cannot be followed
 * @state: is told
 * @fmt: as printf()
 *
 * Return: false
 */
bool recipe_wrong(struct recipe_state *state, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(state->error, RECIPE_ERROR, fmt, args);
	va_end(args);
	return false;
}

/**
 * recipe_set - a variable
 * @state: has it
 * @name: its name
 * @value: what it is from now on
 */
bool recipe_set(struct recipe_state *state, const char *name, uint64_t value)
{
	size_t i, n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.");

	if (!n || name[n] || isdigit(*name) || n >= sizeof(state->names[0]))
		return recipe_wrong(state, "%s: no name: small letters, digits, _, up to 23", name);
	for (i = 0; i < state->nr && strcmp(state->names[i], name); i++)
		;
	if (i == RECIPE_NAMES)
		return recipe_wrong(state, "%s: more than %d names", name, RECIPE_NAMES);
	strcpy(state->names[i], name);
	state->values[i] = value;
	state->nr += i == state->nr;
	return true;
}

static bool variable(struct recipe_state *state, const char **at, uint64_t *value)
{
	size_t n = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789_.");

	for (size_t i = 0; i < state->nr; i++) {
		if (strlen(state->names[i]) != n || strncmp(state->names[i], *at, n))
			continue;
		*value = state->values[i];
		*at += n;
		return true;
	}
	return recipe_wrong(state, "$%.*s: not set before", (int)n, *at);
}

static bool number(struct recipe_state *state, const char **at, uint64_t *value)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	*value = strtoull(*at, &end, 0);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		*value <<= 10 * (unit - units + 1);
		end++;
	}
	*at = end;
	return true;
}

static bool atom(struct recipe_state *state, const char **at, uint64_t *value)
{
	if (**at == '$') {
		(*at)++;
		return variable(state, at, value);
	}
	if (**at == '\'' && (*at)[1] && (*at)[2] == '\'') {
		*value = (unsigned char)(*at)[1];
		*at += 3;
		return true;
	}
	if (!strncmp(*at, "page", 4)) {
		*value = page_bytes();
		*at += 4;
		return true;
	}
	if (isdigit(**at))
		return number(state, at, value);
	return recipe_wrong(state, "%s: no number, page, 'C' or $NAME", *at);
}

static bool product(struct recipe_state *state, const char **at, uint64_t *value)
{
	uint64_t factor;

	if (!atom(state, at, value))
		return false;
	while (**at == '*') {
		(*at)++;
		if (!atom(state, at, &factor))
			return false;
		*value *= factor;
	}
	return true;
}

/**
 * recipe_value - what a word says
 * @state: has the variables
 * @word: a sum of products
 * @value: that
 */
bool recipe_value(struct recipe_state *state, const char *word, uint64_t *value)
{
	const char *at = word;
	uint64_t more;
	char sign;

	if (!product(state, &at, value))
		return false;
	while (*at == '+' || *at == '-' || *at == '|') {
		sign = *at++;
		if (!product(state, &at, &more))
			return false;
		*value = sign == '+' ? *value + more : sign == '-' ? *value - more : *value | more;
	}
	return !*at || recipe_wrong(state, "%s: what is %s?", word, at);
}
