// SPDX-License-Identifier: GPL-2.0
/*
 * Where experiments work: a window of addresses that nothing else uses, with a slot for each
 * region, far from the next. So a VMA there is the experiment's, has no neighbours unless it
 * wants some, and is at the same address in every run.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "device/device.h"
#include "lab/step.h"

#define WINDOW		0x100000000000UL
#define SLOT		0x100000000UL
#define WINDOW_END	(WINDOW + MAX_REGIONS * SLOT)

struct region regions[MAX_REGIONS];

static size_t nr_regions;

/**
 * region_window - first address of the window
 */
__u64 region_window(void)
{
	return WINDOW;
}

/**
 * region_window_end - first address behind the window
 */
__u64 region_window_end(void)
{
	return WINDOW_END;
}

/**
 * at - address of a page
 * @r: of this region
 * @page: counted from its start; may lie outside
 */
void *at(const struct region *r, size_t page)
{
	return r->at + page * proc_page_size();
}

/**
 * len - bytes in so many pages
 * @pages: so many
 */
size_t len(size_t pages)
{
	return pages * proc_page_size();
}

/**
 * reserve - a slot of addresses with nothing in it
 * @pages: its length
 * @name: for pictures
 */
struct region *reserve(size_t pages, const char *name)
{
	struct region *r;

	if (nr_regions == MAX_REGIONS)
		experiment_bug("too many regions");
	r = &regions[nr_regions];
	r->at = (char *)WINDOW + nr_regions * SLOT;
	r->pages = pages;
	r->fd = -1;
	r->name = name;
	r->live = true;
	r->given = calloc(1, pages);
	nr_regions++;
	return r;
}

/**
 * watch - draw addresses that the process has anyway
 * @start: the first
 * @pages: how many
 * @name: for pictures
 */
struct region *watch(void *start, size_t pages, const char *name)
{
	struct region *r = reserve(pages, name);

	r->at = start;
	r->foreign = true;
	return r;
}

static int open_file(const struct mapping *m)
{
	struct mmscope_setup setup = {
		.backing = m->backing,
		.flags = m->flags,
		.pages = m->store ? m->store : m->from + m->pages,
		.error_nth = m->error_nth,
	};
	int fd;

	if (m->anonymous)
		return -1;
	if (m->file)
		return fcntl(m->file->fd, F_DUPFD_CLOEXEC, 0);
	fd = device_file(&setup);
	if (fd < 0)
		skip("the device refuses this setup: %s", strerror(-fd));
	return fd;
}

/**
 * map_region - mmap(2), as an act
 * @m: what and where
 *
 * Return: the region, also when mmap(2) failed
 */
struct region *map_region(const struct mapping *m)
{
	int flags = m->anonymous ? MAP_PRIVATE | MAP_ANONYMOUS :
		    m->private ? MAP_PRIVATE : MAP_SHARED;
	int prot = m->prot ? m->prot : PROT_READ | PROT_WRITE;
	struct region *r = reserve(m->room > m->pages ? m->room : m->pages, m->name);

	if (m->place)
		r->at = m->place;
	else
		flags |= MAP_FIXED_NOREPLACE;
	r->fd = open_file(m);
	r->pfn = m->backing == MMSCOPE_PFN;
	r->grows = m->flags & MMSCOPE_GROWABLE;
	ACT(mmap(r->at, len(m->pages), prot, flags | m->more, r->fd, len(m->from)));
	return r;
}

/**
 * read_pages - read one byte of each page
 * @r: of this region
 * @first: page
 * @last: page
 */
void read_pages(const struct region *r, size_t first, size_t last)
{
	syscall_touch(at(r, first), at(r, last), false);
}

/**
 * write_pages - write one byte to each page: 1 to the first, 2 to the second...
 * @r: of this region
 * @first: page
 * @last: page
 */
void write_pages(const struct region *r, size_t first, size_t last)
{
	syscall_touch(at(r, first), at(r, last), true);
}

/**
 * close_file - close the descriptor; mappings keep the file
 * @r: a region of the device
 */
void close_file(struct region *r)
{
	close(r->fd);
	r->fd = -1;
}

/**
 * drop - unmap what is left of a region and close its file, between steps
 * @r: the region
 */
void drop(struct region *r)
{
	if (!r->foreign)
		munmap(r->at, len(r->pages));
	if (r->fd >= 0)
		close_file(r);
	free(r->given);
	r->given = NULL;
	r->live = false;
}

/**
 * drop_all - drop every region
 */
void drop_all(void)
{
	for (size_t i = 0; i < nr_regions; i++)
		if (regions[i].live)
			drop(&regions[i]);
}

/**
 * region_of - which region an address lies in
 * @addr: the address
 */
struct region *region_of(__u64 addr)
{
	for (size_t i = nr_regions; i-- > 0;) {
		struct region *r = &regions[i];

		if (r->live && addr >= (uintptr_t)r->at && addr < (uintptr_t)at(r, r->pages))
			return r;
	}
	return NULL;
}

/**
 * region_given - the log tells that pages were given, or taken
 * @addr: the first one's address
 * @pages: how many
 * @given: or taken
 */
void region_given(__u64 addr, size_t pages, bool given)
{
	struct region *r = region_of(addr);
	size_t first;

	if (!r)
		return;
	first = (addr - (uintptr_t)r->at) / proc_page_size();
	for (size_t i = first; i < first + pages && i < r->pages; i++)
		r->given[i] = given;
}

/**
 * region_grows - may VMAs change without a record now?
 */
bool region_grows(void)
{
	for (size_t i = 0; i < nr_regions; i++)
		if (regions[i].live && regions[i].grows)
			return true;
	return false;
}
