// SPDX-License-Identifier: GPL-2.0
/*
 * Finds which instructions touch memory of which kind. If stacks were recorded, a site is the first
 * caller outside of the C library; else it is the instruction itself, which may be the library's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "base/tool.h"
#include "symbolize/symbol.h"
#include "symbolize/unwind.h"
#include "tracer/decode.h"
#include "why/ledger.h"

#define BUCKETS	16384

static struct ledger_site *sites[BUCKETS];

/* The caller for the fault that is told next, if its stack was recorded; tid is 0 if not. */
static struct caller {
	__u32 tid;
	__u64 ip;
	char text[96];
} caller;

static bool is_library(const char *name)
{
	const char *slash = strrchr(name, '/');

	name = slash ? slash + 1 : name;
	return !strncmp(name, "libc.so", 7) || !strncmp(name, "libc-", 5) ||
	       !strncmp(name, "ld-linux", 8) || !strncmp(name, "[vdso", 5);
}

static void note_stack(struct mm *mm, const struct raw_stack *raw)
{
	static struct unwound unwound;

	caller.tid = 0;
	unwind(mm, raw, &unwound);
	for (size_t i = 0; i < unwound.n; i++) {
		__u64 ip = unwound.at[i].address;
		const struct vma *vma = mm_at(mm, ip - !unwound.at[i].exact);
		const char *name = vma ? names_of(vma, mm) : NULL, *slash;

		if (!name || !*name || is_library(name))
			continue;
		slash = strrchr(name, '/');
		caller.tid = raw->e.tid;
		caller.ip = ip;
		snprintf(caller.text, sizeof(caller.text), "%.60s+0x%llx", slash ? slash + 1 : name,
			 ip - vma->start + vma_pgoff(vma) * proc_page_size());
		return;
	}
}

/**
 * sites_with_stacks - unwind the stacks of a recording and use callers as sites
 */
void sites_with_stacks(void)
{
	static const struct raw_sums sums = { .stack = note_stack };

	raw_sum_up(&sums);
}

static struct ledger_site *site_get(const struct mmscope_event *e, __u64 ip, enum ledger_kind kind)
{
	__u64 hash = (ip ^ (__u64)e->mm << 40 ^ (__u64)kind << 32) * 0x61c8864680b583ebULL;
	struct ledger_site **head = &sites[hash >> 50], *site = *head;

	while (site && (site->ip != ip || site->mm != e->mm || site->kind != kind))
		site = site->next;
	if (site)
		return site;
	site = calloc(1, sizeof(*site));
	if (!site)
		abort();
	site->mm = e->mm;
	site->ip = ip;
	site->kind = kind;
	site->next = *head;
	*head = site;
	return site;
}

/**
 * sites_note - take note of a fault
 * @e: its record
 * @vma: the VMA in which it happened, or NULL
 * @again: it is in a page that was given back
 */
void sites_note(const struct mmscope_event *e, const struct ledger_vma *vma, bool again)
{
	bool called = caller.tid && caller.tid == e->tid;
	struct ledger_site *site = site_get(e, called ? caller.ip : e->ip,
					    vma ? vma->kind : KIND_OTHER);
	const char *text;

	if (!*site->text) {
		text = called ? caller.text : symbol_of(e);
		snprintf(site->text, sizeof(site->text), "%.95s", text && *text ? text : "?");
	}
	caller.tid = 0;
	site->faults.count++;
	site->faults.pages += e->npages;
	site->faults.ns += e->ns;
	site->again += again;
}

static int compare(const void *a, const void *b)
{
	const struct ledger_site *x = *(struct ledger_site *const *)a;
	const struct ledger_site *y = *(struct ledger_site *const *)b;

	if (x->faults.pages != y->faults.pages)
		return x->faults.pages < y->faults.pages ? 1 : -1;
	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

/**
 * sites_of - all sites of an address space, the one that touched most pages first
 * @mm: number of the address space
 * @list: is set to an array of the sites; the caller frees the array
 *
 * Return: how many sites
 */
size_t sites_of(__u32 mm, struct ledger_site ***list)
{
	size_t n = 0, room = 0;

	*list = NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct ledger_site *site = sites[i]; site; site = site->next) {
			if (site->mm != mm)
				continue;
			if (n == room) {
				room = 2 * room + 64;
				*list = realloc(*list, room * sizeof(**list));
				if (!*list)
					abort();
			}
			(*list)[n++] = site;
		}
	if (n)
		qsort(*list, n, sizeof(**list), compare);
	return n;
}
