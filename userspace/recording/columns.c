// SPDX-License-Identifier: GPL-2.0
/*
 * Faults stored by column. Among millions of faults most members are equal to those of the fault
 * before, or slightly larger. If each member has a row of its own, zstd packs the rows to about a
 * tenth, at little cost for each fault.
 */
#include <stdlib.h>
#include <string.h>
#include "recording/columns.h"
#include "recording/number.h"

#define PAGE_BITS	12	/* unit of address differences: 4 kB, whatever the page size is */

/* Bits of COLUMN_MASK: which members differ. Each bit is the number of the member's column. */
#define DIFFERS(column)	(1U << (column))
#define ADDR_IN_BYTES	DIFFERS(COLUMN_ADDR)	/* the address difference is in bytes */

/**
 * columns_make - allocate empty columns
 * @columns: to be filled; freed by columns_free(), also after a failure
 * @most: how many faults the columns shall hold
 *
 * Return: false without memory
 */
bool columns_make(struct columns *columns, unsigned int most)
{
	size_t size = (size_t)most * NUMBER_MOST;
	__u8 *room = malloc(NR_COLUMNS * size);

	if (!room)
		return false;
	for (int i = 0; i < NR_COLUMNS; i++)
		columns->base[i] = room + i * size;
	columns_empty(columns);
	return true;
}

/**
 * columns_free - free what columns_make() allocated, also if it failed
 * @columns: the columns
 */
void columns_free(struct columns *columns)
{
	free(columns->base[0]);
	memset(columns, 0, sizeof(*columns));
}

/**
 * columns_empty - drop all faults; the next fault is then stored without reference to an earlier
 *	one, because each block must be readable without the block before it
 * @columns: the columns of columns_make()
 */
void columns_empty(struct columns *columns)
{
	columns->nr = 0;
	memset(&columns->last, 0, sizeof(columns->last));
	memcpy(columns->at, columns->base, sizeof(columns->at));
}

static void put(struct columns *columns, enum column column, __u64 value)
{
	columns->at[column] = number_put(columns->at[column], value);
}

/* Store the members that seldom differ. Return: the bits of those that did */
static unsigned int put_rest(struct columns *columns, const struct mmscope_event *e)
{
	const struct mmscope_event *last = &columns->last;
	unsigned int mask = 0;

	if (e->pgoff != last->pgoff) {
		put(columns, COLUMN_PGOFF, number_fold(e->pgoff - last->pgoff));
		mask |= DIFFERS(COLUMN_PGOFF);
	}
	if (e->mm != last->mm) {
		put(columns, COLUMN_MM, e->mm);
		mask |= DIFFERS(COLUMN_MM);
	}
	if (e->vma != last->vma) {
		put(columns, COLUMN_VMA, e->vma);
		mask |= DIFFERS(COLUMN_VMA);
	}
	if (e->seq != last->seq) {
		put(columns, COLUMN_SEQ, e->seq);
		mask |= DIFFERS(COLUMN_SEQ);
	}
	if (e->tid != last->tid) {
		put(columns, COLUMN_TID, e->tid);
		mask |= DIFFERS(COLUMN_TID);
	}
	if (e->cause != last->cause) {
		put(columns, COLUMN_CAUSE, number_fold(e->cause));
		mask |= DIFFERS(COLUMN_CAUSE);
	}
	if (e->cpu != last->cpu) {
		put(columns, COLUMN_CPU, e->cpu);
		mask |= DIFFERS(COLUMN_CPU);
	}
	return mask;
}

/**
 * columns_put - append a fault
 * @columns: the columns; the caller takes care that there is room for one fault more
 * @e: the fault
 */
void columns_put(struct columns *columns, const struct mmscope_event *e)
{
	const struct mmscope_event *last = &columns->last;
	__s64 far = e->addr - last->addr;
	unsigned int mask;

	mask = put_rest(columns, e);
	put(columns, COLUMN_TIME, number_fold(e->time_ns - last->time_ns));
	put(columns, COLUMN_NS, e->ns);
	if (far & ((1 << PAGE_BITS) - 1)) {
		put(columns, COLUMN_ADDR, number_fold(far));
		mask |= ADDR_IN_BYTES;
	} else {
		put(columns, COLUMN_ADDR, number_fold(far >> PAGE_BITS));
	}
	if (e->ip != last->ip) {
		put(columns, COLUMN_IP, number_fold(e->ip - last->ip));
		mask |= DIFFERS(COLUMN_IP);
	}
	if (e->flags != last->flags) {
		put(columns, COLUMN_FLAGS, e->flags);
		mask |= DIFFERS(COLUMN_FLAGS);
	}
	if (e->npages != last->npages) {
		put(columns, COLUMN_NPAGES, e->npages);
		mask |= DIFFERS(COLUMN_NPAGES);
	}
	*columns->at[COLUMN_MASK]++ = mask;
	*columns->at[COLUMN_MASK]++ = mask >> 8;
	columns->last = *e;
	columns->nr++;
}

