// SPDX-License-Identifier: GPL-2.0
/*
 * The ring of the BPF programs as it is read: each record once and in order, also across the end of
 * the ring; none that is being written; and its room is given back.
 */
#include <linux/bpf.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "base/proc.h"
#include "tracer/ring.h"

#define SIZE	4096UL
#define LENGTH	32	/* with its header no divisor of SIZE */

/* Page of the reader, page of the writer, data twice: no hole behind its end. */
static char *file;
static unsigned long *read_to, *written_to;

/* A file cannot be waited for. */
int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	return 0;
}

static void put(unsigned long at, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *data = file + 2 * proc_page_size() + (at + i) % SIZE;

		data[0] = ((const char *)bytes)[i];
		data[SIZE] = data[0];
	}
}

/* A record that holds a number. Returns where its header is. */
static unsigned long produce(__u64 number, __u32 bits)
{
	unsigned long at = *written_to;
	__u32 head[2] = { LENGTH | bits, 0 };

	put(at, head, sizeof(head));
	put(at + sizeof(head), &number, sizeof(number));
	*written_to += LENGTH + sizeof(head);
	return at;
}

static __u64 next(void)
{
	const __u64 *record = ring_next(ring_end());

	return record ? *record : 0;
}

FIXTURE(ring) {
	int fd;
};

FIXTURE_SETUP(ring)
{
	size_t page = proc_page_size(), bytes = 2 * page + 2 * SIZE;

	self->fd = memfd_create("ring", 0);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(ftruncate(self->fd, bytes), 0);
	file = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_NE(file, MAP_FAILED);
	read_to = (unsigned long *)file;
	written_to = (unsigned long *)(file + page);
	ASSERT_EQ(ring_open(self->fd, SIZE), 0);
}

FIXTURE_TEARDOWN(ring)
{
	ring_close();
	close(self->fd);
}

TEST_F(ring, each_once_and_in_order)
{
	__u64 made = 0, got = 0;

	EXPECT_EQ(next(), 0);
	/* Many times around, with some across the end. */
	for (unsigned int i = 0; i < 1000; i++) {
		for (unsigned int n = 0; n < i % 100; n++)
			produce(++made, 0);
		for (__u64 number = next(); number; number = next())
			ASSERT_EQ(number, ++got);
		ASSERT_EQ(got, made);
		ASSERT_EQ(*read_to, *written_to);
	}
}

TEST_F(ring, waits_for_what_is_written)
{
	unsigned long at;
	__u32 head = LENGTH;

	produce(1, 0);
	at = produce(2, BPF_RINGBUF_BUSY_BIT);
	produce(3, 0);
	EXPECT_EQ(next(), 1);
	EXPECT_EQ(next(), 0);
	EXPECT_EQ(next(), 0);
	EXPECT_EQ(*read_to, at);
	put(at, &head, sizeof(head));
	EXPECT_EQ(next(), 2);
	EXPECT_EQ(next(), 3);
}

TEST_F(ring, leaves_out_what_was_discarded)
{
	produce(1, BPF_RINGBUF_DISCARD_BIT);
	produce(2, 0);
	produce(3, BPF_RINGBUF_DISCARD_BIT);
	EXPECT_EQ(next(), 2);
	EXPECT_EQ(next(), 0);
	EXPECT_EQ(*read_to, *written_to);
}

/* Not the room of the record that was handed out last; and not all at the end alone. */
TEST_F(ring, gives_room_back)
{
	unsigned long end;

	for (__u64 i = 1; i <= SIZE / (LENGTH + 8); i++)
		produce(i, 0);
	for (__u64 i = 1; i <= SIZE / (LENGTH + 8); i++) {
		ASSERT_EQ(next(), i);
		ASSERT_LE(*read_to, (i - 1) * (LENGTH + 8));
		ASSERT_GT(*read_to + SIZE / 8, (i - 1) * (LENGTH + 8));
	}
	/* Who asked before a record came does not get it. */
	end = ring_end();
	produce(7, 0);
	EXPECT_EQ(ring_next(end), NULL);
	EXPECT_EQ(next(), 7);
}

TEST_HARNESS_MAIN
