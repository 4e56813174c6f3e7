// SPDX-License-Identifier: GPL-2.0
/*
 * Compares a line of predicted figures with the figures as they are. lab/experiment.h has the
 * grammar of such a line.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "lab/answer.h"
#include "lab/step.h"

#define MAX_ITEMS	8

/**
 * enum relation - how an observed number has to be to the predicted one
 */
enum relation { IS, BELOW, AT_MOST, ABOVE, AT_LEAST, BETWEEN };

/**
 * struct item - one predicted figure of a line
 * @name: name of the figure
 * @kind: what its value is
 * @figure: the figure in lab/metrics.c, NULL for one of the step's own
 * @seen: the figure that the step has told by see(), NULL for one of lab/metrics.c
 * @words: predicted value, where it is words
 * @relation: how the observed number has to be to @low and @high
 * @change: the prediction is about the change that the step makes
 * @low: predicted number, or the lower of two
 * @high: the higher of two numbers
 * @scale: factor of the unit
 * @unit: text of the unit behind the number, with a blank before it
 */
struct item {
	char name[40];
	enum figure_kind kind;
	const struct figure *figure;
	const struct seen *seen;
	char words[TEXT];
	enum relation relation;
	bool change;
	double low;
	double high;
	double scale;
	char unit[24];
};

static long before[MAX_LINES][MAX_ITEMS];

static const struct seen *find_seen(const char *predicted)
{
	for (size_t i = outcome->nr_seen; i-- > 0;) {
		size_t n = strlen(outcome->seen[i].name);

		if (!strncmp(outcome->seen[i].name, predicted, n) && predicted[n] == ' ')
			return &outcome->seen[i];
	}
	return NULL;
}

static double take_number(const char **p)
{
	double value, sign = **p == '-' ? -1 : 1, digit = 1;

	*p += **p == '-' || **p == '+';
	for (value = 0; isdigit((unsigned char)**p); (*p)++)
		value = 10 * value + (**p - '0');
	if ((*p)[0] == '.' && isdigit((unsigned char)(*p)[1]))
		for ((*p)++; isdigit((unsigned char)**p); (*p)++)
			value += (**p - '0') * (digit /= 10);
	return sign * value;
}

static enum relation take_relation(const char **p)
{
	static const struct {
		const char *word;
		enum relation relation;
	} words[] = {
		{ "< ", BELOW }, { "<= ", AT_MOST }, { "> ", ABOVE }, { ">= ", AT_LEAST },
		{ "about ", BETWEEN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i].word);

		if (strncmp(*p, words[i].word, n))
			continue;
		*p += n;
		return words[i].relation;
	}
	return IS;
}

static double scale_of(const struct item *item)
{
	static const char units[][5] = { " KiB", " MiB", " GiB", " TiB" };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(item->unit, units[i]))
			return 1ULL << 10 * (i + 1);
	return item->kind == FIGURE_SIZE && strcmp(item->unit, " bytes") ? proc_page_size() : 1;
}

static bool parse_number(struct item *item, const char *p)
{
	item->relation = take_relation(&p);
	item->change = *p == '+' || *p == '-';
	if (!isdigit((unsigned char)p[item->change]))
		return false;
	item->low = take_number(&p);
	item->high = item->low;
	if (!strncmp(p, "..", 2)) {
		p += 2;
		item->high = take_number(&p);
		item->relation = BETWEEN;
		if (item->high < item->low) {
			double swap = item->low;

			item->low = item->high;
			item->high = swap;
		}
	} else if (item->relation == BETWEEN) {
		item->low *= 0.9;
		item->high *= 1.1;
	}
	snprintf(item->unit, sizeof(item->unit), "%s", p);
	item->scale = scale_of(item);
	return true;
}

/* The length of the name in a prediction that no figure has: all words before a value. */
static size_t name_length(const char *text)
{
	const char *p = text;

	while ((p = strchr(p, ' '))) {
		if (strchr("+-<>0123456789", p[1]) || !strncmp(p + 1, "about ", 6))
			return p - text;
		p++;
	}
	return strcspn(text, " ");
}

static bool parse(const char *text, struct item *item)
{
	size_t n;

	memset(item, 0, sizeof(*item));
	item->seen = find_seen(text);
	item->figure = item->seen ? NULL : figures_find(text);
	n = item->seen ? strlen(item->seen->name) : item->figure ? strlen(item->figure->name) :
	    name_length(text);
	item->kind = item->figure ? item->figure->kind :
		     item->seen && item->seen->text[0] ? FIGURE_TEXT : FIGURE_COUNT;
	snprintf(item->name, sizeof(item->name), "%.*s", (int)n, text);
	text += n + (text[n] == ' ');
	snprintf(item->words, sizeof(item->words), "%s", text);
	if (item->kind <= FIGURE_SIZE && !parse_number(item, text))
		item->kind = FIGURE_TEXT;
	return item->figure || item->seen;
}

/**
 * compare_next - take the next figure from a line of predicted figures
 * @left: rest of the line; is moved behind the figure
 * @text: becomes the figure as predicted
 * @name: becomes the name of the figure
 * @size: of both buffers
 *
 * Return: false when the line has no more figures
 */
bool compare_next(const char **left, char *text, char *name, size_t size)
{
	const struct figure *figure = figures_find(*left);
	const char *end = figure && figure->kind == FIGURE_LINE ? NULL : strstr(*left, ", ");
	struct item item;

	if (!**left)
		return false;
	snprintf(text, size, "%.*s", end ? (int)(end - *left) : (int)strlen(*left), *left);
	*left += strlen(text) + (end ? 2 : 0);
	parse(text, &item);
	snprintf(name, size, "%s", item.name);
	return true;
}

