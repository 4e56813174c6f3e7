// SPDX-License-Identifier: GPL-2.0
/*
 * Recipes: found by name among those that are built in, or read from a file; looked through, and
 * followed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check/recipe.h"
#include "check/recipes.h"

/* A file that is longer is none. */
#define MOST	65536
/* A variable that there is behind "later": where it is mapped */
#define MAPPING	"mapping"

/**
 * struct recipe - a text
 * @name: as found
 * @text: its lines
 */
struct recipe {
	const char *name;
	char *text;
};

/**
 * recipe_built_in - the names of those that are built in
 * @i: from 0 on
 *
 * Return: a name, or NULL behind the last
 */
const char *recipe_built_in(size_t i)
{
	return i < ARRAY_SIZE(built_in) ? built_in[i].name : NULL;
}

static char *built_in_text(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(built_in); i++)
		if (!strcmp(built_in[i].name, name))
			return strdup(built_in[i].text);
	return NULL;
}

static char *file_text(const char *path, char *error)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t n;

	if (!file) {
		snprintf(error, RECIPE_ERROR, "%s", strerror(errno));
		return NULL;
	}
	text = malloc(MOST + 1);
	if (!text)
		abort();
	n = fread(text, 1, MOST + 1, file);
	if (ferror(file) || n > MOST || memchr(text, 0, n)) {
		snprintf(error, RECIPE_ERROR, "%s", ferror(file) ? strerror(errno) :
			 n > MOST ? "too long for a recipe" : "no text");
		free(text);
		text = NULL;
	} else {
		text[n] = 0;
	}
	fclose(file);
	return text;
}

/* Words of a line, up to a #; more than RECIPE_WORDS if they do not fit. */
static size_t split(char *line, char **words)
{
	size_t n = 0;
	char *save = NULL;

	for (char *w = strtok_r(line, " \t\r", &save); w; w = strtok_r(NULL, " \t\r", &save)) {
		if (*w == '#')
			break;
		if (n == RECIPE_WORDS)
			return RECIPE_WORDS + 1;
		words[n++] = w;
	}
	words[n] = NULL;
	return n;
}

/* The last that was followed, for what is done later. */
static struct recipe_state followed;

static bool is_later(char **words, size_t n)
{
	return n == 1 && !strcmp(words[0], "later");
}

/* Up to "later", or from there on; all of it where nothing is called. Return: did it go well? */
static bool follow(const struct recipe *recipe, struct recipe_state *state, bool rest)
{
	char *copy = strdup(recipe->text), *next = copy, *line;
	char *words[RECIPE_WORDS + 1], why[RECIPE_ERROR];
	bool good = true, later = false;
	unsigned int number = 0;
	size_t n;

	if (!copy)
		abort();
	while (good && (line = strsep(&next, "\n"))) {
		number++;
		n = split(line, words);
		if (is_later(words, n)) {
			later = true;
			good = !state->dry || recipe_set(state, MAPPING, 0);
			continue;
		}
		if (later != rest && !state->dry)
			continue;
		if (n > RECIPE_WORDS ? !recipe_wrong(state, "more than %d words", RECIPE_WORDS) :
		    n && !recipe_line(state, words, n)) {
			snprintf(why, sizeof(why), "%s", state->error);
			snprintf(state->error, RECIPE_ERROR, "line %u: %.230s", number, why);
			good = false;
		}
	}
	free(copy);
	if (good && !state->mapped)
		return recipe_wrong(state, "no map line: which file is mapped?");
	return good;
}

/**
 * recipe_run - follow a recipe
 * @recipe: which
 * @result: what is to be mapped
 * @error: why it could not be followed, of RECIPE_ERROR bytes
 */
bool recipe_run(const struct recipe *recipe, struct recipe_result *result, char *error)
{
	struct recipe_state state = { .error = error };

	if (!follow(recipe, &state, false))
		return false;
	*result = state.result;
	followed = state;
	return true;
}

/**
 * recipe_later - do what it says is to be done when it is mapped
 * @recipe: which; it was run
 * @mapping: where it is mapped: $mapping
 * @error: why it could not be done, of RECIPE_ERROR bytes
 */
bool recipe_later(const struct recipe *recipe, uint64_t mapping, char *error)
{
	struct recipe_state state = followed;

	state.error = error;
	state.apart = true;
	if (!recipe_set(&state, MAPPING, mapping))
		return false;
	return follow(recipe, &state, true);
}

/**
 * recipe_has_later - does it say that anything is to be done later?
 * @recipe: which
 */
bool recipe_has_later(const struct recipe *recipe)
{
	return !strncmp(recipe->text, "later\n", 6) || strstr(recipe->text, "\nlater\n");
}

/**
 * recipe_find - a recipe, and look whether its lines are right
 * @name: of one that is built in, or of a file
 * @error: what is wrong with it, of RECIPE_ERROR bytes
 *
 * Return: the recipe, or NULL
 */
struct recipe *recipe_find(const char *name, char *error)
{
	struct recipe_state state = { .dry = true, .error = error };
	struct recipe *recipe = calloc(1, sizeof(*recipe));

	if (!recipe)
		abort();
	recipe->name = name;
	recipe->text = strchr(name, '/') ? NULL : built_in_text(name);
	if (!recipe->text)
		recipe->text = file_text(name, error);
	if (recipe->text && follow(recipe, &state, false))
		return recipe;
	free(recipe->text);
	free(recipe);
	return NULL;
}
