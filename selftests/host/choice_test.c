// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that are loaded: those that what is asked for needs, and no others.
 */
#include <string.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "base/tool.h"
#include "record/record.h"
#include "tracer/choice.h"

/* Whatever is asked for: VMAs, whose they are and how they are called. */
static const char *const always[] = {
	"ma_write", "perf_event_mmap", "prepare_exec", "vm_area_dup", "vm_area_free", "exit_mmap",
	"process_fork", "process_exec", "brk_64", "set_mm", "name", "have", "read_ops",
};

static struct choice only(unsigned int type)
{
	struct choice choice = { .faults = FAULTS_TOLD };

	choice.types[type / 64] = 1ULL << type % 64;
	if (!choice_has_faults(&choice))
		choice.faults = FAULTS_IGNORED;
	return choice;
}

/* Does it need all of a list of names, with blanks? */
static bool needs(const struct choice *choice, const char *list, bool expected)
{
	char name[32];
	size_t n;

	for (; *list; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		snprintf(name, sizeof(name), "%.*s", (int)n, list);
		if (choice_needs(choice, name) == expected)
			continue;
		printf("# %s\n", name);
		return false;
	}
	return true;
}

TEST(vmas_are_followed_whatever_is_asked_for) {
	for (unsigned int type = 0; type < RECORD_TYPES; type++) {
		const struct choice choice = only(type);

		for (size_t i = 0; i < ARRAY_SIZE(always); i++) {
			EXPECT_TRUE(choice_needs(&choice, always[i]))
				TH_LOG("type %u: %s", type, always[i]);
		}
	}
}

TEST(an_mmap_needs_nothing_else) {
	const struct choice choice = only(MMSCOPE_MMAP);

	EXPECT_TRUE(needs(&choice, "fault_told fault_user fault_usage usage_now rss_fork rss_swap "
			  "zap zap_vma zap_pages_done advise advise_begins advise_lazy prepare "
			  "seal uffd uffd_closed bind failed_brk failed_mmap find_limits", false));
}

TEST(a_fault_needs_what_gave_its_page_back) {
	const struct choice choice = only(MMSCOPE_FAULT);

	EXPECT_TRUE(needs(&choice, "fault_told fault_user fault_usage usage_now fault_swap "
			  "rss_swap rss_swap_done advise advise_range find_limits", true));
	EXPECT_TRUE(needs(&choice, "fault_timed fault_any zap rss_fork prepare failed_brk",
			  false));
}

TEST(an_unmap_needs_advice_that_takes_pages) {
	const struct choice choice = only(MMSCOPE_UNMAP);

	EXPECT_TRUE(needs(&choice, "zap zap_vma zap_hugetlb zap_pages_done advise advise_begins "
			  "advise_range_begins", true));
	EXPECT_TRUE(needs(&choice, "fault_told rss_fork advise_cold prepare", false));
}

/* What an operation brought or took is what was there before and after, without all faults. */
TEST(pages_need_faults_and_unmaps) {
	const unsigned int types[] = { RECORD_RSS, RECORD_ADVISE };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const struct choice choice = only(types[i]);

		EXPECT_EQ(FAULTS_TOLD, choice.faults);
		EXPECT_TRUE(needs(&choice, "fault_told fault_user zap rss_fork rss_fork_done "
				  "rss_swap advise advise_begins advise_lazy", true));
		EXPECT_FALSE(choice_needs(&choice, "failed_brk"));
	}
}

TEST(reasons_need_what_vmas_are_like) {
	struct choice choice = only(RECORD_APART);

	EXPECT_TRUE(needs(&choice, "prepare seal uffd uffd_closed bind mlock_vma name advise",
			  true));
	EXPECT_TRUE(needs(&choice, "fault_told zap advise_begins rss_fork failed_brk", false));
	choice = only(RECORD_FAILED);
	EXPECT_TRUE(needs(&choice, "mlock_vma seal failed_brk failed_uffd find_limits", true));
	EXPECT_TRUE(needs(&choice, "fault_told zap rss_fork failed_mmap failed_munmap", false));
	choice.failures = true;
	EXPECT_TRUE(needs(&choice, "failed_mmap failed_munmap", true));
}

TEST(without_a_choice_all_are_needed) {
	const struct choice choice = { .faults = FAULTS_TOLD };

	EXPECT_TRUE(needs(&choice, "fault_told rss_fork zap advise_lazy prepare failed_brk "
			  "usage_now find_limits", true));
	EXPECT_TRUE(needs(&choice, "fault_timed fault_counted fault_any failed_mmap", false));
}

TEST(sums_have_one_program_that_ends_a_fault) {
	static const char *const ends[] = {
		"fault_told", "fault_any", "fault_counted", "fault_timed",
	};
	struct choice choice;
	int n;

	for (choice = only(MMSCOPE_FAULT); choice.faults < FAULTS_IGNORED; choice.faults++) {
		for (int way = 0; way < 2; way++) {
			choice.long_way = way;
			n = 0;
			for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
				n += choice_needs(&choice, ends[i]);
			EXPECT_EQ(1, n);
		}
	}
	choice.faults = FAULTS_COUNTED;
	EXPECT_TRUE(needs(&choice, "fault_gup fault_gup_old fault_user rss_swap failed_brk",
			  false));
	EXPECT_TRUE(needs(&choice, "fault_swap fault_signal fault_usage", true));
}

TEST_HARNESS_MAIN
