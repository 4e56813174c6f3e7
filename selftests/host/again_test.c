// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of pages that were given back, beside a model that keeps a number for each: random
 * faults, unmaps, advice, moves, forks and ends of three address spaces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness.h"
#include "record/record.h"
#include "tracer/again.h"
#include "record/text.h"
#include "tracer/queue.h"
#include "base/proc.h"
#include "aspace/aspace.h"

#define PAGE	4096ULL
#define PAGES	4000
#define MMS	3
#define STEPS	200000

/* What a page of the model is; above: it was given back by that cause */
enum { NEVER, THERE, GONE };

static int model[MMS + 1][PAGES];
static struct mm mms[MMS + 1];
static struct vma vma = { .id = 1, .end = PAGES * PAGE };
static struct mmscope_event raw = { .tid = 7, .aux = 9 };

/* Of the tool, as far as it is asked. */

const struct mmscope_event *queue_raw(void)
{
	return &raw;
}

struct mm *mm_get(__u32 id)
{
	return &mms[id];
}

struct vma *vma_of_id(__u32 id)
{
	return id == vma.id ? &vma : NULL;
}

unsigned long proc_page_size(void)
{
	return PAGE;
}

void cause_text(int cause, char *buf, size_t size)
{
	snprintf(buf, size, "call %d", cause);
}

const char *advice_name(int advice)
{
	return advice == MADV_DONTNEED ? "DONTNEED" : "another";
}

static void set_range(struct mmscope_event *e, int page, int n)
{
	e->start = page * PAGE;
	e->end = (page + n) * PAGE;
}

static bool fault(struct mmscope_event *e, int page)
{
	int was = model[e->mm][page];
	char by[64], want[64];

	e->type = MMSCOPE_FAULT;
	e->flags |= RECORD_CLASS_ANON << RECORD_CLASS_SHIFT;
	e->addr = page * PAGE + 5;
	e->vma = vma.id;
	e->npages = 1;
	again_observe(e);
	model[e->mm][page] = THERE;
	if (was < GONE)
		return !again_is(e);
	if (!again_is(e))
		return false;
	again_by(e, by, sizeof(by));
	snprintf(want, sizeof(want), (was - GONE) % 2 ? "call %d DONTNEED" : "call %d",
		 (was - GONE) / 2);
	return !strcmp(by, want) && again_ago(e);
}

static void give_back(struct mmscope_event *e, int page, int n, bool advice)
{
	e->type = advice ? RECORD_ADVISE : MMSCOPE_UNMAP;
	e->aux = MADV_DONTNEED;
	set_range(e, page, n);
	again_observe(e);
	for (int i = page; i < page + n; i++)
		if (model[e->mm][i] == THERE)
			model[e->mm][i] = GONE + 2 * e->cause + advice;
}

static void move_on(struct mmscope_event *e, int page, int to, int n)
{
	struct move *move = &mms[e->mm].move;

	e->type = MMSCOPE_COPY;
	set_range(e, to, n);
	again_observe(e);
	*move = (struct move){ raw.tid, raw.aux, page * PAGE, (page + n) * PAGE };
	e->type = MMSCOPE_MOVE;
	set_range(e, page, n);
	again_observe(e);
	move->end = 0;
	for (int i = 0; i < n; i++)
		if (model[e->mm][page + i] == THERE) {
			model[e->mm][to + i] = THERE;
			model[e->mm][page + i] = GONE + 2 * e->cause;
		}
}

static void fork_over(struct mmscope_event *e)
{
	int parent = e->mm, child = e->mm % MMS + 1;

	e->type = MMSCOPE_END;
	e->mm = child;
	again_observe(e);
	e->type = MMSCOPE_FORK;
	e->mm = parent;
	e->aux = child;
	again_observe(e);
	memcpy(model[child], model[parent], sizeof(model[child]));
}

TEST(is_what_a_model_says)
{
	long again = 0;

	srand(1);
	for (int step = 0; step < STEPS; step++) {
		struct mmscope_event e = {
			.mm = 1 + rand() % MMS, .time_ns = (step + 1) * 1000ULL,
			.flags = RECORD_F_WHOLE, .cause = rand() % 100,
		};
		int page = rand() % PAGES, what = rand() % 1000;
		int n = 1 + rand() % (rand() % 10 ? 20 : 1500), to;

		n = page + n > PAGES ? PAGES - page : n;
		to = rand() % (PAGES - n + 1);
		if (what < 850) {
			ASSERT_TRUE(fault(&e, page)) TH_LOG("page %d, step %d", page, step);
			again += again_is(&e);
		} else if (what < 930) {
			give_back(&e, page, n, what % 2);
		} else if (what < 998 && abs(to - page) >= n) {
			move_on(&e, page, to, n);
		} else if (what >= 998) {
			fork_over(&e);
		}
	}
	EXPECT_LT(STEPS / 10, again);
	EXPECT_EQ(0, again_missed());
}

TEST_HARNESS_MAIN
