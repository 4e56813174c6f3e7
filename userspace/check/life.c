// SPDX-License-Identifier: GPL-2.0
/*
 * L: what happens to VMAs inside of a process, and whether the pages are still the same.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

/**
 * struct thirds - a mapping in three parts
 * @n: pages that are looked at
 * @first: of the middle
 * @last: behind the middle
 */
struct thirds {
	size_t n;
	size_t first;
	size_t last;
};

static bool thirds(const struct target *target, struct thirds *part)
{
	part->n = target->kind.pages;
	part->first = part->n / 3;
	part->last = part->n - part->first;
	if (part->first)
		return true;
	check_tell(CHECK_SKIP, "it is too short to be parted: --length");
	return false;
}

static char *page_at(char *at, size_t i)
{
	return at + i * page_bytes();
}

static bool refused(const struct target *target, const char *what)
{
	check_tell(target->says & SAY_CUT ? CHECK_FAIL : CHECK_NOTE, "%s is refused: %s", what,
		   strerrorname_np(errno));
	return false;
}

static bool sides_agree(const struct target *target, char *at, const struct thirds *part,
			const char *when)
{
	return memory_agrees_again(target, page_at(at, part->last), part->last,
				   part->n - part->last, when) &&
	       memory_agrees_again(target, at, 0, part->first, when);
}

void check_cut(struct target *target)
{
	struct thirds part;
	char *at;

	if (!thirds(target, &part))
		return;
	at = target_map_learnt(target);
	if (!at)
		return;
	if (munmap(page_at(at, part.first), (part.last - part.first) * page_bytes()))
		refused(target, "munmap(2) of the middle");
	else
		sides_agree(target, at, &part, "after munmap(2) of the middle");
}

void check_move(struct target *target)
{
	char *at = target_map_learnt(target), *to = target_room(target->length);

	if (!at || !to)
		return;
	if (mremap(at, target->length, target->length, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		check_tell(CHECK_NOTE, "mremap(2) is refused: %s", strerrorname_np(errno));
	else
		memory_agrees_again(target, to, 0, target->kind.pages, "after mremap(2)");
}

void check_move_part(struct target *target)
{
	struct thirds part;
	char *at, *to;
	size_t bytes;

	if (!thirds(target, &part))
		return;
	at = target_map_learnt(target);
	bytes = (part.last - part.first) * page_bytes();
	to = target_room(bytes);
	if (!at || !to)
		return;
	if (mremap(page_at(at, part.first), bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		refused(target, "mremap(2) of the middle");
	else if (memory_agrees_again(target, to, part.first, part.last - part.first,
				     "after mremap(2) of the middle"))
		sides_agree(target, at, &part, "beside what mremap(2) has moved");
}

void check_map_over(struct target *target)
{
	struct thirds part;
	char *at;

	if (!thirds(target, &part))
		return;
	at = target_map_learnt(target);
	if (!at)
		return;
	if (mmap(page_at(at, part.first), (part.last - part.first) * page_bytes(), PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		refused(target, "MAP_FIXED over the middle");
	else
		sides_agree(target, at, &part, "after MAP_FIXED over the middle");
}

/* A split, and a merge where VMAs of the driver merge. */
void check_protect_part(struct target *target)
{
	struct thirds part;
	size_t bytes;
	char *at;

	if (!thirds(target, &part))
		return;
	at = target_map_learnt(target);
	if (!at)
		return;
	bytes = (part.last - part.first) * page_bytes();
	if (mprotect(page_at(at, part.first), bytes, PROT_NONE)) {
		refused(target, "mprotect(2) of the middle");
		return;
	}
	if (!sides_agree(target, at, &part, "beside what has lost its rights"))
		return;
	if (mprotect(page_at(at, part.first), bytes, target->kind.prot))
		check_tell(CHECK_FAIL, "rights cannot be had again: %s", strerrorname_np(errno));
	else
		memory_agrees_again(target, at, 0, part.n, "after mprotect(2) of the middle");
}

/* mm may make one VMA of them, which is closed once. */
void check_halves(struct target *target)
{
	size_t n = target->kind.pages / 2, bytes = n * page_bytes();
	char *at = target_room(2 * bytes);
	uint64_t value;

	if (!n || !at) {
		check_tell(CHECK_SKIP, "it is too short to be parted: --length");
		return;
	}
	target_open(target);
	if (!target_try_at(target, at, bytes, target->offset) ||
	    !target_try_at(target, at + bytes, bytes, target->offset + bytes)) {
		check_tell(CHECK_NOTE, "it cannot be mapped in halves: %s",
			   strerrorname_np(errno));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!memory_read(page_at(at + bytes, i) + MEMORY_MARK, &value))
			continue;
		check_tell(CHECK_NOTE, "mapped from its middle on, page %zu cannot be touched", i);
		return;
	}
	if (!memory_learn_some(target, at, 2 * n))
		return;
	if (!memory_agrees_again(target, at, 0, 2 * n, "mapped in halves, side by side"))
		return;
	munmap(at, bytes);
	memory_agrees_again(target, at + bytes, n, n, "when the first half was unmapped");
}

void check_two_mappings(struct target *target)
{
	char *at = target_map_learnt(target), *other;
	uint64_t value;

	if (!at)
		return;
	other = target_map(target);
	if (!other)
		return;
	if (memory_read(other + MEMORY_MARK, &value))
		check_tell(CHECK_FAIL, "a second mapping of the same file cannot be read");
	else if (target->kind.writes && value != target->seen[0])
		check_tell(CHECK_NOTE, "each mapping has memory of its own");
	target_unmap(target, other);
	memory_agrees_again(target, at, 0, target->kind.pages,
			    "when a second mapping was unmapped");
}
