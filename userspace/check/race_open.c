// SPDX-License-Identifier: GPL-2.0
/*
 * R, with processes: who opens, maps and closes while others do, and who touches a page first.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"

#define RACE_NS		2000000000ULL
/* A slow machine is given so much more time for its rounds. */
#define LONGEST_NS	(8 * RACE_NS)
#define RACERS		3
/* Not so long that a check which finds nothing cannot end */
#define ROUNDS		400

/* What both processes of a round write to a word of their own in each page */
#define TAG		0x6d6d7369646573ULL

static char *map_quietly(const struct target *target)
{
	return target_try(target, target->length, target->kind.prot, target->kind.how,
			  target->offset);
}

static void touch_each(const struct target *target, const char *at)
{
	uint64_t value;

	for (size_t i = 0; i < target->kind.pages; i++) {
		int sig = memory_read(at + i * page_bytes() + MEMORY_MARK, &value);

		if (!sig)
			continue;
		check_tell(CHECK_FAIL, "while others open and close it, a read of page %zu ends in "
			   "SIG%s", i, sigabbrev_np(sig));
		_exit(0);
	}
}

/* Is it too early to end, by the time and by the rounds that all racers have made? */
static bool goes_on(__u64 began, const atomic_ulong *rounds)
{
	__u64 ns = time_now() - began;

	return ns < RACE_NS || (ns < LONGEST_NS && atomic_load(rounds) < RACERS * ROUNDS);
}

static void __noreturn race(struct target *target, atomic_ulong *rounds)
{
	__u64 began = time_now();
	char *at;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned int i = 0; goes_on(began, rounds); i++) {
		if (!target_open_too(target))
			continue;
		at = map_quietly(target);
		if (at)
			touch_each(target, at);
		atomic_fetch_add(rounds, !!at);
		/* In one order and in the other */
		if (at && i % 2)
			target_unmap(target, at);
		target_close(target);
		if (at && i % 2 == 0)
			target_unmap(target, at);
	}
	_exit(0);
}

static void *shared_memory(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

void check_race_open(struct target *target)
{
	atomic_ulong *rounds = shared_memory(sizeof(*rounds));

	for (int i = 0; rounds && i < RACERS; i++) {
		pid_t pid = fork();

		if (!pid)
			race(target, rounds);
		if (pid < 0)
			check_lacks("fork: %s", strerror(errno));
	}
	while (wait(NULL) > 0)
		;
	if (rounds)
		check_tell(CHECK_OK, "%lu rounds", atomic_load(rounds));
}

/* Page by page, both at a time, each its own word of it */
static void write_each(const struct target *target, char *at, atomic_uint *ready, unsigned int who)
{
	__u64 until = time_now() + RACE_NS;

	for (size_t i = 0; i < target->kind.pages; i++) {
		atomic_fetch_add(ready, 1);
		while (atomic_load(ready) < 2 * (i + 1) && time_now() < until)
			sched_yield();
		memory_write(at + i * page_bytes() + MEMORY_MARK + who * sizeof(uint64_t), TAG);
	}
}

static bool both_are_there(const struct target *target, const char *at)
{
	uint64_t word[2];

	for (size_t i = 0; i < target->kind.pages; i++) {
		const char *mark = at + i * page_bytes() + MEMORY_MARK;

		if (memory_read(mark, &word[0]) || memory_read(mark + sizeof(*word), &word[1]) ||
		    (word[0] == TAG && word[1] == TAG))
			continue;
		check_tell(CHECK_FAIL, "page %zu, which two processes touched first at once, is "
			   "another one for each of them", i);
		return false;
	}
	return true;
}

/* Return: is there anything to go on for? */
static bool first_faults(struct target *target, atomic_uint *ready)
{
	char *at;
	bool good;
	pid_t pid;

	atomic_store(ready, 0);
	at = target_open_too(target) ? map_quietly(target) : NULL;
	if (!at)
		return false;
	pid = fork();
	if (!pid) {
		write_each(target, at, ready, 1);
		_exit(0);
	}
	if (pid > 0)
		write_each(target, at, ready, 0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	good = pid > 0 && both_are_there(target, at);
	target_unmap(target, at);
	target_close(target);
	return good;
}

/* Is it so at all that one finds what the other has written, where it waits for that? */
static bool is_common(struct target *target)
{
	uint64_t value = 0;
	pid_t pid;
	char *at;

	at = target_open_too(target) ? map_quietly(target) : NULL;
	if (!at || memory_read(at + MEMORY_MARK, &value))
		return false;
	pid = fork();
	if (!pid) {
		memory_write(at + MEMORY_MARK, TAG);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	memory_read(at + MEMORY_MARK, &value);
	target_unmap(target, at);
	target_close(target);
	return value == TAG;
}

void check_race_first(struct target *target)
{
	atomic_uint *ready = shared_memory(sizeof(*ready));
	__u64 until = time_now() + RACE_NS;
	unsigned int rounds = 0;

	if (!target->kind.steady || !target->kind.keeps || !is_common(target)) {
		check_tell(CHECK_SKIP, "what a child writes its parent does not find");
		return;
	}
	while (ready && rounds < ROUNDS && time_now() < until && first_faults(target, ready))
		rounds++;
	check_tell(CHECK_OK, "%u rounds", rounds);
}
