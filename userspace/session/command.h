/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_COMMAND_H
#define MMSCOPE_SESSION_COMMAND_H

struct session;

int command_check(const char *name);
int command_spawn(struct session *session, char **argv);

#endif
