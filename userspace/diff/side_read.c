// SPDX-License-Identifier: GPL-2.0
/*
 * Has a side of a comparison read by a child, and takes it from there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/tool.h"
#include "diff/side.h"
#include "recording/bytes.h"
#include "session/instant.h"
#include "term/print.h"

#define PART	65536

/* Where the instant begins in FILE@INSTANT; NULL where it is a file's name and no more. */
static char *instant_in(const char *words)
{
	char *at = strrchr(words, '@');

	return at && at[1] && access(words, F_OK) ? at : NULL;
}

/* Return: false when there is nothing more */
static bool read_part(int fd, struct bytes *bytes)
{
	static __u8 part[PART];
	ssize_t n;

	do {
		n = read(fd, part, sizeof(part));
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	bytes_add(bytes, part, n);
	return true;
}

/* The arrays are behind each other, in the order of struct side. */
static bool take(struct side *side, const struct bytes *bytes)
{
	__u8 *at = bytes->data;

	if (bytes->size < sizeof(side->head))
		return false;
	memcpy(&side->head, at, sizeof(side->head));
	if (side->head.size != bytes->size)
		return false;
	at += sizeof(side->head);
	side->mms = (struct side_mm *)at;
	at += side->head.mms * sizeof(*side->mms);
	side->vmas = (struct side_vma *)at;
	at += side->head.vmas * sizeof(*side->vmas);
	side->gone = (struct side_gone *)at;
	at += side->head.gone * sizeof(*side->gone);
	side->names = (struct side_sum *)at;
	at += side->head.names * sizeof(*side->names);
	side->places = (struct side_sum *)at;
	at += side->head.places * sizeof(*side->places);
	side->texts = (char *)at;
	return true;
}

static int complain(const char *words, const char *why)
{
	return report_fail(EXIT_ENVIRONMENT, words, why, NULL);
}

static int receive(struct side *side, const char *words, int fd, pid_t pid)
{
	struct bytes bytes = { 0 };
	int status;

	while (read_part(fd, &bytes))
		;
	close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status) && take(side, &bytes))
		return 0;
	bytes_free(&bytes);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		return WEXITSTATUS(status);
	return complain(words, "whoever read it was ended");
}

/* The child must not write what the parent still has to write. */
static int read_apart(struct side *side, const char *words, const char *input,
		      struct instant *instant)
{
	int fds[2];
	pid_t pid;

	report_flush();
	if (pipe(fds))
		return complain("pipe", strerror(errno));
	pid = fork();
	if (pid < 0)
		return complain("fork", strerror(errno));
	if (pid) {
		close(fds[1]);
		return receive(side, words, fds[0], pid);
	}
	close(fds[0]);
	_exit(gather(input, instant, fds[1]));
}

static void identify(struct side *side, const char *input)
{
	struct stat here;

	if (stat(input, &here) || !S_ISREG(here.st_mode))
		return;
	side->head.device = here.st_dev;
	side->head.inode = here.st_ino;
}

/**
 * side_read - read a recording until an instant
 * @side: becomes it
 * @words: FILE, or FILE@INSTANT
 *
 * Return: 0, or an exit code after a complaint
 */
int side_read(struct side *side, const char *words)
{
	struct instant instant = { .kind = INSTANT_END };
	const char *at = instant_in(words);
	char *input;
	int code;

	if (at == words)
		return report_fail(EXIT_USAGE, words, "an instant of no recording",
				   "FILE@1.5, FILE@end");
	if (at && instant_parse(&instant, at + 1))
		return report_fail(EXIT_USAGE, words, "no such file, and no instant behind @",
				   "end, 1.5, 'unmap 3' or 'fault 0x7f00'");
	input = at ? strndup(words, at - words) : strdup(words);
	if (!input)
		abort();
	code = read_apart(side, words, input, &instant);
	if (!code)
		identify(side, input);
	free(input);
	return code;
}