/**
 * compare_unit - in what unit a reader is asked for a number
 * @text: the figure as predicted
 *
 * Return: ", in pages" or the like, "" where the value is no number; valid until the next call
 */
const char *compare_unit(const char *text)
{
	static char unit[48];
	struct item item;

	parse(text, &item);
	if (item.kind >= FIGURE_TEXT)
		return "";
	snprintf(unit, sizeof(unit), "%s%s%s", item.change ? ", the change" : "",
		 item.unit[0] ? ", in" : item.scale > 1 ? ", in pages" : "", item.unit);
	return unit;
}

static bool fits(const struct item *item, double value)
{
	switch (item->relation) {
	case BELOW:
		return value < item->low * item->scale;
	case AT_MOST:
		return value <= item->low * item->scale;
	case ABOVE:
		return value > item->low * item->scale;
	case AT_LEAST:
		return value >= item->low * item->scale;
	default:
		return value >= item->low * item->scale - 0.5 &&
		       value <= item->high * item->scale + 0.5;
	}
}

/**
 * compare_agrees - say what a reader's guess of a figure is worth
 * @text: the figure as observed, "name value"
 * @guess: value that the reader gave
 */
enum answer compare_agrees(const char *text, const char *guess)
{
	struct item item, guessed;
	const char *unit;
	char line[TEXT];

	parse(text, &item);
	if (item.kind >= FIGURE_TEXT)
		return answer_judge(item.name, item.words, guess);
	unit = guess + strspn(guess, " +-.0123456789");
	if (*unit && strchr("KMGT", toupper((unsigned char)*unit)))
		snprintf(line, sizeof(line), "%s %.*s %ciB", item.name,
			 (int)strcspn(guess, " KMGTkmgt"), guess, toupper((unsigned char)*unit));
	else
		snprintf(line, sizeof(line), "%s %s%s", item.name, guess, item.unit);
	parse(line, &guessed);
	return guessed.kind < FIGURE_TEXT && fits(&guessed, item.low * item.scale) ?
	       ANSWER_RIGHT : ANSWER_WRONG;
}

static long number_of(const struct item *item)
{
	return item->seen ? item->seen->value : item->figure && item->figure->number ?
	       item->figure->number() : 0;
}

static void write_number(const struct item *item, double value, char *buf, size_t size)
{
	double shown = value / item->scale;
	const char *sign = item->change && shown >= 0 ? "+" : "";

	if (shown == (long)shown)
		snprintf(buf, size, "%s%ld%s", sign, (long)shown, item->unit);
	else
		snprintf(buf, size, "%s%.1f%s", sign, shown, item->unit);
}

static bool observe_number(const struct item *item, long start, char *buf, size_t size)
{
	double value = number_of(item) - (item->change ? start : 0);
	double lie = 10 * item->scale + 9 * (value < 0 ? -value : value);

	if (sabotaged())
		value += fits(item, value + lie) ? -lie : lie;
	write_number(item, value, buf, size);
	return fits(item, value);
}

static bool observe_words(const struct item *item, char *buf, size_t size)
{
	const char *words = item->seen ? item->seen->text : item->figure->text ?
			    item->figure->text() : "a number";

	snprintf(buf, size, "%s%s", words, sabotaged() ? " (sabotaged)" : "");
	return !strcmp(buf, item->words);
}

static void append(char *buf, size_t size, const char *name, const char *value)
{
	size_t n = strlen(buf);

	snprintf(buf + n, size - n, "%s%s%s%s", n ? ", " : "", name, *name ? " " : "", value);
}

/**
 * compare_before - note the figures whose change is predicted, before the first act
 */
void compare_before(void)
{
	for (size_t i = 0; i < step->nr_lines; i++) {
		const char *left = step->lines[i].predicted;
		char text[TEXT], name[TEXT];
		struct item item;

		for (size_t n = 0; n < MAX_ITEMS && compare_next(&left, text, name, TEXT); n++)
			if (parse(text, &item) && item.change && item.figure)
				before[i][n] = number_of(&item);
	}
}

/**
 * compare_is_figure - is an expectation about figures, and not about a record of the log?
 * @predicted: the expectation
 */
bool compare_is_figure(const char *predicted)
{
	return figures_find(predicted) || find_seen(predicted);
}

/**
 * compare_asks - can a reader be asked for an expectation?
 * @predicted: the expectation
 */
bool compare_asks(const char *predicted)
{
	struct item item;

	return parse(predicted, &item) || item.kind < FIGURE_TEXT;
}

static void observe_item(const struct item *item, long start, struct line *line)
{
	char value[TEXT];

	if (!item->figure && !item->seen)
		snprintf(value, sizeof(value), "was not seen");
	else if (item->kind >= FIGURE_TEXT)
		line->held &= observe_words(item, value, sizeof(value));
	else
		line->held &= observe_number(item, start, value, sizeof(value));
	append(line->observed, sizeof(line->observed), item->name, value);
	if (item->relation != IS)
		append(line->value, sizeof(line->value), "", value);
}

/**
 * observe - compare a line of predicted figures with the figures as they are
 * @line: line of the step; observed, value and held are filled
 */
void observe(struct line *line)
{
	const char *left = line->predicted;
	char text[TEXT], name[TEXT];
	struct item item;

	line->observed[0] = '\0';
	line->value[0] = '\0';
	line->held = true;
	for (size_t n = 0; n < MAX_ITEMS && compare_next(&left, text, name, TEXT); n++) {
		line->held &= parse(text, &item);
		observe_item(&item, before[line - step->lines][n], line);
	}
}
