// SPDX-License-Identifier: GPL-2.0
/*
 * Decides which cause is the answer to a question. The amount of a cause has to be large in itself,
 * so that it matters at all, and a large part of the whole, so that to remove it changes something.
 * These bounds are not tuned:
 *
 *	rss	1 MiB, and a quarter of the pages that came. An ordinary program has less than that
 *		beside its program and libraries, which are left out
 *	vmas	64, a thousandth of what vm.max_map_count allows by default, and a quarter of all
 *	faults	1024, what it takes to touch 4 MiB once, and a quarter of all
 *	slow	10 ms, and a twentieth of the time: no program becomes noticeably faster by less
 *
 * If no cause reaches its bounds, the answer is "nothing stands out". The answer is unknown only if
 * the records cannot have it: no record tells who brought pages that were there at the first
 * instant.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "why/causes.h"

static const struct rule {
	const char *name;
	const struct cause *causes;
	__u64 least;
	unsigned int part;
} rules[NR_QUESTIONS] = {
	[WHY_RSS] = { "rss", causes_rss, 256, 4 },
	[WHY_VMAS] = { "vmas", causes_vmas, 64, 4 },
	[WHY_FAULTS] = { "faults", causes_faults, 1024, 4 },
	[WHY_SLOW] = { "slow", causes_slow, 10000000, 20 },
};

/**
 * question_name - name of a question
 * @question: the question
 */
const char *question_name(enum question question)
{
	return rules[question].name;
}

/**
 * question_of - find a question by its name
 * @name: a word of the command line
 *
 * Return: enum question, -1 for any other word
 */
int question_of(const char *name)
{
	for (int i = 0; i < NR_QUESTIONS; i++)
		if (!strcmp(rules[i].name, name))
			return i;
	return -1;
}

static __u64 all_faults(const struct ledger_mm *mm, bool time)
{
	__u64 sum = 0;

	for (int i = 0; i < RECORD_NR_CLASSES; i++)
		sum += time ? mm->classes[i].ns : mm->classes[i].count;
	return sum;
}

/* The total that the amounts of a question's causes are parts of, in the unit of these amounts. */
static __u64 total_of(enum question question, const struct ledger_mm *mm)
{
	switch (question) {
	case WHY_RSS:
		return rss_total(mm);
	case WHY_VMAS:
		return mm->nr;
	case WHY_FAULTS:
		return all_faults(mm, false);
	default:
		return mm->to - mm->from;
	}
}

/* How much an address space has of what is asked for: the question is about the one with most. */
static __u64 weight(enum question question, const struct ledger_mm *mm)
{
	switch (question) {
	case WHY_RSS:
		return rss_total(mm) + mm->shared +
			(ledger_pages(mm->base) > 0 ? ledger_pages(mm->base) : 0);
	case WHY_SLOW:
		return all_faults(mm, true);
	default:
		return total_of(question, mm);
	}
}

static const struct ledger_mm *choose(enum question question)
{
	const struct ledger_mm *most = NULL;
	struct ledger_mm **list;
	size_t n = ledger_mms(&list);

	for (size_t i = 0; i < n; i++)
		if (list[i]->from && (!most || weight(question, list[i]) > weight(question, most)))
			most = list[i];
	return most;
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->last != y->last)
		return x->last ? 1 : -1;
	if (x->amount != y->amount)
		return x->amount < y->amount ? 1 : -1;
	/* Two findings of the same amount stay in the order of the table of causes. */
	return 0;
}

static void insert(struct answer *answer, const struct finding *finding)
{
	size_t at = answer->nr;

	if (at == ARRAY_SIZE(answer->found))
		return;
	while (at && compare(finding, &answer->found[at - 1]) < 0) {
		answer->found[at] = answer->found[at - 1];
		at--;
	}
	answer->found[at] = *finding;
	answer->nr++;
}

/* Is most of RSS from before the first instant? Then records of what came later answer nothing. */
static bool was_before(enum question question, const struct ledger_mm *mm)
{
	__s64 there = ledger_pages(mm->entries[LEDGER_THERE]) + ledger_pages(mm->base);

	return question == WHY_RSS && there >= (__s64)rules[WHY_RSS].least &&
	       (__u64)there > rss_total(mm) / 2;
}

/**
 * answer_find - find the answer to a question in the ledger
 * @question: the question
 * @answer: is set to the answer
 */
void answer_find(enum question question, struct answer *answer)
{
	const struct rule *rule = &rules[question];

	*answer = (struct answer){ .question = question, .mm = choose(question) };
	if (!answer->mm) {
		answer->unknown =
			"no record is of that time: it is too short, or nobody was watched";
		return;
	}
	answer->total = total_of(question, answer->mm);
	for (const struct cause *cause = rule->causes; cause->name; cause++) {
		struct finding finding = { .cause = cause->name, .last = cause->last };

		cause->find(answer->mm, &finding);
		if (finding.amount >= rule->least &&
		    finding.amount * rule->part >= answer->total)
			insert(answer, &finding);
	}
	if (!answer->nr && was_before(question, answer->mm))
		answer->unknown = "most of it was there before: who brought it nobody tells; "
				  "watch the program from its start";
}
