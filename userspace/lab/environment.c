// SPDX-License-Identifier: GPL-2.0
/*
 * What of the environment an experiment must not have.
 */
#include <string.h>
#include <unistd.h>
#include "lab/step.h"

/**
 * environment_foreign - does a variable of the environment change what malloc() and ld.so do?
 * @variable: it, "NAME=value"
 */
bool environment_foreign(const char *variable)
{
	return !strncmp(variable, "MALLOC_", 7) || !strncmp(variable, "GLIBC_TUNABLES=", 15) ||
	       !strncmp(variable, "LD_PRELOAD=", 11);
}

/**
 * environment_forget - leave such variables out of this process's environment
 *
 * What is predicted is what glibc does when nobody has told it otherwise.
 */
void environment_forget(void)
{
	char **kept = environ;

	for (char **variable = environ; *variable; variable++)
		if (!environment_foreign(*variable))
			*kept++ = *variable;
	*kept = NULL;
}
