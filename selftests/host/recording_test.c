// SPDX-License-Identifier: GPL-2.0
/*
 * A recording: what was written is what is read; whatever has become of the file, what is read is
 * right as far as it goes, and what is missing is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "recording/keyframe.h"
#include "recording/number.h"
#include "recording/reader.h"
#include "recording/writer.h"

#define SOME	600	/* records of a small recording: it is read thousands of times */
#define EVERY	100	/* of them are in a block */
#define OTHER	RECORDING_OPS	/* any type that is no fault's */
#define FULL	(RECORDING_FAULTS_MOST + 100)

/* Record N: a fault, or, each seventh, N and some bytes that depend on it. */
struct other {
	__u64 number;
	__u8 bytes[40];
};

static bool is_fault(size_t i)
{
	return i % 7;
}

static struct mmscope_event fault(size_t i)
{
	__u64 mixed = (i + 1) * 0x9e3779b97f4a7c15ULL;

	return (struct mmscope_event){
		.type = MMSCOPE_FAULT, .time_ns = 1000000 + i * 700 + (mixed & 0xff),
		.mm = 1 + i / 50, .vma = i % 11 ? 0 : mixed >> 40, .seq = i % 13 ? 0 : 6,
		.tid = 100 + i % 3, .flags = i % 5 ? 0x48000 : mixed >> 41, .cause = i % 9 ? -1 : 9,
		.cpu = i & 1, .addr = i % 17 ? i << 12 : mixed, .ip = i % 4 ? 0x401000 : mixed,
		.pgoff = i % 19 ? 0 : mixed, .npages = i % 6 ? 1 : mixed, .ns = 300 + i % 50,
	};
}

static struct other other(size_t i)
{
	struct other o = { .number = i };

	memset(o.bytes, i * 3, sizeof(o.bytes));
	return o;
}

static size_t other_size(size_t i)
{
	return sizeof(__u64) + i % 40;
}

static void add(struct recording_writer *w, size_t i)
{
	struct mmscope_event e = fault(i);
	struct other o = other(i);

	if (is_fault(i))
		recording_add_fault(w, &e);
	else
		recording_add(w, OTHER, &o, other_size(i), e.time_ns);
}

static bool same(const struct recording_item *item, size_t i)
{
	struct mmscope_event e = fault(i);
	struct other o = other(i);

	if (is_fault(i))
		return item->type == MMSCOPE_FAULT && item->size == sizeof(e) &&
		       !memcmp(item->data, &e, sizeof(e));
	return item->type == OTHER && item->size == other_size(i) &&
	       !memcmp(item->data, &o, item->size);
}

FIXTURE(recording) {
	char path[64];
};

FIXTURE_SETUP(recording)
{
	snprintf(self->path, sizeof(self->path), "/tmp/mmscope-recording.%d", getpid());
}

FIXTURE_TEARDOWN(recording)
{
	unlink(self->path);
}

static int begin(struct recording_writer *w, const char *path)
{
	__u32 page = 4096;
	int error = recording_create(w, path);

	if (error)
		return error;
	recording_fact(w, RECORDING_KERNEL, "6.12.1", 6);
	recording_fact(w, 77, "of the future", 13);
	recording_fact(w, RECORDING_PAGE_SIZE, &page, sizeof(page));
	return recording_begin(w);
}

/* A recording of @n records, a keyframe before each @keys of them; it says how many are before. */
static int record(const char *path, size_t n, size_t every, size_t keys)
{
	struct recording_totals totals = { .lost = 3 };
	struct recording_writer w;
	int error = begin(&w, path);

	if (error)
		return error;
	for (size_t i = 0; i < n; i++) {
		__u64 before = i;

		if (keys && i && i % keys == 0)
			recording_key(&w, &before, sizeof(before));
		else if (i % every == 0)
			recording_flush(&w);
		add(&w, i);
	}
	recording_add(&w, RECORDING_TOTALS, &totals, sizeof(totals), 1);
	return recording_end(&w);
}

/**
 * struct result - of reading a recording
 * @error: of recording_open()
 * @records: that were read, and right
 * @wrong: that were not
 * @last: one more than the number of the last
 * @missing: that were said to be missing before a keyframe
 * @ended: it has an end
 * @damaged: something was said to be
 */
struct result {
	int error;
	size_t records;
	size_t wrong;
	size_t last;
	size_t missing;
	bool ended;
	bool damaged;
};

