// SPDX-License-Identifier: GPL-2.0
/* What STAT says of the living, the idle and the dead, and to whom */
#include "attach.h"

#include <sys/prctl.h>

TEST_F(attach, stat_without_the_right_to_trace_is_eperm)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 1), nobody;
	struct scope other;
	__u32 mm;

	mm = open_log_of(&other, self->ready, pid);
	ASSERT_NE(0U, mm);
	EXPECT_EQ(0, stat_errno(self->s.fd, mm, 0));
	nobody = fork();
	if (!nobody) {
		struct mmscope_stat stat;

		become_nobody();
		if (stat_errno(self->s.fd, mm, 0) != EPERM)
			_exit(1);
		/* NEXT passes over what may not be seen */
		memset(&stat, 0, sizeof(stat));
		stat.mm = 1;
		while (!scope_stat(self->s.fd, stat.mm, MMSCOPE_STAT_NEXT, &stat)) {
			if (stat.mm == mm)
				_exit(2);
			stat.mm++;
		}
		_exit(errno == ESRCH ? 0 : 3);
	}
	EXPECT_EQ(0, wait_child(nobody));
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	/* Nor of the dead */
	nobody = fork();
	if (!nobody) {
		become_nobody();
		_exit(stat_errno(self->s.fd, mm, 0) != EPERM);
	}
	EXPECT_EQ(0, wait_child(nobody));
	EXPECT_EQ(0, stat_errno(self->s.fd, mm, 0));
	scope_close(&other);
}

TEST_F(attach, stat_of_oneself_follows_what_one_does)
{
	struct mmscope_stat stat;
	char *p;

	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_IDLE, stat.state);
	EXPECT_EQ(0U, stat.maps + stat.vmas);
	EXPECT_EQ(0U, stat.parent);
	p = scope_map(&self->s, 16);
	ASSERT_NE(NULL, p);
	touch_pages(p, 0, 5);
	munmap(p + 4 * page_size(), 4 * page_size());
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_LIVE, stat.state);
	EXPECT_EQ(1U, stat.maps);
	EXPECT_EQ(2U, stat.vmas);
	EXPECT_EQ(getpid(), stat.tgid);
	EXPECT_STREQ("stat_test", stat.comm);
	EXPECT_EQ(5U, stat.events[MMSCOPE_FAULT]);
	EXPECT_EQ(5U, stat.write);
	EXPECT_EQ(5U, stat.touched);
	EXPECT_EQ(1U, stat.given_back);
	EXPECT_EQ(4U, stat.mapped);
	EXPECT_EQ(2U, stat.events[MMSCOPE_SPLIT]);
	EXPECT_EQ(1U, stat.events[MMSCOPE_UNMAP]);
	munmap(p, 16 * page_size());
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_IDLE, stat.state);
	EXPECT_EQ(0U, stat.maps + stat.vmas);
	EXPECT_EQ(5U, stat.given_back);
	EXPECT_EQ(0U, stat.mapped);
}

TEST_F(attach, figures_stay_when_the_process_is_gone)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 3);
	struct mmscope_stat live, dead;
	struct scope other;
	__u32 mm;

	mm = open_log_of(&other, self->ready, pid);
	ASSERT_NE(0U, mm);
	scope_close(&other);
	ASSERT_EQ(0, scope_stat(self->s.fd, mm, 0, &live));
	EXPECT_EQ((__u32)MMSCOPE_LIVE, live.state);
	EXPECT_EQ(1U, live.maps);
	EXPECT_EQ(1U, live.vmas);
	EXPECT_EQ(3U, live.events[MMSCOPE_FAULT]);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	ASSERT_EQ(0, scope_stat(self->s.fd, mm, 0, &dead));
	EXPECT_EQ((__u32)MMSCOPE_DEAD, dead.state);
	EXPECT_EQ(0U, dead.maps + dead.vmas);
	EXPECT_EQ(mm, dead.mm);
	EXPECT_EQ(pid, dead.tgid);
	EXPECT_STREQ("stat_test", dead.comm);
	EXPECT_EQ(3U, dead.events[MMSCOPE_FAULT]);
	EXPECT_EQ(1U, dead.events[MMSCOPE_END]);
	EXPECT_EQ(1U, dead.events[MMSCOPE_UNMAP]);
	EXPECT_EQ(3U, dead.touched);
	EXPECT_EQ(0U, dead.mapped);
}

