// SPDX-License-Identifier: GPL-2.0
/*
 * Which programs have to run for what is to be told. Each costs time when it is loaded, and all
 * processes when it is called.
 *
 * VMAs are followed whatever is asked for: a record names its VMA.
 */
#include <string.h>
#include "base/tool.h"
#include "record/record.h"
#include "tracer/choice.h"

/* What a program is for */
#define FOR_FAULTS	1	/* faults, and which of them are in pages that were given back */
#define FOR_UNMAPS	2	/* how many pages an unmap gives back */
#define FOR_PAGES	4	/* which pages come and go otherwise; they are told as a whole */
#define FOR_LOOKS	8	/* what a VMA is like beside its rights: why it does not merge */
#define FOR_FAILURES	16	/* calls that fail */
#define FOR_VMAS	32	/* all others are */

/* The first line that has a program's name counts; a star stands for any end of it. */
static const struct {
	const char *name;
	unsigned int purpose;
} purposes[] = {
	{ "fault_*", FOR_FAULTS },
	{ "usage_now", FOR_FAULTS },
	{ "find_limits", FOR_FAULTS | FOR_FAILURES },
	{ "rss_swap", FOR_FAULTS },
	{ "rss_swap_done", FOR_FAULTS },
	{ "rss_*", FOR_PAGES },
	{ "zap*", FOR_UNMAPS },
	/* Of pages that advice takes the programs of an unmap are not to tell. */
	{ "advise", FOR_FAULTS | FOR_UNMAPS | FOR_PAGES | FOR_LOOKS },
	{ "advise_range", FOR_FAULTS | FOR_UNMAPS | FOR_PAGES | FOR_LOOKS },
	{ "advise_begins", FOR_UNMAPS | FOR_PAGES },
	{ "advise_range_begins", FOR_UNMAPS | FOR_PAGES },
	{ "advise_*", FOR_PAGES },
	{ "bind", FOR_LOOKS },
	{ "home_node", FOR_LOOKS },
	{ "mlock_vma", FOR_LOOKS },
	{ "mremap_rest", FOR_LOOKS },
	{ "prepare", FOR_LOOKS },
	{ "seal", FOR_LOOKS },
	{ "uffd*", FOR_LOOKS },
	{ "failed_*", FOR_FAILURES },
};

/* Records that need more than VMAs. What an operation takes is what no fault has brought. */
static const struct {
	unsigned int type;
	unsigned int purpose;
} needs[] = {
	{ MMSCOPE_FAULT, FOR_FAULTS },
	{ MMSCOPE_UNMAP, FOR_UNMAPS },
	{ RECORD_RSS, FOR_FAULTS | FOR_UNMAPS | FOR_PAGES },
	{ RECORD_ADVISE, FOR_FAULTS | FOR_UNMAPS | FOR_PAGES | FOR_LOOKS },
	{ RECORD_APART, FOR_LOOKS },
	{ RECORD_FAILED, FOR_LOOKS | FOR_FAILURES },
};

#define MAX_WITHOUT	12

/* Programs that tell faults otherwise; the second time, without short ways. */
static const char *const without[][2][MAX_WITHOUT] = {
	[FAULTS_TOLD] = {
		{ "fault_counted", "fault_timed", "fault_any" },
		{ "fault_counted", "fault_timed", "fault_told" },
	},
	[FAULTS_COUNTED] = {
		{ "fault_user", "fault_kernel", "fault_gup*", "fault_futex", "fault_ksm",
		  "fault_told", "fault_timed", "fault_any", "rss_*", "failed_*" },
		{ "fault_user", "fault_kernel", "fault_gup*", "fault_futex", "fault_ksm",
		  "fault_told", "fault_timed", "fault_counted", "rss_*", "failed_*" },
	},
	[FAULTS_TIMED] = {
		{ "fault_told", "fault_counted", "fault_any", "rss_*", "failed_*" },
		{ "fault_told", "fault_counted", "fault_timed", "rss_*", "failed_*" },
	},
	[FAULTS_IGNORED] = { { "fault_*", "rss_*" }, { "fault_*", "rss_*" } },
};

static bool matches(const char *pattern, const char *name)
{
	size_t n = strcspn(pattern, "*");

	return pattern[n] ? !strncmp(pattern, name, n) : !strcmp(pattern, name);
}

/* Without a choice all are chosen. */
static bool has_type(const struct choice *choice, unsigned int type)
{
	bool any = false;

	for (size_t i = 0; i < RECORD_SET; i++)
		any |= choice->types[i];
	return !any || record_in_set(choice->types, type);
}

/* What has to be known for the types that are chosen. */
static unsigned int needed(const struct choice *choice)
{
	unsigned int all = FOR_VMAS;

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if (has_type(choice, needs[i].type))
			all |= needs[i].purpose;
	return all;
}

static unsigned int purpose_of(const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(purposes); i++)
		if (matches(purposes[i].name, program))
			return purposes[i].purpose;
	return FOR_VMAS;
}

/**
 * choice_has_faults - have faults to be known, be they told or not?
 * @choice: what is to be told
 */
bool choice_has_faults(const struct choice *choice)
{
	return needed(choice) & FOR_FAULTS;
}

/**
 * choice_needs - is a program to be loaded?
 * @choice: what is to be told
 * @program: its name
 */
bool choice_needs(const struct choice *choice, const char *program)
{
	const char *const *other = without[choice->faults][choice->long_way];

	/*
	 * Who succeeds in mmap(2) and munmap(2) is not to pay for the failures of others, unless
	 * somebody asks for those.
	 */
	if (!choice->failures &&
	    (!strcmp(program, "failed_mmap") || !strcmp(program, "failed_munmap")))
		return false;
	if (!(choice->wide.which & WIDE_COMM) && !strcmp(program, "adopt_named"))
		return false;
	for (size_t i = 0; i < MAX_WITHOUT && other[i]; i++)
		if (matches(other[i], program))
			return false;
	return purpose_of(program) & needed(choice);
}
