// SPDX-License-Identifier: GPL-2.0
/*
 * Slices: what is at the top of the tree of cgroups, as system.slice or user.slice. A process is of
 * the one that it was in when its address space was told of first: systemd moves it before it runs
 * its program, which has an address space of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/cgroup.h"
#include "scrape/slices.h"
#include "term/plain_text.h"

#define BUCKETS	4096
#define ROOT	"-.slice"	/* as systemd calls the root */

/**
 * struct known - an address space whose slice is known
 * @mm: its number
 * @slice: number of the slice's row
 * @next: with the same hash
 */
struct known {
	__u32 mm;
	size_t slice;
	struct known *next;
};

static struct label_rows slices = { .what = "cgroup slices", .most = SLICES_MOST };
static struct known *buckets[BUCKETS];
static struct known *last;	/* that was asked for: records of one address space come together */
static bool past;	/* processes of a recording are none of this machine */

/**
 * slices_all - the slices that processes were in
 */
struct label_rows *slices_all(void)
{
	return &slices;
}

/**
 * slices_past - the slices of a recording, which does not have them, are not known
 */
void slices_past(void)
{
	past = true;
}

/* Names that are written alike are one slice: Prometheus refuses a series that is told twice. */
static void copy_part(char *buf, size_t size, const char *name, size_t n)
{
	char *part = strndup(name, n);

	if (!part)
		abort();
	plain_text(buf, size, part);
	free(part);
}

/**
 * slice_name - the slice of a cgroup
 * @cgroup: its path, NULL or "" for not known
 * @buf: becomes the path's first part, as plain_text() makes it
 * @size: of @buf
 */
void slice_name(const char *cgroup, char *buf, size_t size)
{
	const char *name = cgroup ? cgroup : "";

	name += strspn(name, "/");
	if (!cgroup || !*cgroup)
		snprintf(buf, size, "%s", SLICE_UNKNOWN);
	else if (!*name)
		snprintf(buf, size, "%s", ROOT);
	else
		copy_part(buf, size, name, strcspn(name, "/"));
}

static struct known **place_of(__u32 mm)
{
	struct known **at = &buckets[mm % BUCKETS];

	while (*at && (*at)->mm != mm)
		at = &(*at)->next;
	return at;
}

static struct known *remember(__u32 mm, size_t slice)
{
	struct known **at = place_of(mm), *known = *at;

	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			abort();
		known->mm = mm;
		*at = known;
	}
	known->slice = slice;
	return known;
}

static size_t row_of(const char *cgroup)
{
	char name[256];

	slice_name(cgroup, name, sizeof(name));
	return label_row(&slices, name, NULL) - slices.rows;
}

/*
 * A process that has ended before it was asked for had the slice of the one that it was forked
 * from, as the kernel gave it. While its process is not known nothing is remembered.
 */
static struct known *find_out(__u32 id, size_t *slice)
{
	const struct mm *mm = mm_get(id);
	bool may_ask = mm && mm->tgid && !past;
	char *cgroup = may_ask ? cgroup_of_process(mm->tgid) : NULL;
	const struct known *parent;

	if (cgroup) {
		*slice = row_of(cgroup);
		free(cgroup);
		return remember(id, *slice);
	}
	parent = mm && mm->parent ? *place_of(mm->parent) : NULL;
	*slice = parent ? parent->slice : row_of(NULL);
	return mm && mm->tgid ? remember(id, *slice) : NULL;
}

/**
 * slice_of - the slice that an address space is of
 * @mm: its number
 *
 * Return: number of its row in slices_all()
 */
size_t slice_of(__u32 mm)
{
	size_t slice;

	if (!last || last->mm != mm)
		last = *place_of(mm);
	if (!last)
		last = find_out(mm, &slice);
	return last ? last->slice : slice;
}

/**
 * slice_ended - an address space has ended: forget it
 * @mm: its number
 */
void slice_ended(__u32 mm)
{
	struct known **at = place_of(mm), *known = *at;

	if (!known)
		return;
	*at = known->next;
	free(known);
	last = NULL;
}
