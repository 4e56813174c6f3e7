/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Causes: each has a function that finds its evidence in the ledger of an address space and says it
 * in a sentence. answer_find() decides by their amounts, with the same rule for all, which cause is
 * the answer.
 */
#ifndef MMSCOPE_WHY_CAUSES_H
#define MMSCOPE_WHY_CAUSES_H

#include "why/ledger.h"

enum question {
	WHY_RSS,
	WHY_VMAS,
	WHY_FAULTS,
	WHY_SLOW,
	NR_QUESTIONS,
};

/**
 * struct finding - the evidence of a cause
 * @cause: name of the cause, for JSON
 * @last: the cause is the answer only if there is no other
 * @amount: pages, VMAs, faults or ns that come of the cause, by the question
 * @text: sentence that says what happened
 * @todo: what the user may try
 */
struct finding {
	const char *cause;
	bool last;
	__u64 amount;
	char text[400];
	char todo[300];
};

/**
 * struct cause - a possible answer to a question
 * @name: its name, for JSON
 * @find: sets amount, text and todo of a finding if the ledger has evidence of this cause
 * @last: it is the answer only if there is no other
 */
struct cause {
	const char *name;
	void (*find)(const struct ledger_mm *mm, struct finding *finding);
	bool last;
};

extern const struct cause causes_rss[];
extern const struct cause causes_vmas[];
extern const struct cause causes_faults[];
extern const struct cause causes_slow[];

/* Why a VMA is not one with the VMA below it. */
enum vma_reason {
	REASON_PROGRAM,
	REASON_THREAD,
	REASON_MPROTECT,
	REASON_ADVICE,
	REASON_FLAGS,
	REASON_FILES,
	REASON_OFFSETS,
	REASON_OWNERS,
	REASON_NAMES,
	REASON_DRIVER,
	REASON_OTHER,
	REASON_HOLES,
	REASON_SEPARATE,
	REASON_UNTOLD,
	NR_REASONS,
};

void vmas_reasons(const struct ledger_mm *mm, __u64 counts[NR_REASONS]);
const char *vma_reason_words(enum vma_reason reason);
__u64 vmas_limit(const struct ledger_mm *mm, bool *known);
void vmas_live(void);

__u64 rss_total(const struct ledger_mm *mm);
const char *cause_size(__u64 pages);
const char *cause_time(__u64 ns);
void cause_say(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const struct ledger_site *cause_site(const struct ledger_mm *mm, enum ledger_kind kind,
				     bool again);

/**
 * struct answer - the answer to a question
 * @question: the question
 * @mm: the address space that the answer is about, NULL for none
 * @total: what the amounts of the findings are parts of
 * @found: the causes that are large enough, the largest first
 * @nr: how many @found there are
 * @unknown: why the answer is not known, NULL if it is
 */
struct answer {
	enum question question;
	const struct ledger_mm *mm;
	__u64 total;
	struct finding found[16];
	size_t nr;
	const char *unknown;
};

void answer_find(enum question question, struct answer *answer);
const char *question_name(enum question question);
int question_of(const char *name);

/* How the answer is shown: why/report.c, why/sentence.c */
void report_evidence(const struct answer *answer);
void report_answer(const struct answer *answer, __u64 began);

#endif
