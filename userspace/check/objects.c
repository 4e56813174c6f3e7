// SPDX-License-Identifier: GPL-2.0
/*
 * M: what is too small to be missed as pages: objects of the kernel's caches, as /proc/slabinfo
 * counts them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/leak.h"
#include "check/memory.h"

/* More caches than there are */
#define CACHES		1024
/* So many rounds, and no fewer than these, or what is lost cannot be told from noise */
#define ROUNDS		600
#define LEAST		150
/* Looked at so often, with a pause, before what is missing is taken for lost */
#define LOOKS		10
#define PAUSE_US	100000

/**
 * struct cache - one of them
 * @name: of it
 * @objects: in use
 * @grew: in each series so far
 */
struct cache {
	char name[40];
	long objects;
	bool grew;
};

/* Return: how many caches there are, 0 where that cannot be read */
static size_t read_caches(struct cache *caches)
{
	struct proc_lines lines;
	const char *line;
	size_t n = 0;

	if (!proc_open(&lines, "/proc/slabinfo"))
		return 0;
	while (n < CACHES && (line = proc_line(&lines)))
		if (*line != '#' &&
		    sscanf(line, "%39s %ld", caches[n].name, &caches[n].objects) == 2)
			n++;
	proc_close(&lines);
	return n;
}

static struct cache *find(struct cache *caches, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(caches[i].name, name))
			return &caches[i];
	return NULL;
}

/* Which has an object more for each round? Return: one of them, or NULL */
static struct cache *grown(struct cache *before, size_t n, long rounds, long *by)
{
	static struct cache now[CACHES];
	size_t m = read_caches(now);
	struct cache *worst = NULL;

	*by = 0;
	for (size_t i = 0; i < n; i++) {
		struct cache *after = find(now, m, before[i].name);
		long more = after ? after->objects - before[i].objects : 0;

		if (more < rounds - rounds / 10)
			before[i].grew = false;
		if (!before[i].grew || more <= *by)
			continue;
		*by = more;
		worst = &before[i];
	}
	return worst;
}

/* Some objects are given back only a moment later. */
static struct cache *grown_for_good(struct cache *before, size_t n, long rounds, long *by)
{
	struct cache *worst = grown(before, n, rounds, by);

	for (int i = 0; worst && i < LOOKS; i++) {
		usleep(PAUSE_US);
		worst = grown(before, n, rounds, by);
	}
	return worst;
}

static void begin_series(struct cache *caches, size_t n)
{
	static struct cache now[CACHES];
	size_t m = read_caches(now);

	for (size_t i = 0; i < n; i++) {
		const struct cache *is = find(now, m, caches[i].name);

		if (is)
			caches[i].objects = is->objects;
	}
}

void check_leak_of_objects(struct target *target)
{
	static struct cache caches[CACHES];
	size_t n = read_caches(caches);
	__u64 share = leak_share(target);
	struct cache *worst = NULL;
	unsigned int rounds;
	long by = 0;

	if (!n) {
		check_lacks("/proc/slabinfo: %s", strerrorname_np(errno));
		return;
	}
	target_open(target);
	rounds = leak_affordable(target, ROUNDS, LEAK_FAULT, share);
	for (size_t i = 0; i < n; i++)
		caches[i].grew = true;
	for (int i = 0; i < LEAK_SERIES; i++) {
		begin_series(caches, n);
		if (rounds < LEAST || !leak_rounds(target, rounds, LEAK_FAULT)) {
			check_tell(CHECK_SKIP, "it cannot be repeated, or takes seconds");
			return;
		}
		worst = grown_for_good(caches, n, rounds, &by);
		if (!worst)
			break;
	}
	if (!worst) {
		check_tell(CHECK_OK, "%u rounds: no cache has an object more for each", rounds);
		return;
	}
	target_close(target);
	sleep(1);
	worst = grown_for_good(caches, n, rounds, &by);
	if (worst)
		check_tell(CHECK_FAIL, "after %u rounds of mmap(2), reading and munmap(2) %ld "
			   "objects of %s do not come back, each time anew", rounds, by,
			   worst->name);
	else
		check_tell(CHECK_NOTE, "an object for each mapping is kept until close(2)");
}
