// SPDX-License-Identifier: GPL-2.0
/*
 * Where mappings begin, by the rules of mmap_base() in arch/x86/mm/mmap.c.
 */
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include "base/proc.h"
#include "experiments/lib/mmap_base.h"
#include "lab/experiment.h"

#define STACK_RANDOM	(0x3fffffUL * 4096)	/* stack_maxrandom_size() */
#define GUARD_GAP	256			/* pages: stack_guard_gap, if not changed at boot */

/**
 * mmap_base_randomized - does ASLR move mappings and the stack?
 */
bool mmap_base_randomized(void)
{
	char value[8] = "";

	proc_word("/proc/sys/kernel/randomize_va_space", value, sizeof(value));
	return atoi(value) && !(personality(0xffffffff) & ADDR_NO_RANDOMIZE);
}

/**
 * mmap_base_bottom_up - is the lowest hole taken, as before 2.6.7? mmap_is_legacy()
 */
bool mmap_base_bottom_up(void)
{
	char legacy[8] = "";

	proc_word("/proc/sys/vm/legacy_va_layout", legacy, sizeof(legacy));
	return atoi(legacy) || personality(0xffffffff) & ADDR_COMPAT_LAYOUT;
}

/**
 * mmap_base_room - what is kept free for the stack and its dice
 */
size_t mmap_base_room(void)
{
	size_t most = MMAP_BASE_END / 6 * 5, gap;
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	if (limit.rlim_cur >= MMAP_BASE_END)
		return most;
	gap = limit.rlim_cur + (mmap_base_randomized() ? STACK_RANDOM : 0) + len(GUARD_GAP);
	return gap < MIB(128) ? MIB(128) : gap > most ? most : gap;
}

/**
 * mmap_base_dice - how many pages mappings may begin below that; root knows
 */
size_t mmap_base_dice(void)
{
	char bits[8] = "";

	if (!mmap_base_randomized())
		return 0;
	proc_word("/proc/sys/vm/mmap_rnd_bits", bits, sizeof(bits));
	return 1UL << (bits[0] ? atoi(bits) : 32);
}

/**
 * mmap_base_highest - where mappings begin at most, or end at most where they go up
 */
size_t mmap_base_highest(void)
{
	if (mmap_base_bottom_up())
		return MMAP_BASE_END / 3 + len(mmap_base_dice());
	return MMAP_BASE_END - mmap_base_room();
}

/**
 * mmap_base_lowest - where they begin at least
 */
size_t mmap_base_lowest(void)
{
	return mmap_base_highest() - len(mmap_base_dice());
}

/**
 * mmap_base_low - are mappings below a program that is position independent? Such a program is
 * above two thirds of the addresses.
 */
bool mmap_base_low(void)
{
	return mmap_base_bottom_up() || mmap_base_room() > MMAP_BASE_END / 3;
}
