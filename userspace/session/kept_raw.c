// SPDX-License-Identifier: GPL-2.0
/*
 * A file may have any bytes. So raw records of a recording are checked before the tracer has them,
 * which trusts what the BPF programs tell.
 */
#include "record/record.h"
#include "session/kept_records.h"

#define PAGES_MOST	(1LL << 44)	/* more pages than any address space has */
#define FAULT_MOST	(1U << 18)	/* pages that a fault maps at most: a huge page of 1 GiB */

/* Are counts of pages so small that sums and differences of them do not overflow? */
static bool are_counts(const struct raw_pages *pages)
{
	for (int i = 0; i < RAW_NR_RSS; i++)
		if (pages->before[i] > PAGES_MOST || pages->before[i] < -PAGES_MOST ||
		    pages->after[i] > PAGES_MOST || pages->after[i] < -PAGES_MOST)
			return false;
	return true;
}

/* Is the range of a stored VMA or hole a range? The end of a hole may be 0, for all addresses. */
static bool is_range(const union kept_raw *raw)
{
	bool stored = raw->e.type == RAW_STORE || raw->e.type == RAW_HAVE;

	if (raw->vma.vma.object && stored)
		return raw->e.start < raw->e.end;
	return raw->e.start < (raw->e.end ? raw->e.end : ~0ULL);
}

/**
 * kept_makes_sense - could the BPF programs have told a raw record?
 * @raw: the raw record; what it lacks is 0
 * @size: bytes that the recording has of it
 */
bool kept_makes_sense(const union kept_raw *raw, size_t size)
{
	const struct mmscope_event *e = &raw->e;

	if (size < sizeof(*e) || !e->mm)
		return size >= sizeof(*e) && e->type == MMSCOPE_LOST;
	switch (e->type) {
	case RAW_STORE:
	case RAW_CHANGE:
	case RAW_HAVE:
	case RAW_LOOKS:
		if (raw->vma.vma.object && raw->vma.vma.start >= raw->vma.vma.end)
			return false;
		return e->type == RAW_LOOKS || is_range(raw);
	case RAW_ZAP:
	case RAW_GONE:
	case RAW_ADVISE:
	case RAW_RSS:
		return are_counts(&raw->pages);
	case RAW_FILE:
		return raw->file.size <= sizeof(raw->file.parts);
	case RAW_STACK:
		return raw->stack.class < RECORD_NR_CLASSES && raw->stack.copied <= RAW_NOT_64 &&
		       raw->stack.end - raw->stack.start <= sizeof(raw->stack.bytes);
	case MMSCOPE_FAULT:
		if (!(e->flags & MMSCOPE_F_ERROR) && e->npages > FAULT_MOST)
			return false;
		/* MMSCOPE_F_REFAULT is set by tracer/again.c, and by nobody before. */
		return RECORD_CLASS(e->flags) < RECORD_NR_CLASSES &&
		       !(e->flags & MMSCOPE_F_REFAULT);
	}
	return true;
}

/**
 * kept_is_raw - is a record of this type one that the tracer decodes?
 * @type: type of a record in a recording
 */
bool kept_is_raw(unsigned int type)
{
	switch (type) {
	case MMSCOPE_FAULT:
	case MMSCOPE_LOST:
		return true;
	/* Sums of faults and calls of hooks are not recorded. */
	case RAW_FAULTS:
	case RAW_SITE:
	case RAW_OPS:
	case RAW_CALL:
		return false;
	}
	return type >= RAW_MM && type < RAW_TYPES;
}
