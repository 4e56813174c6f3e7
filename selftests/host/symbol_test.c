// SPDX-License-Identifier: GPL-2.0
/*
 * Where in a program an instruction is, for the module's records: of more programs than anybody
 * made room for, and of processes that have ended.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "record/record.h"
#include "symbolize/symbol.h"
#include "symbolize/symbols.h"

#define MMS	20000
#define CODE	0x400000ULL
#define SIZE	0x1000ULL

static void learn(unsigned int mm)
{
	struct symbol_range range = {
		.mm = mm, .first = 1, .start = CODE, .end = CODE + SIZE, .base = CODE - SIZE,
	};

	snprintf(range.name, sizeof(range.name), "program%u", mm);
	symbol_learn(&range);
}

static const char *at(unsigned int mm)
{
	struct mmscope_event e = { .type = MMSCOPE_FAULT, .mm = mm, .ip = CODE + 5 };

	return symbol_of(&e);
}

FIXTURE(symbol) {
};

FIXTURE_SETUP(symbol)
{
	symbols_select(symbols_new());
	symbol_past();
}

FIXTURE_TEARDOWN(symbol)
{
}

TEST_F(symbol, each_of_many_programs_has_its_name)
{
	char want[40];

	for (unsigned int mm = 1; mm <= MMS; mm++)
		learn(mm);
	for (unsigned int mm = 1; mm <= MMS; mm += 999) {
		snprintf(want, sizeof(want), "program%u+0x1005", mm);
		ASSERT_STREQ(at(mm), want);
	}
	ASSERT_STREQ(at(MMS + 1), "0x400005");
}

TEST_F(symbol, a_child_has_its_parents_and_they_go_with_their_process)
{
	struct mmscope_event fork = { .type = MMSCOPE_FORK, .mm = 1, .aux = 2 };
	struct mmscope_event end = { .type = MMSCOPE_END, .mm = 1 };

	learn(1);
	for (unsigned int child = 2; child < MMS; child++) {
		fork.aux = child;
		symbol_note(&fork);
		fork.mm = child;
		end.mm = child - 1;
		symbol_note(&end);
		ASSERT_EQ(symbols->nr_ranges, 1);
	}
	ASSERT_STREQ(at(MMS - 1), "program1+0x1005");
	ASSERT_STREQ(at(1), "0x400005");
}

TEST_HARNESS_MAIN
