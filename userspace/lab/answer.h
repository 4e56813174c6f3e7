/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LAB_ANSWER_H
#define MMSCOPE_LAB_ANSWER_H

#include <stddef.h>

/**
 * enum answer - what a reader's answer is worth, in half points
 * @ANSWER_WRONG: the answer is another value
 * @ANSWER_HALF: the answer is the beginning of the value
 * @ANSWER_RIGHT: the answer is the value
 */
enum answer { ANSWER_WRONG, ANSWER_HALF, ANSWER_RIGHT };

const char *answer_hint(const char *name);
enum answer answer_judge(const char *name, const char *observed, const char *guess);

#endif