TEST_F(attach, stat_of_a_forked_child_names_its_parent)
{
	struct mmscope_stat stat;
	struct mmscope_event *e;
	pid_t pid;

	ASSERT_NE(NULL, scope_map(&self->s, 4));
	pid = fork();
	if (!pid) {
		sema_wait(self->go);
		_exit(0);
	}
	e = scope_last(&self->s, MMSCOPE_FORK);
	ASSERT_NE(NULL, e);
	ASSERT_EQ(0, scope_stat(self->s.fd, e->aux, 0, &stat));
	EXPECT_EQ(scope_mm(self->s.fd), stat.parent);
	EXPECT_EQ((__u32)MMSCOPE_LIVE, stat.state);
	EXPECT_EQ(1U, stat.maps);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(attach, stat_of_one_that_never_mapped_names_it)
{
	struct mmscope_stat stat;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_NAME, "somebody");
		sema_post(self->ready);
		sema_wait(self->go);
		_exit(0);
	}
	sema_wait(self->ready);
	ASSERT_EQ(0, scope_attach(self->s.fd, pid, 0, 0));
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_IDLE, stat.state);
	EXPECT_EQ(pid, stat.tgid);
	EXPECT_STREQ("somebody", stat.comm);
	EXPECT_EQ(0U, stat.parent);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(attach, stat_of_nobody_is_esrch)
{
	__u32 mm = scope_mm(self->s.fd);

	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, mm + 100000, 0));
	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, UINT_MAX, 0));
	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, mm + 100000, MMSCOPE_STAT_NEXT));
	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, UINT_MAX, MMSCOPE_STAT_NEXT));
}

TEST_F(attach, next_visits_every_mm_in_the_order_of_ids)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 1);
	__u32 own = scope_mm(self->s.fd), mm, last = 0;
	struct mmscope_stat stat = { .mm = 0 };
	bool seen_own = false, seen_child = false;
	struct scope other;
	size_t n = 0;

	mm = open_log_of(&other, self->ready, pid);
	ASSERT_NE(0U, mm);
	while (!scope_stat(self->s.fd, last + 1, MMSCOPE_STAT_NEXT, &stat)) {
		ASSERT_LT(last, stat.mm);
		last = stat.mm;
		seen_own |= last == own;
		seen_child |= last == mm;
		EXPECT_EQ(0, stat_errno(self->s.fd, last, 0)) TH_LOG("mm %u", last);
		n++;
	}
	EXPECT_EQ(ESRCH, errno);
	EXPECT_TRUE(seen_own);
	EXPECT_TRUE(seen_child);
	EXPECT_LE(2U, n);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	scope_close(&other);
}

TEST_F(attach, mapping_and_unmapping_keeps_one_id)
{
	__u32 mm = scope_mm(self->s.fd);
	struct mmscope_stat stat;
	size_t i;

	for (i = 0; i < 100; i++) {
		char *p = scope_map_at(&self->s, 4, 0);

		ASSERT_NE(NULL, p);
		touch_write(p, 1);
		ASSERT_EQ(0, munmap(p, 4 * page_size()));
	}
	EXPECT_EQ(mm, scope_mm(self->s.fd));
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(mm, stat.mm);
	EXPECT_EQ(100U, stat.events[MMSCOPE_MMAP]);
	EXPECT_EQ(100U, stat.events[MMSCOPE_UNMAP]);
	EXPECT_EQ(100U, stat.given_back);
	EXPECT_EQ(100U, count_mm(&self->s, mm, MMSCOPE_UNMAP));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_NAME));
}

TEST_F(attach, file_that_is_closed_and_opened_again_reads_the_same_mm)
{
	__u32 mm = scope_mm(self->s.fd);
	struct scope other;
	size_t i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, scope_open(&other));
		EXPECT_EQ(mm, scope_mm(other.fd));
		scope_close(&other);
	}
}

TEST_HARNESS_MAIN
