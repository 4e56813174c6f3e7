/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loading the module with failures, for inject_test.c. Most of what can fail there is the kernel's:
 * what matters is that the kernel survives, and that the module loads the next time.
 */

FIXTURE(load)
{
	char parameters[128];
	char panic_on_warn[8];
	int log;
	int fail;
	int object;
};

FIXTURE_SETUP(load)
{
	self->log = -1;
	self->fail = -1;
	self->object = -1;
	if (lacking())
		SKIP(return, "%s", lacking());
	snprintf(self->parameters, sizeof(self->parameters),
		 "max_pages=%lld events=%lld idle_mms=%lld dead_mms=%lld",
		 scope_param("max_pages"), scope_param("events"), scope_param("idle_mms"),
		 scope_param("dead_mms"));
	read_text("/proc/sys/kernel/panic_on_warn", self->panic_on_warn,
		  sizeof(self->panic_on_warn));
	self->log = sites_listen();
	self->fail = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	self->object = open(SITES_OBJECT, O_RDONLY | O_CLOEXEC);
	ASSERT_TRUE(self->log >= 0 && self->fail >= 0 && self->object >= 0);
}

FIXTURE_TEARDOWN(load)
{
	close(self->log);
	close(self->fail);
	close(self->object);
}

static int load(int object, const char *parameters)
{
	return syscall(SYS_finit_module, object, parameters, 0) ? errno : 0;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "mmscope", O_NONBLOCK) ? errno : 0;
}

/* Load with the nth failure; whether there was one */
static bool load_failing(int fail, int object, const char *parameters, int n, int *err)
{
	bool failed;

	arm(fail, n);
	*err = load(object, parameters);
	failed = has_failed(fail);
	if (!*err)
		*err = unload();
	return failed;
}

/*
 * Every step-th failure from the first one on, and each of the last: those of the module's init.
 * These again while one was never seen, for what checks memory moves them by one now and then.
 */
TEST_F_TIMEOUT(load, with_failures, 1800)
{
	int step = 16, last = 160, turns = 5, n, err, turn, failures = 0;

	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, write_text("/proc/sys/kernel/panic_on_warn", "0"));
	for (turn = 0, n = 1; turn < 2 || (turn < turns && sites_missing(sites)); turn++) {
		while (load_failing(self->fail, self->object, self->parameters, n, &err)) {
			sites_hear(sites, self->log);
			failures += !!err;
			n += turn ? 1 : step;
		}
		EXPECT_EQ(0, err);
		n = n > step + last ? n - step - last : 1;
	}
	EXPECT_LT(0, failures);
	EXPECT_EQ(0, load(self->object, self->parameters));
	sites_hear(sites, self->log);
	TH_LOG("%d times something failed and it did not load, in %d turns", failures, turn);
	EXPECT_EQ(0, sites->splats);
	/* What is left are warnings that are the kernel's own: not for who reads the log next */
	if (!sites->splats)
		klogctl(5, NULL, 0);
	EXPECT_EQ(0, write_text("/proc/sys/kernel/panic_on_warn", self->panic_on_warn));
}
