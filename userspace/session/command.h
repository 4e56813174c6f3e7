/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_COMMAND_H
#define MMSCOPE_SESSION_COMMAND_H

struct watch;

int command_check(const char *name);
int command_spawn(struct watch *watch, char **argv);

#endif
