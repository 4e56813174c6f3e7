/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_INPUT_H
#define MMSCOPE_RECORDING_INPUT_H

#include <stdbool.h>
#include "recording/bytes.h"

/**
 * struct input - a file or pipe that is read from its beginning
 * @fd: the file
 * @error: errno of a read that failed, 0 for none
 * @ended: the end of the file, or an error, was reached
 * @once: bytes that one read(2) asks for
 * @bytes: what was read of the file
 * @at: index in @bytes of the first byte that is not yet done with
 * @offset: offset of that byte in the file
 */
struct input {
	int fd;
	int error;
	bool ended;
	size_t once;
	struct bytes bytes;
	size_t at;
	__u64 offset;
};

int input_open(struct input *input, const char *path);
void input_close(struct input *input);
bool input_need(struct input *input, size_t size);
size_t input_have(const struct input *input);
const __u8 *input_at(const struct input *input);
void input_done(struct input *input, size_t size);
bool input_skip(struct input *input, __u64 size);
bool input_seek(struct input *input, __u64 offset);
__u64 input_size(const struct input *input);

#endif
