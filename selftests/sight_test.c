// SPDX-License-Identifier: GPL-2.0
/*
 * Who may see whom, by which way: what the kernel itself says of the two at that moment, by
 * opening /proc/PID/maps, is what the device must say.
 */
#include "scope.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A node for everybody, and a program that is root's */
#define NODE		"/tmp/.mmscope_sight"
#define SETUID_PROGRAM	"/tmp/.sight_setuid"

#define DENIED		13
#define IMPOSSIBLE	77

enum person {
	ROOT,
	USER,
	OTHER,
	CAPLESS_ROOT,
	CAPABLE_USER,	/* a capability that grants nothing here */
	ROOT_OF_NAMESPACE,
	/* Seen only */
	UNDUMPABLE,
	SETUID,
	MORE_CAPABLE,	/* two of them */
};

static int set_caps(__u64 caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = caps, .permitted = caps },
		{ .effective = caps >> 32, .permitted = caps >> 32 },
	};

	return syscall(SYS_capset, &header, data);
}

static int become_user(uid_t uid, __u64 caps)
{
	/* One that is that user already needs no right to be */
	if (getuid() == uid && !caps)
		return prctl(PR_SET_DUMPABLE, 1);
	return setgroups(0, NULL) || setresgid(uid, uid, uid) || prctl(PR_SET_KEEPCAPS, 1) ||
	       setresuid(uid, uid, uid) || set_caps(caps) || prctl(PR_SET_DUMPABLE, 1);
}

static int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	err = fd < 0 || write(fd, text, strlen(text)) < 0;
	close(fd);
	return err;
}

static int become_root_of_namespace(void)
{
	uid_t uid = getuid();
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", uid);
	return unshare(CLONE_NEWUSER) || write_to("/proc/self/setgroups", "deny") ||
	       write_to("/proc/self/uid_map", map) || write_to("/proc/self/gid_map", map) ||
	       setresgid(0, 0, 0) || setresuid(0, 0, 0) || prctl(PR_SET_DUMPABLE, 1);
}

static int become(enum person person)
{
	switch (person) {
	case ROOT:
		return getuid() != 0;
	case USER:
		return become_user(1000, 0);
	case OTHER:
		return become_user(2000, 0);
	case CAPLESS_ROOT:
		return getuid() || set_caps(0) || prctl(PR_SET_DUMPABLE, 1);
	case CAPABLE_USER:
		return become_user(1000, 1ULL << CAP_NET_RAW);
	case MORE_CAPABLE:
		return become_user(1000, 1ULL << CAP_NET_RAW | 1ULL << CAP_NET_ADMIN);
	case ROOT_OF_NAMESPACE:
		return become_user(1000, 0) || become_root_of_namespace();
	case UNDUMPABLE:
		return become_user(1000, 0) || prctl(PR_SET_DUMPABLE, 0);
	case SETUID:
		return become_user(1000, 0);
	}
	return -1;
}

/* In a process that is that person: the exit code */
static int as(enum person person, int (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid)
		return wait_child(pid);
	_exit(become(person) ? IMPOSSIBLE : fn(arg));
}

static int do_nothing(void *unused)
{
	(void)unused;
	return 0;
}

/* What the kernel says to the caller of a process: 0 or DENIED */
static int look_at_maps(void *arg)
{
	char path[32], byte;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/maps", *(pid_t *)arg);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = fd < 0 || read(fd, &byte, 1) != 1;
	close(fd);
	return err ? DENIED : 0;
}

/* The one who is seen */

struct target {
	pid_t pid;
	__u32 mm;
	int told;	/* what it says */
	int ask;	/* what it is to do: see obey() */
};

/* Touches a page; changes whether it may be dumped; ends */
static void obey(char order, char *p, size_t *n)
{
	switch (order) {
	case 't':
		touch_write(p + (*n)++ % 16 * page_size(), 1);
		break;
	case '0':
	case '1':
		prctl(PR_SET_DUMPABLE, order - '0');
		break;
	default:
		_exit(0);
	}
}

