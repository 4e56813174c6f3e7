// SPDX-License-Identifier: GPL-2.0
/*
 * The pages behind a mapping. A store belongs to an open file and is freed with it, so that what
 * munmap gives back (address space, RSS) and what stays with the driver can be told apart. With
 * the drop flag a page goes back as soon as no map has it.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal.h"

#define STORE_GFP	(GFP_HIGHUSER | __GFP_ZERO | __GFP_ACCOUNT)

/*
 * The caller chose the size: what is not there is no reason for a warning, or to kill anybody. The
 * flag says so for the pages; page tables are allocated without it, so a part is left for them and
 * for others.
 */
static void *create_buffer(unsigned long pages)
{
	unsigned long available = si_mem_available();
	unsigned long i;
	void *buffer;

	if (pages > available - available / 16)
		return NULL;
	buffer = __vmalloc(array_size(pages, PAGE_SIZE), GFP_KERNEL_ACCOUNT | __GFP_ZERO |
			   __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	for (i = 0; buffer && i < pages; i++) {
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "mmscope vmalloc page %lu\n", i);
		cond_resched();
		if (fatal_signal_pending(current)) {
			vfree(buffer);
			return NULL;
		}
	}
	return buffer;
}

static void free_chunk(struct mmscope_chunk *chunk)
{
	unsigned long i;

	if (!chunk)
		return;
	for (i = 0; i < MMSCOPE_CHUNK; i++)
		if (chunk->page[i])
			put_page(chunk->page[i]);
	kfree(chunk);
	cond_resched();
}

static unsigned long nr_chunks(const struct mmscope_store *store)
{
	return DIV_ROUND_UP(store->pages, MMSCOPE_CHUNK);
}

/**
 * mmscope_store_destroy() - give back all of a store
 * @store: nobody maps it any more, or ever has
 */
void mmscope_store_destroy(struct mmscope_store *store)
{
	unsigned long i;

	for (i = 0; store->chunk && i < nr_chunks(store); i++)
		free_chunk(store->chunk[i]);
	kvfree(store->chunk);
	kvfree(store->users);
	vfree(store->buffer);
	store->chunk = NULL;
	store->users = NULL;
	store->buffer = NULL;
	store->pages = 0;
}

/**
 * mmscope_store_setup() - make a store; pages come when they are asked for (vmalloc: at once)
 * @store: filled, but for its lock; nobody else knows it
 * @backing: MMSCOPE_PAGE, MMSCOPE_VMALLOC or MMSCOPE_PFN
 * @drop: count who has a page
 * @pages: size, at least 1
 *
 * Return: 0, or -ENOMEM, also for a fatal signal.
 */
int mmscope_store_setup(struct mmscope_store *store, u32 backing, bool drop, unsigned long pages)
{
	*store = (struct mmscope_store) { .pages = pages };
	if (backing == MMSCOPE_VMALLOC)
		store->buffer = create_buffer(pages);
	else
		store->chunk = kvcalloc(nr_chunks(store), sizeof(*store->chunk),
					GFP_KERNEL_ACCOUNT);
	if (drop)
		store->users = kvcalloc(pages, sizeof(*store->users), GFP_KERNEL_ACCOUNT);
	if ((store->buffer || store->chunk) && (!drop || store->users))
		return 0;
	mmscope_store_destroy(store);
	return -ENOMEM;
}

/**
 * mmscope_store_swap() - exchange what two stores have, but for their locks
 * @store: nobody maps it, or ever has
 * @other: likewise
 */
void mmscope_store_swap(struct mmscope_store *store, struct mmscope_store *other)
{
	swap(store->pages, other->pages);
	swap(store->chunk, other->chunk);
	swap(store->buffer, other->buffer);
	swap(store->users, other->users);
}

/**
 * mmscope_store_chunk() - the chunk of an index where there was none
 * @store: has a table of chunks
 * @pgoff: inside
 *
 * Return: the chunk, or NULL without memory.
 */
struct mmscope_chunk *mmscope_store_chunk(struct mmscope_store *store, unsigned long pgoff)
{
	struct mmscope_chunk *chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	struct mmscope_chunk *other;

	if (!chunk)
		return NULL;
	other = cmpxchg(&store->chunk[pgoff >> MMSCOPE_CHUNK_SHIFT], NULL, chunk);
	if (!other)
		return chunk;
	kfree(chunk);
	return other;
}

/**
 * mmscope_store_fill() - the page of a slot that was empty
 * @slot: of a store without the drop flag
 *
 * Return: the page, the store's own reference, or ERR_PTR(-ENOMEM).
 */
struct page *mmscope_store_fill(struct page **slot)
{
	struct page *page = alloc_page(STORE_GFP);
	struct page *other;

	if (unlikely(!page))
		return ERR_PTR(-ENOMEM);
	other = cmpxchg(slot, NULL, page);
	if (likely(!other))
		return page;
	__free_page(page);
	return other;
}

/* The place of a page; the caller has checked pgoff against store->pages. */
static struct page **find_slot(struct mmscope_store *store, unsigned long pgoff)
{
	struct mmscope_chunk *chunk = READ_ONCE(store->chunk[pgoff >> MMSCOPE_CHUNK_SHIFT]);

	chunk = chunk ?: mmscope_store_chunk(store, pgoff);
	return chunk ? &chunk->page[pgoff & (MMSCOPE_CHUNK - 1)] : NULL;
}

