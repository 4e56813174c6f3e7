/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of inject_test.c: every system call that the module serves, and every kind of
 * fault.
 */

#define OPERATION(name, ...) \
	static const struct operation op_##name = { __VA_ARGS__ }; \
	FIXTURE_VARIANT_ADD(inject, name) { .op = &op_##name }

/* --- before -------------------------------------------------------------- */

static bool mapped(struct scope *s, char *p, int map)
{
	return mmap(p, PAGES * page_size(), PROT_READ | PROT_WRITE, map | MAP_FIXED, s->fd, 0) == p;
}

static bool touched(struct scope *s, char *p, int map)
{
	if (!mapped(s, p, map))
		return false;
	touch_pages(p, 0, PAGES);
	return true;
}

/* --- files --------------------------------------------------------------- */

static int run_open(struct scope *s, char *p)
{
	int fd = open(SCOPE_DEVICE, O_RDWR | O_CLOEXEC);
	int err = fd < 0 ? errno : 0;

	close(fd);
	return err;
}

static int run_info(struct scope *s, char *p)
{
	struct mmscope_info info;

	return scope_info(s->fd, &info) ? errno : 0;
}

static int run_setup(struct scope *s, char *p)
{
	return scope_setup(s->fd, MMSCOPE_PAGE, MMSCOPE_DROP, PAGES) ? errno : 0;
}

static int run_setup_vmalloc(struct scope *s, char *p)
{
	return scope_setup(s->fd, MMSCOPE_VMALLOC, 0, PAGES) ? errno : 0;
}

static int run_stat(struct scope *s, char *p)
{
	struct mmscope_stat stat;

	return scope_stat(s->fd, 0, 0, &stat) ? errno : 0;
}

/* To another process, which has no record yet */
static int run_attach(struct scope *s, char *p)
{
	return scope_attach(s->fd, 1, 0, MMSCOPE_ATTACH_FOLLOW) ? errno : 0;
}

static bool attach_back(struct scope *s, char *p)
{
	return !scope_attach(s->fd, getpid(), 0, 0);
}

static int run_read(struct scope *s, char *p)
{
	struct mmscope_event e[4];

	return read(s->fd, e, sizeof(e)) == sizeof(e) ? 0 : errno;
}

static int run_poll(struct scope *s, char *p)
{
	struct pollfd f = { .fd = s->fd, .events = POLLIN };

	return poll(&f, 1, 0) == 1 ? 0 : errno;
}

/* Its beginning: the rest goes the same way, and is longer for each process there was */
static int read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	char text[4096];

	if (fd < 0)
		return errno;
	err = read(fd, text, sizeof(text)) < 0 ? errno : 0;
	close(fd);
	return err;
}

static int run_stats(struct scope *s, char *p)
{
	return read_file(DEBUG "/mmscope/stats");
}

static int run_mms(struct scope *s, char *p)
{
	return read_file(DEBUG "/mmscope/mms");
}

static int run_events(struct scope *s, char *p)
{
	return read_file(DEBUG "/mmscope/events");
}

OPERATION(open, .run = run_open);
OPERATION(info, .run = run_info);
OPERATION(setup, .run = run_setup);
OPERATION(setup_vmalloc, .run = run_setup_vmalloc, .silent = "__vmalloc_noprof");
OPERATION(stat, .run = run_stat);
OPERATION(attach, .run = run_attach, .after = attach_back);
OPERATION(read, .before = touched, .run = run_read);
OPERATION(poll, .before = touched, .run = run_poll);
OPERATION(read_stats, .before = touched, .run = run_stats);
OPERATION(read_mms, .before = touched, .run = run_mms);
OPERATION(read_events, .before = touched, .run = run_events);

/* --- mappings ------------------------------------------------------------ */

static int run_mmap(struct scope *s, char *p)
{
	return mapped(s, p, MAP_SHARED) ? 0 : errno;
}

/* Without SETUP */
static int run_first_mmap(struct scope *s, char *p)
{
	int fd = open(SCOPE_DEVICE, O_RDWR | O_CLOEXEC), err = 0;

	if (fd < 0 || mmap(p, page_size(), PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) != p)
		err = errno;
	close(fd);
	return err;
}

static int run_munmap(struct scope *s, char *p)
{
	return munmap(page(p, 2), 2 * page_size()) ? errno : 0;
}

static int run_mprotect(struct scope *s, char *p)
{
	return mprotect(page(p, 2), 2 * page_size(), PROT_READ) ? errno : 0;
}

