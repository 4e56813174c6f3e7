// SPDX-License-Identifier: GPL-2.0
/*
 * An address space as a set of ranges, against an array that says of each page what is there; and
 * one with as many VMAs as vm.max_map_count lets a process have.
 */
#include "kselftest_harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "aspace/aspace.h"

#define PAGES	64
#define STEPS	200000
#define MANY	65530
#define AREAS	8

static struct area *areas[AREAS];

FIXTURE(aspace)
{
	struct space *space;
	struct area *page[PAGES];	/* what is where, as it should be */
};

FIXTURE_SETUP(aspace)
{
	self->space = space_add(1);
	for (int i = 1; i < AREAS; i++)
		areas[i] = area_add(1, i);
}

FIXTURE_TEARDOWN(aspace)
{
	space_drop(self->space);
}

/* The pieces are those of the array, joined where neighbours are one; returns how many, or -1 */
static long compare(const struct space *space, struct area *const *page)
{
	const struct piece *piece = space_first(space);
	long n = 0;

	for (__u64 i = 0; i < PAGES;) {
		__u64 start = i;

		while (i < PAGES && page[i] == page[start])
			i++;
		if (!page[start])
			continue;
		if (!piece || piece->start != start || piece->end != i ||
		    piece->area != page[start])
			return -1;
		piece = piece_above(piece);
		n++;
	}
	return piece ? -1 : n;
}

/* One way to ask after another, for one address */
static bool asks_agree(const struct space *space, struct area *const *page, __u64 at)
{
	const struct piece *found = space_find(space, at), *below = piece_below(space, at);
	__u64 next = at, last = at;
	bool none;

	while (next < PAGES && !page[next])
		next++;
	none = next == PAGES;
	if (space_at(space, at) != page[at] || !found != none)
		return false;
	if (found && (found->area != page[next] || found->start > next || found->end <= next))
		return false;
	/* That which holds the address is not below it. */
	while (last && page[at] && page[last - 1] == page[at])
		last--;
	while (last && !page[last - 1])
		last--;
	return below ? last && below->end == last && below->area == page[last - 1] : !last;
}

/* No VMA is in two places, as in the kernel: what is assigned anew leaves where it was. */
static void leave(struct space *space, struct area **page, struct area *area)
{
	for (__u64 i = 0; area && i < PAGES; i++)
		if (page[i] == area) {
			space_assign(space, i, i + 1, NULL);
			page[i] = NULL;
		}
}

TEST_F(aspace, is_what_was_assigned)
{
	srandom(1);
	for (int i = 0; i < STEPS; i++) {
		__u64 start = random() % PAGES, end = start + 1 + random() % (PAGES - start);
		struct area *area = areas[random() % AREAS];
		long n;

		leave(self->space, self->page, area);
		space_assign(self->space, start, end, area);
		for (__u64 at = start; at < end; at++)
			self->page[at] = area;
		n = compare(self->space, self->page);
		ASSERT_EQ(n, self->space->nr) TH_LOG("step %d: [%llu, %llu)", i, start, end);
		ASSERT_TRUE(asks_agree(self->space, self->page, random() % PAGES))
			TH_LOG("step %d", i);
	}
}

/* Each is cut out of the middle of what is left, from the far end and from the near one. */
TEST_F(aspace, has_room_for_all_that_can_be)
{
	struct area *whole = area_add(1, 100), *part;
	unsigned long wrong = 0;

	space_assign(self->space, 0, MANY, whole);
	for (unsigned int i = 1; i < MANY; i += 2) {
		unsigned int at = i & 2 ? MANY - 1 - i / 2 * 2 : i;

		part = area_add(1, 1000 + at);
		space_assign(self->space, at, at + 1, part);
	}
	for (unsigned int i = 0; i < MANY; i++)
		wrong += !space_at(self->space, i);
	EXPECT_EQ(wrong, 0);
	EXPECT_LT(MANY / 2, self->space->nr);
	space_assign(self->space, 0, MANY, NULL);
	EXPECT_EQ(self->space->nr, 0);
}

TEST_HARNESS_MAIN
