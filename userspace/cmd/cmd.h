/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions of the verbs; each verb has a file in this folder.
 */
#ifndef MMSCOPE_CMD_CMD_H
#define MMSCOPE_CMD_CMD_H

#include "term/verb.h"

/* Options that say whom to watch instead of a command; their letters are WHOM_LETTERS. */
#define PID	{ 'p', "pid", "PID...", "these processes and their descendants, with commas" }
#define ALL	{ 'a', "all", NULL, "all processes, those to come, too, until Ctrl-C" }
#define USER	{ 'U', "user", "USER", "all of this user" }
#define CGROUP	{ 'G', "cgroup", "PATH", "all of this cgroup (v2), and of those in it" }
#define GRACE	{ 'g', "grace", "SECONDS", "so long a command may take to end after Ctrl-C (2)" }
#define COMM	{ 'C', "comm", "NAME", "all that are called so; 'NAME*': that begin so" }

/* Options of cmd/metrics.c; those of the other verbs are in main.c. */
extern const struct verb_option metrics_options[];

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
int cmd_metrics(const struct verb *verb, int argc, char **argv);
int cmd_map(const struct verb *verb, int argc, char **argv);
int cmd_check(const struct verb *verb, int argc, char **argv);
int cmd_doctor(const struct verb *verb, int argc, char **argv);

#endif
