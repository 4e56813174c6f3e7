/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CMD_STAT_BUDGET_H
#define MMSCOPE_CMD_STAT_BUDGET_H

struct verb;
struct session;

/**
 * struct budget_files - files that the options of stat name
 * @judged: the budget by which a run is to be judged, or NULL
 * @written: the budget that is to be written, or NULL
 */
struct budget_files {
	const char *judged;
	const char *written;
};

int stat_budget(struct session *session, const struct verb *verb, const struct budget_files *files,
		char **argv);

#endif
