/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_EXEC_H
#define MMSCOPE_LIB_EXEC_H

#include <stddef.h>
#include <sys/types.h>

/* Fields of /proc/PID/stat, proc(5) */
enum stat_field {
	STAT_START_CODE = 26, STAT_END_CODE = 27, STAT_START_STACK = 28, STAT_START_DATA = 45,
	STAT_END_DATA = 46, STAT_START_BRK = 47, STAT_ARG_START = 48, STAT_ARG_END = 49,
	STAT_ENV_START = 50, STAT_ENV_END = 51,
};

/**
 * struct program - where the parts of this program should be, by its own headers
 * @start_code: lowest address of a segment with code
 * @end_code: first address behind code
 * @start_data: of the highest segment
 * @end_data: behind what is in the file
 * @bss_end: behind what is not
 */
struct program {
	size_t start_code;
	size_t end_code;
	size_t start_data;
	size_t end_data;
	size_t bss_end;
};

struct program exec_program(void);
size_t exec_stat(pid_t pid, enum stat_field field);

/* This program started again, and stopped before its first instruction. */
pid_t exec_stopped(char *const *args, char *const *environment);
pid_t exec_stopped_file(const char *path, char *const *args, char *const *environment);
pid_t exec_held(const char *path, char *const *args, char *const *environment);
void exec_go(pid_t pid);
void exec_kill(pid_t pid);

#endif
