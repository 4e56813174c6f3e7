// SPDX-License-Identifier: GPL-2.0
/*
 * System calls about memory that fail, for each reason by construction. "TID CALL ERRNO REASON" is
 * printed for each, in order; the program fails where the kernel returns another error than the
 * reason leads to. "no WHAT" is printed for what this machine does not have, "count VMAS LIMIT" for
 * the VMAs that /proc shows where there are too many.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
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

#define PAGE		4096UL
#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)
#define MANY	1000	/* VMAs, twice */
#define NOBODY		65534
#define MAX_LINES	128

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef SYS_mseal
#define SYS_mseal 462
#endif

/* Kept until nothing is in the way of printing them. */
static struct line {
	const char *call;
	const char *error;
	const char *reason;
} lines[MAX_LINES];

static int nr_lines;

static void print_lines(void)
{
	for (int i = 0; i < nr_lines; i++)
		printf("%d %s %s %s\n", getpid(), lines[i].call, lines[i].error, lines[i].reason);
	fflush(stdout);
	nr_lines = 0;
}

static void lacking(const char *what)
{
	printf("no %s\n", what);
}

static void is(const char *call, long result, int error, const char *reason)
{
	int was = errno;

	if (result == -1 && was == error && nr_lines < MAX_LINES) {
		lines[nr_lines++] = (struct line){ call, strerrorname_np(error), reason };
		return;
	}
	fprintf(stderr, "%s, %s: %ld %s, not %s\n", call, reason, result, strerrorname_np(was),
		strerrorname_np(error));
	exit(2);
}

static char *map(size_t pages, int prot, int flags, int fd)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

/* Nobody is beside them: each page is a VMA. */
static char *alone(size_t pages, int prot)
{
	char *p = map(pages + 2, PROT_NONE, ANON, -1);

	mprotect(p + PAGE, pages * PAGE, prot);
	return p + PAGE;
}

static void no_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset, int error,
		    const char *reason)
{
	is("mmap", (long)mmap(at, size, prot, flags, fd, offset), error, reason);
}

static void set_limit(int which, rlim_t bytes, struct rlimit *old)
{
	struct rlimit limit;

	getrlimit(which, old);
	limit = *old;
	limit.rlim_cur = bytes;
	setrlimit(which, &limit);
}

/* The call itself: it returns where the heap ends, of which the library makes an error or not. */
static void no_brk(void *end, const char *reason)
{
	errno = ENOMEM;
	is("brk", syscall(SYS_brk, end) == (long)end ? 0 : -1, ENOMEM, reason);
}

static void mmap_arguments(void)
{
	char *p = map(4, RW, ANON, -1);

	no_mmap(NULL, 0, RW, ANON, -1, 0, EINVAL, "length");
	no_mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0, EINVAL, "alignment");
	/* Not by the library, which looks at it before. */
	is("mmap", syscall(SYS_mmap, NULL, PAGE, RW, ANON, -1, 1), EINVAL, "alignment");
	no_mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0, EINVAL, "flags");
	no_mmap(NULL, PAGE, RW, MAP_PRIVATE, 1000, 0, EBADF, "fd");
	no_mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0, EEXIST, "obstacle");
	no_mmap(NULL, -PAGE, RW, ANON | MAP_NORESERVE, -1, 0, ENOMEM, "no_hole");
	no_mmap(NULL, 1UL << 46, RW, ANON, -1, 0, ENOMEM, "overcommit");
	no_mmap(NULL, 2UL << 30, RW, ANON | MAP_HUGETLB, -1, 0, ENOMEM, "no_huge_page");
}

static int sealed_file(int seals)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, 4 * PAGE) || fcntl(fd, F_ADD_SEALS, seals)) {
		perror("memfd");
		exit(2);
	}
	return fd;
}

static void files(const char *dir)
{
	char path[256];
	int fd, ends[2];
	char *p;

	snprintf(path, sizeof(path), "%s/mount", dir);
	mkdir(path, 0700);
	if (mount("failed", path, "tmpfs", MS_NOEXEC, NULL))
		exit(2);
	snprintf(path, sizeof(path), "%s/mount/file", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, PAGE) || pipe(ends))
		exit(2);
	no_mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0, EPERM, "noexec");
	no_mmap(NULL, PAGE, RW, MAP_SHARED, fd, -PAGE, EOVERFLOW, "offset");
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	no_mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0, EACCES, "file_mode");
	p = map(1, PROT_READ, MAP_SHARED, fd);
	is("mprotect", mprotect(p, PAGE, RW), EACCES, "file_mode");
	close(fd);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	no_mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0, EACCES, "file_mode");
	close(fd);
	no_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0, ENODEV, "no_mmap");
	snprintf(path, sizeof(path), "%s/mount", dir);
	umount2(path, MNT_DETACH);

	fd = sealed_file(F_SEAL_WRITE);
	no_mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0, EPERM, "file_seal");
	fd = sealed_file(F_SEAL_FUTURE_WRITE);
	p = map(1, PROT_READ, MAP_SHARED, fd);
	is("mprotect", mprotect(p, PAGE, RW), EACCES, "file_seal");
}

