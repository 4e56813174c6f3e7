// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a recording. The file only grows, by whole parts, so that what was written stays readable
 * when the recorder is killed. If there is no space for a part, the bytes of it that were written
 * are cut off again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/proc.h"
#include "recording/part.h"
#include "recording/writer.h"

#define LEVEL		(-1)	/* of zstd: level 1 packs a sixth better, by half more work */
/* Bytes of records that are no faults, at which a block is full. */
#define OTHERS_MOST	(1U << 20)

/* Only the owner may read a file that has addresses, command lines and perhaps stacks. */
#define MODE	0600

static bool pack_with(ZSTD_CCtx *zstd)
{
	size_t error;

	if (!zstd)
		return false;
	error = ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, LEVEL);
	if (!ZSTD_isError(error))
		error = ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	return !ZSTD_isError(error);
}

static int close_all(struct recording_writer *writer)
{
	int error = writer->error;

	if (close(writer->fd) && !error)
		error = errno;
	ZSTD_freeCCtx(writer->zstd);
	columns_free(&writer->faults);
	bytes_free(&writer->others);
	bytes_free(&writer->facts);
	bytes_free(&writer->keys);
	bytes_free(&writer->scratch);
	bytes_free(&writer->packed);
	return -error;
}

/* Open the file, and note in @writer whether it did not exist before. */
static int open_file(struct recording_writer *writer, const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;
	int fd = open(path, flags | O_EXCL, MODE);

	writer->made = fd >= 0;
	return fd < 0 && errno == EEXIST ? open(path, flags, MODE) : fd;
}

/**
 * recording_drop - give a recording up; a file that recording_create() made is removed if nothing
 *	was written to it
 * @writer: the writer of recording_create(); it is closed
 * @path: name of the file
 */
void recording_drop(struct recording_writer *writer, const char *path)
{
	if (writer->made && (writer->tail || !writer->whole))
		unlink(path);
	close_all(writer);
}

/**
 * recording_create - open a file for a recording; recording_fact() and recording_begin() follow
 * @writer: to be filled; closed by recording_end() or recording_drop()
 * @path: name of the file; an existing file is not changed before the first part is written
 *
 * Return: 0 or -errno
 */
int recording_create(struct recording_writer *writer, const char *path)
{
	const struct recording_header header = { RECORDING_VERSION, sizeof(header) };
	struct stat st;

	memset(writer, 0, sizeof(*writer));
	writer->fd = open_file(writer, path);
	if (writer->fd < 0)
		return -errno;
	writer->regular = !fstat(writer->fd, &st) && S_ISREG(st.st_mode);
	writer->zstd = ZSTD_createCCtx();
	if (!columns_make(&writer->faults, RECORDING_FAULTS_MOST) || !pack_with(writer->zstd))
		writer->error = ENOMEM;
	if (writer->error) {
		recording_drop(writer, path);
		return -ENOMEM;
	}
	bytes_add(&writer->facts, &header, sizeof(header));
	return 0;
}

/**
 * recording_fact - add a fact to the header
 * @writer: the writer of recording_create(), before recording_begin()
 * @key: enum recording_key_of_fact
 * @data: the fact
 * @size: bytes of the fact
 */
void recording_fact(struct recording_writer *writer, __u32 key, const void *data, size_t size)
{
	const struct recording_fact fact = { key, size };

	bytes_add(&writer->facts, &fact, sizeof(fact));
	bytes_add(&writer->facts, data, size);
}

static bool write_some(int fd, const void *bytes, size_t size)
{
	const __u8 *data = bytes;

	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		size -= n;
	}
	return true;
}

/* Empty a file that existed before, and let only its owner read what comes. */
static bool clear_file(const struct recording_writer *writer)
{
	return !writer->regular || (!fchmod(writer->fd, MODE) && !ftruncate(writer->fd, 0));
}

/**
 * recording_write - write whole parts, or nothing of them
 * @writer: the recording
 * @data: the parts
 * @size: bytes of the parts
 *
 * Return: 0 or -errno, also if an earlier write failed
 */
