/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which mistakes there are, and what an open file has: of mmscope_mmaps.c alone.
 */
#ifndef MMSCOPE_DRIVERS_MISTAKES_H
#define MMSCOPE_DRIVERS_MISTAKES_H

#include <linux/mutex.h>
#include <linux/types.h>
#include "compat.h"

#define PAGES	16

/* How pages get into the page tables */
#define BY_PFN		0x0001	/* as page frames, by ->fault */
#define BY_INSERT	0x0002	/* by ->fault, itself */
#define BY_REMAP	0x0004	/* all at once */
/* Mistakes */
#define GROWS		0x0008	/* no VM_DONTEXPAND */
#define MAYWRITE	0x0010	/* VM_MAYWRITE whoever asks */
#define NO_WRITE	0x0020	/* refuses VM_WRITE, and keeps VM_MAYWRITE */
#define NO_EXEC		0x0040	/* refuses VM_EXEC, and keeps VM_MAYEXEC */
#define GRANTS		0x0080	/* VM_WRITE whoever asks */
#define COW_PFN		0x0100	/* does not refuse private mappings of page frames */
#define OWN_PAGE	0x0200	/* its page, writable, into private mappings */
#define FORGETS		0x0400	/* frees at the first ->close */
#define RESETS		0x0800	/* counts mappings from 1 at each mmap(2) */
#define FROM_START	0x1000	/* index from vm_start */
#define FROM_FIRST	0x2000	/* index from where it was mapped first */
#define ONE_PROCESS	0x4000	/* serves only who has mapped it */
#define AT_FLUSH	0x8000	/* frees at close(2) */
#define LEAKS_FAULT	0x10000	/* a page for each fault is lost */
#define LEAKS_OPEN	0x20000	/* a page for each open is lost */
#define OLD_DATA	0x40000	/* does not clear its pages for who comes next */
#define REUSES		0x80000	/* gives pages anew that somebody has pinned */
#define ADDRESSES	0x100000 /* lets addresses be read */
#define ANY_LENGTH	0x200000
#define ANY_OFFSET	0x400000
#define CUT_OFFSET	0x800000 /* the offset in bytes in 32 bits */
#define CUT_PAGES	0x1000000 /* the offset in pages in 32 bits, in a longer sum */
#define NO_BOUND	0x2000000 /* in ->fault */
#define WRONG_ACCESS	0x4000000 /* ->access reads another page */
#define NEVER_MAPS	0x8000000 /* answers NOPAGE for ever, of private mappings */
#define WARNS		0x10000000 /* has the kernel complain, of private mappings */
#define NO_OPEN		0x20000000 /* counts a mapping that is born otherwise at its end alone */
#define OWN_READ	0x40000000 /* as OWN_PAGE, where it is read first */
#define COMPLAINS	0x80000000 /* logs what the kernel might, of private mappings */
#define LACKS		0x100000000ULL /* answers OOM twice before it gives a page */
#define ROTATES		0x200000000ULL /* gives its pages by turns; they may only be read */
#define REFILLS		0x800000000ULL /* an ioctl has others use what is mapped */
#define CONVERTED	0x1000000000ULL /* has ->mmap_prepare and ->mapped, no mistake */
#define TWINS		0x400000000ULL /* gives each page for two indexes */

/**
 * struct kind - a driver
 * @name: of its device, and of the mistake
 * @is: how it works, and what it does wrong
 */
static const struct kind {
	const char *name;
	u64 is;
} kinds[] = {
	{ "page", 0 },
	{ "pfn", BY_PFN },
	{ "mixed", BY_INSERT },
	{ "remap", BY_REMAP },
	{ "grows", BY_PFN | GROWS },
	{ "maywrite", MAYWRITE },
	{ "no_write", NO_WRITE },
	{ "no_exec", NO_EXEC },
	{ "grants", GRANTS },
	{ "cow_pfn", BY_PFN | COW_PFN },
	{ "own_page", BY_INSERT | OWN_PAGE },
	{ "own_read", BY_INSERT | OWN_PAGE | OWN_READ },
	{ "forgets", FORGETS },
	{ "resets", RESETS },
	{ "from_start", FROM_START },
	{ "from_first", FROM_FIRST },
	{ "one_process", ONE_PROCESS },
	{ "at_flush", AT_FLUSH },
	{ "leaks_fault", LEAKS_FAULT },
	{ "leaks_open", LEAKS_OPEN },
	{ "old_data", OLD_DATA },
	{ "reuses", REUSES },
	{ "addresses", ADDRESSES },
	{ "any_length", ANY_LENGTH | NO_BOUND },
	{ "any_offset", ANY_OFFSET | NO_BOUND },
	{ "cut_offset", CUT_OFFSET },
	{ "cut_pages", CUT_PAGES },
	{ "no_bound", NO_BOUND },
	{ "wrong_access", BY_PFN | WRONG_ACCESS },
	{ "no_open", NO_OPEN },
	{ "never_maps", NEVER_MAPS },
	{ "warns", WARNS },
	{ "complains", COMPLAINS },
	{ "lacks", LACKS },
	{ "rotates", ROTATES },
	{ "twins", TWINS },
	{ "refills", REFILLS },
#ifdef HAVE_MAPPED
	{ "converted", CONVERTED },
	{ "converted_badly", CONVERTED | FORGETS },
#endif
};

/**
 * struct memory - what an open file has
 * @is: of its kind
 * @lock: for mappings that come and go
 * @pages: its pages, NULL where they were freed
 * @users: mappings, as far as the driver counts them
 * @owner: process that opened it
 * @first: address where it was mapped first
 * @faults: how many of them there were
 */
struct memory {
	u64 is;
	struct mutex lock;	/* protects what follows, but @owner */
	struct page *pages[PAGES];
	int users;
	pid_t owner;
	unsigned long first;
	unsigned int faults;
};

#endif
