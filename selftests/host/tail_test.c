// SPDX-License-Identifier: GPL-2.0
/*
 * The last part of a recording: whenever it goes to a file, that is one which can be read from its
 * beginning, and has nothing but what was recorded. And a file that may have so many bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "recording/reader.h"
#include "recording/writer.h"

#define EVERY	100	/* records of a segment */
#define ALL	~0ULL
#define LEFT	4096	/* bytes for the end */

FIXTURE(tail) {
	char path[64];
	char dump[80];
	struct tail tail;
	struct recording_writer w;
	size_t told;
};

FIXTURE_SETUP(tail)
{
	const struct recording_index none = { 0 };

	snprintf(self->path, sizeof(self->path), "/tmp/mmscope-tail.%d", getpid());
	snprintf(self->dump, sizeof(self->dump), "%s.1", self->path);
	ASSERT_EQ(recording_create(&self->w, self->path), 0);
	recording_fact(&self->w, RECORDING_KERNEL, "6.12.1", 6);
	self->w.tail = &self->tail;
	tail_cut(&self->tail, &none, 1);
	ASSERT_EQ(recording_begin(&self->w), 0);
}

FIXTURE_TEARDOWN(tail)
{
	tail_free(&self->tail);
	unlink(self->path);
	unlink(self->dump);
}

static __u64 addr_of(size_t i)
{
	return (i * 0x9e3779b97f4a7c15ULL) >> 8;
}

static void add(struct recording_writer *w, size_t i)
{
	struct mmscope_event e = {
		.type = MMSCOPE_FAULT, .time_ns = 1000 + i, .mm = 1, .addr = addr_of(i), .ns = i,
	};

	if (i % 5)
		recording_add_fault(w, &e);
	else
		recording_add(w, RECORDING_OPS, &e, sizeof(e), e.time_ns);
}

/* @segments, each with a keyframe that says how many records are before it */
static void tell(struct recording_writer *w, size_t *told, size_t segments)
{
	for (size_t n = 0; n < segments; n++) {
		for (size_t i = 0; i < EVERY; i++) {
			add(w, (*told)++);
			if (i == EVERY / 2)
				recording_flush(w);
		}
		recording_key(w, told, sizeof(*told));
	}
}

static int dump(struct recording_writer *w, const char *path)
{
	struct recording_totals totals = { .lost = 1 };
	struct recording_writer to;
	int error = recording_dump(&to, w, path);

	if (error)
		return error;
	recording_add(&to, RECORDING_TOTALS, &totals, sizeof(totals), to.now_ns);
	return recording_end(&to);
}

/**
 * struct result - what was read
 * @error: of recording_open()
 * @first: number of the first record
 * @next: one more than that of the last
 * @wrong: records that were not what was told
 * @keys: keyframes that were needed
 * @missing: records that are said to be missing
 * @damaged: places that are
 * @ended: there is an end
 */
struct result {
	int error;
	size_t first;
	size_t next;
	size_t wrong;
	size_t keys;
	size_t missing;
	unsigned int damaged;
	bool ended;
};

static struct result read_all(const char *path, __u64 seek)
{
	struct recording_reader r;
	struct recording_item item;
	struct result got = { .error = recording_open(&r, path) };
	enum recording_what what;

	if (got.error)
		return got;
	if (seek)
		recording_seek(&r, seek);
	while ((what = recording_next(&r, &item)) != RECORDING_OVER) {
		struct mmscope_event e;

		if (what == RECORDING_KEYFRAME) {
			memcpy(&got.next, item.data, sizeof(got.next));
			got.first = got.keys++ ? got.first : got.next;
			got.missing += item.missing;
			continue;
		}
		if (item.type == RECORDING_TOTALS)
			continue;
		memcpy(&e, item.data, sizeof(e));
		got.wrong += item.size != sizeof(e) || e.addr != addr_of(got.next);
		got.next++;
	}
	got.ended = r.ended;
	got.damaged = r.damaged;
	recording_close(&r);
	return got;
}

TEST_F(tail, all_that_was_told_is_there_if_nothing_was_let_go)
{
	struct result got;

	tell(&self->w, &self->told, 4);
	add(&self->w, self->told++);
	tail_trim(&self->tail, 0, ALL);
	ASSERT_EQ(dump(&self->w, self->dump), 0);
	got = read_all(self->dump, 0);
	EXPECT_EQ(got.error, 0);
	EXPECT_EQ(got.first, 0);
	EXPECT_EQ(got.next, self->told);
	EXPECT_EQ(got.wrong, 0);
	EXPECT_EQ(got.keys, 0);
	EXPECT_EQ(got.damaged, 0);
	EXPECT_TRUE(got.ended);
	recording_drop(&self->w, self->path);
	EXPECT_NE(access(self->path, F_OK), 0);
}

TEST_F(tail, what_is_kept_begins_with_a_keyframe)
{
	struct result got;

	tell(&self->w, &self->told, 10);
	add(&self->w, self->told++);
	/* Of the segment behind the eighth keyframe on */
	tail_trim(&self->tail, self->tail.first->next->next->next->next->next->next->next->next
		  ->began_ns, ALL);
	EXPECT_EQ(self->tail.gone, 8);
	ASSERT_EQ(dump(&self->w, self->dump), 0);
	got = read_all(self->dump, 0);
	EXPECT_EQ(got.error, 0);
	EXPECT_EQ(got.keys, 1);
	EXPECT_EQ(got.first, 8 * EVERY);
	EXPECT_EQ(got.next, self->told);
	EXPECT_EQ(got.wrong, 0);
	EXPECT_EQ(got.missing, 0);
	EXPECT_EQ(got.damaged, 0);
	EXPECT_TRUE(got.ended);
	recording_drop(&self->w, self->path);
}