static void limits(void)
{
	struct rlimit old;

	set_limit(RLIMIT_AS, 1 << 20, &old);
	no_mmap(NULL, 16 * PAGE, RW, ANON, -1, 0, ENOMEM, "rlimit_as");
	setrlimit(RLIMIT_AS, &old);
	set_limit(RLIMIT_DATA, 1 << 12, &old);
	no_mmap(NULL, 16 * PAGE, RW, ANON, -1, 0, ENOMEM, "rlimit_data");
	no_brk((char *)sbrk(0) + (1 << 20), "rlimit_data");
	setrlimit(RLIMIT_DATA, &old);
}

static void heap(void)
{
	char *now = sbrk(0);
	char *above = (char *)(((uintptr_t)now + 3 * PAGE) & -PAGE);

	no_brk((void *)PAGE, "below_heap");
	if (mmap(above, PAGE, PROT_NONE, ANON | MAP_FIXED_NOREPLACE, -1, 0) != above)
		exit(2);
	no_brk(now + 64 * PAGE, "obstacle");
	munmap(above, PAGE);
}

static void ranges(void)
{
	char *p = alone(8, RW);

	is("munmap", munmap(p + 1, PAGE), EINVAL, "alignment");
	is("munmap", munmap(p, 0), EINVAL, "length");
	is("munmap", munmap(p, 1UL << 60), EINVAL, "range");
	is("mprotect", mprotect(p + 1, PAGE, RW), EINVAL, "alignment");
	is("mprotect", mprotect(p, PAGE, 0x80), EINVAL, "flags");
	is("pkey_mprotect", syscall(SYS_pkey_mprotect, p, PAGE, RW, 14), EINVAL, "pkey");
	is("madvise", madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL, "alignment");
	is("madvise", madvise(p, PAGE, 77), EINVAL, "flags");
	is("madvise", madvise(p, PAGE, MADV_REMOVE), EINVAL, "kind");
	munmap(p + 2 * PAGE, PAGE);
	is("mprotect", mprotect(p, 4 * PAGE, PROT_READ), ENOMEM, "not_mapped");
	is("madvise", madvise(p, 4 * PAGE, MADV_DONTNEED), ENOMEM, "not_mapped");
	is("mlock", mlock(p + 2 * PAGE, PAGE), ENOMEM, "not_mapped");
	is("munlock", munlock(p + 2 * PAGE, PAGE), ENOMEM, "not_mapped");
	is("mlock2", syscall(SYS_mlock2, p, PAGE, 8), EINVAL, "flags");
	is("mlockall", mlockall(64), EINVAL, "flags");
}

static void moves(void)
{
	char *p = alone(8, RW);

	is("mremap", (long)mremap(p + 1, PAGE, 2 * PAGE, 0), EINVAL, "alignment");
	is("mremap", (long)mremap(p, PAGE, 0, 0), EINVAL, "length");
	/* Not by the library, which knows them too. */
	is("mremap", syscall(SYS_mremap, p, PAGE, PAGE, 64, 0), EINVAL, "flags");
	is("mremap", (long)mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				  p + PAGE), EINVAL, "overlap");
	mprotect(p + 4 * PAGE, PAGE, PROT_READ);
	is("mremap", (long)mremap(p, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE), EFAULT, "two_vmas");
	is("mremap", (long)mremap(p, 4 * PAGE, 5 * PAGE, 0), ENOMEM, "obstacle");
	munmap(p, PAGE);
	is("mremap", (long)mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT, "not_mapped");
}

static void seals(void)
{
	char *p = alone(4, PROT_READ);

	if (syscall(SYS_mseal, p, 4 * PAGE, 0)) {
		lacking("mseal");
		return;
	}
	is("munmap", munmap(p + PAGE, PAGE), EPERM, "sealed");
	is("mprotect", mprotect(p + PAGE, PAGE, RW), EPERM, "sealed");
	is("mremap", (long)mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EPERM, "sealed");
	is("madvise", madvise(p, PAGE, MADV_DONTNEED), EPERM, "sealed");
	p = alone(4, RW);
	munmap(p + PAGE, PAGE);
	is("mseal", syscall(SYS_mseal, p, 3 * PAGE, 0), ENOMEM, "not_mapped");
	is("mseal", syscall(SYS_mseal, p, PAGE, 1), EINVAL, "flags");
	is("mseal", syscall(SYS_mseal, p + 1, PAGE, 0), EINVAL, "alignment");
}

