// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a recording. The file only grows, by whole parts: what was written stays readable,
 * whatever ends us. Where there is no space for a part, what was written of it is cut off again.
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

#define LEVEL		(-1)	/* of zstd: 1 packs a sixth better, by half as much work more */
#define OTHERS_MOST	(1U << 20)	/* bytes of records that are no faults, of a block */

/* Only who began it may read it: it has addresses, command lines, and perhaps stacks. */
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

/* Open the file, and know whether it is new. */
static int open_file(struct recording_writer *writer, const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;
	int fd = open(path, flags | O_EXCL, MODE);

	writer->made = fd >= 0;
	return fd < 0 && errno == EEXIST ? open(path, flags, MODE) : fd;
}

/**
 * recording_drop - nothing is recorded: a file that was there stays, one that was made goes
 * @writer: of recording_create(); what was begun in it is kept
 * @path: as then
 */
void recording_drop(struct recording_writer *writer, const char *path)
{
	if (writer->made && (writer->tail || !writer->whole))
		unlink(path);
	close_all(writer);
}

/**
 * recording_create - make a file for a recording; facts and recording_begin() follow
 * @writer: to be filled
 * @path: of the file; one that is there stays as it is until the first byte is written
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
 * recording_fact - say something of the recording as a whole
 * @writer: from recording_create()
 * @key: enum recording_key_of_fact
 * @data: what
 * @size: its bytes
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

/* What was in the file goes now, and what comes is for its owner alone. */
static bool clear_file(const struct recording_writer *writer)
{
	return !writer->regular || (!fchmod(writer->fd, MODE) && !ftruncate(writer->fd, 0));
}

/**
 * recording_write - write parts that are complete, or nothing
 * @writer: the recording
 * @data: the parts
 * @size: their bytes
 *
 * Return: 0 or -errno
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
	/* If this fails, too, the reader finds that the last part is cut. */
	if (writer->regular && ftruncate(writer->fd, writer->whole))
		errno = 0;
	return -writer->error;
}

/**
 * recording_begin - write what was said of the recording as a whole
 * @writer: the recording
 *
 * Return: 0 or -errno
 */
int recording_begin(struct recording_writer *writer)
{
	/* Of what is kept in memory, each file that it goes to has a header of its own. */
	if (writer->tail)
		return 0;
	part_open(&writer->packed, RECORDING_HEADER, writer->facts.size);
	bytes_add(&writer->packed, writer->facts.data, writer->facts.size);
	part_seal(&writer->packed, writer->facts.size);
	return recording_write(writer, writer->packed.data, writer->packed.size);
}

/* What a block is before it is packed. */
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

/* Is there room for so many bytes more? Where there is none, none is sought again. */
static bool fits(struct recording_writer *writer, size_t size)
{
	if (writer->most && writer->whole + size + writer->keys.size + writer->spare > writer->most)
		writer->full = true;
	return !writer->full;
}

/* What was added is not written. */
static int give_up(struct recording_writer *writer)
{
	writer->beyond += waiting(writer);
	writer->now_ns = writer->last_ns;
	empty(writer);
	return 0;
}

/**
 * recording_flush - write what was added: then it is safe from our end
 * @writer: the recording
 *
 * Return: 0 or -errno, of whatever failed first
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
 * recording_add_fault - add a fault of the tracer's
 * @writer: the recording
 * @e: its record, as the programs tell it
 */
void recording_add_fault(struct recording_writer *writer, const struct mmscope_event *e)
{
	if (writer->faults.nr == RECORDING_FAULTS_MOST)
		recording_flush(writer);
	/* After an error there is nothing to be flushed, and no more room. */
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
 * recording_add - add any other record
 * @writer: the recording
 * @type: its number, also where it begins with a struct mmscope_event
 * @data: the record
 * @size: its bytes
 * @time_ns: when that was
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
 * recording_key - write a keyframe, behind all that was added
 * @writer: the recording
 * @data: all that is known of VMAs
 * @size: its bytes
 *
 * Return: 0 or -errno
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
 * recording_end - write what is left, and where keyframes are; close the file
 * @writer: the recording, also after an error
 *
 * Return: 0 or -errno, of whatever failed first
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
