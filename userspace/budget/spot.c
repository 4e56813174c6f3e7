// SPDX-License-Identifier: GPL-2.0
/*
 * Faults in a place of a program: in a function, a source file, a line of it, or a program or
 * library.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "budget/budget.h"
#include "figures/figures.h"
#include "symbolize/source_line.h"

static bool is_program(const char *name, const char *place)
{
	const char *slash = *name == '/' ? strrchr(name, '/') : NULL;

	return *name && (!strcmp(name, place) || (slash && !strcmp(slash + 1, place)));
}

static bool is_line(const struct line *line, const char *place)
{
	size_t n = line->file ? strlen(line->file) : 0;
	char *end;

	if (line->function && !strcmp(line->function, place))
		return true;
	if (!n || strncmp(line->file, place, n))
		return false;
	if (!place[n])
		return true;
	return place[n] == ':' && place[n + 1] && strtol(place + n + 1, &end, 10) == line->number &&
	       !*end;
}

/**
 * spot_faults - faults in a place
 * @place: function, file, file:line, or program
 * @class: enum record_class, or CLASS_ALL
 * @unknown: becomes how many more may be there: if nothing was found in it, those of programs
 *	without symbols or without lines
 */
__u64 spot_faults(const char *place, __u32 class, __u64 *unknown)
{
	size_t n;
	const struct figure_site *sites = figures_sites(&n);
	bool found = false;
	__u64 faults = 0;

	*unknown = 0;
	for (size_t i = 0; i < n; i++) {
		struct line line;

		if (!*sites[i].name)
			continue;
		line = line_of(sites[i].name, sites[i].offset);
		if (is_program(sites[i].name, place) || is_line(&line, place)) {
			found = true;
			if (class == CLASS_ALL || class == sites[i].class)
				faults += sites[i].total.count;
		} else if ((!line.function || !line.file) &&
			   (class == CLASS_ALL || class == sites[i].class)) {
			*unknown += sites[i].total.count;
		}
	}
	if (found)
		*unknown = 0;
	return faults;
}