/**
 * columns_size - an upper bound of the bytes that columns_write() writes
 * @columns: the columns
 */
size_t columns_size(const struct columns *columns)
{
	size_t size = (NR_COLUMNS + 1) * NUMBER_MOST;

	for (int i = 0; i < NR_COLUMNS; i++)
		size += columns->at[i] - columns->base[i];
	return size;
}

/**
 * columns_write - write all columns, each behind its size
 * @columns: the columns
 * @at: memory with room for columns_size() bytes
 *
 * Return: behind the last byte that was written
 */
__u8 *columns_write(const struct columns *columns, __u8 *at)
{
	at = number_put(at, NR_COLUMNS);
	for (int i = 0; i < NR_COLUMNS; i++) {
		size_t size = columns->at[i] - columns->base[i];

		at = number_put(at, size);
		memcpy(at, columns->base[i], size);
		at += size;
	}
	return at;
}

/**
 * columns_read - find the columns that columns_write() wrote
 * @reader: to be filled, for columns_get(); it points into the bytes at *@at
 * @at: where the columns begin; is set to the byte behind them
 * @end: behind the last byte that may be read
 *
 * Columns that only a later version of the format has are skipped.
 *
 * Return: false when the bytes end within the columns, or columns are missing
 */
bool columns_read(struct column_reader *reader, const __u8 **at, const __u8 *end)
{
	__u64 nr, size;

	memset(reader, 0, sizeof(*reader));
	reader->last.type = MMSCOPE_FAULT;
	if (!number_get(at, end, &nr) || nr < NR_COLUMNS || nr > 1000)
		return false;
	for (__u64 i = 0; i < nr; i++) {
		if (!number_get(at, end, &size) || size > (__u64)(end - *at))
			return false;
		if (i < NR_COLUMNS) {
			reader->at[i] = *at;
			reader->end[i] = *at + size;
		}
		*at += size;
	}
	return true;
}

static bool get(struct column_reader *reader, enum column column, __u64 *value)
{
	return number_get(&reader->at[column], reader->end[column], value);
}

/* Read @value of a member if @mask says that it differs; clear @whole if its column has ended. */
static bool differs(struct column_reader *reader, unsigned int mask, enum column column,
		    bool *whole, __u64 *value)
{
	if (!(mask & DIFFERS(column)))
		return false;
	*whole &= get(reader, column, value);
	return *whole;
}

static bool get_rest(struct column_reader *reader, unsigned int mask)
{
	struct mmscope_event *e = &reader->last;
	bool whole = true;
	__u64 value;

	if (differs(reader, mask, COLUMN_PGOFF, &whole, &value))
		e->pgoff += number_unfold(value);
	if (differs(reader, mask, COLUMN_MM, &whole, &value))
		e->mm = value;
	if (differs(reader, mask, COLUMN_VMA, &whole, &value))
		e->vma = value;
	if (differs(reader, mask, COLUMN_SEQ, &whole, &value))
		e->seq = value;
	if (differs(reader, mask, COLUMN_TID, &whole, &value))
		e->tid = value;
	if (differs(reader, mask, COLUMN_CAUSE, &whole, &value))
		e->cause = number_unfold(value);
	if (differs(reader, mask, COLUMN_CPU, &whole, &value))
		e->cpu = value;
	if (differs(reader, mask, COLUMN_IP, &whole, &value))
		e->ip += number_unfold(value);
	if (differs(reader, mask, COLUMN_FLAGS, &whole, &value))
		e->flags = value;
	if (differs(reader, mask, COLUMN_NPAGES, &whole, &value))
		e->npages = value;
	return whole;
}

/**
 * columns_get - read the next fault
 * @reader: the reader of columns_read()
 *
 * Return: the fault, valid until the next call; NULL when one of the columns has ended
 */
const struct mmscope_event *columns_get(struct column_reader *reader)
{
	const __u8 **mask_at = &reader->at[COLUMN_MASK];
	struct mmscope_event *e = &reader->last;
	__u64 later, far, ns;
	unsigned int mask;

	if (reader->end[COLUMN_MASK] - *mask_at < 2)
		return NULL;
	mask = (*mask_at)[0] | (*mask_at)[1] << 8;
	*mask_at += 2;
	if (!get(reader, COLUMN_TIME, &later) || !get(reader, COLUMN_ADDR, &far) ||
	    !get(reader, COLUMN_NS, &ns) || !get_rest(reader, mask))
		return NULL;
	e->time_ns += number_unfold(later);
	e->ns = ns;
	if (mask & ADDR_IN_BYTES)
		e->addr += number_unfold(far);
	else
		e->addr += (__u64)number_unfold(far) << PAGE_BITS;
	return e;
}