TEST_F(tail, it_takes_no_more_than_it_may)
{
	__u64 most;

	tell(&self->w, &self->told, 2);
	most = 2 * self->tail.size;
	for (int i = 0; i < 50; i++) {
		tell(&self->w, &self->told, 1);
		tail_trim(&self->tail, 0, most);
		ASSERT_LE(self->tail.size, most);
		ASSERT_NE(self->tail.first, self->tail.last);
	}
	EXPECT_GT(self->tail.gone, 40);
	EXPECT_NE(self->tail.needed_ns, 0);
	/* The one that grows stays whatever it has. */
	tail_trim(&self->tail, 0, 1);
	EXPECT_EQ(self->tail.first, self->tail.last);
	ASSERT_EQ(dump(&self->w, self->dump), 0);
	EXPECT_EQ(read_all(self->dump, 0).keys, 1);
	recording_drop(&self->w, self->path);
}

TEST_F(tail, it_goes_on_behind_a_file)
{
	struct result got;

	for (int i = 0; i < 6; i++) {
		tell(&self->w, &self->told, 2);
		add(&self->w, self->told++);
		tail_trim(&self->tail, self->tail.last->began_ns, ALL);
		ASSERT_EQ(dump(&self->w, self->dump), 0);
		got = read_all(self->dump, 0);
		ASSERT_EQ(got.next, self->told);
		ASSERT_EQ(got.wrong, 0);
		ASSERT_EQ(got.damaged, 0);
	}
	recording_drop(&self->w, self->path);
}

TEST_F(tail, an_instant_is_found_in_its_file)
{
	struct result got;
	struct stat st;

	tell(&self->w, &self->told, 10);
	tail_trim(&self->tail, self->tail.first->next->next->began_ns, ALL);
	ASSERT_EQ(dump(&self->w, self->dump), 0);
	/* By the index, and without it */
	for (int with = 1; with >= 0; with--) {
		got = read_all(self->dump, 1000 + 7 * EVERY + 3);
		EXPECT_EQ(got.first, 7 * EVERY);
		EXPECT_EQ(got.next, self->told);
		EXPECT_EQ(got.wrong, 0);
		EXPECT_EQ(got.missing, 0);
		ASSERT_EQ(stat(self->dump, &st), 0);
		ASSERT_EQ(truncate(self->dump, st.st_size - 5), 0);
	}
	recording_drop(&self->w, self->path);
}

TEST_F(tail, cut_anywhere_its_file_is_right_as_far_as_it_goes)
{
	struct result got;
	struct stat st;

	tell(&self->w, &self->told, 6);
	tail_trim(&self->tail, self->tail.first->next->next->began_ns, ALL);
	ASSERT_EQ(dump(&self->w, self->dump), 0);
	ASSERT_EQ(stat(self->dump, &st), 0);
	for (off_t n = st.st_size - 1; n > 0; n--) {
		ASSERT_EQ(truncate(self->dump, n), 0);
		got = read_all(self->dump, 0);
		ASSERT_EQ(got.wrong, 0) TH_LOG("cut at %ld", (long)n);
		ASSERT_EQ(got.missing, 0);
	}
	recording_drop(&self->w, self->path);
}

TEST_F(tail, a_file_that_cannot_be_written_is_told_and_it_goes_on)
{
	tell(&self->w, &self->told, 2);
	EXPECT_EQ(dump(&self->w, "/dev/full"), -ENOSPC);
	EXPECT_EQ(dump(&self->w, "/nonsense/file"), -ENOENT);
	ASSERT_EQ(dump(&self->w, self->dump), 0);
	EXPECT_EQ(read_all(self->dump, 0).next, self->told);
	recording_drop(&self->w, self->path);
}

TEST_F(tail, a_file_has_no_more_bytes_than_it_may)
{
	for (__u64 most = 6000; most < 60000; most += 1777) {
		struct recording_totals totals = { 0 };
		struct recording_writer w;
		struct result got;
		struct stat st;
		size_t told = 0;

		ASSERT_EQ(recording_create(&w, self->dump), 0);
		w.most = most;
		w.spare = LEFT;
		ASSERT_EQ(recording_begin(&w), 0);
		tell(&w, &told, 100);
		recording_flush(&w);
		ASSERT_TRUE(w.full);
		ASSERT_EQ(w.record + w.beyond, told);
		w.full = false;
		w.most = 0;
		recording_add(&w, RECORDING_TOTALS, &totals, sizeof(totals), w.now_ns);
		ASSERT_EQ(recording_end(&w), 0);
		ASSERT_EQ(stat(self->dump, &st), 0);
		EXPECT_LE(st.st_size, most);
		got = read_all(self->dump, 0);
		EXPECT_EQ(got.next, told - w.beyond);
		EXPECT_EQ(got.wrong, 0);
		EXPECT_EQ(got.damaged, 0);
		EXPECT_TRUE(got.ended);
	}
	recording_drop(&self->w, self->path);
}

TEST_HARNESS_MAIN
