// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that can fail on the way fails once: each operation is repeated, by a new process,
 * with its first, second, ... allocation or copy failing, until it runs to its end without. It may
 * fail with the errno that the manual names; nothing may be left behind, and what the module says
 * of the process stays true. Then: has every call of the module that can fail, failed?
 *
 * All of that needs a kernel with CONFIG_FAULT_INJECTION, FAILSLAB, FAIL_PAGE_ALLOC and
 * FAULT_INJECTION_USERCOPY. On others it is mmscope_failures.ko that makes fail what the module
 * itself allocates.
 */
#include "scope.h"
#include "failures.h"
#include "sites.h"

#define PAGES	8
#define MOST	2000		/* more than can fail in any operation */
#define TWICE	64		/* failures that are tried twice come before this one */
#define DEBUG	"/sys/kernel/debug"

static struct sites *sites;

/* There is no fault injection: mmscope_failures.ko does it */
static bool by_probe;
static long failures_before;

static __attr(constructor) void share_sites(void)
{
	sites = sites_open();
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n < 0 ? 0 : n] = 0;
	close(fd);
}

/* VMAs that came where there was no memory for a record of their mm */
static unsigned long long unrecorded(void)
{
	unsigned long long n = 0;
	char text[4096], *at;

	read_text(DEBUG "/mmscope/stats", text, sizeof(text));
	at = strstr(text, "\nunrecorded ");
	if (!at || sscanf(at, " unrecorded %llu", &n) != 1)
		abort();
	return n;
}

/* What the kernel lacks for these tests, or NULL. Allocations that may sleep are meant, too. */
static const char *lacking(void)
{
	if (access("/proc/thread-self/fail-nth", W_OK))
		return "no /proc/thread-self/fail-nth: CONFIG_FAULT_INJECTION";
	if (write_text(DEBUG "/failslab/ignore-gfp-wait", "N") ||
	    write_text(DEBUG "/failslab/verbose_ratelimit_interval_ms", "0") ||
	    write_text(DEBUG "/fail_page_alloc/ignore-gfp-wait", "N") ||
	    write_text(DEBUG "/fail_page_alloc/ignore-gfp-highmem", "N") ||
	    write_text(DEBUG "/fail_page_alloc/min-order", "0") ||
	    write_text(DEBUG "/fail_page_alloc/verbose_ratelimit_interval_ms", "0") ||
	    write_text(DEBUG "/fail_usercopy/verbose_ratelimit_interval_ms", "0"))
		return "no failslab, fail_page_alloc or fail_usercopy in debugfs";
	return sites ? NULL : "no " SITES_OBJECT;
}

/* The nth allocation or copy from now on fails; 0: none */
static void arm(int fd, int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (by_probe) {
		failures_before = failures_count();
		failures_arm(n);
		return;
	}
	/* The copy of this number may be what fails */
	while (pwrite(fd, text, len, 0) != len)
		if (errno != EFAULT)
			abort();
}

/* Whether one has failed. Asking copies to user space, which may be what fails: then none had. */
static bool has_failed(int fd)
{
	char text[16] = "";
	bool asked;

	if (by_probe)
		return failures_disarm(failures_before);
	asked = pread(fd, text, sizeof(text) - 1, 0) > 0;

	if (!asked && errno != EFAULT)
		abort();
	arm(fd, 0);
	return asked && !atoi(text);
}

/*
 * What an operation is: before() and after() run without failures, run() returns 0 or errno. What
 * it opens it closes; it maps within three times PAGES from p.
 */
struct operation {
	__u32 backing;
	__u64 flags;
	int map;			/* instead of MAP_SHARED */
	bool (*before)(struct scope *s, char *p, int map);
	int (*run)(struct scope *s, char *p);
	bool (*after)(struct scope *s, char *p);
	int also;			/* errno besides ENOMEM and EFAULT */
	const char *silent;		/* function that fails without a word of the kernel */
};

FIXTURE_VARIANT(inject)
{
	const struct operation *op;
};

FIXTURE(inject)
{
	int log;
};

FIXTURE_SETUP(inject)
{
	struct scope s;
	int err = scope_open(&s);

	self->log = -1;
	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	scope_close(&s);
	if (lacking()) {
		if (failures_load() || failures_of_memory())
			SKIP(return, "%s, and no mmscope_failures.ko", lacking());
		by_probe = true;
		return;
	}
	self->log = sites_listen();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(inject)
{
	close(self->log);
	if (by_probe)
		failures_unload();
}

/* Are these ranges the ones that debugfs has for an mm? */
static bool listed(__u32 mm, const struct scope_vma *vma, int nr)
{
	FILE *f = fopen(DEBUG "/mmscope/mms", "re");
	bool ours = false, same = !!f;
	unsigned long start, end;
	char line[256], *range;
	int i, found = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "      #", 7)) {
			ours = strtoul(line, NULL, 10) == mm;
			continue;
		}
		range = strstr(line, " by ");
		if (!ours || !range || sscanf(range, " by %*s %lx-%lx", &start, &end) != 2)
			continue;
		for (i = 0; i < nr && (vma[i].start != start || vma[i].end != end); i++)
			;
		same &= i < nr;
		found++;
	}
	if (f)
		fclose(f);
	return same && found == nr;
}

static unsigned long long unrecorded_before;