static struct result read_all(const char *path)
{
	struct recording_reader r;
	struct recording_item item;
	struct result result = { .error = recording_open(&r, path) };
	enum recording_what what;

	if (result.error)
		return result;
	while ((what = recording_next(&r, &item)) != RECORDING_OVER) {
		if (what == RECORDING_KEYFRAME) {
			__u64 before;

			memcpy(&before, item.data, sizeof(before));
			result.wrong += item.size != sizeof(before) || before < result.last ||
					item.missing != before - result.last;
			result.missing += item.missing;
			result.last = before;
			continue;
		}
		if (item.type == RECORDING_TOTALS)
			continue;
		if (same(&item, result.last++))
			result.records++;
		else
			result.wrong++;
	}
	result.ended = r.ended;
	result.damaged = r.damaged;
	recording_close(&r);
	return result;
}

static char *slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	char *bytes = malloc(1 << 22);

	*size = f && bytes ? fread(bytes, 1, 1 << 22, f) : 0;
	if (f)
		fclose(f);
	return bytes;
}

static bool spill(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool whole = write(fd, bytes, size) == (ssize_t)size;

	close(fd);
	return whole;
}

TEST_F(recording, numbers_of_all_sizes_are_read_as_written)
{
	__u8 bytes[NUMBER_MOST];
	const __u8 *at;
	__u64 value;

	for (int bit = 0; bit < 64; bit++)
		for (int less = 0; less < 2; less++) {
			__u64 number = (1ULL << bit) - less;
			const __u8 *end = number_put(bytes, number);

			at = bytes;
			ASSERT_TRUE(number_get(&at, end, &value));
			EXPECT_EQ(value, number);
			EXPECT_EQ(at, end);
			at = bytes;
			EXPECT_FALSE(number_get(&at, end - 1, &value));
			EXPECT_EQ(number_fold(number_unfold(number)), number);
		}
	memset(bytes, 0xff, sizeof(bytes));
	at = bytes;
	EXPECT_FALSE(number_get(&at, bytes + sizeof(bytes), &value));
}

TEST_F(recording, what_was_written_is_read)
{
	struct result result;

	ASSERT_EQ(record(self->path, FULL * 2, FULL * 2, 0), 0);
	result = read_all(self->path);
	EXPECT_EQ(result.error, 0);
	EXPECT_EQ(result.records, FULL * 2);
	EXPECT_EQ(result.wrong, 0);
	EXPECT_TRUE(result.ended);
	EXPECT_FALSE(result.damaged);
}

TEST_F(recording, facts_are_read)
{
	struct recording_reader r;
	size_t size;

	ASSERT_EQ(record(self->path, 1, 1, 0), 0);
	ASSERT_EQ(recording_open(&r, self->path), 0);
	EXPECT_EQ(recording_number_of(&r, RECORDING_PAGE_SIZE), 4096);
	EXPECT_EQ(recording_number_of(&r, RECORDING_PID), 0);
	EXPECT_EQ(memcmp(recording_find_fact(&r, RECORDING_KERNEL, 0, &size), "6.12.1", 6), 0);
	EXPECT_EQ(size, 6);
	EXPECT_EQ(recording_find_fact(&r, RECORDING_KERNEL, 1, &size), NULL);
	recording_close(&r);
}

TEST_F(recording, only_its_owner_may_read_it)
{
	struct stat st;

	ASSERT_TRUE(spill(self->path, "old", 3));
	ASSERT_EQ(chmod(self->path, 0644), 0);
	ASSERT_EQ(record(self->path, 1, 1, 0), 0);
	ASSERT_EQ(stat(self->path, &st), 0);
	EXPECT_EQ(st.st_mode & 0777, 0600);
}

/* What zstd -t does: frame by frame, those that are passed over too. */
TEST_F(recording, zstd_finds_it_whole)
{
	size_t size, at = 0, n, frames = 0;
	static char out[RECORDING_BLOCK_MOST];
	char *bytes;

	ASSERT_EQ(record(self->path, SOME, EVERY, 200), 0);
	bytes = slurp(self->path, &size);
	for (; at < size; at += n, frames++) {
		n = ZSTD_findFrameCompressedSize(bytes + at, size - at);
		ASSERT_FALSE(ZSTD_isError(n));
		EXPECT_FALSE(ZSTD_isError(ZSTD_decompress(out, sizeof(out), bytes + at, n)));
	}
	/* A header, six blocks with a head each, two keyframes, an index */
	EXPECT_EQ(frames, 1 + 2 * SOME / EVERY + 2 + 1);
	free(bytes);
}

