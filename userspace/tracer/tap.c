// SPDX-License-Identifier: GPL-2.0
/*
 * Raw records for who keeps them: as they come, but for the addresses of the kernel. Each is
 * replaced by a number that stands for it wherever it occurs, so that records say of things the
 * same as before, and nobody learns where the kernel has them.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "bpf/tracer_abi.h"
#include "tracer/tap.h"
#include "tracer/vm_ops.h"

/**
 * struct number - what stands for an address
 * @address: 0 for none
 * @number: it
 */
struct number {
	__u64 address;
	__u64 number;
};

static const struct tracer_tap *tap;
static struct number *table;	/* a power of two of places, at most half of them taken */
static size_t places, taken;
static bool given;	/* something, since tap_drained() */

/* Room for any raw record but a stack, in which there is no address of the kernel. */
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
 * tracer_tap - have raw records given to somebody; before tracer_open()
 * @to: whom, or NULL for nobody any more
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

/* Replace an address. Return: is it seen for the first time? */
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
 * tap_hide - replace the kernel's addresses of a VMA, as in records
 * @image: as it is known
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

/* Replace all addresses of the kernel in a record. Return: how much of it is worth keeping */
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
 * What tells calls of hooks has addresses wherever one looks, and nobody asks to keep it. Sums are
 * made of the records of faults when they are read.
 */
static bool is_kept(unsigned int type)
{
	return type != RAW_OPS && type != RAW_CALL && type != RAW_FAULTS && type != RAW_SITE;
}

/**
 * tap_takes - give a record to who wants all
 * @raw: the record
 * @size: its bytes
 *
 * Return: need it not be looked at any further?
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
 * tap_open - does somebody want all records?
 */
bool tap_open(void)
{
	return tap;
}

/**
 * tap_drained - say that there was nothing more to be given
 */
void tap_drained(void)
{
	if (tap && given)
		tap->drained();
	given = false;
}
