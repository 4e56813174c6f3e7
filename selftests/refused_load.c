// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that are refused, for each reason by construction. "ADDRESS ERROR REASON" is printed for
 * each: the error is the signal and code that came, or what the system call returned, and the
 * program fails where that is not what the reason leads to. "no WHAT" is printed for what this
 * machine does not have.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define PAGE		4096UL
#define HUGE		(512 * PAGE)
#define RW		(PROT_READ | PROT_WRITE)
#define STACK_TOP	0x200000000UL
#define KERNEL_TEXT	0xffffffff81000000UL
#define NOT_CANONICAL	0x8000000000000000UL

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef UFFD_FEATURE_POISON
struct uffdio_poison {
	struct uffdio_range range;
	__u64 mode;
	__s64 updated;
};

#define UFFD_FEATURE_POISON	(1 << 14)
#define UFFDIO_POISON		_IOWR(UFFDIO, 0x08, struct uffdio_poison)
#endif

static sigjmp_buf back;
static volatile int signalled, code;

static void lacking(const char *what)
{
	printf("no %s\n", what);
}

static void handler(int sig, siginfo_t *info, void *context)
{
	signalled = sig;
	code = info->si_code;
	siglongjmp(back, 1);
}

static const char *error_word(void)
{
	if (signalled == SIGBUS)
		return code == BUS_MCEERR_AR ? "SIGBUS,_hardware_error" : "SIGBUS";
	if (signalled != SIGSEGV)
		return "nothing";
	return code == SEGV_MAPERR ? "SIGSEGV_MAPERR" : code == SEGV_ACCERR ? "SIGSEGV_ACCERR" :
	       code == SEGV_PKUERR ? "SIGSEGV_PKUERR" : "SIGSEGV_SI_KERNEL";
}

static void say(const volatile void *p, const char *error, const char *reason)
{
	printf("%lu %s %s\n", (unsigned long)p, error, reason);
}

static void is(const volatile void *p, const char *error, const char *reason)
{
	say(p, error_word(), reason);
	if (!strcmp(error_word(), error))
		return;
	fprintf(stderr, "%s: %s, not %s\n", reason, error_word(), error);
	exit(2);
}

static void write_to(volatile char *p, const char *error, const char *reason)
{
	signalled = 0;
	if (!sigsetjmp(back, 1))
		*p = 1;
	is(p, error, reason);
}

static void read_from(volatile char *p, const char *error, const char *reason)
{
	signalled = 0;
	if (!sigsetjmp(back, 1))
		(void)*p;
	is(p, error, reason);
}

static void execute(volatile char *p, const char *error, const char *reason)
{
	signalled = 0;
	if (!sigsetjmp(back, 1))
		((void (*)(void))p)();
	is(p, error, reason);
}

/* The kernel writes there for us. */
static void kernel_writes(char *p, const char *reason)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	if (read(fd, p, 8) != -1 || errno != EFAULT)
		exit(2);
	close(fd);
	say(p, "EFAULT", reason);
}

static char *map(size_t size, int prot, int flags, int fd)
{
	char *p = mmap(NULL, size, prot, flags, fd, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

static char *anonymous(size_t pages, int prot)
{
	return map(pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void files(const char *dir)
{
	char path[280], small[256];
	char *p;
	int fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 2 * PAGE))
		exit(2);
	p = map(8 * PAGE, RW, MAP_SHARED, fd);
	read_from(p + 5 * PAGE, "SIGBUS", "end_of_file");
	kernel_writes(p + 6 * PAGE, "end_of_file");
	p = map(8 * PAGE, RW, MAP_PRIVATE, fd);
	write_to(p + 2 * PAGE, "SIGBUS", "end_of_file");
	close(fd);

	snprintf(small, sizeof(small), "%s/small", dir);
	mkdir(small, 0700);
	if (mount("small", small, "tmpfs", 0, "size=16k"))
		exit(2);
	snprintf(path, sizeof(path), "%s/file", small);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 64 * PAGE))
		exit(2);
	p = map(64 * PAGE, RW, MAP_SHARED, fd);
	for (int i = 0; i < 4; i++)
		p[i * PAGE] = 1;
	write_to(p + 4 * PAGE, "SIGBUS", "tmpfs_full");
	kernel_writes(p + 5 * PAGE, "tmpfs_full");
	read_from(p + 64 * PAGE - 1, "SIGBUS", "tmpfs_full");
	munmap(p, 64 * PAGE);
	close(fd);
	umount2(small, MNT_DETACH);
}

