/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LAB_ANSWER_H
#define MMSCOPE_LAB_ANSWER_H

#include <stddef.h>

/**
 * enum answer - what a reader's answer is worth, in half points
 * @ANSWER_WRONG: it is something else
 * @ANSWER_HALF: so far it is right, and does not say all
 * @ANSWER_RIGHT: it is what was observed
 */
enum answer { ANSWER_WRONG, ANSWER_HALF, ANSWER_RIGHT };

const char *answer_hint(const char *name);
enum answer answer_judge(const char *name, const char *observed, const char *guess);

#endif
