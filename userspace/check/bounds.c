// SPDX-License-Identifier: GPL-2.0
/*
 * B: memory behind the end. A driver that lets it be read has given away somebody else's, so the
 * first page that reads is the last that is tried.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

/* So many pages behind the end are asked for. */
#define BEHIND	16

static bool known(const struct target *target)
{
	if (target->extent)
		return true;
	check_tell(CHECK_SKIP, "nobody says where its memory ends: --extent");
	return false;
}

/* Return: was a page read that there is not? */
static bool reads(char *at, size_t from, size_t to, const char *how)
{
	uint64_t value;

	for (size_t i = from; i < to; i++) {
		if (memory_read(at + i * page_bytes() + MEMORY_MARK, &value))
			continue;
		check_tell(CHECK_FAIL, "%s, page %zu behind the end can be read", how, i - from);
		return true;
	}
	return false;
}

static size_t extent_pages(const struct target *target)
{
	return (target->extent + page_bytes() - 1) / page_bytes();
}

/* Longer than there is memory, from its begin; by one page is the commonest slip. */
void check_too_long(struct target *target)
{
	static const size_t more[] = { 1, BEHIND };
	size_t pages = extent_pages(target);

	if (!known(target))
		return;
	target_open(target);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		size_t bytes = (pages + more[i]) * page_bytes();
		char *at = target_try(target, bytes, target->kind.prot, target->kind.how,
				      target->offset);

		if (!at) {
			check_tell(CHECK_OK, "%zu pages too many are refused: %s", more[i],
				   strerrorname_np(errno));
			continue;
		}
		if (reads(at, pages, pages + more[i], "mapped with a length that is too great"))
			return;
		check_tell(CHECK_OK, "%zu pages too many are given, and cannot be touched",
			   more[i]);
		munmap(at, bytes);
	}
}

static bool behind(struct target *target, uint64_t offset, size_t pages, size_t good,
		   const char *how)
{
	char *at = target_try(target, pages * page_bytes(), target->kind.prot, target->kind.how,
			      offset);
	bool bad;

	if (!at)
		return false;
	bad = reads(at, good, pages, how);
	munmap(at, pages * page_bytes());
	return bad;
}

/* A length that is right, at an offset that makes it too long */
void check_behind(struct target *target)
{
	size_t bytes = extent_pages(target) * page_bytes();
	size_t pages = bytes / page_bytes();

	if (!known(target))
		return;
	target_open(target);
	if (behind(target, target->offset + bytes, 1, 0, "mapped at the offset of its end") ||
	    behind(target, target->offset + bytes, pages, 0, "mapped at the offset of its end"))
		return;
	behind(target, target->offset + bytes - page_bytes(), pages < 2 ? 2 : pages, 1,
	       "mapped at the offset of its last page");
}

/*
 * Offsets whose lower bits alone are good: of bytes and of pages, in 31, 32 and 63 bits; and those
 * from which a length leads back to 0.
 */
void check_truncated(struct target *target)
{
	static const uint64_t at[] = {
		1ULL << 31, 1ULL << 32, 1ULL << 43, 1ULL << 44, 1ULL << 62, 1ULL << 63,
	};
	size_t page = page_bytes(), pages = extent_pages(target);

	if (!known(target))
		return;
	target_open(target);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		if (at[i] < target->offset + pages * page)
			continue;
		if (behind(target, target->offset + at[i], 1, 0,
			   "mapped at an offset whose upper bits are cut off"))
			return;
	}
	if (behind(target, target->offset - page, 2, 0, "mapped from before its begin"))
		return;
	behind(target, 0 - 2 * page, pages < 2 ? 2 : pages, 0,
	       "mapped at an offset from which the length overflows");
}

/* mmap(2) was right, and mremap(2) asks nobody. */
void check_grown(struct target *target)
{
	size_t page = page_bytes(), pages = extent_pages(target), more;
	char *at;

	if (!known(target))
		return;
	target_open(target);
	at = target_try(target, pages * page, target->kind.prot, target->kind.how, target->offset);
	if (!at) {
		check_tell(CHECK_SKIP, "its whole extent cannot be mapped: %s",
			   strerrorname_np(errno));
		return;
	}
	more = (pages + BEHIND) * page;
	at = mremap(at, pages * page, more, MREMAP_MAYMOVE);
	if (at == MAP_FAILED)
		check_tell(CHECK_OK, "mremap(2) to more is refused: %s", strerrorname_np(errno));
	else if (!reads(at, pages, pages + BEHIND, "grown by mremap(2)"))
		check_tell(CHECK_OK, "grown by mremap(2), what is too much cannot be touched");
}
