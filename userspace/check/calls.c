// SPDX-License-Identifier: GPL-2.0
/*
 * X: what a driver is called for while its memory is mapped, as a recipe says after "later".
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"
#include "check/recipe.h"

/* Memory that was taken back properly is not to be touched any more; other data are not proper. */
static void compare(const struct target *target, const char *at)
{
	uint64_t value;

	for (size_t i = 0; i < target->kind.pages; i++) {
		int sig = memory_read(at + i * page_bytes() + MEMORY_MARK, &value);

		if (sig) {
			check_tell(CHECK_NOTE, "page %zu is taken back: a read ends in SIG%s", i,
				   sigabbrev_np(sig));
			return;
		}
		if (target->kind.steady && value != target->seen[i]) {
			check_tell(CHECK_FAIL, "after that, page %zu, which is still mapped, has "
				   "other data: it was freed, or is used anew", i);
			return;
		}
	}
}

/* Once more when what it needs has to be faulted in, and when nothing is mapped any more. */
static void call_again(struct target *target, char *at)
{
	char error[RECIPE_ERROR];

	if (target->kind.refaults && !madvise(at, target->length, MADV_DONTNEED))
		recipe_later(target->recipe, (uintptr_t)at, error);
	target_unmap(target, at);
	memory_take(MEMORY_MUCH);
	recipe_later(target->recipe, (uintptr_t)at, error);
}

void check_calls(struct target *target)
{
	char error[RECIPE_ERROR];
	char *at;

	if (!target->recipe || !recipe_has_later(target->recipe)) {
		check_tell(CHECK_SKIP, "no recipe says what is to be called when it is mapped: "
			   "later");
		return;
	}
	at = target_map_learnt(target);
	if (!at)
		return;
	if (!recipe_later(target->recipe, (uintptr_t)at, error))
		check_tell(CHECK_OK, "refused: %s", error);
	memory_take(MEMORY_MUCH);
	compare(target, at);
	call_again(target, at);
}

static void interrupted(int sig)
{
}

/* Return: did it come back by itself, within two seconds? */
static bool reads_into(const struct target *target, char *at)
{
	const struct sigaction action = { .sa_handler = interrupted };
	ssize_t n;

	sigaction(SIGALRM, &action, NULL);
	alarm(2);
	n = read(target->fd, at, page_bytes());
	alarm(0);
	return n >= 0 || errno == EFAULT;
}

/* It is faulted in from inside of read(2): who holds a lock there that ->fault takes hangs. */
void check_own_memory(struct target *target)
{
	char *ordinary = malloc(page_bytes()), *at = target_map_learnt(target);

	if (!ordinary || !at)
		return;
	if (!reads_into(target, ordinary)) {
		check_tell(CHECK_SKIP, "read(2) gives %s", strerrorname_np(errno));
		return;
	}
	if (!target->kind.refaults || madvise(at, target->length, MADV_DONTNEED))
		check_tell(CHECK_NOTE, "its pages are there already: no fault from inside of "
			   "read(2)");
	if (!reads_into(target, at) && errno != EINTR)
		check_tell(CHECK_NOTE, "read(2) into its own memory gives %s",
			   strerrorname_np(errno));
}
