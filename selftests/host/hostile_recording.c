// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: hostile_recording FROM TO
 *
 * Writes a recording in which all names are what somebody would choose who wants to be taken for
 * something else: for markup, a string's end, a line's end, a command to a terminal. One address
 * space has a name of bytes that are no UTF-8. And faults take so long that a thread has several at
 * a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpf/raw_record.h"
#include "recording/reader.h"
#include "recording/writer.h"

/* Also in export_test.sh */
#define COMM	"</script>\"\n\033\377;"
#define BYTES	"\377\376\355\240\200\300\257\377\376\377\376\377\376\377\376"
#define NAME	"</script><script>alert(1)</script>\"'\\\n\r\t\033[31m\302\233\377;|,&--><!--"

static const char command[] = "/bin/" NAME "\0-c\0\0two words\0it's";

/* As much of the name as there is room for */
static void have_name(char *name, size_t size)
{
	memset(name, 0, size);
	memcpy(name, NAME, sizeof(NAME) < size ? sizeof(NAME) : size - 1);
}

static void take_file(struct raw_file *raw)
{
	char parts[sizeof(raw->parts)];
	size_t size = raw->size < sizeof(parts) - sizeof(NAME) ? raw->size : 0;

	/* The last part of the path, which comes first, begins with it. */
	memcpy(parts, NAME, sizeof(NAME) - 1);
	memcpy(parts + sizeof(NAME) - 1, raw->parts, size);
	raw->size = size + sizeof(NAME) - 1;
	memcpy(raw->parts, parts, raw->size);
}

/**
 * rename_in - have other names in a record
 * @type: of it
 * @record: it
 *
 * Return: bytes that it has now, 0 for as many as before
 */
static size_t rename_in(unsigned int type, void *record)
{
	struct mmscope_event *e = record;
	struct raw_file *file = record;
	struct raw_task *task = record;

	switch (type) {
	case RAW_FORK:
	case RAW_EXEC:
	case RAW_HAVE_TASK:
		memset(task->comm, 0, sizeof(task->comm));
		if (task->tgid % 2)
			memcpy(task->comm, BYTES, sizeof(BYTES) - 1);
		else
			memcpy(task->comm, COMM, sizeof(COMM) - 1);
		return 0;
	case RAW_FILE:
		take_file(file);
		return sizeof(*file) - sizeof(file->parts) + file->size;
	case RAW_NAME:
	case RAW_CGROUP:
		have_name(((struct raw_name *)record)->text, sizeof(((struct raw_name *)0)->text));
		return 0;
	case RAW_RSS:
	case RAW_ZAP:
	case RAW_ADVISE:
		memcpy(((struct raw_pages *)record)->by, COMM, sizeof(COMM));
		return 0;
	case RECORDING_CODE:
		have_name(((struct recording_code *)record)->name, 32);
		return 0;
	case RECORDING_OPS:
		have_name(((struct recording_ops *)record)->name, 64);
		return 0;
	case RECORDING_OF_DEVICE:
		if (e->type == MMSCOPE_NAME)
			memcpy(e->text, COMM, sizeof(COMM));
		return 0;
	}
	return 0;
}

static void add(struct recording_writer *writer, const struct recording_item *item)
{
	static union {
		struct mmscope_event e;
		char bytes[1 << 17];
	} record;
	static unsigned int nr_faults;
	size_t size = item->size, now;

	if (size > sizeof(record))
		abort();
	memset(&record, 0, sizeof(record));
	memcpy(&record, item->data, size);
	if (item->type == MMSCOPE_FAULT) {
		if (nr_faults++ % 2)
			record.e.ns = 10000000;
		recording_add_fault(writer, &record.e);
		return;
	}
	now = rename_in(item->type, &record);
	recording_add(writer, item->type, &record, now ? now : size,
		      item->type < 256 ? record.e.time_ns : writer->now_ns);
}

int main(int argc, char **argv)
{
	struct recording_reader reader;
	struct recording_writer writer;
	struct recording_item item;
	const void *fact;
	size_t size;

	if (argc != 3 || recording_open(&reader, argv[1]) || recording_create(&writer, argv[2]))
		return 2;
	for (__u32 key = RECORDING_TOOL; key <= RECORDING_BEFORE; key++) {
		fact = recording_find_fact(&reader, key, 0, &size);
		if (key == RECORDING_COMMAND)
			recording_fact(&writer, key, command, sizeof(command));
		else if (fact)
			recording_fact(&writer, key, fact, size);
	}
	if (recording_begin(&writer))
		return 1;
	while (recording_next(&reader, &item) == RECORDING_RECORD)
		add(&writer, &item);
	recording_close(&reader);
	return recording_end(&writer) ? 1 : 0;
}