int recording_write(struct recording_writer *writer, const void *data, size_t size)
{
	if (writer->tail && !writer->error) {
		tail_add(writer->tail, data, size);
		writer->whole += size;
		return 0;
	}
	if (!writer->error && !writer->whole && !clear_file(writer))
		writer->error = errno;
	if (writer->error)
		return -writer->error;
	if (write_some(writer->fd, data, size)) {
		writer->whole += size;
		return 0;
	}
	writer->error = errno ? errno : EIO;
	/* If this fails as well, readers find by the checksum that the last part is cut. */
	if (writer->regular && ftruncate(writer->fd, writer->whole))
		errno = 0;
	return -writer->error;
}

/**
 * recording_begin - write the header with its facts
 * @writer: the recording
 *
 * Return: 0 or -errno
 */
int recording_begin(struct recording_writer *writer)
{
	/* A recording in memory has no header: recording_dump() writes one to each file. */
	if (writer->tail)
		return 0;
	part_open(&writer->packed, RECORDING_HEADER, writer->facts.size);
	bytes_add(&writer->packed, writer->facts.data, writer->facts.size);
	part_seal(&writer->packed, writer->facts.size);
	return recording_write(writer, writer->packed.data, writer->packed.size);
}

/* Put the block together that is to be packed: two numbers, the columns, the other records. */
static void gather(struct recording_writer *writer)
{
	struct bytes *to = &writer->scratch;

	to->size = 0;
	bytes_add_number(to, writer->faults.nr);
	bytes_add_number(to, writer->nr_others);
	to->size = columns_write(&writer->faults,
				 bytes_room(to, columns_size(&writer->faults))) - to->data;
	bytes_add(to, writer->others.data, writer->others.size);
}

static size_t pack(struct recording_writer *writer, const void *data, size_t size)
{
	size_t packed = part_pack(&writer->packed, writer->zstd, data, size);

	if (!packed)
		writer->error = EIO;
	return packed;
}

static void empty(struct recording_writer *writer)
{
	columns_empty(&writer->faults);
	writer->others.size = 0;
	writer->told_faults = 0;
	writer->nr_others = 0;
	writer->first_ns = 0;
}

static __u32 waiting(const struct recording_writer *writer)
{
	return writer->faults.nr + writer->nr_others;
}

/* Is there room for so many bytes more in the file? Once it was full, it stays full. */
static bool fits(struct recording_writer *writer, size_t size)
{
	if (writer->most && writer->whole + size + writer->keys.size + writer->spare > writer->most)
		writer->full = true;
	return !writer->full;
}

/* Drop the records of the block, because the file has no room for it, and count them. */
static int give_up(struct recording_writer *writer)
{
	writer->beyond += waiting(writer);
	writer->now_ns = writer->last_ns;
	empty(writer);
	return 0;
}

/**
 * recording_flush - write the records that were added; then they are safe if the recorder is killed
 * @writer: the recording
 *
 * Return: 0 or -errno of the first write that failed
 */
int recording_flush(struct recording_writer *writer)
{
	struct recording_block block = {
		.number = writer->number,
		.record = writer->record,
		.records = waiting(writer),
		.first_ns = writer->first_ns,
		.last_ns = writer->now_ns,
	};
	int error;

	if (!block.records || writer->error)
		return -writer->error;
	gather(writer);
	block.unpacked = writer->scratch.size;
	part_open(&writer->packed, RECORDING_BLOCK, sizeof(block));
	bytes_add(&writer->packed, NULL, sizeof(block));
	block.packed = pack(writer, writer->scratch.data, writer->scratch.size);
	if (!block.packed)
		return -writer->error;
	if (!fits(writer, writer->packed.size))
		return give_up(writer);
	memcpy(writer->packed.data + sizeof(struct recording_part), &block, sizeof(block));
	part_seal(&writer->packed, sizeof(block));
	error = recording_write(writer, writer->packed.data, writer->packed.size);
	if (error)
		return error;
	writer->number++;
	writer->record += block.records;
	writer->last_ns = writer->now_ns;
	empty(writer);
	return 0;
}

