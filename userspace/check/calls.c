// SPDX-License-Identifier: GPL-2.0
/*
 * X: what a driver is called for while its memory is mapped, as a recipe says after "later".
 */
#include <signal.h>
#include <string.h>
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
	if (!recipe_later(target->recipe, error))
		check_tell(CHECK_OK, "refused: %s", error);
	memory_take();
	compare(target, at);
}
