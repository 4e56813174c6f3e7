// SPDX-License-Identifier: GPL-2.0
/*
 * A file in ranges of any size, with no more of it in memory than the largest of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "recording/input.h"

#define MOST_AT_ONCE	(256U << 10)	/* bytes */
#define LEAST_AT_ONCE	4096U

/* A small file needs no more room than its size; it may grow while it is read. */
static size_t choose_once(const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || st->st_size >= MOST_AT_ONCE)
		return MOST_AT_ONCE;
	return st->st_size < LEAST_AT_ONCE ? LEAST_AT_ONCE : st->st_size;
}

/**
 * input_open - open a file
 * @input: to be filled
 * @path: its name, - for standard input
 *
 * Return: 0 or -errno
 */
int input_open(struct input *input, const char *path)
{
	struct stat st;

	memset(input, 0, sizeof(*input));
	input->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) :
		    dup(STDIN_FILENO);
	if (input->fd < 0)
		return -errno;
	input->once = MOST_AT_ONCE;
	if (fstat(input->fd, &st))
		return 0;
	input->once = choose_once(&st);
	if (!S_ISDIR(st.st_mode))
		return 0;
	close(input->fd);
	input->fd = -1;
	return -EISDIR;
}

/**
 * input_close - undo input_open()
 * @input: from there
 */
void input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	bytes_free(&input->bytes);
	input->fd = -1;
}

/**
 * input_have - how many bytes are there without reading
 * @input: of which
 */
size_t input_have(const struct input *input)
{
	return input->bytes.size - input->at;
}

/**
 * input_at - those bytes
 * @input: of which
 *
 * Return: valid until the next call of input_need()
 */
const __u8 *input_at(const struct input *input)
{
	return input->bytes.data + input->at;
}

/* What is done with makes room. */
static void move_down(struct input *input)
{
	size_t left = input_have(input);

	if (!input->at)
		return;
	memmove(input->bytes.data, input->bytes.data + input->at, left);
	input->bytes.size = left;
	input->at = 0;
}

/**
 * input_need - read on until there are so many bytes
 * @input: of which
 * @size: how many
 *
 * Return: false where the file ends before
 */
bool input_need(struct input *input, size_t size)
{
	while (input_have(input) < size && !input->ended) {
		ssize_t n;

		move_down(input);
		n = read(input->fd, bytes_room(&input->bytes, input->once), input->once);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			input->error = errno;
		if (n <= 0)
			input->ended = true;
		else
			input->bytes.size += n;
	}
	return input_have(input) >= size;
}

/**
 * input_done - go on behind some of the bytes that are there
 * @input: of which
 * @size: how many
 */
void input_done(struct input *input, size_t size)
{
	input->at += size;
	input->offset += size;
}

/**
 * input_skip - go on behind bytes that need not be there
 * @input: of which
 * @size: how many
 *
 * Return: false where the file ends before
 */
bool input_skip(struct input *input, __u64 size)
{
	while (size) {
		size_t some = input_have(input) < size ? input_have(input) : size;

		input_done(input, some);
		size -= some;
		if (size && !input_need(input, 1))
			return false;
	}
	return true;
}

/**
 * input_seek - go on elsewhere
 * @input: of which
 * @offset: in the file
 *
 * Return: false where that cannot be: a pipe
 */
bool input_seek(struct input *input, __u64 offset)
{
	if (lseek(input->fd, offset, SEEK_SET) < 0)
		return false;
	input->bytes.size = 0;
	input->at = 0;
	input->offset = offset;
	input->ended = false;
	return true;
}

/**
 * input_size - bytes of the file, 0 where that is not known
 * @input: of which
 */
__u64 input_size(const struct input *input)
{
	struct stat st;

	return !fstat(input->fd, &st) && S_ISREG(st.st_mode) ? st.st_size : 0;
}
