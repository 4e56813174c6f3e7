// SPDX-License-Identifier: GPL-2.0
/*
 * A file that gets its name when it is whole: whatever ends us before that leaves what was there.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/tool.h"
#include "export/output.h"
#include "term/print.h"

static const int fatal[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
static const char *volatile leftover;	/* what a signal has to remove */

static void removed(int sig)
{
	if (leftover)
		unlink(leftover);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void on_signals(const char *path)
{
	leftover = path;
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		signal(fatal[i], path ? removed : SIG_DFL);
	/* A file that becomes too large is an error of write(2), as a full disk is. */
	signal(SIGXFSZ, SIG_IGN);
}

static int fail(const char *path, const char *todo)
{
	return report_fail(EXIT_ENVIRONMENT, path, strerror(errno), todo);
}

static bool same(const struct stat *there, const char *input)
{
	struct stat st;

	return !stat(input, &st) && st.st_ino == there->st_ino && st.st_dev == there->st_dev;
}

/* What is there and no file, as a FIFO, is written itself. */
static int open_special(struct output *output)
{
	output->file = fopen(output->path, "we");
	return output->file ? 0 : fail(output->path, "-o names another file");
}

static int open_unfinished(struct output *output)
{
	int fd;

	if (asprintf(&output->unfinished, "%s.XXXXXX", output->path) < 0)
		abort();
	/* Only its owner may read it, as the recording. */
	fd = mkostemp(output->unfinished, O_CLOEXEC);
	if (fd < 0) {
		free(output->unfinished);
		output->unfinished = NULL;
		return fail(output->path, "-o names another file");
	}
	on_signals(output->unfinished);
	output->file = fdopen(fd, "w");
	if (!output->file)
		abort();
	return 0;
}

/**
 * output_open - begin a file
 * @output: it
 * @path: where it is to be, NULL or "-" for stdout
 * @regular: it has to be a file
 * @input: what must not be overwritten
 *
 * Return: 0, or an exit code after a complaint
 */
int output_open(struct output *output, const char *path, bool regular, const char *input)
{
	struct stat st;

	*output = (struct output){ .file = stdout };
	if (!path || !strcmp(path, "-"))
		return 0;
	/* Behind a symbolic link is what is to be replaced. */
	output->path = realpath(path, NULL);
	if (!output->path)
		output->path = strdup(path);
	if (!output->path)
		abort();
	if (stat(output->path, &st))
		return open_unfinished(output);
	if (S_ISDIR(st.st_mode))
		return report_fail(EXIT_USAGE, path, "a folder", "-o names a file");
	if (same(&st, input))
		return report_fail(EXIT_USAGE, path, "it is the recording itself",
				   "-o names another file");
	if (S_ISREG(st.st_mode))
		return open_unfinished(output);
	if (regular)
		return report_fail(EXIT_USAGE, path, "no file, and this format needs one",
				   "-o names a file");
	return open_special(output);
}

/* Where does it stand? A reader that went away had what he wanted, as report_end() says. */
static int finish_stdout(struct output *output, int code)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	if (errno == EPIPE || report_broken())
		return code;
	return report_fail(EXIT_ENVIRONMENT, "stdout", strerror(errno ? errno : EIO),
			   "where does it go?");
}

static bool close_whole(struct output *output)
{
	struct stat st;
	bool whole;

	errno = 0;
	whole = !fflush(output->file) && !ferror(output->file);
	if (whole && !fstat(fileno(output->file), &st) && S_ISREG(st.st_mode))
		output->bytes = st.st_size;
	/* Of an error that came earlier nobody has kept the number. */
	if (!whole && !errno)
		errno = EIO;
	return !fclose(output->file) && whole;
}

/**
 * output_end - give a file its name, or remove it
 * @output: from output_open()
 * @code: what became of it so far
 *
 * Return: @code, or an exit code after a complaint
 */
int output_end(struct output *output, int code)
{
	bool good = code == EXIT_HELD || code == EXIT_LOST;
	bool whole;

	if (!output->path)
		return finish_stdout(output, code);
	whole = close_whole(output);
	if (good && whole && output->unfinished)
		whole = !rename(output->unfinished, output->path);
	if (good && !whole)
		code = fail(output->path, "it was not written: -o names another place");
	if (output->unfinished && !(good && whole))
		unlink(output->unfinished);
	on_signals(NULL);
	free(output->unfinished);
	free(output->path);
	return code;
}