/* Does the module know this process's VMAs? Not one whose lineage was lost, which it counts. */
static bool books_true(int fd)
{
	struct scope_vma vma[4 * PAGES];
	struct mmscope_stat stat;
	int nr = scope_maps(getpid(), vma, 4 * PAGES);

	if (scope_stat(fd, 0, 0, &stat))
		return false;
	if (nr == (int)stat.vmas && (nr == 0 || stat.orphans || listed(stat.mm, vma, nr)))
		return true;
	stat.orphans += unrecorded() - unrecorded_before;
	if (nr > (int)stat.vmas && nr - stat.vmas <= stat.orphans)
		return true;
	fprintf(stderr, "# %d VMAs, %u known, %llu orphans\n", nr, stat.vmas, stat.orphans);
	return false;
}

/* Everything of this process is unmapped again, and the counters know it */
static bool all_gone(int fd, char *p)
{
	struct mmscope_stat stat;

	mmap(p, 3 * PAGES * page_size(), PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
	if (scope_stat(fd, 0, 0, &stat))
		return false;
	/* What an orphan gives back is not known */
	if (!stat.vmas && !stat.maps && (!stat.mapped || stat.orphans))
		return true;
	fprintf(stderr, "# left: %u VMAs, %u maps, %lld mapped, %llu orphans\n", stat.vmas,
		stat.maps, (long long)stat.mapped, stat.orphans);
	return false;
}

/* How a process ends that has run an operation with its nth allocation failing */
enum { OVER, SUCCEEDED, FAILED, WRONG };

static int wrong(const char *what, int value)
{
	fprintf(stderr, "# %s: %d\n", what, value);
	return WRONG;
}

static int run_once(const struct operation *op, int n)
{
	int fail = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC), err;
	char *p = scope_reserve(3 * PAGES);
	struct scope s;
	bool failed;

	if ((fail < 0 && !by_probe) || !p || scope_open_as(&s, op->backing, op->flags, PAGES))
		return wrong("setup", errno);
	if (op->before && !op->before(&s, p, op->map ?: MAP_SHARED))
		return wrong("before", errno);
	unrecorded_before = unrecorded();
	arm(fail, n);
	err = op->run(&s, p);
	failed = has_failed(fail);
	if (!failed && err)
		return wrong("errno without a failure", err);
	if (err && err != ENOMEM && err != EFAULT && err != op->also)
		return wrong("errno", err);
	if (op->after && !op->after(&s, p))
		return wrong("afterwards: errno", errno);
	if (!(op->flags & MMSCOPE_QUIET) && !books_true(s.fd))
		return wrong("not the kernel's VMAs, after errno", err);
	if (!all_gone(s.fd, p))
		return wrong("something is left, after errno", err);
	if (scope_drain(&s), s.bad || !scope_adds_up(s.fd))
		return wrong("records", s.bad);
	return !failed ? OVER : err ? FAILED : SUCCEEDED;
}

/* By a process of its own */
static int try_failure(const struct operation *op, int n, int log)
{
	pid_t pid;
	int how;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(run_once(op, n));
	if (pid < 0)
		return wrong("fork", errno);
	how = wait_child(pid);
	if (by_probe)
		return how;
	if (!sites_hear(sites, log) && how == FAILED && op->silent)
		sites_failed_silently(sites, op->silent);
	return how;
}

/*
 * What checks memory allocates now and then, and moves what comes behind it by one: the first
 * failures, which are the module's own, are tried twice.
 */
TEST_F_TIMEOUT(inject, every_failure, 600)
{
	int n, turn, how = SUCCEEDED, failures = 0, killed = 0, killed_by = 0;

	for (n = 1; n < MOST && how != OVER; n++) {
		for (turn = 0; turn < (n < TWICE ? 2 : 1); turn++) {
			how = try_failure(variant->op, n, self->log);
			/* What mm or a signal needs failed while there was nobody to tell but it */
			if (how == 128 + SIGSEGV && (killed_by == n || killed++ < 3)) {
				killed_by = n;
				how = FAILED;
			}
			ASSERT_GT(WRONG, how) TH_LOG("failure %d", n);
		}
		failures += how == FAILED;
	}
	EXPECT_EQ(OVER, how);
	if (!by_probe)
		sites->complete &= how == OVER;
	TH_LOG("%d can fail, %d of them make it fail", n - 2, failures);
}

#include "inject_ops.h"
#include "inject_load.h"

/* The last: what the kernel says of the failures above, beside what the object calls */
TEST_F(load, every_call_that_can_fail_failed)
{
	unsigned int n, must = 0, missing = sites_missing(sites);

	if (!sites->complete)
		SKIP(return, "the tests before did not all run");
	for (n = 0; n < sites->nr; n++) {
		const struct site *site = &sites->site[n];

		if (!sites_may_fail(sites, site))
			continue;
		must++;
		TH_LOG("%s: %s failed %u times (%s)", site->at, site->callee, site->failed,
		       sites_excuse(site) ?: "it can");
	}
	TH_LOG("%u of %u calls can fail; without a reason %u never did", must, sites->nr, missing);
	EXPECT_LT(0, must);
	EXPECT_EQ(0, missing);
	EXPECT_EQ(0, sites->unknown);
}

TEST_HARNESS_MAIN