/* Maps, tells its mm's id, and does what it is told */
static int be_seen(int told, int ask)
{
	int fd = open(NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	__u32 mm = fd < 0 ? 0 : scope_mm(fd);
	size_t n = 0;
	char order, *p;

	p = mmap(NULL, 16 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		mm = 0;
	else
		obey('t', p, &n);
	if (write(told, &mm, sizeof(mm)) != sizeof(mm))
		return 1;
	while (mm && read(ask, &order, 1) == 1) {
		obey(order, p, &n);
		if (write(told, &order, 1) != 1)
			return 1;
	}
	return !mm;
}

static void execute_setuid(int told, int ask)
{
	char text[2][16];

	snprintf(text[0], sizeof(text[0]), "%d", told);
	snprintf(text[1], sizeof(text[1]), "%d", ask);
	execl(SETUID_PROGRAM, "sight_setuid", "seen", text[0], text[1], NULL);
	_exit(127);
}

/* False if the caller cannot have a child that is that person */
static bool target_start(struct target *t, enum person person)
{
	int told[2], ask[2];

	t->mm = 0;
	if (pipe(told) || pipe(ask))
		abort();
	t->told = told[0];
	t->ask = ask[1];
	t->pid = fork();
	if (!t->pid) {
		close(told[0]);
		close(ask[1]);
		if (become(person))
			_exit(IMPOSSIBLE);
		if (person == SETUID)
			execute_setuid(told[1], ask[0]);
		_exit(be_seen(told[1], ask[0]));
	}
	close(told[1]);
	close(ask[0]);
	return read(t->told, &t->mm, sizeof(t->mm)) == sizeof(t->mm) && t->mm;
}

static void target_do(struct target *t, char order)
{
	if (write(t->ask, &order, 1) != 1 || read(t->told, &order, 1) != 1)
		abort();
}

static int target_end(struct target *t)
{
	close(t->told);
	close(t->ask);
	return wait_child(t->pid);
}

/* The file through which is seen, by whomever it was opened */

static int send_file(void *arg)
{
	int fd = open(NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct iovec iov = { .iov_base = "f", .iov_len = 1 };
	char room[CMSG_SPACE(sizeof(int))] = "";
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return fd < 0 || sendmsg(*(int *)arg, &msg, 0) != 1;
}

/* -1 if that person cannot open it */
static int open_as(enum person person)
{
	char byte, room[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	int pair[2], fd = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		abort();
	if (!as(person, send_file, pair + 1) && recvmsg(pair[0], &msg, MSG_CMSG_CLOEXEC) == 1)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	close(pair[0]);
	close(pair[1]);
	return fd;
}

/* The ways: each is 0, DENIED, or something that never may be */

struct way {
	int fd;
	struct target *t;
};

static int judged(int err)
{
	return !err ? 0 : errno == EPERM ? DENIED : 100 + errno;
}

static int attach_by_pid(void *arg)
{
	struct way *w = arg;

	return judged(scope_attach(w->fd, w->t->pid, 0, 0));
}

static int attach_by_id(void *arg)
{
	struct way *w = arg;

	return judged(scope_attach(w->fd, 0, w->t->mm, 0));
}

static int stat_by_id(void *arg)
{
	struct mmscope_stat stat;
	struct way *w = arg;

	return judged(scope_stat(w->fd, w->t->mm, 0, &stat));
}

static int find_in_listing(void *arg)
{
	struct mmscope_stat stat = { .mm = 0 };
	struct way *w = arg;

	while (!scope_stat(w->fd, stat.mm + 1, MMSCOPE_STAT_NEXT, &stat))
		if (stat.mm == w->t->mm)
			return 0;
	return errno == ESRCH ? DENIED : 100 + errno;
}

/* Of all there is to read: DENIED if there was no record of that mm */
static int read_all(void *arg)
{
	struct mmscope_event e[64];
	int seen = DENIED;
	struct way *w = arg;
	ssize_t n, i;

	while ((n = read(w->fd, e, sizeof(e))) > 0)
		for (i = 0; i < n / (ssize_t)sizeof(*e); i++)
			if (e[i].mm == w->t->mm)
				seen = 0;
	return errno == EAGAIN ? seen : 100 + errno;
}

/* Who x whom */

static void make_tools(struct __test_metadata *_metadata)
{
	char command[64 + PATH_MAX];
	struct stat st;

	if (stat(SCOPE_DEVICE, &st))
		SKIP(return, "no " SCOPE_DEVICE ": load the module");
	umask(0);
	unlink(NODE);
	ASSERT_EQ(0, mknod(NODE, S_IFCHR | 0666, st.st_rdev));
	snprintf(command, sizeof(command),
		 "cp /proc/%d/exe " SETUID_PROGRAM " && chmod 4755 " SETUID_PROGRAM, getpid());
	ASSERT_EQ(0, system(command));
}

static const enum person targets[] = {
	ROOT, USER, OTHER, CAPLESS_ROOT, UNDUMPABLE, SETUID, MORE_CAPABLE, ROOT_OF_NAMESPACE
};

FIXTURE(sight)
{
	struct target t;
	struct way way;
};

FIXTURE_VARIANT(sight)
{
	enum person opener;
	enum person caller;
};

FIXTURE_VARIANT_ADD(sight, by_root)
{
	.opener = ROOT, .caller = ROOT,
};

FIXTURE_VARIANT_ADD(sight, by_user)
{
	.opener = USER, .caller = USER,
};

FIXTURE_VARIANT_ADD(sight, by_other)
{
	.opener = OTHER, .caller = OTHER,
};

FIXTURE_VARIANT_ADD(sight, by_capless_root)
{
	.opener = CAPLESS_ROOT, .caller = CAPLESS_ROOT,
};

FIXTURE_VARIANT_ADD(sight, by_capable_user)
{
	.opener = CAPABLE_USER, .caller = CAPABLE_USER,
};

FIXTURE_VARIANT_ADD(sight, by_root_of_namespace)
{
	.opener = ROOT_OF_NAMESPACE, .caller = ROOT_OF_NAMESPACE,
};

FIXTURE_VARIANT_ADD(sight, by_user_with_roots_file)
{
	.opener = ROOT, .caller = USER,
};

FIXTURE_VARIANT_ADD(sight, by_capless_root_with_roots_file)
{
	.opener = ROOT, .caller = CAPLESS_ROOT,
};

FIXTURE_VARIANT_ADD(sight, by_root_with_users_file)
{
	.opener = USER, .caller = ROOT,
};

FIXTURE_SETUP(sight)
{
	make_tools(_metadata);
	if (as(variant->opener, do_nothing, NULL) || as(variant->caller, do_nothing, NULL))
		SKIP(return, "no user namespaces");
}

FIXTURE_TEARDOWN(sight)
{
	unlink(NODE);
	unlink(SETUID_PROGRAM);
}

/* One who is seen, and the file through which; false if the machine has no such person */
static bool meet(struct way *way, struct target *t, enum person opener, enum person whom)
{
	if (as(whom, do_nothing, NULL) == IMPOSSIBLE)
		return false;
	*way = (struct way){ .fd = open_as(opener), .t = t };
	return target_start(t, whom);
}

/* Of whom it was that failed, once */
static void tell_whom(struct __test_metadata *_metadata, enum person whom)
{
	static bool told;

	if (!told && _metadata->exit_code == KSFT_FAIL) {
		told = true;
		TH_LOG("that was person %d", whom);
	}
}

/* What the kernel says to both who must be allowed */
static int kernel_says(enum person opener, enum person caller, pid_t pid)
{
	return as(opener, look_at_maps, &pid) ?: as(caller, look_at_maps, &pid);
}

TEST_F_TIMEOUT(sight, is_what_the_kernel_says, 120)
{
	enum person caller = variant->caller;
	size_t i;
	int says;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		if (!meet(&self->way, &self->t, variant->opener, targets[i]))
			continue;
		says = kernel_says(variant->opener, caller, self->t.pid);
		ASSERT_TRUE(!says || says == DENIED);
		EXPECT_EQ(says, as(caller, attach_by_pid, &self->way));
		EXPECT_EQ(says, as(caller, attach_by_id, &self->way));
		EXPECT_EQ(says, as(caller, stat_by_id, &self->way));
		EXPECT_EQ(says, as(caller, find_in_listing, &self->way));
		EXPECT_EQ(says, as(caller, read_all, &self->way));
		EXPECT_TRUE(scope_adds_up(self->way.fd));
		EXPECT_EQ(0, target_end(&self->t));
		close(self->way.fd);
		tell_whom(_metadata, targets[i]);
	}
}

/* What a target that changes shows after each change */
static void watch_change(struct __test_metadata *_metadata, struct way *way, enum person opener,
			 enum person caller, char change)
{
	struct mmscope_info before, after;
	int says;

	target_do(way->t, change);
	target_do(way->t, 't');
	says = kernel_says(opener, caller, way->t->pid);
	ASSERT_EQ(0, scope_info(way->fd, &before));
	EXPECT_EQ(says, as(caller, read_all, way));
	EXPECT_EQ(says, as(caller, stat_by_id, way));
	ASSERT_EQ(0, scope_info(way->fd, &after));
	/* What is not shown is counted */
	EXPECT_EQ(!says, after.withheld == before.withheld);
	EXPECT_EQ(after.withheld - before.withheld, after.skipped - before.skipped);
	EXPECT_LT(before.delivered + before.withheld, after.delivered + after.withheld);
	EXPECT_TRUE(scope_adds_up(way->fd));
}

/* The target changes while it is read: root attached the file to it, if its opener may see it */
TEST_F_TIMEOUT(sight, is_what_the_kernel_says_when_the_target_has_changed, 120)
{
	size_t i;
	int says;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		if (!meet(&self->way, &self->t, variant->opener, targets[i]))
			continue;
		says = attach_by_pid(&self->way);
		EXPECT_EQ(kernel_says(variant->opener, ROOT, self->t.pid), says);
		if (!says) {
			watch_change(_metadata, &self->way, variant->opener, variant->caller, '0');
			watch_change(_metadata, &self->way, variant->opener, variant->caller, '1');
		}
		EXPECT_EQ(0, target_end(&self->t));
		close(self->way.fd);
		tell_whom(_metadata, targets[i]);
	}
}

/* Of whom is gone, it is as it was at the end, however that differs from what it was before */
TEST_F_TIMEOUT(sight, of_who_has_ended_is_as_it_was, 120)
{
	bool attached;
	size_t i;
	int says;

	for (i = 0; i < 2 * ARRAY_SIZE(targets); i++) {
		enum person whom = targets[i / 2];

		if (!meet(&self->way, &self->t, variant->opener, whom))
			continue;
		attached = !attach_by_pid(&self->way);
		target_do(&self->t, '0' + i % 2);
		says = kernel_says(variant->opener, variant->caller, self->t.pid);
		EXPECT_EQ(0, target_end(&self->t));
		EXPECT_EQ(says, as(variant->caller, stat_by_id, &self->way));
		EXPECT_EQ(says, as(variant->caller, find_in_listing, &self->way));
		if (attached)
			EXPECT_EQ(says, as(variant->caller, read_all, &self->way));
		close(self->way.fd);
		tell_whom(_metadata, whom);
	}
}

/* Whom one follows */

FIXTURE(followed)
{
	int fd;
};

FIXTURE_VARIANT(followed)
{
	enum person who;
	bool too;	/* root follows the follower */
};

FIXTURE_VARIANT_ADD(followed, by_root)
{
	.who = ROOT, .too = false,
};

FIXTURE_VARIANT_ADD(followed, by_user)
{
	.who = USER, .too = false,
};

FIXTURE_VARIANT_ADD(followed, by_capless_root)
{
	.who = CAPLESS_ROOT, .too = false,
};

FIXTURE_VARIANT_ADD(followed, by_capable_user)
{
	.who = CAPABLE_USER, .too = false,
};

FIXTURE_VARIANT_ADD(followed, by_root_of_namespace)
{
	.who = ROOT_OF_NAMESPACE, .too = false,
};

FIXTURE_VARIANT_ADD(followed, by_user_whom_root_follows)
{
	.who = USER, .too = true,
};

FIXTURE_VARIANT_ADD(followed, by_capless_root_whom_root_follows)
{
	.who = CAPLESS_ROOT, .too = true,
};

FIXTURE_VARIANT_ADD(followed, by_capable_user_whom_root_follows)
{
	.who = CAPABLE_USER, .too = true,
};

FIXTURE_SETUP(followed)
{
	make_tools(_metadata);
	if (as(variant->who, do_nothing, NULL))
		SKIP(return, "no user namespaces");
	self->fd = open(NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(followed)
{
	close(self->fd);
	unlink(NODE);
	unlink(SETUID_PROGRAM);
}

/* What one child of mine shows me of itself. Returns 0, or where it is wrong. */
static int follow_one(int fd, enum person child)
{
	struct target t;
	struct way w = { .fd = fd, .t = &t };
	int says, err = 0;

	if (!target_start(&t, child)) {
		target_end(&t);
		return 0;
	}
	says = look_at_maps(&t.pid);
	if (read_all(&w) != says)
		err = 1;
	else if (stat_by_id(&w) != says || find_in_listing(&w) != says)
		err = 2;
	else if (!scope_adds_up(fd))
		err = 3;
	/* One that was seen is seen no more */
	target_do(&t, '0');
	target_do(&t, 't');
	says = look_at_maps(&t.pid);
	if (!err && (read_all(&w) != says || stat_by_id(&w) != says))
		err = 4;
	target_end(&t);
	if (!err && !scope_adds_up(fd))
		err = 5;
	if (err)
		fprintf(stderr, "# child %d: %d, the kernel says %d\n", child, err, says);
	return err ? 10 * child + err : 0;
}

struct order {
	int ready;
	int go;
};

static int follow_children(void *arg)
{
	int fd = open(NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct order *o = arg;
	size_t i;
	int err;

	sema_post(o->ready);
	sema_wait(o->go);
	if (fd < 0 || scope_attach(fd, 0, 0, MMSCOPE_ATTACH_FOLLOW))
		return 1;
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		err = follow_one(fd, targets[i]);
		if (err)
			return err;
	}
	return 0;
}

TEST_F(followed, children_are_seen_as_the_kernel_says)
{
	struct order o = { .ready = sema(), .go = sema() };
	pid_t pid = fork();

	if (!pid)
		_exit(become(variant->who) ? IMPOSSIBLE : follow_children(&o));
	sema_wait(o.ready);
	if (variant->too)
		ASSERT_EQ(0, scope_attach(self->fd, pid, 0, MMSCOPE_ATTACH_FOLLOW));
	sema_post(o.go);
	EXPECT_EQ(0, wait_child(pid));
}

/* debugfs */

/* A file of debugfs, by its name */
static int read_debugfs(void *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);
	char byte;

	return judged(fd < 0 || read(fd, &byte, 1) != 1);
}

static int read_given(void *arg)
{
	char byte;

	return judged(read(*(int *)arg, &byte, 1) != 1);
}

TEST(debugfs_is_for_who_may_see_all)
{
	static const char * const name[] = { "stats", "mms", "events" };
	char path[64];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/mmscope/%s", name[i]);
		if (access(path, F_OK))
			SKIP(return, "no %s", path);
		EXPECT_EQ(DENIED, as(CAPLESS_ROOT, read_debugfs, path)) TH_LOG("%s", path);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		ASSERT_LE(0, fd);
		EXPECT_EQ(DENIED, as(USER, read_given, &fd)) TH_LOG("%s", path);
		close(fd);
	}
	EXPECT_EQ(0, as(ROOT, read_debugfs, "/sys/kernel/debug/mmscope/stats"));
	EXPECT_EQ(0, as(ROOT, read_debugfs, "/sys/kernel/debug/mmscope/mms"));
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "seen"))
		return be_seen(atoi(argv[2]), atoi(argv[3]));
	return test_harness_run(argc, argv);
}
