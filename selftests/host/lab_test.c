// SPDX-License-Identifier: GPL-2.0
/*
 * Whether the framework of experiments can be fooled: the experiments here predict what is wrong
 * and leave their steps in every way that C has. None of them may be judged as held.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "lab/step.h"

static void right(void)
{
	STEP("right") {
		expect("number 1");
		see("number", 1);
	}
}

static void wrong(void)
{
	STEP("wrong") {
		expect("number 2");
		see("number", 1);
	}
}

static void left_by_break(void)
{
	right();
	STEP("left by break") {
		expect("number 2");
		see("number", 1);
		break;
	}
}

static void left_by_return(void)
{
	right();
	STEP("left by return") {
		expect("number 2");
		see("number", 1);
		return;
	}
}

static void left_by_goto(void)
{
	right();
	STEP("left by goto") {
		expect("number 2");
		see("number", 1);
		goto out;
	}
out:
	right();
}

static void left_by_continue(void)
{
	right();
	STEP("left by continue") {
		expect("number 2");
		see("number", 1);
		continue;
	}
}

static void left_by_exit(void)
{
	right();
	STEP("left by exit") {
		expect("number 2");
		see("number", 1);
		exit(EXIT_HELD);
	}
}

static void exit_between_steps(void)
{
	right();
	exit(EXIT_HELD);
}

static void killed(void)
{
	right();
	raise(SIGKILL);
}

static void left_by_skip(void)
{
	right();
	STEP("left by skip") {
		expect("number 2");
		skip("the test wants it");
	}
}

static void child_leaves(void)
{
	STEP("a child that leaves its block stays a child") {
		expect("number 1");
		CHILD {
			break;
		}
		see("number", 1);
	}
}

/* A touch behind a TRY that was left early ends the process, as it should: nobody expects it. */
static void try_left_early(void)
{
	right();
	STEP("left TRY early") {
		expect("number 1");
		see("number", 1);
		TRY {
			break;
		}
		*(volatile char *)NULL = 1;
	}
}

static void nothing_predicted(void)
{
	right();
	STEP("nothing predicted") {
		see("number", 1);
	}
}

static void predicted_behind_act(void)
{
	STEP("predicted behind the act") {
		expect("number 1");
		see("number", 1);
		expect("number 1");
	}
}

static void no_such_figure(void)
{
	STEP("no such figure") {
		expect("nosuchfigure 1");
		see("number", 1);
	}
}

static void surprised_by_errno(void)
{
	STEP("an errno that nobody predicted") {
		expect("result -1");
		ACT(close(-1));
	}
}

static const struct experiment experiments[] = {
	{ .name = "right", .run = right },
	{ .name = "wrong", .run = wrong },
	{ .name = "left_by_break", .run = left_by_break },
	{ .name = "left_by_return", .run = left_by_return },
	{ .name = "left_by_goto", .run = left_by_goto },
	{ .name = "left_by_continue", .run = left_by_continue },
	{ .name = "left_by_exit", .run = left_by_exit },
	{ .name = "exit_between_steps", .run = exit_between_steps },
	{ .name = "killed", .run = killed },
	{ .name = "left_by_skip", .run = left_by_skip },
	{ .name = "child_leaves", .run = child_leaves },
	{ .name = "try_left_early", .run = try_left_early },
	{ .name = "nothing_predicted", .run = nothing_predicted },
	{ .name = "predicted_behind_act", .run = predicted_behind_act },
	{ .name = "no_such_figure", .run = no_such_figure },
	{ .name = "surprised_by_errno", .run = surprised_by_errno },
};

/* In place of experiments/table.c. */
const struct experiment *experiment_get(size_t i)
{
	return i < ARRAY_SIZE(experiments) ? &experiments[i] : NULL;
}

const struct experiment *experiment_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(experiments); i++)
		if (!strcmp(experiments[i].name, name))
			return &experiments[i];
	return NULL;
}

/* The process of an experiment is this program again, as it is mmscope in the tool. */
static void __attribute__((constructor)) become_subject(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], SUBJECT_WORD))
		exit(subject_main(experiment_find(argv[2]), argv + 2));
}

/* What mmscope run NAME would exit with. */
static int verdict_of(const char *name)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(99);
		view_mode = VIEW_QUIET;
		_exit(narrate(experiment_find(name), "host", false));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

FIXTURE(verdict) {
};

FIXTURE_VARIANT(verdict) {
	const char *experiment;
	int code;
};

FIXTURE_SETUP(verdict)
{
}

FIXTURE_TEARDOWN(verdict)
{
}

FIXTURE_VARIANT_ADD(verdict, right)
{
	.experiment = "right", .code = EXIT_HELD,
};

FIXTURE_VARIANT_ADD(verdict, wrong)
{
	.experiment = "wrong", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, left_by_break)
{
	.experiment = "left_by_break", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, left_by_return)
{
	.experiment = "left_by_return", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, left_by_goto)
{
	.experiment = "left_by_goto", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, left_by_continue)
{
	.experiment = "left_by_continue", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, left_by_exit)
{
	.experiment = "left_by_exit", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, exit_between_steps)
{
	.experiment = "exit_between_steps", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, killed)
{
	.experiment = "killed", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, left_by_skip)
{
	.experiment = "left_by_skip", .code = EXIT_SKIPPED,
};

FIXTURE_VARIANT_ADD(verdict, child_leaves)
{
	.experiment = "child_leaves", .code = EXIT_HELD,
};

FIXTURE_VARIANT_ADD(verdict, try_left_early)
{
	.experiment = "try_left_early", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, nothing_predicted)
{
	.experiment = "nothing_predicted", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, predicted_behind_act)
{
	.experiment = "predicted_behind_act", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, no_such_figure)
{
	.experiment = "no_such_figure", .code = EXIT_BROKEN,
};

FIXTURE_VARIANT_ADD(verdict, surprised_by_errno)
{
	.experiment = "surprised_by_errno", .code = EXIT_BROKEN,
};

TEST_F(verdict, of_an_experiment)
{
	ASSERT_EQ(variant->code, verdict_of(variant->experiment));
}

/* A word of the command line that mmscope run never writes. */
static int subject(const char *name, const char *part, const char *memory)
{
	char *const args[] = { (char *)name, (char *)part, (char *)memory, (char *)memory, NULL };

	if (!freopen("/dev/null", "w", stderr))
		return -1;
	return subject_main(experiment_find(name), (char **)args);
}

TEST(subject_without_an_experiment)
{
	ASSERT_EQ(EXIT_USAGE, subject("nonsuch", "0", "0"));
}

TEST(subject_without_such_a_part)
{
	ASSERT_EQ(EXIT_USAGE, subject("right", "1", "0"));
	ASSERT_EQ(EXIT_USAGE, subject("right", "-1", "0"));
}

TEST(subject_without_its_memory)
{
	ASSERT_EQ(EXIT_USAGE, subject("right", "0", "0"));
	ASSERT_EQ(EXIT_USAGE, subject("right", "0", "99"));
}

/* Before anything runs: the one prediction above whose name nothing has. */
TEST(a_misspelt_name_is_found_at_start)
{
	ASSERT_STREQ("nosuchfigure 1", vocabulary_unknown());
}

TEST_HARNESS_MAIN
