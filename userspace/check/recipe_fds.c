// SPDX-License-Identifier: GPL-2.0
/*
 * What a recipe has open, and a file that another program opens for it.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check/recipe.h"

#define MOST	64

static int kept[MOST];
static size_t nr;

/**
 * recipe_keep - a file is open, until recipe_close()
 * @fd: it
 */
bool recipe_keep(int fd)
{
	if (nr == MOST) {
		close(fd);
		return false;
	}
	kept[nr++] = fd;
	return true;
}

/**
 * recipe_close - close all that is open
 */
void recipe_close(void)
{
	while (nr)
		close(kept[--nr]);
}

static void run_program(int to, char **words)
{
	if (dup2(to, 3) == 3)
		execvp(words[0], words);
	_exit(127);
}

static int take_fd(int from)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head;
	int fd;

	if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

/**
 * recipe_receive - have a program open a file: it is descriptor 3 of the program, a socket, where
 *	that is sent
 * @words: the program and its arguments, ended by NULL
 *
 * Return: the file, or -1 with errno
 */
int recipe_receive(char **words)
{
	int ends[2], fd, err;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid)
		run_program(ends[1], words);
	close(ends[1]);
	fd = take_fd(ends[0]);
	err = errno;
	close(ends[0]);
	/* A program that stays to keep the device alive ends with the session of the check. */
	waitpid(pid, NULL, WNOHANG);
	errno = err;
	return fd;
}
