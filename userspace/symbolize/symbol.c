// SPDX-License-Identifier: GPL-2.0
/*
 * User instructions as program+offset. For records of the module the ranges of programs come from
 * /proc/TID/maps while the process lives, and are kept for each mm: if a process ends before that,
 * its instructions are shown as addresses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/format.h"
#include "base/proc.h"
#include "symbolize/symbol.h"
#include "symbolize/symbols.h"

#define FEW		64	/* number of ranges that there is room for at first */
#define NAME		40	/* characters of a name that are shown at most */
#define TEXT		(NAME + 24)

/**
 * struct gather - state of walking the maps of a process
 * @mm: id of its address space
 * @base: first address of the file that was seen last
 * @path: path of that file
 */
struct gather {
	unsigned int mm;
	__u64 base;
	char path[4096];
};

/* Add a range. All ranges may have moved then. */
static struct symbol_range *add_range(void)
{
	if (symbols->nr_ranges == symbols->room) {
		symbols->room = symbols->room ? 2 * symbols->room : FEW;
		symbols->ranges = reallocarray(symbols->ranges, symbols->room,
					       sizeof(*symbols->ranges));
		if (!symbols->ranges)
			abort();
	}
	return &symbols->ranges[symbols->nr_ranges++];
}

static void gather_one(const struct proc_map *map, void *arg)
{
	const char *slash = strrchr(map->path, '/');
	struct gather *gather = arg;
	struct symbol_range *o;

	if (strcmp(gather->path, map->path)) {
		gather->base = map->start;
		snprintf(gather->path, sizeof(gather->path), "%s", map->path);
	}
	if (map->rights[2] != 'x')
		return;
	o = add_range();
	*o = (struct symbol_range){
		.mm = gather->mm,
		.start = map->start,
		.end = map->end,
		.base = gather->base,
	};
	snprintf(o->name, sizeof(o->name), "%.31s", slash ? slash + 1 : map->path);
}

/* Drop those of the first @old ranges that were known of an mm before its maps were read again. */
static void forget(unsigned int mm, size_t old)
{
	size_t kept = 0;

	for (size_t i = 0; i < symbols->nr_ranges; i++)
		if (i >= old || symbols->ranges[i].mm != mm)
			symbols->ranges[kept++] = symbols->ranges[i];
	symbols->nr_ranges = kept;
}

static const struct symbol_range *find(unsigned int mm, __u64 ip)
{
	const struct symbol_range *o = symbols->ranges, *end = o + symbols->nr_ranges;

	for (; o < end; o++)
		if (o->mm == mm && ip >= o->start && ip < o->end)
			return o;
	return NULL;
}

static void learn(const struct mmscope_event *e)
{
	struct gather gather = { .mm = e->mm };
	size_t before = symbols->nr_ranges;
	bool first = true;

	proc_maps(e->tid, gather_one, &gather);
	if (symbols->nr_ranges == before)
		return;
	forget(e->mm, before);
	for (size_t i = 0; i < symbols->nr_ranges; i++)
		if (symbols->ranges[i].mm == e->mm && symbols->on_learn) {
			symbols->ranges[i].first = first;
			symbols->on_learn(&symbols->ranges[i]);
			first = false;
		}
}

/**
 * symbol_on_learn - set a function that is called for each range that /proc tells
 * @learned: the function, or NULL for none
 */
void symbol_on_learn(void (*learned)(const struct symbol_range *range))
{
	symbols->on_learn = learned;
}

/**
 * symbol_learn - take a range from a recording
 * @range: what the function of symbol_on_learn() was given when it was recorded
 */
void symbol_learn(const struct symbol_range *range)
{
	struct symbol_range *o;

	if (range->first)
		forget(range->mm, symbols->nr_ranges);
	o = add_range();
	*o = *range;
	o->name[sizeof(o->name) - 1] = '\0';
}

/* A forked child has its parent's programs; it may have ended before its maps could be read. */
static void inherit(const struct mmscope_event *e)
{
	size_t n = symbols->nr_ranges;
	struct symbol_range *o;

	for (size_t i = 0; i < n; i++)
		if (symbols->ranges[i].mm == e->mm) {
			o = add_range();
			*o = symbols->ranges[i];
			o->mm = e->aux;
		}
}

/* Read the maps of an mm for an instruction, unless that was in vain for it before. */
static void look(const struct mmscope_event *e)
{
	if (find(e->mm, e->ip) || (symbols->missed_mm == e->mm && symbols->missed_ip == e->ip))
		return;
	learn(e);
	symbols->missed_mm = e->mm;
	symbols->missed_ip = e->ip;
}

/**
 * symbol_past - do not ask /proc any more, since records are of a recording
 */
void symbol_past(void)
{
	symbols->past = true;
}

/**
 * symbol_note - note which programs a process has, while it lives
 * @e: a record, even one that is not shown
 */
void symbol_note(const struct mmscope_event *e)
{
	/* Of records of the tracer the VMAs are known, so that maps need not be read. */
	if (e->flags & RECORD_F_WHOLE)
		return;
	if (e->type == MMSCOPE_FORK)
		inherit(e);
	else if (e->type == MMSCOPE_END)
		forget(e->mm, symbols->nr_ranges);
	else if (symbols->past)
		return;
	else if (e->type == MMSCOPE_NAME)
		learn(e);
	else if (record_of_page(e->type) && e->ip)
		look(e);
}

/* The address that a file is mapped from: that of its lowest VMA without a gap up to this one. */
static __u64 base_of(const struct mm *mm, const struct vma *vma)
{
	const struct map_range *below;
	__u64 base = vma->start;

	while ((below = range_below(mm, base)) && below->end == base &&
	       below->vma->image.file == vma->image.file)
		base = below->start;
	return base;
}

/* Write an offset or an address in hexadecimal digits. */
static void add_number(char *at, __u64 number)
{
	*at++ = '0';
	*at++ = 'x';
	at += format_hexadecimal(at, number, 1);
	*at = '\0';
}

static void offset_in(char text[TEXT], const char *name, __u64 offset)
{
	char *at = format_string(text, text + NAME, name, 0);

	*at++ = '+';
	add_number(at, offset);
}

/* Find the program in the VMAs that the tracer knows. To read /proc may be too late. */
static void by_model(const struct mmscope_event *e, char text[TEXT])
{
	const struct mm *mm = mm_get(e->mm);
	const struct vma *vma = mm ? mm_at(mm, e->ip) : NULL;
	const char *name = vma ? names_of(vma, mm) : NULL;
	const char *slash = name ? strrchr(name, '/') : NULL;

	if (name && *name)
		offset_in(text, slash ? slash + 1 : name, e->ip - base_of(mm, vma));
	else
		add_number(text, e->ip);
}

/**
 * symbol_of - write the instruction of a fault
 * @e: a record that symbol_note() has seen
 *
 * Return: "program+0xoffset", the address where the program is not known, or "" where the record
 *	has no instruction; valid until the next call
 */
const char *symbol_of(const struct mmscope_event *e)
{
	const struct symbol_range *o;
	static char text[TEXT];
	bool whole = e->flags & RECORD_F_WHOLE;

	if (!record_of_page(e->type) || !e->ip || (whole && e->type != MMSCOPE_FAULT))
		return "";
	if (whole) {
		by_model(e, text);
		return text;
	}
	o = find(e->mm, e->ip);
	if (o)
		offset_in(text, o->name, e->ip - o->base);
	else
		add_number(text, e->ip);
	return text;
}