static void rights(void)
{
	char *p = anonymous(1, PROT_READ);
	int key;

	write_to(p, "SIGSEGV_ACCERR", "write");
	p = anonymous(1, PROT_READ);
	kernel_writes(p, "write");
	write_to(anonymous(1, PROT_NONE), "SIGSEGV_ACCERR", "prot_none");
	read_from(anonymous(1, PROT_NONE), "SIGSEGV_ACCERR", "prot_none");
	kernel_writes(anonymous(1, PROT_NONE), "prot_none");
	p = anonymous(1, RW);
	*p = (char)0xc3;
	execute(p, "SIGSEGV_ACCERR", "exec");
	p = anonymous(1, RW);
	munmap(p, PAGE);
	write_to(p, "SIGSEGV_MAPERR", "hole");
	kernel_writes(p, "hole");
	read_from((void *)KERNEL_TEXT, "SIGSEGV_MAPERR", "kernel_address");
	signalled = 0;
	if (!sigsetjmp(back, 1))
		*(volatile char *)NOT_CANONICAL = 1;
	is(NULL, "SIGSEGV_SI_KERNEL", "general_protection");

	key = pkey_alloc(0, PKEY_DISABLE_ACCESS);
	p = anonymous(1, RW);
	if (key < 0 || pkey_mprotect(p, PAGE, RW, key)) {
		lacking("pkey");
		return;
	}
	read_from(p, "SIGSEGV_PKUERR", "pkey");
	pkey_free(key);
}

static void guards(void)
{
	char *p = anonymous(4, RW);

	if (madvise(p + PAGE, PAGE, MADV_GUARD_INSTALL)) {
		lacking("guard");
		return;
	}
	write_to(p + PAGE, "SIGSEGV_MAPERR", "guard");
	kernel_writes(p + PAGE, "guard");
}

static char *new_stack(void)
{
	char *p = mmap((void *)STACK_TOP, PAGE, RW,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	*p = 1;
	return p;
}

static void stacks(void)
{
	struct rlimit old, limit;
	char *p = new_stack();

	getrlimit(RLIMIT_STACK, &old);
	limit = old;
	limit.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_STACK, &limit);
	write_to(p - (2 << 20), "SIGSEGV_MAPERR", "stack_limit");
	mmap(p - 300 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	write_to(p - 100 * PAGE, "SIGSEGV_MAPERR", "stack_gap");
	munmap(p - 300 * PAGE, PAGE);
	setrlimit(RLIMIT_STACK, &old);
	getrlimit(RLIMIT_AS, &old);
	limit = old;
	limit.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_AS, &limit);
	write_to(p - 100 * PAGE, "SIGSEGV_MAPERR", "stack_memory");
	setrlimit(RLIMIT_AS, &old);
	write_to(p - 10 * PAGE, "nothing", "none");
	munmap(p - 10 * PAGE, 11 * PAGE);
}

static void set_number(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	close(fd);
}

static void child_reads(char *p, const char *reason)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		read_from(p, "SIGBUS", reason);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		exit(2);
}

