// SPDX-License-Identifier: GPL-2.0
/*
 * R: threads that map, touch, unmap and fork at a time. Whether that went well only the kernel's
 * log says, and that it ends.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"
#include "check/recipe.h"

#define RACE_NS		2000000000ULL

/**
 * struct race - what threads have in common
 * @target: it
 * @at: a mapping
 * @until: when it is over
 * @rounds: how many of them there were, of whoever counts
 */
struct race {
	struct target *target;
	char *at;
	__u64 until;
	unsigned long rounds;
};

static bool runs(const struct race *race)
{
	return time_now() < race->until;
}

static void *touch(void *arg)
{
	struct race *race = arg;
	uint64_t value;

	while (runs(race))
		for (size_t i = 0; i < race->target->kind.pages; i++)
			memory_read(race->at + i * page_bytes() + MEMORY_MARK, &value);
	return NULL;
}

static void *zap(void *arg)
{
	struct race *race = arg;

	while (runs(race)) {
		madvise(race->at, race->target->kind.pages * page_bytes(), MADV_DONTNEED);
		race->rounds++;
	}
	return NULL;
}

/*
 * Over and over at the same place, which others touch. It is held meanwhile: in a hole other
 * threads might get memory, over which it would be mapped then.
 */
static void *map_over(void *arg)
{
	struct race *race = arg;
	struct target *target = race->target;

	while (runs(race)) {
		if (mmap(race->at, target->length, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			break;
		if (mmap(race->at, target->length, target->kind.prot, target->kind.how | MAP_FIXED,
			 target->fd, target->offset) == MAP_FAILED && errno != EBUSY)
			break;
		race->rounds++;
	}
	return NULL;
}

static void *multiply(void *arg)
{
	struct race *race = arg;
	uint64_t value;
	pid_t pid;

	while (runs(race)) {
		pid = fork();
		if (pid < 0)
			break;
		if (!pid) {
			for (size_t i = 0; i < race->target->kind.pages; i++)
				memory_read(race->at + i * page_bytes(), &value);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		race->rounds++;
	}
	return NULL;
}

static void *call(void *arg)
{
	struct race *race = arg;
	char error[RECIPE_ERROR];

	while (runs(race)) {
		recipe_later(race->target->recipe, (uintptr_t)race->at, error);
		race->rounds++;
	}
	return NULL;
}

static void run_threads(struct race *race, void *(*const *each)(void *arg), size_t n)
{
	pthread_t threads[8];
	size_t started = 0;

	race->until = time_now() + RACE_NS;
	while (started < n && !pthread_create(&threads[started], NULL, each[started], race))
		started++;
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (started < n)
		check_lacks("no more threads");
	else
		check_tell(CHECK_OK, "%lu rounds", race->rounds);
}

/* Who has counted wrong has nothing left to give: neither to what is mapped yet, nor anew. */
static void look_after(struct target *target, char *at)
{
	if (at && target->kind.refaults &&
	    !madvise(at, target->kind.pages * page_bytes(), MADV_DONTNEED) &&
	    !memory_learn(target, at))
		return;
	at = target_try(target, target->length, target->kind.prot, target->kind.how,
			target->offset);
	if (at)
		memory_learn(target, at);
}

void check_race_unmap(struct target *target)
{
	static void *(*const each[])(void *) = { touch, touch, zap, map_over };
	struct race race = { .target = target };

	target_open(target);
	race.at = target_map(target);
	if (!race.at)
		return;
	run_threads(&race, each, ARRAY_SIZE(each));
	/* Whether it is mapped at that place is open. */
	look_after(target, NULL);
}

void check_race_fork(struct target *target)
{
	static void *(*const each[])(void *) = { touch, zap, multiply, multiply };
	struct race race = { .target = target };

	target_open(target);
	race.at = target_map(target);
	if (!race.at)
		return;
	run_threads(&race, each, ARRAY_SIZE(each));
	look_after(target, race.at);
}

void check_race_calls(struct target *target)
{
	static void *(*const each[])(void *) = { touch, touch, map_over, call };
	struct race race = { .target = target };

	if (!target->recipe || !recipe_has_later(target->recipe)) {
		check_tell(CHECK_SKIP, "no recipe says what is to be called when it is mapped: "
			   "later");
		return;
	}
	target_open(target);
	race.at = target_map(target);
	if (race.at)
		run_threads(&race, each, ARRAY_SIZE(each));
}
