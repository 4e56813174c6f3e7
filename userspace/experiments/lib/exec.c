// SPDX-License-Identifier: GPL-2.0
/*
 * A program as execve(2) leaves it: traced, so that it stops before its first instruction, and what
 * /proc/PID/stat says of where its parts are.
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

/**
 * exec_stat - a field of /proc/PID/stat
 * @pid: process, 0 for oneself
 * @field: its number
 *
 * Return: the value; 0 where one may not know
 */
size_t exec_stat(pid_t pid, enum stat_field field)
{
	char path[40] = "/proc/self/stat", line[1024];
	char *p;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (!proc_word(path, line, sizeof(line)))
		return 0;
	p = strrchr(line, ')');		/* the second field may contain blanks */
	for (int n = 2; p && n < (int)field; n++)
		p = strchr(p + 1, ' ');
	return p ? strtoul(p + 1, NULL, 10) : 0;
}

static void add_segment(struct program *program, const Elf64_Phdr *h, size_t bias)
{
	size_t start = bias + h->p_vaddr, file = start + h->p_filesz;

	if (h->p_flags & PF_X && (!program->start_code || start < program->start_code))
		program->start_code = start;
	if (h->p_flags & PF_X && file > program->end_code)
		program->end_code = file;
	if (start > program->start_data)
		program->start_data = start;
	if (file > program->end_data)
		program->end_data = file;
	if (start + h->p_memsz > program->bss_end)
		program->bss_end = start + h->p_memsz;
}

/**
 * exec_program - by the rules of load_elf_binary(), from this program's headers
 */
struct program exec_program(void)
{
	const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	size_t n = getauxval(AT_PHNUM), bias = 0;
	struct program program = { 0 };

	for (size_t i = 0; i < n; i++)
		if (headers[i].p_type == PT_PHDR)
			bias = (size_t)headers - headers[i].p_vaddr;
	for (size_t i = 0; i < n; i++)
		if (headers[i].p_type == PT_LOAD)
			add_segment(&program, &headers[i], bias);
	return program;
}

static void start(const char *path, char *const *args, char *const *environment)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL) && !raise(SIGSTOP))
		execve(path, args, environment);
	_exit(127);
}

static void wait_stopped(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		skip("a child cannot be traced: ptrace(2) is not allowed here");
}

/**
 * exec_held - a child that will call execve(2), but stops before that
 * @path: of the program
 * @args: for it
 * @environment: for it
 *
 * An act begins, which ends with exec_go().
 *
 * Return: the child
 */
pid_t exec_held(const char *path, char *const *args, char *const *environment)
{
	pid_t pid;

	syscall_begin();
	pid = fork();
	if (!pid)
		start(path, args, environment);
	wait_stopped(pid);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
	return pid;
}

/**
 * exec_go - let it call execve(2), and stop before the first instruction
 * @pid: from exec_held()
 */
void exec_go(pid_t pid)
{
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	wait_stopped(pid);
	syscall_end(pid);
}

/**
 * exec_stopped_file - execve(2) of a program in a child, as an act
 * @path: of the program
 * @args: for it
 * @environment: for it
 *
 * Return: the child, which stops before its first instruction
 */
pid_t exec_stopped_file(const char *path, char *const *args, char *const *environment)
{
	pid_t pid = exec_held(path, args, environment);

	exec_go(pid);
	return pid;
}

/**
 * exec_stopped - the same for this program
 * @args: for it
 * @environment: for it
 */
pid_t exec_stopped(char *const *args, char *const *environment)
{
	return exec_stopped_file("/proc/self/exe", args, environment);
}

/**
 * exec_kill - end a child of exec_stopped()
 * @pid: the child
 */
void exec_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
