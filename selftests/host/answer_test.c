// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of a reader of an experiment: which words are offered, and what an answer is worth.
 */
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "lab/answer.h"
#include "lab/experiment.h"
#include "lab/step.h"

/* What the experiments of this program predict; it has none that runs. */
static void __attribute__((used)) predictions(void)
{
	expect("errno none, signal none");
	expect("vmas 1, signal SIGSEGV ACCERR");
	expect("signal SIGSEGV MAPERR");
	expect("signal SIGBUS ADRERR, errno ENOMEM");
	expect("signal %s", "SIGILL");
	expect("errno EINVAL");
	expect("frame the same");
	expect("frame another");
	expect("setting none");
	expect("byte 7, byte 8");
	expect("result 16");
	expect("result 4096");
	expect("result page 0 of h");
}

const struct experiment *experiment_find(const char *name)
{
	return NULL;
}

TEST(words_are_those_of_predictions)
{
	EXPECT_STREQ("EINVAL, ENOMEM, none", answer_hint("errno"));
	EXPECT_STREQ("SIGBUS ADRERR, SIGSEGV ACCERR, SIGSEGV MAPERR, none",
		     answer_hint("signal"));
	EXPECT_STREQ("another, the same", answer_hint("frame"));
	/* One alone would be the answer. */
	EXPECT_STREQ("", answer_hint("setting"));
	EXPECT_STREQ("", answer_hint("byte"));
	EXPECT_STREQ("a number, page N of NAME, or elsewhere", answer_hint("result"));
}

TEST(other_ways_to_say_it_are_right)
{
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "none", "none"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "none", "no signal"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "none", "nothing."));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "SIGSEGV ACCERR", "sigsegv accerr"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "SIGSEGV ACCERR", "SEGV_ACCERR"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "SIGSEGV ACCERR", "segfault, accerr"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "SIGABRT", "abort"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("errno", "none", "0"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("errno", "none", "success"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("errno", "EINVAL", "einval"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("errno", "EINVAL", "Invalid argument"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("errno", "EINVAL", "22"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("errno", "ENOMEM", "nomem"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("frame", "the same", "same"));
}

TEST(beginnings_are_right_where_they_leave_nothing_open)
{
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("errno", "EINVAL", "EI"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("frame", "another", "ano"));
	EXPECT_EQ(ANSWER_RIGHT, answer_judge("signal", "SIGSEGV ACCERR", "SIGSEGV A"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("errno", "EINVAL", "E"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("signal", "SIGSEGV ACCERR", "SIG"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("result", "4096", "40"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("result", "0", "none"));
}

TEST(too_little_is_half)
{
	EXPECT_EQ(ANSWER_HALF, answer_judge("signal", "SIGSEGV ACCERR", "SIGSEGV"));
	EXPECT_EQ(ANSWER_HALF, answer_judge("signal", "SIGSEGV ACCERR", "segmentation fault"));
	EXPECT_EQ(ANSWER_HALF, answer_judge("signal", "SIGSEGV ACCERR", "SIGS"));
	EXPECT_EQ(ANSWER_HALF, answer_judge("signal", "SIGBUS ADRERR", "bus error"));
	EXPECT_EQ(ANSWER_HALF, answer_judge("result", "page 0 of h", "page 0"));
}

TEST(other_answers_are_wrong)
{
	EXPECT_EQ(ANSWER_WRONG, answer_judge("signal", "SIGSEGV ACCERR", "SIGSEGV MAPERR"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("signal", "SIGSEGV ACCERR", "none"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("signal", "none", "SIGSEGV"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("errno", "EINVAL", "12"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("errno", "none", "EINVAL"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("frame", "the same", "another"));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("signal", "none", ""));
	EXPECT_EQ(ANSWER_WRONG, answer_judge("signal", "none", " "));
}

TEST_HARNESS_MAIN
