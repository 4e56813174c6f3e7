// SPDX-License-Identifier: GPL-2.0
/*
 * Shared or private, a file or nothing: what kinds of mappings are there?
 */
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define RW	(PROT_READ | PROT_WRITE)

/* The file has 'a' all over its first page and 'b' in its second. */
static int make_file(void)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	char page[4096];

	if (fd < 0)
		skip("no memfd: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		memset(page, 'a' + i, sizeof(page));
		for (size_t n = 0; n < len(1); n += sizeof(page))
			if (write(fd, page, sizeof(page)) < 0)
				skip("no room in a memfd: %s", strerror(errno));
	}
	return fd;
}

static char in_file(int fd, size_t page)
{
	char c = 0;

	return pread(fd, &c, 1, len(page)) == 1 ? c : 0;
}

static const char *name_at(const void *address)
{
	static struct proc_map map;
	const char *slash;

	map = proc_at(address);
	slash = strrchr(map.path, '/');
	return slash ? slash + 1 : map.path[0] ? map.path : "nothing";
}

static long kib(const char *field, const struct region *m)
{
	return proc_smaps(field, (uintptr_t)at(m, 0), (uintptr_t)at(m, 1));
}

/**
 * struct kind - one of them
 * @title: of it
 * @flags: MAP_*
 * @page: of the file; -1 for no file
 * @name: in /proc/self/maps
 * @before: what is read first
 * @anonymous: KiB that are anonymous after a write
 * @written: what is in the file then
 */
struct kind {
	const char *title;
	int flags;
	int page;
	const char *name;
	char before;
	long anonymous;
	char written;
};

static const struct kind kinds[] = {
	{ "private, anonymous", MAP_PRIVATE | MAP_ANONYMOUS, -1, "nothing", 0, 4, 0 },
	{ "shared, anonymous", MAP_SHARED | MAP_ANONYMOUS, -1, "zero (deleted)", 0, 0, 0 },
	{ "private, file", MAP_PRIVATE, 0, "memfd:file (deleted)", 'a', 4, 'a' },
	{ "private, file, offset 4096", MAP_PRIVATE, 1, "memfd:file (deleted)", 'b', 4, 'b' },
	{ "shared, file", MAP_SHARED, 0, "memfd:file (deleted)", 'a', 0, 'X' },
	{ "shared, file, offset 4096", MAP_SHARED, 1, "memfd:file (deleted)", 'b', 0, 'X' },
};

static void one(const struct kind *kind)
{
	struct region *m = reserve(1, NULL);
	int fd = kind->page < 0 ? -1 : make_file();
	size_t page = kind->page < 0 ? 0 : kind->page;

	STEP("%s: map and read", kind->title) {
		expect("errno none, byte %d", kind->before);
		expect("called %s", kind->name);
		ACT(mmap(at(m, 0), len(1), RW, kind->flags | MAP_FIXED, fd, len(page)));
		read_at(at(m, 0));
		see_text("called", "%s", name_at(at(m, 0)));
	}
	STEP("write X") {
		expect("anonymous %ld KiB, rss 1", kind->anonymous * (long)len(1) / 4096);
		if (fd >= 0)
			expect("in the file %c", kind->written);
		write_at(at(m, 0), 'X');
		see("anonymous", kib("Anonymous:", m) * 1024);
		see_text("in the file", "%c", fd >= 0 ? in_file(fd, page) : '-');
	}
	drop(m);
	if (fd >= 0)
		close(fd);
}

#define MANY	4096	/* pages: the counters lag by some dozens */

/* What a mapping counts as, when the whole of it is written: RssShmem, or RssAnon. */
static void counts(const char *title, int flags, bool shmem)
{
	struct region *m = reserve(MANY, NULL);

	STEP("%s: write %d pages", title, MANY) {
		expect("RssShmem +%zu..%zu KiB", shmem ? (size_t)(len(MANY - MANY / 8) >> 10) : 0,
		       shmem ? (size_t)(len(MANY) >> 10) : len(MANY / 8) >> 10);
		ACT(mmap(at(m, 0), len(MANY), RW, flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		write_pages(m, 0, MANY - 1);
	}
	drop(m);
}

static void limits(void)
{
	struct region *m = reserve(2, NULL);
	int fd = make_file();

	STEP("a file from offset 100") {
		expect("errno EINVAL, vmas 0");
		note("Pages are mapped: the offset must be that of one.");
		ACT(mmap(at(m, 0), len(1), RW, MAP_PRIVATE | MAP_FIXED, fd, 100));
	}
	STEP("anonymous, with a descriptor") {
		expect("errno none, called nothing");
		note("MAP_ANONYMOUS wins; fd should be -1 for other systems' sake.");
		ACT(mmap(at(m, 0), len(1), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, fd, 0));
		see_text("called", "%s", name_at(at(m, 0)));
	}
	STEP("no MAP_ANONYMOUS, and fd -1") {
		expect("errno EBADF");
		ACT(mmap(at(m, 1), len(1), RW, MAP_PRIVATE | MAP_FIXED, -1, 0));
	}
	STEP("neither shared nor private") {
		expect("errno EINVAL");
		ACT(mmap(at(m, 1), len(1), RW, MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	}
	drop(m);
	close(fd);
}

static void run(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		one(&kinds[i]);
	counts("private, anonymous", MAP_PRIVATE, false);
	counts("shared, anonymous", MAP_SHARED, true);
	limits();
}

const struct experiment exp_map_kinds = {
	.name = "map-kinds",
	.question = "Shared, private, a file, none: what kinds of mapping exist?",
	.textbook =
		"A mapping is of a file or anonymous (fd -1), and shared or private; what is\n"
		"written to a private one does not come into the file.",
	.kernel =
		"Private and anonymous is memory of the process alone (no vm_ops). Shared and\n"
		"anonymous is a file in secret: shmem_zero_setup() in mm/shmem.c makes one on\n"
		"an internal tmpfs, which /proc/PID/maps calls /dev/zero (deleted); its pages\n"
		"count as RssShmem. A file's pages are those of the page cache, shared with\n"
		"read(2) and write(2). A write to a private page of a file copies it\n"
		"(do_cow_fault(), do_wp_page() in mm/memory.c): the copy is anonymous.",
	.look =
		"anonymous: 4 KiB where the write made a copy, or memory of the process; and\n"
		"RssShmem, which grows for memory that is shared, though no file has a name.",
	.next = "The same with a file on a disk: mind that MAP_SHARED marks it dirty.",
	.see = "private-cow, munmap-mmap12, fork",
	.words =
		"called: what /proc/self/maps calls it; anonymous: of its page, by smaps; "
		"byte: 97 is a, 98 is b; RssShmem: by /proc/self/status",
	.terse = true,
	.run = run,
};
