// SPDX-License-Identifier: GPL-2.0
/*
 * An address space as a set of ranges, against an array that says of each page what is there; and
 * one with as many VMAs as vm.max_map_count lets a process have.
 */
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "aspace/aspace.h"

#define PAGES	64
#define STEPS	200000
#define MANY	65530
#define AREAS	8

static struct vma *vmas[AREAS];

FIXTURE(aspace)
{
	struct mm *mm;
	struct vma *page[PAGES];	/* what is where, as it should be */
};

FIXTURE_SETUP(aspace)
{
	self->mm = mm_add(1);
	for (int i = 1; i < AREAS; i++)
		vmas[i] = vma_add(1, i);
}

FIXTURE_TEARDOWN(aspace)
{
	mm_drop(self->mm);
}

/* The ranges are those of the array, joined where neighbours are one; returns how many, or -1 */
static long compare(const struct mm *mm, struct vma *const *page)
{
	const struct map_range *range = mm_first(mm);
	long n = 0;

	for (__u64 i = 0; i < PAGES;) {
		__u64 start = i;

		while (i < PAGES && page[i] == page[start])
			i++;
		if (!page[start])
			continue;
		if (!range || range->start != start || range->end != i ||
		    range->vma != page[start])
			return -1;
		range = range_above(range);
		n++;
	}
	return range ? -1 : n;
}

/* One way to ask after another, for one address */
static bool asks_agree(const struct mm *mm, struct vma *const *page, __u64 at)
{
	const struct map_range *found = mm_find(mm, at), *below = range_below(mm, at);
	__u64 next = at, last = at;
	bool none;

	while (next < PAGES && !page[next])
		next++;
	none = next == PAGES;
	if (mm_at(mm, at) != page[at] || !found != none)
		return false;
	if (found && (found->vma != page[next] || found->start > next || found->end <= next))
		return false;
	/* That which holds the address is not below it. */
	while (last && page[at] && page[last - 1] == page[at])
		last--;
	while (last && !page[last - 1])
		last--;
	return below ? last && below->end == last && below->vma == page[last - 1] : !last;
}

/* No VMA is in two places, as in the kernel: what is assigned anew leaves where it was. */
static void leave(struct mm *mm, struct vma **page, struct vma *vma)
{
	for (__u64 i = 0; vma && i < PAGES; i++)
		if (page[i] == vma) {
			mm_assign(mm, i, i + 1, NULL);
			page[i] = NULL;
		}
}

TEST_F(aspace, is_what_was_assigned)
{
	srandom(1);
	for (int i = 0; i < STEPS; i++) {
		__u64 start = random() % PAGES, end = start + 1 + random() % (PAGES - start);
		struct vma *vma = vmas[random() % AREAS];
		long n;

		leave(self->mm, self->page, vma);
		mm_assign(self->mm, start, end, vma);
		for (__u64 at = start; at < end; at++)
			self->page[at] = vma;
		n = compare(self->mm, self->page);
		ASSERT_EQ(n, self->mm->nr) TH_LOG("step %d: [%llu, %llu)", i, start, end);
		ASSERT_TRUE(asks_agree(self->mm, self->page, random() % PAGES))
			TH_LOG("step %d", i);
	}
}

/* Each is cut out of the middle of what is left, from the far end and from the near one. */
TEST_F(aspace, has_room_for_all_that_can_be)
{
	struct vma *whole = vma_add(1, 100), *part;
	unsigned long wrong = 0;

	mm_assign(self->mm, 0, MANY, whole);
	for (unsigned int i = 1; i < MANY; i += 2) {
		unsigned int at = i & 2 ? MANY - 1 - i / 2 * 2 : i;

		part = vma_add(1, 1000 + at);
		mm_assign(self->mm, at, at + 1, part);
	}
	for (unsigned int i = 0; i < MANY; i++)
		wrong += !mm_at(self->mm, i);
	EXPECT_EQ(wrong, 0);
	EXPECT_LT(MANY / 2, self->mm->nr);
	mm_assign(self->mm, 0, MANY, NULL);
	EXPECT_EQ(self->mm->nr, 0);
}

TEST_HARNESS_MAIN
