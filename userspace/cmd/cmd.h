/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs: each has a file here.
 */
#ifndef MMSCOPE_CMD_CMD_H
#define MMSCOPE_CMD_CMD_H

struct verb;

int cmd_list(const struct verb *verb, int argc, char **argv);
int cmd_explain(const struct verb *verb, int argc, char **argv);
int cmd_run(const struct verb *verb, int argc, char **argv);
int cmd_reproduce(const struct verb *verb, int argc, char **argv);
int cmd_reduce(const struct verb *verb, int argc, char **argv);
int cmd_record(const struct verb *verb, int argc, char **argv);
int cmd_trace(const struct verb *verb, int argc, char **argv);
int cmd_stat(const struct verb *verb, int argc, char **argv);
int cmd_export(const struct verb *verb, int argc, char **argv);
int cmd_who(const struct verb *verb, int argc, char **argv);
int cmd_diff(const struct verb *verb, int argc, char **argv);
int cmd_why(const struct verb *verb, int argc, char **argv);
int cmd_map(const struct verb *verb, int argc, char **argv);
int cmd_check(const struct verb *verb, int argc, char **argv);
int cmd_doctor(const struct verb *verb, int argc, char **argv);

#endif
