// SPDX-License-Identifier: GPL-2.0
/*
 * Why two VMAs that touch are two, in words. Where the kernel could not be asked, as far as /proc
 * tells.
 */
#include <stdio.h>
#include <string.h>
#include "apart.h"
#include "atlas.h"
#include "event.h"
#include "mmscope.h"
#include "proc.h"
#include "vmas.h"

/* VmFlags, in the order in which they are of interest; those that merging ignores are not here. */
static const struct {
	char flag[4];
	const char *word;
} words[] = {
	{ "rd ", "read" }, { "wr ", "write" }, { "ex ", "exec" }, { "sh ", "shared" },
	{ "gd ", "grows down" }, { "lo ", "locked" }, { "lf ", "locked on fault" },
	{ "io ", "I/O" }, { "pf ", "PFNs" }, { "mm ", "mixed" }, { "de ", "must not expand" },
	{ "dc ", "not for children" }, { "wf ", "wiped for children" }, { "dd ", "not dumped" },
	{ "sr ", "sequential" }, { "rr ", "random" }, { "hg ", "hugepage" },
	{ "nh ", "nohugepage" }, { "mg ", "mergeable" }, { "nr ", "not reserved" },
	{ "ht ", "hugetlb" }, { "um ", "userfaultfd, missing" },
	{ "uw ", "userfaultfd, write-protect" }, { "ui ", "userfaultfd, minor" },
	{ "sl ", "sealed" }, { "dp ", "droppable" }, { "ss ", "shadow stack" },
	{ "ac ", "accounted" },
	/* What rights may be asked for: told only where nothing else differs. */
	{ "mr ", "may read" }, { "mw ", "may write" }, { "me ", "may exec" },
	{ "ms ", "may share" },
};

#define NR_TELLING	(ARRAY_SIZE(words) - 4)

static bool has(const struct atlas_vma *vma, size_t i)
{
	return strstr(vma->flags, words[i].flag);
}

/* The flags that one of them has; false for none. */
static bool differing_flags(const struct atlas_vma *low, const struct atlas_vma *high, char *buf,
			    size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (has(low, i) != has(high, i) && n < size && (i < NR_TELLING || !n))
			n += snprintf(buf + n, size - n, "%s%s", n ? ", " : "", words[i].word);
	return n;
}

static bool same_file(const struct atlas_vma *low, const struct atlas_vma *high)
{
	return low->inode == high->inode && low->major == high->major && low->minor == high->minor;
}

static bool special(const struct atlas_vma *vma)
{
	return strstr(vma->flags, "io ") || strstr(vma->flags, "pf ") ||
	       strstr(vma->flags, "mm ") || strstr(vma->flags, "de ");
}

/* The kernel was not asked: -1 for what /proc does not tell. */
static int guess(const struct atlas_vma *low, const struct atlas_vma *high)
{
	char flags[160];

	if (!same_file(low, high))
		return MMSCOPE_WHY_FILE;
	if (differing_flags(low, high, flags, sizeof(flags)))
		return MMSCOPE_WHY_FLAGS;
	if (special(low))
		return MMSCOPE_WHY_SPECIAL;
	if (!low->inode && strcmp(low->name, high->name))
		return MMSCOPE_WHY_NAME;
	if (low->inode && low->offset + low->end - low->start != high->offset)
		return MMSCOPE_WHY_OFFSET;
	return -1;
}

static void tell(int why, const struct atlas_vma *low, const struct atlas_vma *high, char *buf,
		 size_t size)
{
	char flags[160];

	if (why < 0)
		snprintf(buf, size, "only root learns why");
	else if (why == MMSCOPE_WHY_FLAGS && differing_flags(low, high, flags, sizeof(flags)))
		snprintf(buf, size, "%s: %s", why_name(why), flags);
	else if (why == MMSCOPE_WHY_FILE && low->inode && same_file(low, high))
		snprintf(buf, size, "the file was opened twice");
	else if (why == MMSCOPE_WHY_OFFSET && low->inode)
		snprintf(buf, size, "%s: page %llu follows page %llu", why_name(why),
			 high->offset / proc_page_size(),
			 (low->offset + low->end - low->start) / proc_page_size() - 1);
	else
		snprintf(buf, size, "%s", why_name(why));
}

/**
 * atlas_apart - why a VMA and the one before it are two
 * @atlas: of which
 * @i: the VMA
 * @buf: for the reason in words
 * @size: of @buf
 *
 * Return: enum mmscope_why; -1 when that is not known, -2 when they do not touch
 */
int atlas_apart(const struct atlas *atlas, size_t i, char *buf, size_t size)
{
	const struct atlas_vma *high = &atlas->vmas[i], *low = high - 1;
	int why;

	if (!i || low->end != high->start)
		return -2;
	if (low->area && high->area)
		why = apart_why(low->area, high->area);
	else
		why = guess(low, high);
	tell(why, low, high, buf, size);
	return why;
}