TEST_F(recording, cut_anywhere_it_is_read_as_far_as_it_goes)
{
	size_t size, before = 0;
	struct result result;
	char *bytes;

	ASSERT_EQ(record(self->path, SOME, EVERY, 200), 0);
	bytes = slurp(self->path, &size);
	for (size_t n = 0; n < size; n++) {
		ASSERT_EQ(truncate(self->path, 0), 0);
		ASSERT_TRUE(spill(self->path, bytes, n));
		result = read_all(self->path);
		if (!n)
			EXPECT_EQ(result.error, RECORDING_EMPTY);
		ASSERT_EQ(result.wrong, 0) TH_LOG("cut at %zu", n);
		ASSERT_EQ(result.missing, 0);
		ASSERT_GE(result.records, before);
		before = result.records;
		/* All but the index is there, or it is said that something is not. */
		ASSERT_TRUE(result.error || result.damaged || !result.ended ||
			    result.records == SOME) TH_LOG("cut at %zu", n);
	}
	EXPECT_EQ(before, SOME);
	free(bytes);
}

TEST_F(recording, flipped_anywhere_nothing_wrong_is_read)
{
	struct result result;
	char *bytes;
	size_t size;

	ASSERT_EQ(record(self->path, SOME, EVERY, 200), 0);
	bytes = slurp(self->path, &size);
	for (size_t n = 0; n < size; n++) {
		bytes[n] ^= 1 << n % 8;
		ASSERT_TRUE(spill(self->path, bytes, size));
		bytes[n] ^= 1 << n % 8;
		result = read_all(self->path);
		ASSERT_EQ(result.error, 0) TH_LOG("flipped at %zu", n);
		ASSERT_EQ(result.wrong, 0) TH_LOG("flipped at %zu", n);
		/* zstd has bits that say nothing. */
		ASSERT_TRUE(result.damaged || result.records == SOME) TH_LOG("flipped at %zu", n);
		/* Of six blocks and two keyframes, at most those up to the next are missing. */
		ASSERT_GE(result.records, SOME - 2 * EVERY) TH_LOG("flipped at %zu", n);
	}
	free(bytes);
}

/* Any bytes, and those of a recording in any order: they are read, or refused; sanitizers look. */
TEST_F(recording, nonsense_is_survived)
{
	unsigned int seed = 1;
	char *bytes;
	size_t size;

	ASSERT_EQ(record(self->path, SOME, EVERY, 200), 0);
	bytes = slurp(self->path, &size);
	for (int round = 0; round < 3000; round++) {
		char *copy = malloc(size + 64);
		size_t n = size;

		memcpy(copy, bytes, size);
		for (int i = rand_r(&seed) % 20; i >= 0; i--) {
			size_t from = rand_r(&seed) % n, to = rand_r(&seed) % n;
			size_t some = rand_r(&seed) % 64;

			if (from + some <= n && to + some <= n)
				memmove(copy + to, copy + from, some);
			copy[rand_r(&seed) % n] = rand_r(&seed);
		}
		ASSERT_TRUE(spill(self->path, copy, n - rand_r(&seed) % 10));
		free(copy);
		ASSERT_EQ(read_all(self->path).wrong, 0) TH_LOG("round %d", round);
	}
	free(bytes);
}

/* What passes all sums, and is nonsense inside. */
TEST_F(recording, blocks_that_make_no_sense_are_survived)
{
	unsigned int seed = 2;

	for (int round = 0; round < 3000; round++) {
		struct recording_writer w;
		struct recording_item item;
		struct recording_reader r;

		ASSERT_EQ(begin(&w, self->path), 0);
		for (size_t i = 0; i < 40; i++)
			add(&w, i);
		for (int column = 0; column < NR_COLUMNS; column++)
			if (w.faults.at[column] > w.faults.base[column] && rand_r(&seed) % 4 == 0)
				w.faults.at[column]--;
		w.others.data[rand_r(&seed) % w.others.size] = rand_r(&seed);
		w.others.data[rand_r(&seed) % w.others.size] = 0xff;
		w.faults.nr += rand_r(&seed) % 3;
		ASSERT_EQ(recording_end(&w), 0);
		ASSERT_EQ(recording_open(&r, self->path), 0);
		while (recording_next(&r, &item) != RECORDING_OVER)
			for (size_t i = 0; i < item.size; i++)
				seed += ((const char *)item.data)[i];
		recording_close(&r);
	}
}