/**
 * recording_add_fault - add a fault that the tracer told
 * @writer: the recording
 * @e: the fault's record, as the BPF programs made it
 */
void recording_add_fault(struct recording_writer *writer, const struct mmscope_event *e)
{
	if (writer->faults.nr == RECORDING_FAULTS_MOST)
		recording_flush(writer);
	/* After an error the flush did not empty the columns, so they have no room for a fault. */
	if (writer->error)
		return;
	if (writer->full) {
		writer->beyond++;
		return;
	}
	if (!writer->first_ns)
		writer->first_ns = e->time_ns;
	writer->now_ns = e->time_ns;
	columns_put(&writer->faults, e);
}

/**
 * recording_add - add any record that is not a fault of the tracer
 * @writer: the recording
 * @type: type of the record, which need not be the type in its struct mmscope_event
 * @data: the record
 * @size: bytes of the record
 * @time_ns: time of the record
 */
void recording_add(struct recording_writer *writer, unsigned int type, const void *data,
		   size_t size, __u64 time_ns)
{
	if (writer->error)
		return;
	if (writer->full) {
		writer->beyond++;
		return;
	}
	if (!writer->first_ns)
		writer->first_ns = time_ns;
	writer->now_ns = time_ns;
	bytes_add_number(&writer->others, writer->faults.nr - writer->told_faults);
	writer->told_faults = writer->faults.nr;
	bytes_add_number(&writer->others, type);
	bytes_add_number(&writer->others, size);
	bytes_add(&writer->others, data, size);
	writer->nr_others++;
	if (writer->others.size >= OTHERS_MOST)
		recording_flush(writer);
}

/**
 * recording_key - write a keyframe behind all records that were added
 * @writer: the recording
 * @data: content of the keyframe, of keyframe_make()
 * @size: bytes of the content; nothing is written if they are more than RECORDING_KEY_MOST
 *
 * Return: 0 or -errno; 0 also if the file has no room for the keyframe
 */
int recording_key(struct recording_writer *writer, const void *data, size_t size)
{
	struct recording_key key = { .unpacked = size };
	struct recording_index index;
	__u32 part_size;
	int error = recording_flush(writer);

	if (error || writer->full || size > RECORDING_KEY_MOST)
		return error;
	key.time_ns = writer->last_ns;
	key.record = writer->record;
	key.block = writer->number;
	index = (struct recording_index){ writer->whole, key.time_ns, key.record };
	part_open(&writer->packed, RECORDING_KEY, 0);
	bytes_add(&writer->packed, &key, sizeof(key));
	if (!pack(writer, data, size))
		return -writer->error;
	part_size = writer->packed.size - 8;
	if (!fits(writer, writer->packed.size + sizeof(index)))
		return 0;
	memcpy(writer->packed.data + offsetof(struct recording_part, size), &part_size,
	       sizeof(part_size));
	part_seal(&writer->packed, writer->packed.size - sizeof(struct recording_part));
	if (writer->tail)
		tail_cut(writer->tail, &index, time_now());
	error = recording_write(writer, writer->packed.data, writer->packed.size);
	if (!error && !writer->tail)
		bytes_add(&writer->keys, &index, sizeof(index));
	return error;
}

/**
 * recording_end - write the remaining records and the index, and close the file
 * @writer: the recording, also after an error
 *
 * Return: 0 or -errno of the first write that failed
 */
int recording_end(struct recording_writer *writer)
{
	struct recording_end end = {
		.size = sizeof(struct recording_part) + writer->keys.size + sizeof(end),
		.tag = RECORDING_INDEX,
	};

	if (!writer->tail && !recording_flush(writer)) {
		part_open(&writer->packed, RECORDING_INDEX, writer->keys.size + sizeof(end));
		bytes_add(&writer->packed, writer->keys.data, writer->keys.size);
		bytes_add(&writer->packed, &end, sizeof(end));
		part_seal(&writer->packed, writer->keys.size + sizeof(end));
		recording_write(writer, writer->packed.data, writer->packed.size);
	}
	return close_all(writer);
}
