// SPDX-License-Identifier: GPL-2.0
/*
 * User instructions as program+offset. The ranges come from /proc/TID/maps while the process
 * lives, and are kept per mm: a program that is gone by then leaves plain addresses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/format.h"
#include "base/proc.h"
#include "symbolize/symbol.h"

#define MAX_OBJECTS	4096
#define NAME		40	/* characters of a name that are shown at most */
#define TEXT		(NAME + 24)

/**
 * struct gather - while the maps of one mm are walked
 * @mm: its id
 * @base: where the file seen last begins
 * @path: the file seen last
 */
struct gather {
	unsigned int mm;
	__u64 base;
	char path[4096];
};

static struct symbol_range *objects;
static size_t nr_objects;
static unsigned int missed_mm;	/* what was looked for last in vain: not again */
static __u64 missed_ip;
static void (*on_learn)(const struct symbol_range *range);
static bool past;	/* records are of the past: who has these numbers now is somebody else */

static void gather_one(const struct proc_map *map, void *arg)
{
	const char *slash = strrchr(map->path, '/');
	struct gather *gather = arg;
	struct symbol_range *o;

	if (strcmp(gather->path, map->path)) {
		gather->base = map->start;
		snprintf(gather->path, sizeof(gather->path), "%s", map->path);
	}
	if (map->rights[2] != 'x' || nr_objects == MAX_OBJECTS)
		return;
	o = &objects[nr_objects++];
	o->mm = gather->mm;
	o->start = map->start;
	o->end = map->end;
	o->base = gather->base;
	snprintf(o->name, sizeof(o->name), "%.31s", slash ? slash + 1 : map->path);
}

/* Drop what was known of an mm before its maps were read anew: among the first @old objects. */
static void forget(unsigned int mm, size_t old)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr_objects; i++)
		if (i >= old || objects[i].mm != mm)
			objects[kept++] = objects[i];
	nr_objects = kept;
}

static const struct symbol_range *find(unsigned int mm, __u64 ip)
{
	for (size_t i = 0; i < nr_objects; i++)
		if (objects[i].mm == mm && ip >= objects[i].start && ip < objects[i].end)
			return &objects[i];
	return NULL;
}

static void learn(const struct mmscope_event *e)
{
	struct gather gather = { .mm = e->mm };
	size_t before = nr_objects;
	bool first = true;

	if (!objects)
		objects = calloc(MAX_OBJECTS, sizeof(*objects));
	if (!objects)
		return;
	proc_maps(e->tid, gather_one, &gather);
	if (nr_objects == before)
		return;
	forget(e->mm, before);
	for (size_t i = 0; i < nr_objects; i++)
		if (objects[i].mm == e->mm && on_learn) {
			objects[i].first = first;
			on_learn(&objects[i]);
			first = false;
		}
}

/**
 * symbol_on_learn - have a function called for each range that /proc tells of
 * @learned: it
 */
void symbol_on_learn(void (*learned)(const struct symbol_range *range))
{
	on_learn = learned;
}

/**
 * symbol_learn - take note of what such a function was told
 * @range: by somebody in the past
 */
void symbol_learn(const struct symbol_range *range)
{
	if (!objects)
		objects = calloc(MAX_OBJECTS, sizeof(*objects));
	if (!objects)
		return;
	if (range->first)
		forget(range->mm, nr_objects);
	if (nr_objects == MAX_OBJECTS)
		return;
	objects[nr_objects] = *range;
	objects[nr_objects++].name[sizeof(range->name) - 1] = '\0';
}

/* A forked child begins with its parent's programs; it may be gone before its maps are read. */
static void inherit(const struct mmscope_event *e)
{
	size_t n = nr_objects;

	for (size_t i = 0; i < n && nr_objects < MAX_OBJECTS; i++)
		if (objects[i].mm == e->mm) {
			objects[nr_objects] = objects[i];
			objects[nr_objects++].mm = e->aux;
		}
}

/* Ask /proc for the programs of an mm, unless that was in vain before. */
static void look(const struct mmscope_event *e)
{
	if (find(e->mm, e->ip) || (missed_mm == e->mm && missed_ip == e->ip))
		return;
	learn(e);
	missed_mm = e->mm;
	missed_ip = e->ip;
}

/**
 * symbol_past - records are of the past: no process is to be asked for its maps
 */
void symbol_past(void)
{
	past = true;
}

/**
 * symbol_note - take note of which programs there are, while their process lives
 * @e: a record, also one that is not shown
 */
void symbol_note(const struct mmscope_event *e)
{
	/* For records of the tracer the VMAs are known, and maps need not be read. */
	if (e->flags & RECORD_F_WHOLE)
		return;
	if (e->type == MMSCOPE_FORK)
		inherit(e);
	else if (past)
		return;
	else if (e->type == MMSCOPE_NAME)
		learn(e);
	else if (record_of_page(e->type) && e->ip)
		look(e);
}

/* Where the file is mapped from: the lowest VMA of the same file that no gap parts from this. */
static __u64 base_of(const struct space *space, const struct area *area)
{
	const struct piece *below;
	__u64 base = area->start;

	while ((below = piece_below(space, base)) && below->end == base &&
	       below->area->image.file == area->image.file)
		base = below->start;
	return base;
}

/* Write an offset or an address at @at. */
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

/* Where the tracer keeps the address space, /proc need not be asked, and may be too late. */
static void by_model(const struct mmscope_event *e, char text[TEXT])
{
	const struct space *space = space_get(e->mm);
	const struct area *area = space ? space_at(space, e->ip) : NULL;
	const char *name = area ? names_of(area, space) : NULL;
	const char *slash = name ? strrchr(name, '/') : NULL;

	if (name && *name)
		offset_in(text, slash ? slash + 1 : name, e->ip - base_of(space, area));
	else
		add_number(text, e->ip);
}

/**
 * symbol_of - where in its program a fault happened
 * @e: a record that symbol_note() has seen
 *
 * Return: "program+0xoffset", or the bare address, or "" where there is no instruction; valid
 * until the next call
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
