// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation fails once: each operation is repeated with its first, second, ... allocation
 * failing, until it runs to its end without. It may fail, but nothing may be left behind.
 *
 * Needs a kernel with CONFIG_FAULT_INJECTION, FAILSLAB and FAIL_PAGE_ALLOC.
 */
#include "scope.h"

#define PAGES	16
#define MOST	400		/* more allocations than any operation makes */
#define DEBUG	"/sys/kernel/debug"

FIXTURE(inject)
{
	struct scope s;
	int fail;
	char *p;
};

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

FIXTURE_SETUP(inject)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->fail = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (self->fail < 0)
		SKIP(return, "no /proc/thread-self/fail-nth: CONFIG_FAULT_INJECTION");
	/* Allocations that may sleep are meant, too */
	if (write_text(DEBUG "/failslab/ignore-gfp-wait", "N") ||
	    write_text(DEBUG "/fail_page_alloc/ignore-gfp-wait", "N") ||
	    write_text(DEBUG "/fail_page_alloc/ignore-gfp-highmem", "N") ||
	    write_text(DEBUG "/fail_page_alloc/min-order", "0"))
		SKIP(return, "no failslab or fail_page_alloc in debugfs");
	self->p = scope_reserve(2 * PAGES);
	ASSERT_NE(NULL, self->p);
}

FIXTURE_TEARDOWN(inject)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(self->fail < 0 || scope_adds_up(self->s.fd));
	scope_close(&self->s);
}

static char *page(char *p, size_t n)
{
	return p + n * page_size();
}

/* The nth allocation from now on fails; 0: none */
static void arm(int fd, int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	/* The copy of this number may be what fails */
	while (pwrite(fd, text, len, 0) != len)
		if (errno != EFAULT)
			abort();
}

/* Whether one has failed. Asking copies to user space, which may be what fails: then none had. */
static bool has_failed(int fd)
{
	char text[16] = "";
	bool asked = pread(fd, text, sizeof(text) - 1, 0) > 0;

	if (!asked && errno != EFAULT)
		abort();
	arm(fd, 0);
	return asked && !atoi(text);
}

