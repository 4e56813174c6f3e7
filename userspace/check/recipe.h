/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recipes: what has to be called before a device can be mapped. mmscope.1 has the language.
 */
#ifndef MMSCOPE_CHECK_RECIPE_H
#define MMSCOPE_CHECK_RECIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/tool.h"

#define RECIPE_ERROR	256
#define RECIPE_WORDS	64
#define RECIPE_NAMES	32

/**
 * struct recipe_result - what is to be mapped
 * @fd: of which file
 * @length: bytes
 * @offset: where
 * @extent: bytes that there are, 0 where it does not say
 * @says: SAY_*
 */
struct recipe_result {
	int fd;
	size_t length;
	uint64_t offset;
	size_t extent;
	unsigned int says;
};

struct recipe;

struct recipe *recipe_find(const char *name, char *error);
bool recipe_run(const struct recipe *recipe, struct recipe_result *result, char *error);
bool recipe_later(const struct recipe *recipe, uint64_t mapping, char *error);
bool recipe_has_later(const struct recipe *recipe);
void recipe_close(void);
const char *recipe_built_in(size_t i);

/**
 * struct recipe_state - a recipe that is followed
 * @dry: nothing is called: are its lines right?
 * @apart: what an ioctl(2) is handed is in memory that has to be faulted in
 * @names: variables
 * @values: theirs
 * @nr: how many
 * @mapped: it said what to map
 * @result: what that is
 * @error: why a line cannot be followed, of RECIPE_ERROR bytes
 */
struct recipe_state {
	bool dry;
	bool apart;
	char names[RECIPE_NAMES][24];
	uint64_t values[RECIPE_NAMES];
	size_t nr;
	bool mapped;
	struct recipe_result result;
	char *error;
};

/* recipe_words.c */
bool recipe_wrong(struct recipe_state *state, const char *fmt, ...) __printf(2, 3);
bool recipe_value(struct recipe_state *state, const char *word, uint64_t *value);
bool recipe_set(struct recipe_state *state, const char *name, uint64_t value);

/* recipe_fields.c */
#define RECIPE_BYTES	4096

/**
 * struct recipe_fields - a structure for a call
 * @bytes: it
 * @n: how long it is
 * @places: where variables are in it, that the call sets
 * @widths: how wide each is
 * @names: theirs
 * @outs: how many
 */
struct recipe_fields {
	unsigned char bytes[RECIPE_BYTES];
	size_t n;
	size_t places[RECIPE_NAMES];
	unsigned char widths[RECIPE_NAMES];
	const char *names[RECIPE_NAMES];
	size_t outs;
};

bool recipe_fields(struct recipe_state *state, char **words, size_t n, struct recipe_fields *to);
bool recipe_fields_take(struct recipe_state *state, const struct recipe_fields *from);

/* recipe_calls.c */
bool recipe_line(struct recipe_state *state, char **words, size_t n);

/* recipe_fds.c */
bool recipe_keep(int fd);
int recipe_receive(char **words);

#endif
