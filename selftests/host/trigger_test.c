// SPDX-License-Identifier: GPL-2.0
/*
 * What has a flight recorder write: records that satisfy a condition, and no others; and the files
 * that are written then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "base/proc.h"
#include "record/record.h"
#include "recording/reader.h"
#include "session/flight.h"
#include "trace/condition.h"

#define SECOND	1000000000ULL

static const struct mmscope_event anon = {
	.type = MMSCOPE_FAULT, .time_ns = 5, .mm = 1, .vma = 1, .addr = 0x1000, .npages = 1,
	.ns = 1500, .cause = MMSCOPE_CAUSE_USER,
	.flags = RECORD_F_WHOLE | RECORD_CLASS_ANON << RECORD_CLASS_SHIFT,
};

static const struct mmscope_event refused = {
	.type = MMSCOPE_FAULT, .time_ns = 5, .mm = 1, .addr = 0x1000, .cause = SYS_read,
	.npages = RECORD_EFAULT | REFUSAL_HOLE << REFUSAL_SHIFT,
	.flags = RECORD_F_WHOLE | MMSCOPE_F_ERROR | RECORD_CLASS_REFUSED << RECORD_CLASS_SHIFT,
};

static const struct mmscope_event no_memory = {
	.type = MMSCOPE_FAULT, .time_ns = 5, .mm = 1, .addr = 0x1000, .cause = MMSCOPE_CAUSE_USER,
	.npages = RECORD_OOM | REFUSAL_MEMORY << REFUSAL_SHIFT,
	.flags = RECORD_F_WHOLE | MMSCOPE_F_ERROR | RECORD_CLASS_ANON << RECORD_CLASS_SHIFT,
};

static const struct mmscope_event reaped = {
	.type = RECORD_RSS, .time_ns = 5, .mm = 1, .aux = RECORD_RSS_OOM, .pages = 1000,
	.start = 0x100000, .end = 0x200000, .cause = MMSCOPE_CAUSE_KTHREAD,
	.flags = RECORD_F_WHOLE,
};

static const struct mmscope_event unmap = {
	.type = MMSCOPE_UNMAP, .time_ns = 5, .mm = 1, .vma = 3, .pages = 512, .parent = 512,
	.start = 0x200000, .end = 0x600000, .cause = SYS_munmap, .flags = RECORD_F_WHOLE,
};

static const struct mmscope_event mremap_failed = {
	.type = RECORD_FAILED, .time_ns = 5, .mm = 1, .start = 0x1000, .end = 0x3000,
	.aux = FAILURE_AUX(ENOMEM, FAILURE_LIMIT_AS), .cause = SYS_mremap,
	.flags = RECORD_F_WHOLE,
};

static const struct mmscope_event there = {
	.type = RECORD_THERE, .time_ns = 5, .mm = 1, .vma = 1, .pages = 4096,
	.start = 0x200000, .end = 0x1200000, .flags = RECORD_F_WHOLE,
};

static const struct mmscope_event lost = {
	.type = MMSCOPE_LOST, .time_ns = 5, .count = 100000, .flags = RECORD_F_WHOLE,
};

/* Of the 32-bit call munmap(2) */
static const struct mmscope_event unmap_32 = {
	.type = MMSCOPE_UNMAP, .time_ns = 5, .mm = 1, .vma = 3, .pages = 1,
	.start = 0x200000, .end = 0x201000, .cause = RECORD_CAUSE_32(91),
	.flags = RECORD_F_WHOLE,
};

/* A growable mapping of the module keeps no account of its pages. */
static const struct mmscope_event uncounted = {
	.type = MMSCOPE_UNMAP, .time_ns = 5, .mm = 1, .vma = 3, .pages = MMSCOPE_PAGES_UNKNOWN,
	.start = 0x200000, .end = 0x201000, .cause = SYS_munmap,
};

