// SPDX-License-Identifier: GPL-2.0
/*
 * Two recordings that are read side by side, a few records of one and then of the other, tell what
 * each tells when it is read alone: numbers of VMAs, their names, pages that were touched again,
 * and what is known at the end. Both number their VMAs, files and operations from 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/kallsyms.h"
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "record/record.h"
#include "session/kept.h"
#include "session/session.h"
#include "symbolize/symbol.h"
#include "tracer/queue.h"
#include "tracer/tracer.h"

#define MOST	4096	/* records of a recording here, at most */

/**
 * struct story - what a recording told
 * @nr: records
 * @hash: of each with all that is known of it, so that one that differs is named
 * @mms: address spaces at the end
 * @lost: records that found no room
 * @faults: that the tracer counted as seen
 */
struct story {
	size_t nr;
	__u64 hash[MOST];
	size_t mms;
	__u64 lost;
	__u64 faults;
};

static __u64 add(__u64 hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

/*
 * All that is told of a record: itself, what is beside it, names of its VMA, of the operations of
 * that and of the instruction.
 */
static __u64 hash_of(const struct mmscope_event *e)
{
	const struct vma *vma = e->flags & RECORD_F_WHOLE ? vma_of_id(e->vma) : NULL;
	const char *name = vma ? names_of(vma, mm_get(e->mm)) : NULL;
	__u64 hash = add(0xcbf29ce484222325ULL, e, sizeof(*e));
	const char *ops = vma ? kallsyms_name(vma->image.ops) : NULL;
	const char *at;

	hash = add(hash, ops ? ops : "-", strlen(ops ? ops : "-"));
	hash = add(hash, queue_extra_last(), sizeof(struct record_extra));
	hash = add(hash, name ? name : "?", strlen(name ? name : "?"));
	symbol_note(e);
	at = symbol_of(e);
	return add(hash, at, strlen(at));
}

static bool take(struct session *session, struct story *story)
{
	const struct mmscope_event *e = session_next(session);

	if (!e || story->nr == MOST)
		return false;
	story->hash[story->nr++] = hash_of(e);
	return true;
}

static void end(struct session *session, struct story *story)
{
	session_select(session);
	for (struct mm *mm = NULL; (mm = mm_each(mm));)
		story->mms++;
	story->lost = tracer_lost();
	story->faults = tracer_unseen(0);
	kept_close();
}

static void begin(struct session *session, const char *path)
{
	*session = (struct session){ .input = path };
	session_select(session);
	if (kept_open(session))
		_exit(1);
}

/* Read recordings in a process of its own, @round records of each in turn. */
static bool read_them(struct story *stories, const char *const paths[], size_t nr, size_t round)
{
	struct session watches[2];
	int status;
	pid_t pid = fork();

	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) && !WEXITSTATUS(status);
	}
	for (size_t i = 0; i < nr; i++)
		begin(&watches[i], paths[i]);
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < nr; i++)
			for (size_t n = 0; n < round && take(&watches[i], &stories[i]); n++)
				more = true;
	}
	for (size_t i = 0; i < nr; i++)
		end(&watches[i], &stories[i]);
	_exit(0);
}

/* The number of the first record that is not the same, or how many there are. */
static size_t first_that_differs(const struct story *a, const struct story *b)
{
	size_t n = 0;

	while (n < a->nr && a->hash[n] == b->hash[n])
		n++;
	return n;
}

FIXTURE(stories) {
	struct story *alone;
	struct story *beside;
};

FIXTURE_VARIANT(stories) {
	const char *paths[2];
	size_t round;
};

FIXTURE_VARIANT_ADD(stories, of_two_programs) {
	.paths = { RECORDINGS "sqlite.rec", RECORDINGS "threads.rec" }, .round = 1,
};

FIXTURE_VARIANT_ADD(stories, of_the_same_file) {
	.paths = { RECORDINGS "again.rec", RECORDINGS "again.rec" }, .round = 7,
};

FIXTURE_VARIANT_ADD(stories, with_and_without_the_module) {
	.paths = { RECORDINGS "both.rec", RECORDINGS "random.rec" }, .round = 3,
};

FIXTURE_SETUP(stories)
{
	size_t size = 4 * sizeof(struct story);

	self->alone = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->alone);
	self->beside = self->alone + 2;
}

FIXTURE_TEARDOWN(stories)
{
	munmap(self->alone, 4 * sizeof(struct story));
}

TEST_F(stories, are_the_same_alone_and_side_by_side)
{
	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(read_them(&self->alone[i], &variant->paths[i], 1, MOST));
		ASSERT_LT(10, self->alone[i].nr);
	}
	ASSERT_TRUE(read_them(self->beside, variant->paths, 2, variant->round));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(self->alone[i].nr, self->beside[i].nr);
		EXPECT_EQ(self->alone[i].mms, self->beside[i].mms);
		EXPECT_EQ(self->alone[i].lost, self->beside[i].lost);
		EXPECT_EQ(self->alone[i].faults, self->beside[i].faults);
		EXPECT_EQ(self->alone[i].nr, first_that_differs(&self->alone[i], &self->beside[i]));
	}
}

/* A fault that the module tells: its instruction is found among the ranges that were learned. */
static const struct mmscope_event device_fault = {
	.type = MMSCOPE_FAULT, .mm = 1, .addr = 0x1000, .ip = 0x401010,
};

static void learn(struct session *session, const char *kernel, const char *memory, const char *code)
{
	struct symbol_range range = {
		.mm = 1, .first = true, .start = 0x401000, .end = 0x402000, .base = 0x400000,
	};

	snprintf(range.name, sizeof(range.name), "%s", code);
	session_select(session);
	rules_replace(kernel);
	proc_replace_memory(memory, strlen(memory));
	kallsyms_replace();
	kallsyms_add(1, code);
	symbol_past();
	symbol_learn(&range);
}

TEST(machines_and_code_are_apart)
{
	struct session watches[2] = { { .pid = 1 }, { .pid = 2 } };

	learn(&watches[0], "6.1.0-1", "MemTotal: 100\n", "first");
	learn(&watches[1], "6.12.0-1", "MemTotal: 200\n", "other");
	session_select(&watches[0]);
	EXPECT_EQ(KERNEL(6, 1), rules_kernel());
	EXPECT_EQ(100, proc_memory("MemTotal:"));
	EXPECT_STREQ("first", kallsyms_name(1));
	EXPECT_STREQ("first+0x1010", symbol_of(&device_fault));
	session_select(&watches[1]);
	EXPECT_EQ(KERNEL(6, 12), rules_kernel());
	EXPECT_EQ(200, proc_memory("MemTotal:"));
	EXPECT_STREQ("other", kallsyms_name(1));
	EXPECT_STREQ("other+0x1010", symbol_of(&device_fault));
}

TEST_HARNESS_MAIN
