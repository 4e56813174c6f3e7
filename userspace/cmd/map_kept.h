/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CMD_MAP_KEPT_H
#define MMSCOPE_CMD_MAP_KEPT_H

struct snapshot;
struct verb;

int map_kept(struct snapshot *snapshot, const struct verb *verb, const char *input, const char *at,
	     char **argv);

#endif
