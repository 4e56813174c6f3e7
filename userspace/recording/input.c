// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a file, or a pipe, in ranges of any size. No more of the file is in memory than the largest
 * range that was asked for, and what one read(2) adds.
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
 * input_open - open a file for reading
 * @input: to be filled; closed by input_close()
 * @path: name of the file, "-" for standard input
 *
 * Return: 0 or -errno, -EISDIR for a folder
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
 * input_close - close the file and free what was read of it
 * @input: the input of input_open(); it may be closed already
 */
void input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	bytes_free(&input->bytes);
	input->fd = -1;
}

/**
 * input_have - how many bytes are in memory and not yet done with
 * @input: the file
 */
size_t input_have(const struct input *input)
{
	return input->bytes.size - input->at;
}

/**
 * input_at - the bytes in memory that are not yet done with, as many as input_have() says
 * @input: the file
 *
 * Return: their address, valid until the next call of input_need()
 */
const __u8 *input_at(const struct input *input)
{
	return input->bytes.data + input->at;
}

/* Move the bytes that are not yet done with to the beginning, to make room for more behind them. */
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
 * input_need - read on until enough bytes are in memory
 * @input: the file
 * @size: how many bytes input_have() shall say
 *
 * Return: false where the file ends before, or a read failed: see @input->error
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
 * input_done - pass over bytes that are in memory
 * @input: the file
 * @size: how many bytes, at most input_have()
 */
void input_done(struct input *input, size_t size)
{
	input->at += size;
	input->offset += size;
}

/**
 * input_skip - pass over bytes that need not be in memory yet
 * @input: the file
 * @size: how many bytes
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
 * input_seek - continue at another place of the file
 * @input: the file
 * @offset: offset of that place
 *
 * Return: false where the file has no offsets: it is a pipe
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
 * input_size - bytes of the file, 0 if it is not a regular file
 * @input: the file
 */
__u64 input_size(const struct input *input)
{
	struct stat st;

	return !fstat(input->fd, &st) && S_ISREG(st.st_mode) ? st.st_size : 0;
}
