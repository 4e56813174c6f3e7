// SPDX-License-Identifier: GPL-2.0
/*
 * Records of several CPUs, threads and processes that share a log or a descriptor: each comes
 * once, and in order.
 */
#include "one_ring.h"

#include <sys/timerfd.h>

FIXTURE(order)
{
	struct scope s;
	char *p;
};

FIXTURE_SETUP(order)
{
	self->p = one_ring_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(order)
{
	one_ring_close(_metadata, &self->s);
}

struct taker {
	int fd;
	bool *stop;
	size_t nr;
	bool wrong;
	unsigned char seen[20000];
};

/* Takes records until told to stop; marks the faults by their number */
static void *taker_takes(void *arg)
{
	struct mmscope_event e[7];
	struct taker *t = arg;
	bool last;
	ssize_t n;
	int i;

	do {
		last = __atomic_load_n(t->stop, __ATOMIC_ACQUIRE);
		while ((n = read(t->fd, e, sizeof(e))) > 0) {
			for (i = 0; i < n / 64; i++) {
				if (e[i].type != MMSCOPE_FAULT)
					continue;
				t->wrong |= e[i].pgoff >= sizeof(t->seen);
				if (!t->wrong)
					t->seen[e[i].pgoff]++;
				t->nr++;
			}
		}
	} while (!last);
	return NULL;
}

TEST_F(order, threads_that_share_a_descriptor_share_its_records)
{
	size_t pages = 3000, i, twice = 0, missed = 0;
	static struct taker taker[2];
	char *q = scope_map_at(&self->s, pages, 0);
	pthread_t thread[2];
	bool stop = false;

	ASSERT_NE(NULL, q);
	for (i = 0; i < 2; i++) {
		taker[i].fd = self->s.fd;
		taker[i].stop = &stop;
		ASSERT_EQ(0, pthread_create(thread + i, NULL, taker_takes, taker + i));
	}
	for (i = 0; i < pages; i++)
		touch_read(q + i * page_size());
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		EXPECT_FALSE(taker[i].wrong);
	}
	for (i = 0; i < pages; i++) {
		twice += taker[0].seen[i] + taker[1].seen[i] > 1;
		missed += !(taker[0].seen[i] + taker[1].seen[i]);
	}
	EXPECT_EQ(0U, twice);
	EXPECT_EQ(0U, missed);
	EXPECT_EQ(pages, taker[0].nr + taker[1].nr);
}

/* A batch that ended with a record of the other CPU in sight, and then one of that CPU alone */
TEST_F(order, records_of_two_cpus_read_in_small_pieces_come_once)
{
	static const int cpu[] = { 0, 1, 1, 0 };
	struct mmscope_event e;
	int i, next = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	scope_drain(&self->s);
	for (i = 0; i < 4; i++) {
		pin_to_cpu(cpu[i]);
		touch_read(self->p + i * page_size());
		while (i > 1 && read(self->s.fd, &e, sizeof(e)) == sizeof(e)) {
			EXPECT_EQ((__u32)MMSCOPE_FAULT, (__u32)e.type);
			EXPECT_EQ((__u64)next, e.pgoff);
			next++;
			if (i == 2 && next == 2)
				break;
		}
	}
	EXPECT_EQ(4, next);
}

/* A batch of both CPUs' records, with the next one in sight, is made and cannot be copied */
TEST_F(order, records_of_two_cpus_that_could_not_be_copied_come_once)
{
	static const int cpu[] = { 1, 0, 1, 0, 1 };
	struct mmscope_event e;
	size_t batch;
	char *nowhere = scope_reserve(1);
	int i, next;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	for (batch = 1; batch < ARRAY_SIZE(cpu); batch++) {
		madvise(self->p, ARRAY_SIZE(cpu) * page_size(), MADV_DONTNEED);
		scope_drain(&self->s);
		for (i = 0; i < (int)ARRAY_SIZE(cpu); i++) {
			pin_to_cpu(cpu[i]);
			touch_read(self->p + i * page_size());
		}
		errno = 0;
		EXPECT_EQ(-1, read(self->s.fd, nowhere, batch * sizeof(e)));
		EXPECT_EQ(EFAULT, errno);
		for (next = 0; read(self->s.fd, &e, sizeof(e)) == sizeof(e); next++)
			EXPECT_EQ((__u64)next, e.pgoff) TH_LOG("after %zu", batch);
		EXPECT_EQ((int)ARRAY_SIZE(cpu), next);
	}
}

