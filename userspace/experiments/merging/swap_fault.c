// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to a page that is swapped out, and what does it cost to touch it again?
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define SIZE	"64M"
#define CONTROL	"/sys/class/zram-control/"
#define SOME	10

/* mkswap(8): the header is a page, its signature at the end */
struct header {
	char boot[1024];
	unsigned int version;
	unsigned int last_page;
};

static bool write_word(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);

	if (fd >= 0)
		close(fd);
	return written;
}

/* A zram device that nobody uses; one more, where none is free. */
static int find_device(void)
{
	char path[64], word[24];

	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), "/sys/block/zram%d/disksize", i);
		if (proc_word(path, word, sizeof(word)) && !strcmp(word, "0"))
			return i;
	}
	if (!proc_word(CONTROL "hot_add", word, sizeof(word)))
		skip("there is no zram to swap to: be root, modprobe zram");
	restore_write(CONTROL "hot_remove", word);
	return atoi(word);
}

static bool make_swap(const char *device)
{
	static char page[65536] __attribute__((aligned(4096)));
	struct header *header = (struct header *)page;
	int fd = open(device, O_WRONLY | O_CLOEXEC);
	bool written;

	header->version = 1;
	header->last_page = MIB(64) / len(1) - 1;
	memcpy(page + len(1) - 10, "SWAPSPACE2", 10);
	written = fd >= 0 && write(fd, page, len(1)) == (ssize_t)len(1) && !fsync(fd);
	if (fd >= 0)
		close(fd);
	return written;
}

static void get_swap(void)
{
	int number = find_device();
	char path[64], device[32];

	snprintf(path, sizeof(path), "/sys/block/zram%d/reset", number);
	restore_write(path, "1");
	snprintf(path, sizeof(path), "/sys/block/zram%d/disksize", number);
	if (!write_word(path, SIZE))
		skip("%s cannot be written: be root", path);
	snprintf(device, sizeof(device), "/dev/zram%d", number);
	restore_swap(device);
	if (!make_swap(device) || swapon(device, SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK))
		skip("swapon %s: %s", device, strerror(errno));
}

static long swapped(const struct region *m)
{
	static __u64 entries[65536];
	long n = 0;

	proc_pagemap((uintptr_t)m->at, m->pages, entries);
	for (size_t i = 0; i < m->pages; i++)
		n += (entries[i] & PAGEMAP_SWAPPED) != 0;
	return n;
}

static void check_that_it_swaps(void)
{
	struct region *m = MAP(.pages = 1, .anonymous = true);

	write_pages(m, 0, 0);
	madvise(at(m, 0), len(1), MADV_PAGEOUT);
	if (!swapped(m))
		skip("the kernel does not swap this process out (memory.swap.max of its cgroup?)");
	drop(m);
}

static void out(struct region *m)
{
	size_t pages = m->pages;

	STEP("write %zu pages", pages) {
		expect("minor %zu, rss %zu, swapped 0", pages, pages);
		write_pages(m, 0, pages - 1);
		see("swapped", swapped(m));
	}
	STEP("MADV_PAGEOUT: swap them out now") {
		expect("rss 0, swapped %zu, minor 0, major 0", pages);
		expect("space %zu, page tables +0 KiB", pages);
		note("s: the entries of the page table are still there; each holds the place of "
		     "its page in swap now, without the present bit. The kernel does the same "
		     "by itself when memory is short, with what was not used for long.");
		ACT(madvise(at(m, 0), len(pages), MADV_PAGEOUT));
		see("swapped", swapped(m));
	}
}

static void in(struct region *m)
{
	size_t pages = m->pages;

	STEP("read %d pages", SOME) {
		expect("major %d, minor 0, byte %d", SOME, SOME);
		expect("rss %d, swapped %zu, page tables +0 KiB", SOME, pages - SOME);
		note("Major faults: each had to wait for a read. No table was built, nothing was "
		     "cleared; do_swap_page() found the place in the entry.");
		read_pages(m, 0, SOME - 1);
		see("swapped", swapped(m));
	}
	STEP("read them again") {
		expect("major 0, minor 0, rss %d", SOME);
		note("Locality: what is used again and again is paid for once.");
		read_pages(m, 0, SOME - 1);
	}
	STEP("write %d others", SOME) {
		expect("major %d, minor 0, rss %d", SOME, 2 * SOME);
		note("One fault, not two: a page that is nobody else's is mapped to be written.");
		write_pages(m, SOME, 2 * SOME - 1);
	}
	STEP("MADV_DONTNEED, read page 0") {
		expect("rss 0, swapped 0, minor 1, major 0, byte 0");
		note("The places in swap are free again, nothing is read: a fresh zero page.");
		ACT(madvise(at(m, 0), len(pages), MADV_DONTNEED));
		read_pages(m, 0, 0);
		see("swapped", swapped(m));
	}
}

static void run(void)
{
	struct region *m;

	tune("/proc/sys/vm/page-cluster", "0");
	get_swap();
	check_that_it_swaps();
	m = MAP(.pages = param("pages"), .anonymous = true);
	out(m);
	in(m);
	drop(m);
}

const struct experiment exp_swap_fault = {
	.name = "swap-fault",
	.question = "What does it cost to touch a page that was swapped out?",
	.textbook =
		"The first access to a page builds its tables; if it was swapped out there is\n"
		"another page fault, which reads it from disk, but the tables exist.",
	.kernel =
		"shrink_folio_list() in mm/vmscan.c gives an anonymous page a place in swap,\n"
		"and try_to_unmap_one() (mm/rmap.c) writes that place into each entry of a\n"
		"page table that had the page, present bit clear. A touch is a fault again:\n"
		"handle_pte_fault() sees an entry that is neither empty nor present, and\n"
		"do_swap_page() in mm/memory.c reads the page, a major fault, and maps it. From\n"
		"a disk it reads neighbours as well (swapin_readahead(), vm.page-cluster), and\n"
		"leaves copies in the swap cache: a touch of those is a minor fault.\n"
		"\n"
		"This lesson swaps to zram, compressed memory; MADV_PAGEOUT is of 5.4. Pages\n"
		"of files are not swapped: they are dropped, and read again from their file.",
	.look = "swapped, rss and major: pages go out and come back, page tables stay.",
	.next = "--pages 4000; grep VmSwap /proc/*/status; vmstat 1: si and so.",
	.see = "lazy, fault-around, ptables",
	.words =
		"# present  . promised  s in swap  + some of these pages present\n\n"
		"swapped: pages in swap, by pagemap; major: faults that had to wait for a read",
	.params = { { "pages", "pages to swap out", 256, 64, 8000 } },
	.run = run,
};
