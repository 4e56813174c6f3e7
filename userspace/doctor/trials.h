/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DOCTOR_TRIALS_H
#define MMSCOPE_DOCTOR_TRIALS_H

#include <stdbool.h>
#include <stddef.h>

#define TRIAL_PROGRAMS	6

/**
 * struct trial - something done to memory, so that the kernel calls programs of the tracer
 * @what: as a user knows it
 * @run: does it, in a process of its own that ends after it; 0, or -errno, with which the
 *	 kernel refused. NULL: it cannot be done here without harm
 * @programs: names of those that are then to be called; in one string, apart by a blank, those
 *	      of which one is enough, as kernels have it in different places
 * @maybe: the kernel decides whether it comes to that, or @run is NULL: why nothing is proved
 *	   when no program is called; NULL where that is a fault
 * @needs: what @run fails without, if that can be said better than by its errno; or NULL
 */
struct trial {
	const char *what;
	int (*run)(void);
	const char *programs[TRIAL_PROGRAMS];
	const char *maybe;
	const char *needs;
};

extern const struct trial trials[];
extern const size_t nr_trials;

#endif