TEST_F(order, records_of_two_cpus_come_in_the_order_of_time)
{
	int i, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t k;

	if (cpus < 2)
		SKIP(return, "one CPU");
	for (i = 0; i < 20; i++) {
		pin_to_cpu(i % 2);
		touch_read(self->p + i * page_size());
		if (i % 5 == 4)
			mprotect(self->p + i * page_size(), page_size(), PROT_READ);
	}
	scope_drain(&self->s);
	/* scope_read() has checked the order by (seq, time); the pages tell the order of events */
	for (i = 0, k = 0; k < self->s.nr; k++) {
		if (self->s.ev[k].type != MMSCOPE_FAULT)
			continue;
		EXPECT_EQ((__u64)i, self->s.ev[k].pgoff);
		EXPECT_EQ(i % 2, self->s.ev[k].cpu);
		i++;
	}
	EXPECT_EQ(20, i);
}

struct racer {
	char *p;
	bool stop;
};

/* Faults as fast as it can, on a CPU of its own */
static void *racer_faults(void *arg)
{
	struct racer *r = arg;

	pin_to_cpu(1);
	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		read_pages(r->p, 0, 16);
		madvise(r->p, 16 * page_size(), MADV_DONTNEED);
	}
	return NULL;
}

/* Changes rights as fast as it can, in another mm of the same log */
static void racer_protects(char *p)
{
	pin_to_cpu(0);
	for (;;)
		mprotect(p, page_size(), PROT_READ | PROT_WRITE);
}

/* Reads once. Returns how many records come before what they should follow. */
static size_t read_disorder(struct scope *s, struct mmscope_event *last)
{
	size_t k, wrong = 0;

	scope_read(s);
	for (k = 0; k < s->nr; k++) {
		if (last->time_ns && scope_after(last, s->ev + k)) {
			if (!wrong++)
				scope_print(last);
			scope_print(s->ev + k);
		}
		*last = s->ev[k];
	}
	/* What was read is checked: it need not be kept */
	s->nr = 0;
	return wrong;
}

TEST_F(order, of_a_family_is_kept_from_read_to_read)
{
	struct racer racer = { .p = self->p };
	struct mmscope_event last = { 0 };
	size_t wrong = 0;
	pthread_t thread;
	__u64 until;
	pid_t pid;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_NOW | MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid)
		racer_protects(self->p);
	ASSERT_EQ(0, pthread_create(&thread, NULL, racer_faults, &racer));
	for (until = now_ns() + 2000000000; now_ns() < until; )
		wrong += read_disorder(&self->s, &last);
	racer.stop = true;
	pthread_join(thread, NULL);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	EXPECT_EQ(0U, wrong);
	scope_drain(&self->s);
}

/* Faults on a CPU that is interrupted all the time, which may be between a number and its time */
static void interrupted_faults(char *p)
{
	const struct itimerspec often = { { 0, 20000 }, { 0, 20000 } };
	struct racer racer = { .p = p };
	int fd;

	pin_to_cpu(1);
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	if (fd < 0 || timerfd_settime(fd, 0, &often, NULL))
		_exit(1);
	racer_faults(&racer);
}

/* What such a fault precedes is read at once, before the fault has got its time */
TEST_F(order, of_what_is_interrupted_is_kept)
{
	struct mmscope_event last = { 0 };
	size_t wrong = 0;
	__u64 until;
	pid_t pid;
	int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_NOW | MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid)
		interrupted_faults(self->p);
	pin_to_cpu(0);
	for (i = 0, until = now_ns() + 2000000000; now_ns() < until; i++) {
		mprotect(self->p, page_size(), i % 2 ? PROT_READ : PROT_READ | PROT_WRITE);
		wrong += read_disorder(&self->s, &last);
	}
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	EXPECT_EQ(0U, wrong);
	scope_drain(&self->s);
}

TEST_HARNESS_MAIN