static const struct {
	const char *name;
	const struct mmscope_event *e;
} records[] = {
	{ "anon", &anon }, { "refused", &refused }, { "no_memory", &no_memory },
	{ "reaped", &reaped }, { "unmap", &unmap }, { "failed", &mremap_failed },
	{ "there", &there }, { "lost", &lost }, { "unmap_32", &unmap_32 },
	{ "uncounted", &uncounted },
};

/* Which of the records satisfy it, by name; static */
static const char *which(const char *text)
{
	static char names[200];
	struct condition condition;

	names[0] = '\0';
	if (condition_parse(&condition, text))
		return "no condition";
	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		if (condition_holds(&condition, records[i].e))
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 *names ? " " : "", records[i].name);
	condition_free(&condition);
	return names;
}

TEST(by_event)
{
	EXPECT_STREQ("unmap unmap_32 uncounted", which("event=unmap"));
	EXPECT_STREQ("unmap failed unmap_32 uncounted", which("event=unmap,failed"));
	EXPECT_STREQ("no_memory reaped", which("event=oom"));
	EXPECT_STREQ("no_memory reaped unmap unmap_32 uncounted", which("event=oom,unmap"));
	/* What is always shown does not happen always. */
	EXPECT_STREQ("there", which("event=there"));
	EXPECT_STREQ("lost", which("event=lost"));
}

TEST(by_class)
{
	EXPECT_STREQ("refused", which("class=refused"));
	EXPECT_STREQ("anon refused no_memory", which("class=refused,anon"));
	EXPECT_STREQ("no_memory", which("event=oom class=anon"));
	EXPECT_STREQ("", which("class=swap"));
}

TEST(by_call)
{
	EXPECT_STREQ("unmap unmap_32 uncounted", which("call=munmap"));
	EXPECT_STREQ("refused failed", which("call=mremap,read"));
	EXPECT_STREQ("refused", which("call=mremap,read class=refused"));
}

TEST(by_error)
{
	EXPECT_STREQ("failed", which("errno=ENOMEM"));
	EXPECT_STREQ("failed", which("errno=EINVAL,ENOMEM call=mremap"));
	EXPECT_STREQ("", which("errno=EINVAL"));
	EXPECT_STREQ("", which("errno=ENOMEM call=mmap"));
}

TEST(by_numbers)
{
	EXPECT_STREQ("reaped unmap", which("pages>=512"));
	EXPECT_STREQ("reaped", which("pages>512"));
	EXPECT_STREQ("unmap", which("pages=512"));
	EXPECT_STREQ("anon unmap_32", which("pages<512"));
	EXPECT_STREQ("unmap", which("event=unmap pages>1 pages<=512"));
	EXPECT_STREQ("reaped unmap", which("length>=1M"));
	EXPECT_STREQ("unmap", which("length=4M"));
	EXPECT_STREQ("failed unmap_32 uncounted", which("length<=8192"));
	EXPECT_STREQ("anon", which("us>=1"));
	EXPECT_STREQ("", which("us>=2"));
}

/* @n faults, @each_ns after each other: how many satisfy it? */
static size_t often(struct condition *condition, size_t n, __u64 each_ns)
{
	struct mmscope_event e = anon;
	size_t met = 0;

	for (size_t i = 0; i < n; i++, e.time_ns += each_ns) {
		met += condition_holds(condition, &e);
		/* Others do not count. */
		condition_holds(condition, &reaped);
	}
	return met;
}

TEST(by_rate)
{
	struct condition condition;

	ASSERT_EQ(0, condition_parse(&condition, "class=anon rate>10/s"));
	EXPECT_EQ(0, often(&condition, 10, 1));
	condition_free(&condition);
	ASSERT_EQ(0, condition_parse(&condition, "class=anon rate>10/s"));
	EXPECT_EQ(1, often(&condition, 11, 1));
	condition_free(&condition);
	ASSERT_EQ(0, condition_parse(&condition, "faults>10/s"));
	EXPECT_EQ(0, often(&condition, 1000, SECOND / 10));
	condition_free(&condition);
	ASSERT_EQ(0, condition_parse(&condition, "rate>10/s event=fault"));
	EXPECT_EQ(990, often(&condition, 1000, SECOND / 11));
	condition_free(&condition);
}

