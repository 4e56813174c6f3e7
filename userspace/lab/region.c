// SPDX-License-Identifier: GPL-2.0
/*
 * Regions that experiments work in. They are in a window of addresses that nothing else uses, which
 * has a slot for each region, far from the next slot. So a VMA in the window is the experiment's,
 * has no neighbours unless the experiment makes them, and has the same address in every run.
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
 * region_window - the first address of the window
 */
__u64 region_window(void)
{
	return WINDOW;
}

/**
 * region_window_end - the first address behind the window
 */
__u64 region_window_end(void)
{
	return WINDOW_END;
}

/**
 * at - the address of a page
 * @r: a region
 * @page: number of the page from the start of the region; may be outside of it
 */
void *at(const struct region *r, size_t page)
{
	return r->at + page * proc_page_size();
}

/**
 * len - the number of bytes in some pages
 * @pages: number of pages
 */
size_t len(size_t pages)
{
	return pages * proc_page_size();
}

/**
 * reserve - take a slot of addresses with nothing in it
 * @pages: length
 * @name: name in pictures
 *
 * Return: the region; drop() frees what it owns
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
	if (!r->given)
		abort();
	nr_regions++;
	return r;
}

/**
 * watch - draw addresses at which the process has memory anyway
 * @start: first address
 * @pages: length
 * @name: name in pictures
 *
 * Return: the region; drop() frees what it owns
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
 * map_region - call mmap(2), as an act
 * @m: what is mapped, and where
 *
 * Return: the region, even if mmap(2) has failed
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
 * read_pages - read a byte of each page
 * @r: a region
 * @first: number of the first page
 * @last: number of the last page
 */
void read_pages(const struct region *r, size_t first, size_t last)
{
	syscall_touch(at(r, first), at(r, last), false);
}

/**
 * write_pages - write a byte to each page: 1 to the first, 2 to the second...
 * @r: a region
 * @first: number of the first page
 * @last: number of the last page
 */
void write_pages(const struct region *r, size_t first, size_t last)
{
	syscall_touch(at(r, first), at(r, last), true);
}

/**
 * close_file - close the descriptor of a region; mappings keep the file
 * @r: a region of the device
 */
void close_file(struct region *r)
{
	close(r->fd);
	r->fd = -1;
}

/**
 * drop - unmap what is left of a region and close its file; is called between steps
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
 * drop_all - drop all regions
 */
void drop_all(void)
{
	for (size_t i = 0; i < nr_regions; i++)
		if (regions[i].live)
			drop(&regions[i]);
}

/**
 * region_of - the region that an address is in
 * @addr: the address
 *
 * Return: the region, or NULL
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
 * region_given - note that the log tells pages as given, or as given back
 * @addr: address of the first page
 * @pages: number of pages
 * @given: they were given
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
 * region_grows - is there a region whose VMAs may change without a record?
 */
bool region_grows(void)
{
	for (size_t i = 0; i < nr_regions; i++)
		if (regions[i].live && regions[i].grows)
			return true;
	return false;
}
