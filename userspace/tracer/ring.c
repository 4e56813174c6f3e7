// SPDX-License-Identifier: GPL-2.0
/*
 * The ring that the BPF programs fill, read in place: a record costs a few instructions, and its
 * room is given back together with others'. libbpf's ring_buffer__consume() is left and entered
 * again for each record, and gives back each room alone, in a line that the programs read.
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

#define TOGETHER	4096	/* bytes that are given back at once, or a 16th of a small ring */

/**
 * struct ring - the kernel's memory, and where we are in it
 * @size: bytes of @data, a power of two
 * @consumer: we write: up to where all is read
 * @producer: the kernel writes: up to where room is taken. Behind it is @data, twice: no record has
 *	a break.
 * @data: records, each behind its header
 * @at: of the next record
 * @given: what @consumer says
 * @together: bytes that are given back at once
 * @epoll: readable when the programs wake us; -1 where nothing is open
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
 * Wait by an epoll descriptor instead of the ring's own: that is readable with the first record,
 * this one when the programs wake us.
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
 * @map: a map of BPF_MAP_TYPE_RINGBUF
 * @size: its bytes
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
 * ring_fd - becomes readable when the programs say that there is much to read
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
 * ring_end - up to where there are records by now, as ring_next() wants it
 */
unsigned long ring_end(void)
{
	return __atomic_load_n(ring.producer, __ATOMIC_ACQUIRE);
}

/**
 * ring_next - the next record
 * @end: from ring_end(): who asked before records came does not read on as long as some come
 *
 * Return: it, valid until the next call; NULL when there is none, or one that is being written
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
 * ring_length - how many bytes a record has
 * @record: from ring_next(), still valid
 */
size_t ring_length(const void *record)
{
	const __u32 *head = (const __u32 *)((const char *)record - BPF_RINGBUF_HDR_SZ);

	return *head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
}

/**
 * ring_close - undo ring_open(), also if that has failed
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
