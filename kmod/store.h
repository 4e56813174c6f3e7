/* SPDX-License-Identifier: GPL-2.0 */
/* The pages behind the mappings of a file: store.c */
#ifndef MMSCOPE_STORE_H
#define MMSCOPE_STORE_H

#include <linux/bits.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define MMSCOPE_CHUNK_SHIFT	9
#define MMSCOPE_CHUNK		BIT(MMSCOPE_CHUNK_SHIFT)

/**
 * struct mmscope_chunk - 512 pages of a store
 * @page: filled by cmpxchg, or under store->lock with the drop flag; the store holds a reference
 */
struct mmscope_chunk {
	struct page *page[MMSCOPE_CHUNK];
};

/**
 * struct mmscope_store - the pages of one file
 * @pages: its size; every index is checked against it
 * @chunk: table of chunks, each filled by cmpxchg (page and pfn backing)
 * @buffer: the vmalloc backing
 * @users: with the drop flag: maps that have the page and faults that are about to, by page; under
 *	@lock
 * @lock: with the drop flag, protects @users and the page slots
 */
struct mmscope_store {
	unsigned long pages;
	struct mmscope_chunk **chunk;
	void *buffer;
	u32 *users;
	spinlock_t lock; /* users and slots, with the drop flag */
};

int mmscope_store_setup(struct mmscope_store *store, u32 backing, bool drop, unsigned long pages);
void mmscope_store_destroy(struct mmscope_store *store);
struct page *mmscope_store_get(struct mmscope_store *store, unsigned long pgoff);
int mmscope_store_insert(struct mmscope_store *store, struct vm_area_struct *vma,
			 unsigned long addr, unsigned long pgoff);
struct mmscope_chunk *mmscope_store_chunk(struct mmscope_store *store, unsigned long pgoff);
struct page *mmscope_store_fill(struct page **slot);
void mmscope_store_share(struct mmscope_store *store, unsigned long pgoff);
void mmscope_store_keep(struct mmscope_store *store, unsigned long pgoff);
void mmscope_store_put(struct mmscope_store *store, unsigned long pgoff);
void mmscope_store_swap(struct mmscope_store *store, struct mmscope_store *other);
int mmscope_store_held(struct mmscope_store *store, u64 *held);

/**
 * mmscope_store_page() - the page at an index of a page-backed store without the drop flag
 * @store: any such
 * @pgoff: checked here against the end
 *
 * May sleep. Runs concurrently with itself, also for the same page.
 *
 * Return: the page, the store's own reference; ERR_PTR(-EFAULT) behind the end, ERR_PTR(-ENOMEM).
 */
static __always_inline struct page *mmscope_store_page(struct mmscope_store *store,
						       unsigned long pgoff)
{
	struct mmscope_chunk *chunk;
	struct page **slot;

	if (unlikely(pgoff >= store->pages))
		return ERR_PTR(-EFAULT);
	chunk = READ_ONCE(store->chunk[pgoff >> MMSCOPE_CHUNK_SHIFT]);
	if (unlikely(!chunk))
		chunk = mmscope_store_chunk(store, pgoff);
	if (unlikely(!chunk))
		return ERR_PTR(-ENOMEM);
	slot = &chunk->page[pgoff & (MMSCOPE_CHUNK - 1)];
	return READ_ONCE(*slot) ?: mmscope_store_fill(slot);
}

#endif
