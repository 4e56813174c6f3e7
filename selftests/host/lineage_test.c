// SPDX-License-Identifier: GPL-2.0
/*
 * The log replayed: each VMA that was told is known, however many there are.
 */
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "lab/lineage.h"
#include "base/proc.h"

#define BASE	0x7f0000000000ULL

static void tell(unsigned int type, unsigned int vma, __u64 start, __u64 end, __u64 aux,
		 unsigned int parent)
{
	struct mmscope_event e = {
		.type = type, .mm = 1, .vma = vma, .start = start, .end = end, .aux = aux,
		.parent = parent,
	};

	lineage_take(&e);
}

static void count(const struct lineage_vma *vma, void *arg)
{
	unsigned long *n = arg;

	++*n;
}

TEST(four_thousand_are_all_known)
{
	__u64 size = proc_page_size();
	unsigned long n = 0, wrong = 0;

	for (unsigned int i = 1; i <= 4000; i++)
		tell(MMSCOPE_MMAP, i, BASE + 2 * i * size, BASE + (2 * i + 1) * size, i, 0);
	for (unsigned int i = 1; i <= 4000; i++)
		wrong += lineage_page(i, BASE + 2 * i * size) != i;
	EXPECT_EQ(wrong, 0);
	lineage_walk(1, BASE, ~0ULL, count, &n);
	EXPECT_EQ(n, 4000);
}

/* The table moves while its VMAs are cut. */
TEST(each_of_many_splits_is_known)
{
	__u64 size = proc_page_size();
	const struct lineage_vma *vma;

	tell(MMSCOPE_MMAP, 1, BASE, BASE + 4000 * size, 0, 0);
	for (unsigned int i = 1; i < 4000; i++)
		tell(MMSCOPE_SPLIT, i + 1, BASE + (i - 1) * size, BASE + 4000 * size,
		     BASE + i * size, i);
	for (unsigned int i = 0; i < 4000; i++) {
		vma = lineage_at(1, BASE + i * size);
		ASSERT_NE(vma, NULL);
		ASSERT_EQ(vma->id, i + 1);
		ASSERT_EQ(vma->pgoff, i);
		ASSERT_EQ(vma->start, BASE + i * size);
		ASSERT_EQ(vma->end, BASE + (i < 3999 ? i + 1 : 4000) * size);
		ASSERT_EQ(vma->parent, (int)i - 1);
	}
}

TEST_HARNESS_MAIN
