// SPDX-License-Identifier: GPL-2.0
/*
 * Variables that must not be in the environment of an experiment.
 */
#include <string.h>
#include <unistd.h>
#include "lab/step.h"

/**
 * environment_foreign - does a variable of the environment change what malloc() and ld.so do?
 * @variable: the variable, "NAME=value"
 */
bool environment_foreign(const char *variable)
{
	return !strncmp(variable, "MALLOC_", 7) || !strncmp(variable, "GLIBC_TUNABLES=", 15) ||
	       !strncmp(variable, "LD_PRELOAD=", 11);
}

/**
 * environment_forget - remove such variables from this process's environment
 *
 * Experiments predict what glibc does when nobody has tuned it.
 */
void environment_forget(void)
{
	char **kept = environ;

	for (char **variable = environ; *variable; variable++)
		if (!environment_foreign(*variable))
			*kept++ = *variable;
	*kept = NULL;
}
