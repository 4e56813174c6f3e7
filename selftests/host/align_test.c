// SPDX-License-Identifier: GPL-2.0
/*
 * Which VMA of one recording is which of another (diff/align.c), and what became of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "harness.h"
#include "diff/match.h"

#define PAGE	4096ULL
#define BASE	0x7f0000000000ULL

/* Names are where the texts begin that have them. */
static const char texts[] = "\0/lib/one.so\0/lib/two.so\0[heap]";
#define ANON	0
#define ONE	1
#define TWO	13
#define HEAP	25

#define RW	(RAW_VM_READ | RAW_VM_WRITE)

/* A side with one address space, whose VMAs are added from the lowest on. */
struct made {
	struct side side;
	struct side_mm mm;
	struct side_vma *vmas;
	__u64 at;
};

static void begin(struct made *made, __u64 base)
{
	memset(made, 0, sizeof(*made));
	strcpy(made->mm.comm, "prog");
	made->mm.mm = 1;
	made->side.head.mms = 1;
	made->side.mms = &made->mm;
	made->side.texts = (char *)texts;
	made->at = base;
}

static void add(struct made *made, side_text name, __u64 pages, __u64 offset, __u64 rights)
{
	struct side_vma *vma;

	if (!(made->mm.nr & (made->mm.nr - 1)))
		made->vmas = realloc(made->vmas, (made->mm.nr ? 2 * made->mm.nr : 1) *
				     sizeof(*made->vmas));
	if (!made->vmas)
		abort();
	vma = &made->vmas[made->mm.nr++];
	*vma = (struct side_vma){
		.start = made->at, .end = made->at + pages * PAGE, .offset = offset,
		.rights = rights,
		.name = name, .id = made->mm.nr, .of_file = name == ONE || name == TWO,
	};
	made->at = vma->end;
	made->side.vmas = made->vmas;
	made->side.head.vmas = made->mm.nr;
}

static void gap(struct made *made)
{
	made->at += 16 * PAGE;
}

FIXTURE(align)
{
	struct made a, b;
	struct matched matched;
};

FIXTURE_SETUP(align)
{
	begin(&self->a, BASE);
	begin(&self->b, BASE + (1ULL << 30));
}

FIXTURE_TEARDOWN(align)
{
	match_free(&self->matched);
	free(self->a.vmas);
	free(self->b.vmas);
}

static void match(struct __test_metadata *_metadata, struct _test_data_align *self, __u64 went,
		  __u64 came, __u64 cut, __u64 grew)
{
	match_sides(&self->matched, &self->a.side, &self->b.side);
	ASSERT_EQ(self->matched.nr, 1);
	EXPECT_EQ(self->matched.changes[CHANGE_WENT], went);
	EXPECT_EQ(self->matched.changes[CHANGE_CAME], came);
	EXPECT_EQ(self->matched.changes[CHANGE_CUT], cut);
	EXPECT_EQ(self->matched.changes[CHANGE_GREW], grew);
	EXPECT_EQ(self->matched.changes[CHANGE_MOVED], 0);
}

static const struct vma_pair *pair_of(const struct matched *matched, enum change change)
{
	for (size_t i = 0; i < matched->mms[0].nr; i++)
		if (matched->mms[0].vmas[i].change == change)
			return &matched->mms[0].vmas[i];
	return NULL;
}

TEST_F(align, other_addresses_are_no_difference)
{
	for (int i = 0; i < 50; i++) {
		add(&self->a, i % 2 ? ONE : ANON, i + 1, i, RW);
		add(&self->b, i % 2 ? ONE : ANON, i + 1, i, RW);
	}
	match(_metadata, self, 0, 0, 0, 0);
	EXPECT_EQ(self->matched.changes[CHANGE_NONE], 50);
}

/* One in the midst of others that have no names: it is that one, and not all behind it. */
TEST_F(align, one_more_in_the_midst_is_one_more)
{
	static const __u64 pages[] = { 3, 2, 7, 15, 2, 7 };

	for (size_t i = 0; i < 6; i++) {
		if (i == 3) {
			add(&self->b, ANON, 5, 0, RW);
			gap(&self->b);
		}
		add(&self->a, ANON, pages[i], 0, RW);
		gap(&self->a);
		add(&self->b, ANON, pages[i], 0, RW);
		gap(&self->b);
	}
	match(_metadata, self, 0, 1, 0, 0);
	ASSERT_NE(pair_of(&self->matched, CHANGE_CAME), NULL);
	EXPECT_EQ(pair_of(&self->matched, CHANGE_CAME)->b, &self->b.vmas[3]);
}