/*
 * A count of users that is never reached by counting: a page with it stays until the file is
 * closed.
 */
#define FOR_EVER	U32_MAX

/*
 * The same for a store with the drop flag: a page may leave its slot at any moment that nobody is
 * counted in @users, so the count, the slot and the reference change together.
 */
static struct page *get_dropping(struct mmscope_store *store, struct page **slot, u32 *users)
{
	struct page *fresh = NULL;
	struct page *page;

	for (;;) {
		spin_lock(&store->lock);
		if (!*slot && fresh) {
			*slot = fresh;
			fresh = NULL;
		}
		page = *slot;
		if (page) {
			get_page(page);
			*users += *users != FOR_EVER;
		}
		spin_unlock(&store->lock);
		if (page)
			break;
		fresh = alloc_page(STORE_GFP);
		if (!fresh)
			return NULL;
	}
	if (fresh)
		__free_page(fresh);
	return page;
}

/**
 * mmscope_store_get() - the page at an index
 * @store: any
 * @pgoff: checked here against the end
 *
 * May sleep. Runs concurrently with itself, also for the same page. With the drop flag the caller
 * is counted as a user of the page: mmscope_map_give() makes that the map's count, or
 * mmscope_store_put() takes it back.
 *
 * Return: the page with a reference for the caller; ERR_PTR(-EFAULT) behind the end,
 * ERR_PTR(-ENOMEM).
 */
struct page *mmscope_store_get(struct mmscope_store *store, unsigned long pgoff)
{
	struct page **slot;
	struct page *page;

	if (unlikely(pgoff >= store->pages))
		return ERR_PTR(-EFAULT);
	if (unlikely(store->buffer)) {
		page = vmalloc_to_page(store->buffer + pgoff * PAGE_SIZE);
		get_page(page);
		return page;
	}

	if (unlikely(store->users)) {
		slot = find_slot(store, pgoff);
		page = slot ? get_dropping(store, slot, &store->users[pgoff]) : NULL;
		return page ?: ERR_PTR(-ENOMEM);
	}
	page = mmscope_store_page(store, pgoff);
	if (!IS_ERR(page))
		get_page(page);
	return page;
}

/**
 * mmscope_store_insert() - map a page of a store
 * @store: any
 * @vma: VM_MIXEDMAP
 * @addr: where, inside @vma
 * @pgoff: checked here against the end
 *
 * An entry that is there already (a racing fault, a private copy) is as good. With the drop flag,
 * the caller is counted as by mmscope_store_get() if this succeeds.
 *
 * Return: 0, or errors of mmscope_store_get() and vm_insert_page().
 */
int mmscope_store_insert(struct mmscope_store *store, struct vm_area_struct *vma,
			 unsigned long addr, unsigned long pgoff)
{
	struct page *page = mmscope_store_get(store, pgoff);
	int err;

	if (IS_ERR(page))
		return PTR_ERR(page);
	err = vm_insert_page(vma, addr, page);
	put_page(page);
	if (!err || err == -EBUSY)
		return 0;
	if (store->users)
		mmscope_store_put(store, pgoff);
	return err;
}

/**
 * mmscope_store_share() - a further map has a page, by fork
 * @store: with the drop flag
 * @pgoff: page that the parent's map is counted for
 */
void mmscope_store_share(struct mmscope_store *store, unsigned long pgoff)
{
	spin_lock(&store->lock);
	store->users[pgoff] += store->users[pgoff] != FOR_EVER;
	spin_unlock(&store->lock);
}

/**
 * mmscope_store_keep() - a page stays as long as the store
 * @store: with the drop flag
 * @pgoff: page that somebody is counted for, and that somebody has whom no map counts: an orphan
 */
void mmscope_store_keep(struct mmscope_store *store, unsigned long pgoff)
{
	spin_lock(&store->lock);
	store->users[pgoff] = FOR_EVER;
	spin_unlock(&store->lock);
}

/**
 * mmscope_store_put() - a user of a page is none any more; the last one frees it
 * @store: with the drop flag
 * @pgoff: page that the user was counted for, by mmscope_store_get() or mmscope_store_share()
 */
void mmscope_store_put(struct mmscope_store *store, unsigned long pgoff)
{
	struct page **slot = find_slot(store, pgoff);
	struct page *page = NULL;

	spin_lock(&store->lock);
	if (store->users[pgoff] != FOR_EVER && !--store->users[pgoff])
		swap(*slot, page);
	spin_unlock(&store->lock);
	if (page)
		put_page(page);
}

/**
 * mmscope_store_held() - how many pages a store holds now
 * @store: does not change in size any more
 * @held: counted by looking, since a counter would be a shared line in the fault path: pages, at
 *	the instant each was looked at
 *
 * Return: 0, or -EINTR: a fatal signal.
 */
int mmscope_store_held(struct mmscope_store *store, u64 *held)
{
	struct mmscope_chunk *chunk;
	unsigned long i;

	*held = store->buffer ? store->pages : 0;
	for (i = 0; !store->buffer && i < store->pages; i++) {
		if (!(i & (MMSCOPE_CHUNK - 1))) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EINTR;
		}
		chunk = READ_ONCE(store->chunk[i >> MMSCOPE_CHUNK_SHIFT]);
		if (!chunk)
			i |= MMSCOPE_CHUNK - 1;
		else if (READ_ONCE(chunk->page[i & (MMSCOPE_CHUNK - 1)]))
			++*held;
	}
	return 0;
}