TEST_F(recording, records_of_a_later_version_are_passed_over_and_counted)
{
	struct recording_writer w;
	struct recording_reader r;
	struct recording_item item;

	ASSERT_EQ(begin(&w, self->path), 0);
	recording_add(&w, RECORDING_TYPES, "later", 5, 1);
	recording_add(&w, 1ULL << 31, NULL, 0, 1);
	add(&w, 0);
	ASSERT_EQ(recording_end(&w), 0);
	ASSERT_EQ(recording_open(&r, self->path), 0);
	ASSERT_EQ(recording_next(&r, &item), RECORDING_RECORD);
	EXPECT_TRUE(same(&item, 0));
	EXPECT_EQ(recording_next(&r, &item), RECORDING_OVER);
	EXPECT_EQ(r.skipped, 2);
	EXPECT_EQ(r.damaged, 0);
	EXPECT_FALSE(r.ended);
	recording_close(&r);
}

TEST_F(recording, what_is_no_recording_is_refused)
{
	struct recording_reader r;
	const char *todo;
	char text[256] = "PERFILE2";

	EXPECT_EQ(recording_open(&r, "/nonsense"), -ENOENT);
	EXPECT_EQ(recording_open(&r, "/tmp"), -EISDIR);
	EXPECT_EQ(recording_open(&r, "/dev/null"), RECORDING_EMPTY);
	EXPECT_EQ(recording_open(&r, "/dev/zero"), RECORDING_FOREIGN);
	ASSERT_TRUE(spill(self->path, text, sizeof(text)));
	EXPECT_EQ(recording_open(&r, self->path), RECORDING_FOREIGN);
	for (int error = RECORDING_CUT; error <= RECORDING_EMPTY; error++) {
		EXPECT_NE(recording_trouble(error, &todo), NULL);
		EXPECT_NE(todo, NULL);
	}
}

TEST_F(recording, a_later_version_is_refused)
{
	struct recording_header header = { RECORDING_VERSION + 1, sizeof(header) };
	struct recording_writer w;
	struct recording_reader r;

	ASSERT_EQ(recording_create(&w, self->path), 0);
	memcpy(w.facts.data, &header, sizeof(header));
	ASSERT_EQ(recording_begin(&w), 0);
	ASSERT_EQ(recording_end(&w), 0);
	EXPECT_EQ(recording_open(&r, self->path), RECORDING_NEWER);
}

