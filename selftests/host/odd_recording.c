// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: odd_recording SEED FROM TO
 *
 * Writes a recording that is whole, of records that make no sense together: some are missing, told
 * twice or of another address space, and some have numbers that nothing has. Whoever reads it may
 * say what he likes, but is to say it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpf/raw_record.h"
#include "recording/reader.h"
#include "recording/writer.h"

static __u64 state;

static __u64 any(__u64 below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static __u64 odd_number(__u64 now)
{
	static const __u64 odd[] = {
		0, 1, ~0ULL, 1ULL << 47, 1ULL << 63, 0xfff, 0x7fffffffffffffff, 1ULL << 32, 4096,
	};

	switch (any(3)) {
	case 0:
		return odd[any(sizeof(odd) / sizeof(*odd))];
	case 1:
		return now ^ 1ULL << any(64);
	default:
		return now + (any(17) - 8) * 4096;
	}
}

/* One word of a record, as it may be anywhere, or what tells it from others. */
static void spoil(struct mmscope_event *e, size_t size)
{
	__u64 *words = (void *)e;

	switch (any(6)) {
	case 0:
		e->mm = any(5);
		break;
	case 1:
		e->tid += any(3);
		break;
	case 2:
		e->flags = any(1 << 24);
		break;
	case 3:
		e->cause = any(1 << 16);
		break;
	default:
		words[3 + any(size / 8 - 3)] = odd_number(words[3 + any(size / 8 - 3)]);
	}
}

static void add(struct recording_writer *writer, const struct recording_item *item)
{
	static union {
		struct mmscope_event e;
		char bytes[1 << 17];
	} record;
	size_t size = item->size;
	unsigned int times = any(40) == 0 ? any(3) : 1;

	if (size > sizeof(record))
		abort();
	memcpy(&record, item->data, size);
	if (item->type < 256 && size >= sizeof(record.e) && any(30) == 0)
		spoil(&record.e, size);
	for (; times; times--) {
		if (item->type == MMSCOPE_FAULT)
			recording_add_fault(writer, &record.e);
		else
			recording_add(writer, item->type, &record, size, item->type < 256 ?
				      record.e.time_ns : writer->now_ns);
	}
}

int main(int argc, char **argv)
{
	struct recording_reader reader;
	struct recording_writer writer;
	struct recording_item item;
	const void *fact;
	size_t size;

	if (argc != 4 || recording_open(&reader, argv[2]) || recording_create(&writer, argv[3]))
		return 2;
	state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ULL + 1;
	for (__u32 key = RECORDING_TOOL; key <= RECORDING_BEFORE; key++) {
		fact = recording_find_fact(&reader, key, 0, &size);
		if (fact)
			recording_fact(&writer, key, fact, size);
	}
	if (recording_begin(&writer))
		return 1;
	while (recording_next(&reader, &item) == RECORDING_RECORD)
		add(&writer, &item);
	recording_close(&reader);
	return recording_end(&writer) ? 1 : 0;
}
