// SPDX-License-Identifier: GPL-2.0
/*
 * Gives raw records to a recorder as they come, but for the kernel's addresses in them. Each
 * address is replaced by a number, the same one wherever the address occurs. So the records tell
 * the same as before, and a recording does not say where the kernel has its objects.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "bpf/tracer_abi.h"
#include "tracer/tap.h"
#include "tracer/vm_ops.h"

/**
 * struct number - a number that stands for an address of the kernel
 * @address: the address, 0 for a free place in the table
 * @number: the number, from 1
 */
struct number {
	__u64 address;
	__u64 number;
};

static const struct tracer_tap *tap;
static struct number *table;	/* hash table with a power of two of places, half of them free */
static size_t places, taken;
static bool given;	/* a record was given since the last tap_drained() */

/*
 * Room for a copy of any raw record that may have an address of the kernel. A stack is larger, and
 * has none.
 */
static union {
	struct mmscope_event e;
	struct raw_vma vma;
	struct raw_pages pages;
	struct raw_file file;
	struct raw_name name;
	struct raw_call call;
	struct raw_failed failed;
} copy;

/**
 * tracer_tap - set the functions that are given raw records; is called before tracer_open()
 * @to: the functions, not copied; NULL to give records to nobody
 */
void tracer_tap(const struct tracer_tap *to)
{
	tap = to;
}

static struct number *place_of(__u64 address)
{
	size_t at = address * 0x61c8864680b583ebULL >> 20;

	while (table[at & (places - 1)].address && table[at & (places - 1)].address != address)
		at++;
	return &table[at & (places - 1)];
}

static void grow(void)
{
	struct number *old = table;
	size_t before = places;

	places = places ? 2 * places : 4096;
	table = calloc(places, sizeof(*table));
	if (!table)
		abort();
	for (size_t i = 0; i < before; i++)
		if (old[i].address)
			*place_of(old[i].address) = old[i];
	free(old);
}

/* Replace an address by its number; return whether the address is seen for the first time. */
static bool hide(__u64 *address)
{
	struct number *place;
	bool new;

	if (!*address)
		return false;
	if (2 * taken >= places)
		grow();
	place = place_of(*address);
	new = !place->address;
	if (new) {
		place->address = *address;
		place->number = ++taken;
	}
	*address = place->number;
	return new;
}

/**
 * tap_hide - replace the kernel's addresses of a VMA by their numbers
 * @image: the VMA as the kernel told it
 */
void tap_hide(struct vma_image *image)
{
	__u64 ops = image->ops;

	hide(&image->object);
	hide(&image->file);
	hide(&image->path);
	hide(&image->anon_vma);
	hide(&image->policy);
	hide(&image->uffd);
	hide(&image->named);
	if (hide(&image->ops))
		tap->ops(image->ops, hooks_of(ops), kallsyms_name(ops));
}

/* Replace all addresses of the kernel in the copy; return how many bytes of it are to be kept. */
static size_t hide_all(size_t size)
{
	switch (copy.e.type) {
	case RAW_STORE:
	case RAW_CHANGE:
	case RAW_HAVE:
	case RAW_LOOKS:
		tap_hide(&copy.vma.vma);
		break;
	case RAW_DUP:
	case RAW_ANON:
		hide(&copy.e.start);
		hide(&copy.e.end);
		break;
	case RAW_FREE:
		hide(&copy.e.start);
		break;
	case RAW_ZAP:
	case RAW_GONE:
	case RAW_ADVISE:
	case RAW_RSS:
		hide(&copy.pages.object);
		break;
	case RAW_FILE:
		hide(&copy.file.key);
		if (copy.file.size < sizeof(copy.file.parts))
			size = offsetof(struct raw_file, parts) + copy.file.size;
		break;
	case RAW_NAME:
	case RAW_CGROUP:
		hide(&copy.name.object);
		break;
	case RAW_FAILED:
		if (copy.failed.overcommit == 2)
			tap->commit();
		break;
	}
	return size;
}

/*
 * Is a raw record kept? Those of hooks have addresses of the kernel in many members, and nobody
 * asks for them later. Sums of faults are made again from the records of faults when they are read.
 */
static bool is_kept(unsigned int type)
{
	return type != RAW_OPS && type != RAW_CALL && type != RAW_FAULTS && type != RAW_SITE;
}

/**
 * tap_takes - give a raw record to the recorder, if there is one
 * @raw: the raw record
 * @size: of @raw, in bytes
 *
 * Return: true if the record need not be decoded
 */
bool tap_takes(const struct mmscope_event *raw, size_t size)
{
	if (!tap || !is_kept(raw->type))
		return false;
	given = true;
	if (raw->type == MMSCOPE_FAULT) {
		tap->fault(raw);
		return !tap->shown;
	}
	if (raw->type == RAW_STACK || size > sizeof(copy)) {
		tap->raw(raw, size);
		return false;
	}
	memcpy(&copy, raw, size);
	size = hide_all(size);
	tap->raw(&copy.e, size);
	return false;
}

/**
 * tap_open - are raw records recorded?
 */
bool tap_open(void)
{
	return tap;
}

/**
 * tap_drained - tell the recorder that the ring was read to its end
 */
void tap_drained(void)
{
	if (tap && given)
		tap->drained();
	given = false;
}