static void huge_pages(void)
{
	int fd, ends[2], status;
	pid_t pid;
	char *p;

	set_number("/proc/sys/vm/nr_hugepages", "2");
	p = mmap(NULL, 2 * HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED || pipe(ends)) {
		lacking("hugetlb");
		return;
	}
	p[0] = 1;
	p[HUGE] = 1;
	child_reads(map(HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1),
		    "no_huge_page");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		char byte;

		if (read(ends[0], &byte, 1) != 1)
			_exit(2);
		read_from(p + HUGE, "SIGBUS", "huge_page_taken");
		fflush(stdout);
		_exit(0);
	}
	p[HUGE] = 2;
	if (write(ends[1], "x", 1) != 1 || waitpid(pid, &status, 0) != pid || status)
		exit(2);
	munmap(p, 2 * HUGE);
	fd = syscall(SYS_memfd_create, "huge", 4 /* MFD_HUGETLB */);
	if (fd < 0 || ftruncate(fd, 2 * HUGE))
		exit(2);
	p = map(2 * HUGE, RW, MAP_SHARED, fd);
	if (ftruncate(fd, HUGE))
		exit(2);
	write_to(p + HUGE + PAGE, "SIGBUS", "end_of_file");
	munmap(p, 2 * HUGE);
	close(fd);
	set_number("/proc/sys/vm/nr_hugepages", "0");
}

static int open_uffd(char *p, __u64 features)
{
	struct uffdio_register range = {
		.range = { (uintptr_t)p, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range))
		return fd;
	close(fd);
	return -1;
}

static void by_users(void)
{
	struct uffdio_poison poison;
	char *p = anonymous(1, RW);
	int fd = open_uffd(p, UFFD_FEATURE_SIGBUS);

	if (fd >= 0)
		write_to(p, "SIGBUS", "uffd");
	else
		lacking("uffd");
	close(fd);
	p = anonymous(1, RW);
	fd = open_uffd(p, UFFD_FEATURE_POISON);
	memset(&poison, 0, sizeof(poison));
	poison.range.start = (uintptr_t)p;
	poison.range.len = PAGE;
	if (fd >= 0 && !ioctl(fd, UFFDIO_POISON, &poison))
		write_to(p, "SIGBUS,_hardware_error", "poison_marked");
	else
		lacking("UFFDIO_POISON");
	close(fd);
}

static void lost_page(void)
{
	char *volatile p = anonymous(1, RW);
	volatile int failed = 0;

	*p = 1;
	/* Some kernels tell at once. */
	if (!sigsetjmp(back, 1))
		failed = madvise(p, PAGE, MADV_HWPOISON);
	if (failed)
		lacking("poison");
	else
		write_to(p, "SIGBUS,_hardware_error", "poison");
}

static void driver(void)
{
	struct mmscope_setup setup = { .size = sizeof(setup), .error_nth = 1, .pages = 4 };
	int fd = open("/dev/mmscope", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, MMSCOPE_SETUP, &setup))
		lacking("driver");
	else
		write_to(map(4 * PAGE, RW, MAP_SHARED, fd), "SIGBUS", "driver");
	close(fd);
}

/* A child is killed where its group may have no more: it says where. */
static void group(const char *dir)
{
	char *volatile *at = (void *)map(PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	char path[256], pid[16];
	char *p = map(64 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int status, fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	madvise(p, 64 << 20, MADV_NOHUGEPAGE);
	fflush(stdout);
	if (!fork()) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		snprintf(pid, sizeof(pid), "%d", getpid());
		if (fd < 0 || write(fd, pid, strlen(pid)) < 0)
			_exit(2);
		for (size_t i = 0; i < 64UL << 20; i += PAGE) {
			*at = p + i;
			p[i] = 1;
		}
		_exit(0);
	}
	if (wait(&status) < 0 || !WIFSIGNALED(status))
		lacking("cgroup");
	else
		say(*at, "out_of_memory", "cgroup_limit");
}

int main(int argc, char **argv)
{
	static char alternate[65536];
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	if (argc < 2)
		return 2;
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	files(argv[1]);
	rights();
	guards();
	stacks();
	by_users();
	lost_page();
	driver();
	huge_pages();
	if (argc > 2)
		group(argv[2]);
	return 0;
}
