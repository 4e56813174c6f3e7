// SPDX-License-Identifier: GPL-2.0
/*
 * Which BPF programs are loaded for the records that are asked for. A program costs time when it is
 * loaded, and all processes of the machine pay when the kernel calls it.
 *
 * VMAs are followed whatever is asked for, since each record names its VMA.
 */
#include <string.h>
#include "base/tool.h"
#include "record/record.h"
#include "tracer/choice.h"

/* Purposes: bits that say what a program is for */
#define FOR_FAULTS	1	/* faults, and which of them are in pages that were given back */
#define FOR_UNMAPS	2	/* how many pages an unmap gives back */
#define FOR_PAGES	4	/* which pages come and go otherwise, told for a whole operation */
#define FOR_LOOKS	8	/* flags of VMAs beside their rights: why VMAs do not merge */
#define FOR_FAILURES	16	/* system calls that fail */
#define FOR_VMAS	32	/* which VMAs there are: all programs without a line below */

/* The first line that matches a program's name counts; a star stands for any end of the name. */
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
	/*
	 * The programs of an unmap would tell the pages of advice, if these did not say that it is.
	 */
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

/*
 * What the types of records need beside VMAs. RECORD_RSS and RECORD_ADVISE need faults, since what
 * an operation takes is known only if what the faults have brought is.
 */
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

/*
 * Programs to leave out, by enum fault_mode: they tell faults in another way. The second list is
 * for &choice.long_way.
 */
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

/* Is a type asked for? If the set of types is empty, all types are. */
static bool has_type(const struct choice *choice, unsigned int type)
{
	bool any = false;

	for (size_t i = 0; i < RECORD_SET; i++)
		any |= choice->types[i];
	return !any || record_in_set(choice->types, type);
}

/* The purposes that the types which are asked for need. */
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
 * choice_has_faults - do faults have to be known, even if no record of them is asked for?
 * @choice: what is asked for
 */
bool choice_has_faults(const struct choice *choice)
{
	return needed(choice) & FOR_FAULTS;
}

/**
 * choice_needs - does a program have to be loaded?
 * @choice: what is asked for
 * @program: name of the program
 */
bool choice_needs(const struct choice *choice, const char *program)
{
	const char *const *other = without[choice->faults][choice->long_way];

	/*
	 * Each successful mmap(2) and munmap(2) of the machine would pay for the programs that tell
	 * of failed ones. They are loaded only if somebody asks for failures.
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