/* Everything of this process is unmapped again, and the counters know it */
static bool all_gone(struct scope *s, char *p)
{
	struct mmscope_stat stat;

	mmap(p, 2 * PAGES * page_size(), PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
	if (scope_stat(s->fd, 0, 0, &stat))
		return false;
	if (!stat.vmas && !stat.maps)
		return true;
	fprintf(stderr, "# left: %u VMAs, %u maps, %llu mapped, %llu orphans\n", stat.vmas,
		stat.maps, stat.mapped, stat.orphans);
	return false;
}

static bool map_all(struct scope *s, char *p)
{
	return mmap(p, PAGES * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, s->fd,
		    0) == p;
}

/*
 * The operations: before() cannot fail; run() returns 0 or errno, and is undone by all_gone(). What
 * it opens is closed by itself.
 */
static int run_open(struct scope *s, char *p)
{
	int fd = open(SCOPE_DEVICE, O_RDWR | O_CLOEXEC);
	int err = fd < 0 ? errno : 0;

	(void)s;
	(void)p;
	close(fd);
	return err;
}

static int run_setup(struct scope *s, char *p)
{
	int fd = open(SCOPE_DEVICE, O_RDWR | O_CLOEXEC), err;

	(void)s;
	(void)p;
	if (fd < 0)
		return errno;
	err = scope_setup(fd, MMSCOPE_VMALLOC, 0, PAGES) ? errno : 0;
	close(fd);
	return err;
}

static int run_mmap(struct scope *s, char *p)
{
	return map_all(s, p) ? 0 : errno;
}

static int run_eager(struct scope *s, char *p)
{
	int fd = open(SCOPE_DEVICE, O_RDWR | O_CLOEXEC), err;

	(void)s;
	if (fd < 0)
		return errno;
	err = scope_setup(fd, MMSCOPE_PAGE, MMSCOPE_EAGER | MMSCOPE_DROP, PAGES) ? errno : 0;
	if (!err && mmap(p, PAGES * page_size(), PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) != p)
		err = errno;
	close(fd);
	return err;
}

static int run_touch(struct scope *s, char *p)
{
	(void)s;
	return try_write(p) == SIGBUS ? ENOMEM : 0;
}

static int run_munmap(struct scope *s, char *p)
{
	(void)s;
	return munmap(page(p, 4), 4 * page_size()) ? errno : 0;
}

static int run_mprotect(struct scope *s, char *p)
{
	(void)s;
	return mprotect(page(p, 4), 4 * page_size(), PROT_READ) ? errno : 0;
}

static int run_mremap(struct scope *s, char *p)
{
	(void)s;
	return mremap(page(p, 4), 4 * page_size(), 4 * page_size(), MREMAP_MAYMOVE | MREMAP_FIXED,
		      page(p, PAGES)) == MAP_FAILED ? errno : 0;
}

static int run_fork(struct scope *s, char *p)
{
	pid_t pid = fork();

	(void)s;
	if (pid < 0)
		return errno;
	if (!pid) {
		touch_pages(p, 0, 4);
		munmap(page(p, 2), page_size());
		_exit(0);
	}
	return wait_child(pid) ? EBADMSG : 0;
}

static int run_read(struct scope *s, char *p)
{
	struct mmscope_event e;

	(void)p;
	scope_attach(s->fd, 0, 0, 0);
	return read(s->fd, &e, sizeof(e)) == sizeof(e) ? 0 : errno;
}

static int run_attach(struct scope *s, char *p)
{
	(void)p;
	return scope_attach(s->fd, 1, 0, 0) ? errno : 0;
}

static bool nothing(struct scope *s, char *p)
{
	(void)s;
	(void)p;
	return true;
}

static bool touched(struct scope *s, char *p)
{
	if (!map_all(s, p))
		return false;
	touch_pages(p, 0, PAGES);
	return true;
}

static void every_allocation(struct __test_metadata *_metadata, struct scope *s, int fail, char *p,
			     bool (*before)(struct scope *s, char *p),
			     int (*run)(struct scope *s, char *p))
{
	int n, err, failures = 0;

	for (n = 1; n < MOST; n++) {
		ASSERT_TRUE(before(s, p));
		arm(fail, n);
		err = run(s, p);
		if (!has_failed(fail)) {
			EXPECT_EQ(0, err) TH_LOG("without a failure");
			EXPECT_TRUE(all_gone(s, p));
			break;
		}
		failures += !!err;
		/* EFAULT: not only allocations can be made to fail, copies to user space, too */
		EXPECT_TRUE(!err || err == ENOMEM || err == EAGAIN || err == EFAULT)
			TH_LOG("allocation %d: errno %d", n, err);
		EXPECT_TRUE(all_gone(s, p)) TH_LOG("allocation %d", n);
	}
	EXPECT_GT(MOST, n);
	scope_attach(s->fd, getpid(), 0, 0);
	TH_LOG("%d allocations, %d of them needed", n - 1, failures);
}

#define EVERY_ALLOCATION(before, run) \
	every_allocation(_metadata, &self->s, self->fail, self->p, before, run)

TEST_F(inject, open)
{
	EVERY_ALLOCATION(nothing, run_open);
}

TEST_F(inject, setup_of_vmalloc)
{
	EVERY_ALLOCATION(nothing, run_setup);
}

TEST_F(inject, mmap)
{
	EVERY_ALLOCATION(nothing, run_mmap);
}

TEST_F(inject, mmap_of_all_pages)
{
	EVERY_ALLOCATION(nothing, run_eager);
}

TEST_F(inject, first_touch)
{
	EVERY_ALLOCATION(map_all, run_touch);
}

TEST_F(inject, munmap_of_the_middle)
{
	EVERY_ALLOCATION(touched, run_munmap);
}

TEST_F(inject, mprotect_of_the_middle)
{
	EVERY_ALLOCATION(touched, run_mprotect);
}

TEST_F(inject, mremap_of_the_middle)
{
	EVERY_ALLOCATION(touched, run_mremap);
}

TEST_F_TIMEOUT(inject, fork, 120)
{
	EVERY_ALLOCATION(touched, run_fork);
}

TEST_F(inject, read)
{
	EVERY_ALLOCATION(touched, run_read);
}

TEST_F(inject, attach_to_another)
{
	EVERY_ALLOCATION(nothing, run_attach);
}

TEST_HARNESS_MAIN
