// SPDX-License-Identifier: GPL-2.0
/*
 * Names of VMAs: each has the one that was told for it, however many threads tell at the same time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "aspace/vma_name.h"
#include "aspace/aspace.h"

#define THREADS	200

TEST(threads_tell_at_the_same_time)
{
	static struct raw_name names[THREADS];
	static struct raw_vma vmas[THREADS];
	struct vma vma = { 0 };
	unsigned int wrong = 0;
	char text[16];

	for (unsigned int i = 0; i < THREADS; i++) {
		names[i].e.tid = 1000 + i;
		vmas[i].vma.object = 0xffff888000000000ULL + i * 192;
		names[i].object = vmas[i].vma.object;
		vmas[i].e.tid = 1000 + i;
		snprintf(names[i].text, sizeof(names[i].text), "vma %u", i);
		names_pending(&names[i]);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		names_take(&vma, &vmas[i]);
		snprintf(text, sizeof(text), "vma %u", i);
		wrong += !vma.name || strcmp(vma.name, text);
	}
	EXPECT_EQ(wrong, 0);
	/* It is told for once. */
	names_take(&vma, &vmas[0]);
	EXPECT_EQ(vma.name, NULL);
}

TEST_HARNESS_MAIN