TEST_F(align, heap_that_is_larger_grew)
{
	add(&self->a, HEAP, 33, 0, RW);
	add(&self->b, HEAP, 66, 0, RW);
	match(_metadata, self, 0, 0, 0, 1);
}

TEST_F(align, other_rights_alone_are_told_as_that)
{
	add(&self->a, ONE, 4, 3, RW);
	add(&self->b, ONE, 4, 3, RAW_VM_READ);
	match(_metadata, self, 0, 0, 0, 0);
	EXPECT_EQ(self->matched.changes[CHANGE_RIGHTS], 1);
}

/* The offset says which part of a file it is, if another part is missing. */
TEST_F(align, parts_of_a_file_are_known_by_their_offsets)
{
	for (int i = 0; i < 5; i++) {
		add(&self->a, ONE, 4, 4 * i, RAW_VM_READ);
		if (i != 2)
			add(&self->b, ONE, 4, 4 * i, RAW_VM_READ);
	}
	match(_metadata, self, 1, 0, 0, 0);
	EXPECT_EQ(pair_of(&self->matched, CHANGE_WENT)->a->offset, 8);
}

/* What lies above one library is not what lies above another. */
TEST_F(align, nameless_are_known_by_what_they_touch)
{
	add(&self->a, ONE, 4, 0, RW);
	add(&self->a, ANON, 2, 0, RW);
	gap(&self->a);
	add(&self->a, TWO, 4, 0, RW);
	add(&self->a, ANON, 2, 0, RW);
	add(&self->b, ONE, 4, 0, RW);
	gap(&self->b);
	add(&self->b, TWO, 4, 0, RW);
	add(&self->b, ANON, 2, 0, RW);
	match(_metadata, self, 1, 0, 0, 0);
	EXPECT_EQ(pair_of(&self->matched, CHANGE_WENT)->a, &self->a.vmas[1]);
}

TEST_F(align, names_are_those_without_folders)
{
	add(&self->a, ONE, 4, 0, RW);
	add(&self->b, TWO, 4, 0, RW);
	match(_metadata, self, 1, 1, 0, 0);
}

TEST_F(align, many_alike_are_matched_whole)
{
	for (int i = 0; i < 30000; i++) {
		add(&self->a, ANON, 1 + i % 3, 0, RW);
		add(&self->b, ANON, 1 + i % 3, 0, RW);
	}
	match(_metadata, self, 0, 0, 0, 0);
	EXPECT_EQ(self->matched.in_order, 0);
}

/* The table would be too large: order decides, and says so. */
TEST_F(align, too_many_are_matched_by_order)
{
	for (int i = 0; i < 3000; i++) {
		add(&self->a, ANON, 1, 0, RW);
		add(&self->b, ANON, 2, 0, RW);
	}
	match(_metadata, self, 0, 0, 0, 3000);
	EXPECT_EQ(self->matched.in_order, 6000);
}

TEST_F(align, nothing_is_the_same_as_nothing)
{
	match(_metadata, self, 0, 0, 0, 0);
	EXPECT_EQ(self->matched.mms[0].nr, 0);
}

/* In one recording: what a VMA was cut into, and whose numbers are new, came from it. */
TEST_F(align, lineage_joins_what_came_with_what_went)
{
	static struct side_gone gone[] = { { .id = 1 }, { .id = 7, .parent = 1 } };

	add(&self->a, ANON, 8, 0, RW);
	add(&self->b, ANON, 3, 0, RW);
	self->b.vmas[0].start = self->a.vmas[0].start;
	self->b.vmas[0].end = self->a.vmas[0].start + 3 * PAGE;
	self->b.vmas[0].id = 9;
	self->b.vmas[0].parent = 7;
	self->a.side.head.inode = 5;
	self->b.side.head.inode = 5;
	self->b.side.gone = gone;
	self->b.side.head.gone = 2;
	match(_metadata, self, 0, 0, 1, 0);
	/* A circle, which no kernel tells, ends. */
	gone[1].parent = 7;
	match_free(&self->matched);
	match(_metadata, self, 1, 1, 0, 0);
}

TEST_HARNESS_MAIN