static int open_uffd(char *p)
{
	struct uffdio_register range = {
		.range = { (uintptr_t)p, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		exit(2);
	return fd;
}

static void userfaultfds(void)
{
	char *from = map(1, RW, ANON, -1), *p = alone(4, RW);
	struct uffdio_register range = {
		.range = { (uintptr_t)p + 1, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_copy copy = { .dst = (uintptr_t)p, .src = (uintptr_t)from, .len = PAGE };
	int fd, other;

	is("userfaultfd", syscall(SYS_userfaultfd, 4), EINVAL, "flags");
	fd = open_uffd(p);
	other = open_uffd(p + 2 * PAGE);
	is("ioctl", ioctl(fd, UFFDIO_REGISTER, &range), EINVAL, "alignment");
	range.range.start = (uintptr_t)p;
	is("ioctl", ioctl(other, UFFDIO_REGISTER, &range), EBUSY, "other_uffd");
	*from = 1;
	if (ioctl(fd, UFFDIO_COPY, &copy))
		exit(2);
	copy.copy = 0;
	is("ioctl", ioctl(fd, UFFDIO_COPY, &copy), EEXIST, "page_there");
	copy.dst += PAGE;
	is("ioctl", ioctl(fd, UFFDIO_COPY, &copy), ENOENT, "not_registered");
	close(fd);
	close(other);
}

static long number_in(const char *path)
{
	long n = -1;
	FILE *f = fopen(path, "re");

	if (!f || fscanf(f, "%ld", &n) != 1)
		exit(2);
	fclose(f);
	return n;
}

static void set_number(const char *path, long n)
{
	FILE *f = fopen(path, "we");

	if (!f || fprintf(f, "%ld", n) < 0 || fclose(f)) {
		perror(path);
		exit(2);
	}
}

/* But for the vsyscall page, which is no VMA. */
static long count_vmas(void)
{
	static char text[1 << 20];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	long n = 0;

	for (ssize_t size; (size = read(fd, text, sizeof(text) - 1)) > 0;) {
		text[size] = '\0';
		for (char *at = text; (at = strchr(at, '\n')); at++)
			n++;
		n -= !!strstr(text, "[vsyscall]");
	}
	close(fd);
	return n;
}

/* The limit is everybody's: with so many VMAs here it is more than any other process has. */
static void have_many(void)
{
	char *p = map(2 * MANY, RW, ANON, -1);

	for (int i = 0; i < MANY; i++)
		if (mprotect(p + 2 * i * PAGE, PAGE, PROT_READ))
			exit(2);
}

static void too_many(void)
{
	const char *sysctl = "/proc/sys/vm/max_map_count";
	char *p = alone(8, RW), *q = alone(8, RW);
	long was = number_in(sysctl), n;
	FILE *f = fopen(sysctl, "we");

	have_many();
	n = count_vmas();
	if (!f || fprintf(f, "%ld", n) < 0 || fflush(f))
		exit(2);
	if (count_vmas() != n)
		exit(2);
	is("munmap", munmap(p + PAGE, PAGE), ENOMEM, "max_map_count");
	is("mprotect", mprotect(p + PAGE, PAGE, PROT_READ), ENOMEM, "max_map_count");
	is("mremap", (long)mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE), ENOMEM, "max_map_count");
	rewind(f);
	fprintf(f, "%ld", n - 1);
	fflush(f);
	no_mmap(NULL, PAGE, PROT_EXEC, ANON, -1, 0, ENOMEM, "max_map_count");
	fclose(f);
	set_number(sysctl, was);
	printf("count %ld %ld\n", n, n);
}

static void without_rights(void)
{
	struct rlimit old;
	char *p;

	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		exit(2);
	p = map(32, RW, ANON, -1);
	no_mmap((void *)PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0, EPERM, "mmap_min_addr");
	set_limit(RLIMIT_MEMLOCK, 4 * PAGE, &old);
	is("mlock", mlock(p, 8 * PAGE), ENOMEM, "rlimit_memlock");
	is("mlockall", mlockall(MCL_CURRENT), ENOMEM, "rlimit_memlock");
	no_mmap(NULL, 8 * PAGE, RW, ANON | MAP_LOCKED, -1, 0, EAGAIN, "rlimit_memlock");
	if (mlock(p, 2 * PAGE))
		exit(2);
	is("mremap", (long)mremap(p, 2 * PAGE, 9 * PAGE, MREMAP_MAYMOVE), EAGAIN,
	   "rlimit_memlock");
	set_limit(RLIMIT_MEMLOCK, 0, &old);
	is("mlock", mlock(p + 4 * PAGE, PAGE), EPERM, "rlimit_memlock");
	is("mlockall", mlockall(MCL_CURRENT), EPERM, "rlimit_memlock");
	if (!number_in("/proc/sys/vm/unprivileged_userfaultfd"))
		is("userfaultfd", syscall(SYS_userfaultfd, 0), EPERM, "privilege");
	print_lines();
}

static void in_child(void (*test)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		test();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		exit(2);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	mmap_arguments();
	files(argv[1]);
	limits();
	heap();
	ranges();
	moves();
	seals();
	userfaultfds();
	too_many();
	print_lines();
	in_child(without_rights);
	return 0;
}
