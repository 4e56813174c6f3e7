// SPDX-License-Identifier: GPL-2.0
/*
 * What is read from a file may be anything. A raw record is looked at before the tracer has it, who
 * trusts those that tell.
 */
#include "record/record.h"
#include "session/kept_records.h"

#define PAGES_MOST	(1LL << 44)	/* that can be counted: more than any address space has */
#define FAULT_MOST	(1U << 18)	/* pages that a fault maps: a huge one of 1 GiB */

/* Sums of counts, and differences of them, are to be numbers. */
static bool are_counts(const struct raw_pages *pages)
{
	for (int i = 0; i < RAW_NR_RSS; i++)
		if (pages->before[i] > PAGES_MOST || pages->before[i] < -PAGES_MOST ||
		    pages->after[i] > PAGES_MOST || pages->after[i] < -PAGES_MOST)
			return false;
	return true;
}

/* A hole may reach to the end of all, which is 0; a VMA does not. */
static bool is_range(const union kept_raw *raw)
{
	bool stored = raw->e.type == RAW_STORE || raw->e.type == RAW_HAVE;

	if (raw->vma.vma.object && stored)
		return raw->e.start < raw->e.end;
	return raw->e.start < (raw->e.end ? raw->e.end : ~0ULL);
}

/**
 * kept_makes_sense - is a record one that the programs could have told?
 * @raw: the record
 * @size: bytes that there were of it
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
		/* That is found out here. */
		return RECORD_CLASS(e->flags) < RECORD_NR_CLASSES &&
		       !(e->flags & MMSCOPE_F_REFAULT);
	}
	return true;
}

/**
 * kept_is_raw - is a record of this type for the tracer?
 * @type: of a record
 */
bool kept_is_raw(unsigned int type)
{
	switch (type) {
	case MMSCOPE_FAULT:
	case MMSCOPE_LOST:
		return true;
	/* Of sums, and of a driver's calls, nothing is recorded. */
	case RAW_FAULTS:
	case RAW_SITE:
	case RAW_OPS:
	case RAW_CALL:
		return false;
	}
	return type >= RAW_MM && type < RAW_TYPES;
}
