/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CMD_STAT_BUDGET_H
#define MMSCOPE_CMD_STAT_BUDGET_H

struct verb;
struct session;

/**
 * struct budget_files - what stat is asked to do with budgets
 * @judged: a budget that is to be kept, or NULL
 * @written: where one is to be written, or NULL
 */
struct budget_files {
	const char *judged;
	const char *written;
};

int stat_budget(struct session *session, const struct verb *verb, const struct budget_files *files,
		char **argv);

#endif