/* A page that was given back is told by a flag, which only a fault that was looked at has. */
TEST(by_pages_given_back)
{
	struct mmscope_event e = anon;
	struct condition condition;

	ASSERT_EQ(0, condition_parse(&condition, "again>2/s"));
	EXPECT_TRUE(condition_needs(&condition));
	for (int i = 0; i < 10; i++)
		EXPECT_FALSE(condition_holds(&condition, &e));
	e.flags |= MMSCOPE_F_REFAULT;
	EXPECT_FALSE(condition_holds(&condition, &e));
	EXPECT_FALSE(condition_holds(&condition, &e));
	EXPECT_TRUE(condition_holds(&condition, &e));
	condition_free(&condition);
	ASSERT_EQ(0, condition_parse(&condition, "again"));
	EXPECT_TRUE(condition_holds(&condition, &e));
	condition_free(&condition);
	ASSERT_EQ(0, condition_parse(&condition, "class=anon"));
	EXPECT_FALSE(condition_needs(&condition));
	condition_free(&condition);
}

/* Copies of stacks, and what else is kept beside records, satisfy nothing. */
TEST(by_records_alone)
{
	struct mmscope_event e = { .time_ns = 5, .pages = 512, .end = 1 << 21 };
	struct condition condition;

	ASSERT_EQ(0, condition_parse(&condition, "pages>=512"));
	for (unsigned int type = RECORD_TYPES; type < 256; type++) {
		e.type = type;
		EXPECT_FALSE(condition_holds(&condition, &e));
	}
	condition_free(&condition);
}

static struct condition waited_for;

static bool holds(const struct mmscope_event *e)
{
	return condition_holds(&waited_for, e);
}

FIXTURE(flight) {
	char path[64];
	char first[80];
	char second[80];
	struct recording_writer w;
	struct session session;
	struct recorder_plan plan;
};

FIXTURE_SETUP(flight)
{
	snprintf(self->path, sizeof(self->path), "/tmp/mmscope-trigger.%d.rec", getpid());
	snprintf(self->first, sizeof(self->first), "/tmp/mmscope-trigger.%d.1.rec", getpid());
	snprintf(self->second, sizeof(self->second), "/tmp/mmscope-trigger.%d.2.rec", getpid());
	self->session.device.fd = -1;
	self->plan = (struct recorder_plan){
		.most = 1 << 20, .keep_ns = SECOND / 2, .condition = "class=refused",
		.holds = holds,
	};
	ASSERT_EQ(0, condition_parse(&waited_for, self->plan.condition));
	ASSERT_EQ(0, recording_create(&self->w, self->path));
	flight_begin(&self->w, &self->plan, self->path);
	ASSERT_EQ(0, recording_begin(&self->w));
}

FIXTURE_TEARDOWN(flight)
{
	flight_end();
	condition_free(&waited_for);
	unlink(self->path);
	unlink(self->first);
	unlink(self->second);
}

static void tell(struct recording_writer *w, struct session *session,
		 const struct mmscope_event *what)
{
	struct mmscope_event e = *what;

	e.time_ns = time_now();
	recording_add_fault(w, &e);
	flight_look(&e);
	recording_flush(w);
	flight_tick(session);
}

/* Faults in a file that were refused, or -1 where there is none that is whole */
static int refused_in(const char *path)
{
	struct recording_reader reader;
	struct recording_item item;
	enum recording_what what;
	int n = 0;

	if (recording_open(&reader, path))
		return -1;
	while ((what = recording_next(&reader, &item)) != RECORDING_OVER) {
		struct mmscope_event e = { 0 };

		if (what != RECORDING_RECORD || item.type != MMSCOPE_FAULT)
			continue;
		memcpy(&e, item.data, sizeof(e));
		n += RECORD_CLASS(e.flags) == RECORD_CLASS_REFUSED;
	}
	n = reader.damaged || !reader.ended ? -1 : n;
	recording_close(&reader);
	return n;
}

