// SPDX-License-Identifier: GPL-2.0
/*
 * Structures that a recipe hands to calls: typed fields, one behind the other, without gaps.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "check/recipe.h"

static bool has_room(struct recipe_state *state, const struct recipe_fields *to, uint64_t n)
{
	if (n <= RECIPE_BYTES - to->n)
		return true;
	return recipe_wrong(state, "a structure of more than %d bytes", RECIPE_BYTES);
}

static bool put(struct recipe_state *state, struct recipe_fields *to, uint64_t value, size_t width)
{
	if (!has_room(state, to, width))
		return false;
	memcpy(to->bytes + to->n, &value, width);
	to->n += width;
	return true;
}

/* u32:VALUE, u32:VALUE>NAME or u32>NAME */
static bool number_field(struct recipe_state *state, char *rest, size_t width,
			 struct recipe_fields *to)
{
	char *name = strchr(rest, '>');
	uint64_t value = 0;

	if (name) {
		*name++ = 0;
		if (to->outs == RECIPE_NAMES)
			return recipe_wrong(state, "%s: too many names in a line", name);
		to->places[to->outs] = to->n;
		to->widths[to->outs] = width;
		to->names[to->outs++] = name;
	}
	if (*rest == ':') {
		if (!recipe_value(state, rest + 1, &value))
			return false;
	} else if (!name) {
		return recipe_wrong(state, "a field without a value: u%zu:VALUE or u%zu>NAME",
				    width * 8, width * 8);
	}
	return put(state, to, value, width);
}

/* text:BYTES:TEXT, filled up with zeros */
static bool text_field(struct recipe_state *state, char *rest, struct recipe_fields *to)
{
	char *text = strchr(rest, ':');
	uint64_t n;

	if (!text)
		return recipe_wrong(state, "text:%s: text:BYTES:TEXT", rest);
	*text++ = 0;
	if (!recipe_value(state, rest, &n) || !has_room(state, to, n))
		return false;
	if (strlen(text) > n)
		return recipe_wrong(state, "%s: longer than its field", text);
	memcpy(to->bytes + to->n, text, strlen(text));
	to->n += n;
	return true;
}

static bool zero_field(struct recipe_state *state, const char *rest, struct recipe_fields *to)
{
	uint64_t n;

	if (!recipe_value(state, rest, &n) || !has_room(state, to, n))
		return false;
	to->n += n;
	return true;
}

/* The address of new memory, which stays until the process ends. */
static bool memory_field(struct recipe_state *state, const char *rest, struct recipe_fields *to)
{
	void *at = NULL;
	uint64_t n;

	if (!recipe_value(state, rest, &n))
		return false;
	if (!state->dry)
		at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return recipe_wrong(state, "memory:%s: %m", rest);
	return put(state, to, (uintptr_t)at, 8);
}

static bool field(struct recipe_state *state, char *word, struct recipe_fields *to)
{
	static const struct {
		const char *type;
		size_t width;
	} numbers[] = { { "u8", 1 }, { "u16", 2 }, { "u32", 4 }, { "u64", 8 } };
	size_t n = strcspn(word, ":>");

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (n == strlen(numbers[i].type) && !strncmp(word, numbers[i].type, n))
			return number_field(state, word + n, numbers[i].width, to);
	if (!strncmp(word, "zero:", 5))
		return zero_field(state, word + 5, to);
	if (!strncmp(word, "text:", 5))
		return text_field(state, word + 5, to);
	if (!strncmp(word, "memory:", 7))
		return memory_field(state, word + 7, to);
	return recipe_wrong(state, "%s: no field: u8 u16 u32 u64 zero text memory", word);
}

/**
 * recipe_fields - make a structure
 * @state: has the variables
 * @words: a field each; they are changed
 * @n: how many
 * @to: the structure
 */
bool recipe_fields(struct recipe_state *state, char **words, size_t n, struct recipe_fields *to)
{
	memset(to, 0, sizeof(*to));
	for (size_t i = 0; i < n; i++)
		if (!field(state, words[i], to))
			return false;
	return true;
}

/**
 * recipe_fields_take - take what a call has put there
 * @state: has the variables
 * @from: the structure
 */
bool recipe_fields_take(struct recipe_state *state, const struct recipe_fields *from)
{
	for (size_t i = 0; i < from->outs; i++) {
		uint64_t value = 0;

		memcpy(&value, from->bytes + from->places[i], from->widths[i]);
		if (!recipe_set(state, from->names[i], value))
			return false;
	}
	return true;
}