TEST_F(recording, a_pipe_will_do)
{
	struct result result;
	char *bytes, path[32];
	int fds[2], pid;
	size_t size;

	ASSERT_EQ(record(self->path, FULL, FULL, 0), 0);
	bytes = slurp(self->path, &size);
	ASSERT_EQ(pipe(fds), 0);
	pid = fork();
	if (!pid)
		_exit(write(fds[1], bytes, size) != (ssize_t)size);
	close(fds[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	result = read_all(path);
	EXPECT_EQ(result.error, 0);
	EXPECT_EQ(result.records, FULL);
	EXPECT_EQ(result.wrong, 0);
	EXPECT_TRUE(result.ended);
	close(fds[0]);
	free(bytes);
}

TEST_F(recording, without_mm_what_is_there_stays_whole)
{
	struct rlimit limit = { 6000, RLIM_INFINITY };
	struct recording_writer w;
	struct result result;
	size_t i = 0;

	EXPECT_EQ(begin(&w, "/dev/full"), -ENOSPC);
	EXPECT_EQ(recording_end(&w), -ENOSPC);
	signal(SIGXFSZ, SIG_IGN);
	ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ASSERT_EQ(begin(&w, self->path), 0);
	for (; i < SOME && !recording_flush(&w); i += EVERY)
		for (size_t n = 0; n < EVERY; n++)
			add(&w, i + n);
	/* The last ones that were added were too many. */
	ASSERT_LT(i, SOME);
	for (size_t n = 0; n < FULL; n++)
		add(&w, n);
	EXPECT_EQ(recording_end(&w), -EFBIG);
	result = read_all(self->path);
	EXPECT_EQ(result.records, i - EVERY);
	EXPECT_EQ(result.wrong, 0);
	EXPECT_FALSE(result.damaged);
	EXPECT_FALSE(result.ended);
}

TEST_F(recording, an_instant_is_found_by_the_keyframe_before_it)
{
	static const size_t instants[][2] = {
		{ 0, 0 }, { 100, 0 }, { 250, 200 }, { 398, 200 }, { 401, 400 }, { SOME, 400 },
	};
	struct recording_reader r;
	struct recording_item item;
	char *bytes;
	size_t size;

	ASSERT_EQ(record(self->path, SOME, EVERY, 200), 0);
	bytes = slurp(self->path, &size);
	/* With its index, and without. */
	for (int with = 1; with >= 0; with--) {
		for (size_t i = 0; i < sizeof(instants) / sizeof(*instants); i++) {
			size_t first = instants[i][1];

			ASSERT_EQ(recording_open(&r, self->path), 0);
			EXPECT_EQ(recording_seek(&r, fault(instants[i][0]).time_ns), first != 0);
			if (first)
				EXPECT_EQ(recording_next(&r, &item), RECORDING_KEYFRAME);
			EXPECT_EQ(item.missing, 0);
			EXPECT_EQ(recording_next(&r, &item), RECORDING_RECORD);
			EXPECT_TRUE(same(&item, first)) TH_LOG("instant %zu", i);
			EXPECT_EQ(r.damaged, 0);
			recording_close(&r);
		}
		ASSERT_TRUE(spill(self->path, bytes, size - 10));
	}
	free(bytes);
}

/* Two address spaces: one forked from the other, with a heap, a file, and a VMA that is moving */
static void make_world(void)
{
	struct mm *mm = mm_add(1), *child = mm_add(2);
	struct vma *vma;

	mm->tgid = 77;
	mm->brk_start = 0x10000;
	mm->brk = 0x20000;
	mm->move = (struct move){ 5, 6, 0x1000, 0x2000 };
	strcpy(mm->comm, "program");
	child->parent = 1;
	names_restore(4711, "/lib/some.so");
	for (int i = 1; i <= 20; i++) {
		vma = vma_add(i < 15 ? 1 : 2, i * 8);
		vma->birth = MMSCOPE_MMAP;
		vma->born_by = -3;
		vma->parent = i / 2;
		vma->image.flags = i;
		vma->zapped[RAW_RSS_ANON] = i;
		if (i % 3 == 0) {
			vma->image.file = 1;
			vma->image.path = 4711;
		} else if (i % 5 == 0) {
			vma->name = strdup("[vdso]");
			vma->special = true;
		}
		mm_assign(i < 15 ? mm : child, i * 0x1000, i * 0x1000 + 0x800, vma);
	}
	/* One that is copied and in no map yet, and one that went. */
	vma_add(1, 1000);
	vma_drop(vma_add(1, 1001));
}

TEST_F(recording, all_that_is_known_is_known_again)
{
	struct bytes before = { 0 }, after = { 0 };
	const struct mm *mm;
	const struct vma *vma;

	make_world();
	keyframe_make(&before, NULL);
	ASSERT_TRUE(keyframe_load(before.data, before.size, NULL));
	keyframe_make(&after, NULL);
	EXPECT_EQ(before.size, after.size);
	EXPECT_EQ(memcmp(before.data, after.data, after.size), 0);
	mm = mm_get(1);
	ASSERT_NE(mm, NULL);
	EXPECT_EQ(mm->nr, 14);
	EXPECT_EQ(mm_get(2)->nr, 6);
	EXPECT_EQ(mm->move.call, 6);
	vma = mm_at(mm, 0x3000);
	ASSERT_NE(vma, NULL);
	EXPECT_EQ(vma->id, 3);
	EXPECT_EQ(strcmp(names_of(vma, mm), "/lib/some.so"), 0);
	EXPECT_EQ(strcmp(names_of(mm_at(mm, 0x5000), mm), "[vdso]"), 0);
	/* The next has the number that it would have had. */
	EXPECT_EQ(vma_add(1, 5)->id, 23);
	bytes_free(&before);
	bytes_free(&after);
	aspace_clear();
}

TEST_F(recording, keyframes_that_make_no_sense_are_survived)
{
	struct bytes key = { 0 };
	unsigned int seed = 3;
	__u8 *copy;

	make_world();
	keyframe_make(&key, NULL);
	copy = malloc(key.size);
	ASSERT_NE(copy, NULL);
	for (int round = 0; round < 3000; round++) {
		memcpy(copy, key.data, key.size);
		for (int i = rand_r(&seed) % 8; i >= 0; i--)
			copy[rand_r(&seed) % key.size] = rand_r(&seed);
		keyframe_load(copy, key.size - rand_r(&seed) % 100, NULL);
	}
	free(copy);
	bytes_free(&key);
	aspace_clear();
}

TEST_HARNESS_MAIN
