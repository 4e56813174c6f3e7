// SPDX-License-Identifier: GPL-2.0
/*
 * Words for what a record has as a number: classes of faults, reasons why VMAs are apart, advice.
 */
#include <sys/mman.h>
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"

/**
 * struct class_words - names of a class of faults
 * @name: in JSON and on the command line
 * @word: on the screen
 */
static const struct class_words {
	const char *name;
	const char *word;
} classes[RECORD_NR_CLASSES] = {
	[RECORD_CLASS_NONE]	= { "none", "not told" },
	[RECORD_CLASS_ANON]	= { "anon", "fresh page" },
	[RECORD_CLASS_ZERO]	= { "zero", "zero page" },
	[RECORD_CLASS_COPY]	= { "copy", "copied on write" },
	[RECORD_CLASS_REUSE]	= { "reuse", "reused on write" },
	[RECORD_CLASS_PRIVATE]	= { "private", "private copy of a file's page" },
	[RECORD_CLASS_FILE]	= { "file", "file" },
	[RECORD_CLASS_DIRTY]	= { "dirty", "file's page made writable" },
	[RECORD_CLASS_SHMEM]	= { "shmem", "shared memory" },
	[RECORD_CLASS_SWAP]	= { "swap", "from swap" },
	[RECORD_CLASS_THP]	= { "thp", "huge page" },
	[RECORD_CLASS_HUGETLB]	= { "hugetlb", "hugetlb" },
	[RECORD_CLASS_STACK]	= { "stack", "stack grew" },
	[RECORD_CLASS_NUMA]	= { "numa", "NUMA hint" },
	[RECORD_CLASS_DRIVER]	= { "driver", "driver" },
	[RECORD_CLASS_NOTHING]	= { "nothing", "nothing to do" },
	[RECORD_CLASS_WAIT]	= { "wait", "waited for migration" },
	[RECORD_CLASS_UFFD]	= { "uffd", "userfaultfd" },
	[RECORD_CLASS_REFUSED]	= { "refused", "refused" },
};

static const char *const whys[] = {
	[RECORD_WHY_NOT_TRIED]	= "nobody has tried to merge them",
	[RECORD_WHY_FLAGS]	= "flags differ",
	[RECORD_WHY_FILE]	= "files differ",
	[RECORD_WHY_OFFSET]	= "offsets do not go on",
	[RECORD_WHY_ANON_VMA]	= "anon_vmas differ",
	[RECORD_WHY_CLOSE]	= "the driver has a close hook",
	[RECORD_WHY_SPECIAL]	= "special mappings never merge",
	[RECORD_WHY_POLICY]	= "NUMA policies differ",
	[RECORD_WHY_NAME]	= "names differ",
	[RECORD_WHY_UFFD]	= "userfaultfds differ",
};

static const struct {
	int advice;
	const char *name;
} advices[] = {
	{ MADV_NORMAL, "NORMAL" }, { MADV_RANDOM, "RANDOM" }, { MADV_SEQUENTIAL, "SEQUENTIAL" },
	{ MADV_WILLNEED, "WILLNEED" }, { MADV_DONTNEED, "DONTNEED" }, { MADV_FREE, "FREE" },
	{ MADV_REMOVE, "REMOVE" }, { MADV_DONTFORK, "DONTFORK" }, { MADV_DOFORK, "DOFORK" },
	{ MADV_MERGEABLE, "MERGEABLE" }, { MADV_UNMERGEABLE, "UNMERGEABLE" },
	{ MADV_HUGEPAGE, "HUGEPAGE" }, { MADV_NOHUGEPAGE, "NOHUGEPAGE" },
	{ MADV_DONTDUMP, "DONTDUMP" }, { MADV_DODUMP, "DODUMP" },
	{ MADV_WIPEONFORK, "WIPEONFORK" }, { MADV_KEEPONFORK, "KEEPONFORK" },
	{ MADV_COLD, "COLD" }, { MADV_PAGEOUT, "PAGEOUT" },
	{ MADV_POPULATE_READ, "POPULATE_READ" }, { MADV_POPULATE_WRITE, "POPULATE_WRITE" },
	{ 24, "DONTNEED_LOCKED" }, { 25, "COLLAPSE" }, { 100, "HWPOISON" },
	{ 101, "SOFT_OFFLINE" }, { 102, "GUARD_INSTALL" }, { 103, "GUARD_REMOVE" },
};

/**
 * class_name - the name of a class of faults for programs
 * @class: enum record_class
 *
 * Return: the name, NULL when no class has this number
 */
const char *class_name(unsigned int class)
{
	return class < ARRAY_SIZE(classes) ? classes[class].name : NULL;
}

/**
 * class_word - the name of a class of faults for people
 * @class: enum record_class
 */
const char *class_word(unsigned int class)
{
	return class < ARRAY_SIZE(classes) ? classes[class].word : "unknown";
}

/**
 * why_name - why the kernel has not merged two VMAs that touch
 * @why: enum record_why
 */
const char *why_name(unsigned int why)
{
	return why < ARRAY_SIZE(whys) ? whys[why] : "unknown";
}

/**
 * advice_name - the name of an advice of madvise(2), without its MADV_
 * @advice: MADV_*
 */
const char *advice_name(int advice)
{
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		if (advices[i].advice == advice)
			return advices[i].name;
	return "unknown advice";
}