static struct recorded now(void)
{
	struct recorded so_far = { 0 };

	flight_count(&so_far);
	return so_far;
}

TEST_F(flight, a_record_has_a_file_written_and_the_recording_goes_on)
{
	struct recorded end;

	for (int i = 0; i < 10; i++)
		tell(&self->w, &self->session, &anon);
	EXPECT_NE(0, access(self->first, F_OK));
	tell(&self->w, &self->session, &refused);
	EXPECT_EQ(1, refused_in(self->first));
	tell(&self->w, &self->session, &anon);
	ASSERT_EQ(0, flight_dump(&self->session, self->path));
	EXPECT_EQ(1, refused_in(self->path));
	end = now();
	EXPECT_EQ(2, end.dumps);
	EXPECT_EQ(1, end.met);
	ASSERT_EQ(1, end.nr_files);
	EXPECT_STREQ(self->first, end.files[0].path);
	EXPECT_EQ(11, end.files[0].records);
	EXPECT_TRUE(end.files[0].by.type == MMSCOPE_FAULT);
}

/* Of many that follow each other there is a file for all that is kept, and not for each. */
TEST_F(flight, files_are_as_few_as_can_be)
{
	struct recorded end;

	tell(&self->w, &self->session, &refused);
	for (int i = 0; i < 4; i++)
		tell(&self->w, &self->session, &refused);
	EXPECT_EQ(1, now().nr_files);
	usleep(self->plan.keep_ns / 1000 + 1000);
	tell(&self->w, &self->session, &anon);
	end = now();
	ASSERT_EQ(2, end.nr_files);
	EXPECT_EQ(5, end.met);
	EXPECT_EQ(5, refused_in(self->second));
	/* It is for the first that no file had. */
	EXPECT_GT(end.files[1].by.time_ns, end.files[0].by.time_ns);
	/* Nothing is left to be written. */
	usleep(self->plan.keep_ns / 1000 + 1000);
	tell(&self->w, &self->session, &anon);
	EXPECT_EQ(2, now().nr_files);
}

/* What satisfies it when all has ended is in the last file. */
TEST_F(flight, nothing_is_written_twice_at_the_end)
{
	self->session.ended = true;
	tell(&self->w, &self->session, &refused);
	EXPECT_EQ(0, now().nr_files);
	ASSERT_EQ(0, flight_dump(&self->session, self->path));
	EXPECT_EQ(1, refused_in(self->path));
	EXPECT_EQ(1, now().met);
}

TEST_F(flight, a_signal_has_a_file_written_for_no_record)
{
	tell(&self->w, &self->session, &anon);
	flight_ask();
	flight_tick(&self->session);
	ASSERT_EQ(1, now().nr_files);
	EXPECT_EQ(0, now().files[0].by.time_ns);
	EXPECT_EQ(0, refused_in(self->first));
}

/* A disk is not without end. */
TEST_F(flight, there_is_a_most_of_files)
{
	char path[96];

	self->plan.keep_ns = 0;
	flight_begin(&self->w, &self->plan, self->path);
	/* Each is told. */
	ASSERT_TRUE(freopen("/dev/null", "w", stderr));
	for (int i = 0; i < 110; i++)
		tell(&self->w, &self->session, &refused);
	EXPECT_EQ(100, now().nr_files);
	EXPECT_EQ(110, now().met);
	for (int i = 1; i <= 100; i++) {
		snprintf(path, sizeof(path), "/tmp/mmscope-trigger.%d.%d.rec", getpid(), i);
		EXPECT_EQ(0, unlink(path));
	}
}

TEST_HARNESS_MAIN
