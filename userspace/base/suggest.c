// SPDX-License-Identifier: GPL-2.0
/*
 * Did you mean? Finds the names that are nearest to a word that is no name.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/suggest.h"
#include "base/tool.h"

#define LONGEST		40
#define FAR		100U
/* An edit costs two, so that the costs of a prefix and a part lie between those of edits. */
#define COST_EDIT	2U
#define COST_PREFIX	3U
#define COST_PART	5U

/* The case of a letter does not matter, and a dash is as good as an underscore. */
static int fold(char c)
{
	return c == '_' ? '-' : tolower((unsigned char)c);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* The number of letters to insert, delete, replace or swap with the next that makes @b of @a. */
static unsigned int edits(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int d[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			bool same = fold(a[i - 1]) == fold(b[j - 1]);

			d[i][j] = least(d[i - 1][j - 1] + !same,
					least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

static unsigned int cost(const char *word, const char *name)
{
	size_t nw = strlen(word), nn = strlen(name);
	unsigned int edit = FAR, c = FAR;

	if (nw <= LONGEST && nn <= LONGEST)
		edit = edits(word, nw, name, nn);
		/* One letter in three may be wrong; in a word of two letters, one letter may. */
	if (edit <= (nw + 1) / 3 && edit < nn)
		c = edit * COST_EDIT;
	if (nw > 1 && !strncasecmp(name, word, nw))
		c = least(c, COST_PREFIX);
	else if (nw > 2 && strcasestr(name, word))
		c = least(c, COST_PART);
	return c;
}

/**
 * suggest_begin - begin to look for the name that was meant
 * @s: becomes a suggestion without a name
 * @word: the word as typed; must live as long as @s
 */
void suggest_begin(struct suggestion *s, const char *word)
{
	s->word = word;
	s->before = "";
	s->n = 0;
	s->cost = FAR;
}

/**
 * suggest_offer - compare the word with a name
 * @s: from suggest_begin(); keeps the name if no other is nearer
 * @name: a name that exists; must live as long as @s
 */
void suggest_offer(struct suggestion *s, const char *name)
{
	unsigned int c = cost(s->word, name);

	if (c >= FAR || c > s->cost)
		return;
	if (c < s->cost)
		s->n = 0;
	s->cost = c;
	if (s->n < SUGGEST_MOST)
		s->names[s->n++] = name;
}

/**
 * suggest_todo - say what to do about a word that is no name
 * @s: all names were offered to it
 * @todo: what else the user can do, or NULL
 *
 * Return: "did you mean NAME? TODO", or @todo where no name is near; valid until the next call
 */
const char *suggest_todo(const struct suggestion *s, const char *todo)
{
	static char text[400];
	size_t n;

	if (!s->n)
		return todo;
	n = snprintf(text, sizeof(text), "did you mean ");
	for (size_t i = 0; i < s->n; i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s%.*s",
			      !i ? "" : i + 1 < s->n ? ", " : " or ", s->before, LONGEST,
			      s->names[i]);
	snprintf(text + n, sizeof(text) - n, "?%s%s", todo ? " " : "", todo ? todo : "");
	return text;
}