static int run_mremap(struct scope *s, char *p)
{
	return mremap(page(p, 2), 2 * page_size(), 2 * page_size(), MREMAP_MAYMOVE | MREMAP_FIXED,
		      page(p, PAGES)) == MAP_FAILED ? errno : 0;
}

/* Of a child: 0 if all is well. What failed in the fork does not fail here. */
static int live_as_child(char *p, bool touch)
{
	int fd = open(SCOPE_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0 || !books_true(fd))
		return 1;
	if (touch)
		touch_pages(p, 0, 4);
	munmap(page(p, 2), page_size());
	if (!books_true(fd))
		return 2;
	return all_gone(fd, p) ? 0 : 3;
}

static int run_fork(struct scope *s, char *p)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (!pid) {
		failures_spare();
		_exit(live_as_child(p, true));
	}
	return wait_child(pid) ? EBADMSG : 0;
}

OPERATION(mmap, .run = run_mmap);
OPERATION(mmap_without_setup, .run = run_first_mmap);
OPERATION(mmap_quiet, .flags = MMSCOPE_QUIET, .run = run_mmap);
OPERATION(mmap_growable, .flags = MMSCOPE_GROWABLE, .run = run_mmap);
OPERATION(mmap_eager, .flags = MMSCOPE_EAGER, .run = run_mmap);
OPERATION(mmap_eager_drop, .flags = MMSCOPE_EAGER | MMSCOPE_DROP, .run = run_mmap);
OPERATION(munmap_of_the_middle, .before = touched, .run = run_munmap);
OPERATION(mprotect_of_the_middle, .before = touched, .run = run_mprotect);
OPERATION(mremap_of_the_middle, .before = touched, .run = run_mremap);
OPERATION(fork, .before = touched, .run = run_fork, .also = EAGAIN);
OPERATION(fork_of_private, .map = MAP_PRIVATE, .before = touched, .run = run_fork, .also = EAGAIN);
OPERATION(fork_of_eager_drop, .flags = MMSCOPE_EAGER | MMSCOPE_DROP, .before = touched,
	  .run = run_fork, .also = EAGAIN);

/* --- faults -------------------------------------------------------------- */

/* By user mode: success, mm having tried again, or SIGBUS */
static int run_touch(struct scope *s, char *p)
{
	return try_write(p) == SIGBUS ? ENOMEM : 0;
}

/* By the kernel, on behalf of a system call */
static int run_kernel_touch(struct scope *s, char *p)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = read(fd, p, 1) == 1 ? 0 : errno;
	close(fd);
	return err;
}

static int memory;

static bool mapped_and_opened(struct scope *s, char *p, int map)
{
	memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	return memory >= 0 && mapped(s, p, map);
}

/* By ->access, for which a failure is as if nothing were there */
static int run_remote(struct scope *s, char *p)
{
	char c = 1;

	return pwrite(memory, &c, 1, (uintptr_t)p) == 1 ? 0 : errno;
}

/* Whatever failed, another attempt does not */
static bool touch_again(struct scope *s, char *p)
{
	return !try_write(p);
}

OPERATION(touch_page, .before = mapped, .run = run_touch, .after = touch_again);
OPERATION(touch_page_private, .map = MAP_PRIVATE, .before = mapped, .run = run_touch,
	  .after = touch_again);
OPERATION(touch_page_by_kernel, .before = mapped, .run = run_kernel_touch, .after = touch_again);
OPERATION(touch_mkwrite, .flags = MMSCOPE_MKWRITE_NOTIFY, .before = mapped, .run = run_touch,
	  .after = touch_again);
OPERATION(touch_around, .flags = MMSCOPE_AROUND, .before = mapped, .run = run_touch,
	  .after = touch_again);
OPERATION(touch_around_drop, .flags = MMSCOPE_AROUND | MMSCOPE_DROP, .before = mapped,
	  .run = run_touch, .after = touch_again);
OPERATION(touch_drop, .flags = MMSCOPE_DROP, .before = mapped, .run = run_touch,
	  .after = touch_again);
OPERATION(touch_growable, .flags = MMSCOPE_GROWABLE, .before = mapped, .run = run_touch,
	  .after = touch_again);
OPERATION(touch_vmalloc, .backing = MMSCOPE_VMALLOC, .before = mapped, .run = run_touch,
	  .after = touch_again);
OPERATION(touch_pfn, .backing = MMSCOPE_PFN, .before = mapped, .run = run_touch,
	  .after = touch_again);
OPERATION(access_pfn, .backing = MMSCOPE_PFN, .before = mapped_and_opened, .run = run_remote,
	  .after = touch_again, .also = EIO);
