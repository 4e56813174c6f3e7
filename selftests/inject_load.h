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
	self->log = self->fail = self->object = -1;
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
static bool load_failing(FIXTURE_DATA(load) *self, int n, int *err)
{
	bool failed;

	arm(self->fail, n);
	*err = load(self->object, self->parameters);
	failed = has_failed(self->fail);
	sites_hear(sites, self->log);
	if (!*err)
		*err = unload();
	return failed;
}

/* Every step-th failure from the first one on, and each of the last: those of the module's init */
TEST_F_TIMEOUT(load, with_failures, 600)
{
	int step = 16, last = 24, n, err, end, failures = 0;

	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, write_text("/proc/sys/kernel/panic_on_warn", "0"));
	for (n = 1; load_failing(self, n, &err); n += step)
		failures += !!err;
	EXPECT_EQ(0, err);
	end = n;
	for (n = end > step + last ? end - step - last : 1; load_failing(self, n, &err); n++)
		failures += !!err;
	EXPECT_EQ(0, err);
	EXPECT_LT(0, failures);
	EXPECT_EQ(0, load(self->object, self->parameters));
	TH_LOG("%d can fail, %d of those tried make it fail", n - 1, failures);
	EXPECT_EQ(0, sites->splats);
	/* What is left are warnings that are the kernel's own: not for who reads the log next */
	if (!sites->splats)
		klogctl(5, NULL, 0);
	EXPECT_EQ(0, write_text("/proc/sys/kernel/panic_on_warn", self->panic_on_warn));
}
