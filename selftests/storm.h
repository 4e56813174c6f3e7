/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A storm: threads that map, split, touch, fork, open and close at once, and what is to be seen
 * when it is over.
 */
#ifndef STORM_H
#define STORM_H

#include "scope.h"

#define STORM_PAGES	32

/* A number from a line "name number" of a file, or from its only line; -1 without it */
static inline long long number_in(const char *path, const char *name)
{
	char line[128];
	long long n = -1;
	FILE *f = fopen(path, "re");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (name && strncmp(line, name, strlen(name)))
			continue;
		n = strtoll(line + (name ? strlen(name) : 0), NULL, 10);
		break;
	}
	fclose(f);
	return n;
}

static inline long long references(void)
{
	return number_in("/sys/module/mmscope/refcnt", NULL);
}

/*
 * All that is known of VMAs and maps of processes that have ended: must be nothing. What an orphan
 * gives back is not known.
 */
static inline unsigned int leftovers(int fd)
{
	struct mmscope_stat stat = { .mm = 0 };
	unsigned int n = 0, left;
	__u32 mm = 1;

	while (!scope_stat(fd, mm, MMSCOPE_STAT_NEXT, &stat)) {
		left = stat.vmas + stat.maps + (stat.mapped && !stat.orphans);
		if (stat.state == MMSCOPE_DEAD && left)
			fprintf(stderr,
				"# left: mm %u %s: %u VMAs, %u maps, %lld pages, %llu orphans\n",
				stat.mm, stat.comm, stat.vmas, stat.maps, (long long)stat.mapped,
				stat.orphans);
		if (stat.state == MMSCOPE_DEAD)
			n += left;
		mm = stat.mm + 1;
	}
	return n;
}

/* Mms that have VMAs, or are busy */
static inline unsigned int live_mms(int fd)
{
	struct mmscope_stat stat = { .mm = 0 };
	unsigned int n = 0;
	__u32 mm = 1;

	while (!scope_stat(fd, mm, MMSCOPE_STAT_NEXT, &stat)) {
		n += stat.state == MMSCOPE_LIVE;
		mm = stat.mm + 1;
	}
	return n;
}

/* @gone: pages of its map that were unmapped, by bits: somebody else may have them now */
struct storm {
	int fd;
	unsigned int seed;
	size_t rounds;
	size_t *done;
	bool wrong;
	unsigned int gone;
};

static inline unsigned int pick(struct storm *s, unsigned int below)
{
	s->seed = s->seed * 1103515245 + 12345;
	return (s->seed >> 16) % below;
}

/* A child that uses the map, or another program: the including one, called with "nothing" */
static inline void storm_fork(struct storm *s, char *map)
{
	bool exec = pick(s, 2);
	pid_t pid = fork();

	if (!pid) {
		if (map)
			read_pages(map, 0, 4);
		if (exec)
			execl("/proc/self/exe", "storm", "nothing", NULL);
		_exit(0);
	}
	if (pid > 0)
		wait_child(pid);
}

/* A file of its own, with all that is done to one */
static inline void storm_open(struct storm *s)
{
	struct scope own;

	if (scope_open(&own))
		return;
	scope_read(&own);
	scope_map(&own, 2);
	/* Its store has its size now */
	if (own.areas) {
		if (!scope_setup(own.fd, MMSCOPE_PAGE, 0, 1 + pick(s, 99)) || errno != EBUSY)
			s->wrong = true;
		munmap((void *)own.area[0].base, 2 * page_size());
	}
	scope_close(&own);
}

static inline void storm_unmap(struct storm *s, char *map, size_t from, size_t to)
{
	size_t i, n;

	for (i = from; i < to; i += n) {
		n = 1;
		if (s->gone >> i & 1)
			continue;
		while (i + n < to && !(s->gone >> (i + n) & 1))
			n++;
		munmap(page(map, i), n * page_size());
	}
}

static inline void storm_once(struct storm *s, char **map)
{
	size_t size = STORM_PAGES * page_size(), last;

	switch (pick(s, 7)) {
	case 0:
	case 1:
		if (*map)
			storm_unmap(s, *map, 0, STORM_PAGES);
		s->gone = 0;
		*map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    pick(s, 3) ? MAP_SHARED : MAP_PRIVATE, s->fd, 0);
		if (*map == MAP_FAILED)
			*map = NULL;
		break;
	case 2:
		if (*map)
			touch_pages(*map, 0, STORM_PAGES / 4);
		break;
	case 3:
		if (*map)
			mprotect(page(*map, STORM_PAGES / 2 + pick(s, 4)), 4 * page_size(),
				 PROT_READ);
		break;
	case 4:
		last = STORM_PAGES - 1 - pick(s, 8);
		if (*map)
			storm_unmap(s, *map, last, last + 1);
		s->gone |= 1U << last;
		break;
	case 5:
		if (!pick(s, 3))
			storm_fork(s, *map);
		break;
	case 6:
		storm_open(s);
		break;
	}
}

static inline void *storm(void *arg)
{
	struct storm *s = arg;
	char *map = NULL;
	size_t i;

	for (i = 0; i < s->rounds; i++) {
		storm_once(s, &map);
		__atomic_fetch_add(s->done, 1, __ATOMIC_RELAXED);
	}
	if (map)
		storm_unmap(s, map, 0, STORM_PAGES);
	return NULL;
}

/*
 * Four threads that map, split, touch, fork, execute, open and close; @done counts their steps.
 * Returns whether all went as it should.
 */
static inline bool make_storm(int fd, unsigned int seed, size_t rounds, size_t *done)
{
	struct storm s[4];
	pthread_t thread[4];
	bool wrong = false;
	int i;

	for (i = 0; i < 4; i++) {
		s[i] = (struct storm){ .fd = fd, .seed = seed + i, .rounds = rounds,
				       .done = done };
		if (pthread_create(thread + i, NULL, storm, s + i))
			abort();
	}
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		wrong |= s[i].wrong;
	}
	return !wrong;
}

#endif
