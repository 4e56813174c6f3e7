// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the ring that the BPF programs fill. Records are read in place, which takes a few
 * instructions for each, and their room is given back for many at once. libbpf's
 * ring_buffer__consume() gives back the room of each record alone, by a write to a cache line that
 * the programs read.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/proc.h"
#include "tracer/ring.h"

#define TOGETHER	4096	/* bytes given back at once, or a 16th of the ring if less */

/**
 * struct ring - the ring buffer, as the kernel maps it (kernel/bpf/ringbuf.c)
 * @size: bytes of @data, a power of two
 * @consumer: position up to which all is read; the tool writes it
 * @producer: position up to which room is taken; the kernel writes it. Behind its page is @data,
 *	which is mapped twice in a row, so that a record that goes beyond the end is in one piece
 * @data: records, each behind its header
 * @at: position of the record that is read next
 * @given: value that was written to @consumer last
 * @together: bytes that are given back at once
 * @epoll: descriptor that is readable when the programs wake the tool; -1 while no ring is open
 */
static struct ring {
	size_t size;
	unsigned long *consumer;
	const unsigned long *producer;
	const char *data;
	unsigned long at;
	unsigned long given;
	unsigned long together;
	int epoll;
} ring = { .epoll = -1 };

static size_t bytes_behind(void)
{
	return proc_page_size() + 2 * ring.size;
}

static int map_ring(int map)
{
	size_t page = proc_page_size();
	void *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (at == MAP_FAILED)
		return -errno;
	ring.consumer = at;
	at = mmap(NULL, bytes_behind(), PROT_READ, MAP_SHARED, map, page);
	if (at == MAP_FAILED)
		return -errno;
	ring.producer = at;
	ring.data = (const char *)at + page;
	ring.given = *ring.consumer;
	ring.at = ring.given;
	return 0;
}

/*
 * Wait by an epoll descriptor. The ring's own descriptor is readable with the first record, this
 * one only when the programs ask the kernel to wake the reader.
 */
static int open_epoll(int map)
{
	struct epoll_event event = { .events = EPOLLIN };

	ring.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (ring.epoll < 0 || epoll_ctl(ring.epoll, EPOLL_CTL_ADD, map, &event))
		return -errno;
	return 0;
}

/**
 * ring_open - begin to read a ring
 * @map: descriptor of a map of BPF_MAP_TYPE_RINGBUF
 * @size: of the ring, in bytes
 *
 * Return: 0 or -errno
 */
int ring_open(int map, size_t size)
{
	int error;

	ring.size = size;
	ring.together = size / 16 < TOGETHER ? size / 16 : TOGETHER;
	error = map_ring(map);
	return error ? error : open_epoll(map);
}

/**
 * ring_fd - a descriptor that becomes readable when the programs say that there is much to read
 */
int ring_fd(void)
{
	return ring.epoll;
}

static void give_back(void)
{
	ring.given = ring.at;
	__atomic_store_n(ring.consumer, ring.given, __ATOMIC_RELEASE);
}

/**
 * ring_end - the position up to which there are records at this moment, for ring_next()
 */
unsigned long ring_end(void)
{
	return __atomic_load_n(ring.producer, __ATOMIC_ACQUIRE);
}

/**
 * ring_next - the next record
 * @end: from ring_end(), so that a reader ends even if new records come all the time
 *
 * Return: the record, valid until the next call; NULL when there is none before @end, or when the
 *	next one is still being written
 */
const void *ring_next(unsigned long end)
{
	if (ring.at - ring.given >= ring.together)
		give_back();
	while (ring.at < end) {
		const char *record = ring.data + (ring.at & (ring.size - 1));
		__u32 head = __atomic_load_n((const __u32 *)record, __ATOMIC_ACQUIRE);
		__u32 length = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (head & BPF_RINGBUF_BUSY_BIT)
			break;
		ring.at += (BPF_RINGBUF_HDR_SZ + length + 7) & ~7UL;
		if (!(head & BPF_RINGBUF_DISCARD_BIT))
			return record + BPF_RINGBUF_HDR_SZ;
	}
	if (ring.at != ring.given)
		give_back();
	return NULL;
}

/**
 * ring_length - the number of bytes of a record
 * @record: from ring_next(), still valid
 */
size_t ring_length(const void *record)
{
	const __u32 *head = (const __u32 *)((const char *)record - BPF_RINGBUF_HDR_SZ);

	return *head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
}

/**
 * ring_close - undo ring_open(), even if that has failed
 */
void ring_close(void)
{
	if (ring.producer)
		munmap((void *)ring.producer, bytes_behind());
	if (ring.consumer)
		munmap(ring.consumer, proc_page_size());
	if (ring.epoll >= 0)
		close(ring.epoll);
	ring = (struct ring){ .epoll = -1 };
}
