// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the VMAs that are there, what each is for, and of which lineage it is. userspace/aspace
 * forgets a VMA before the records of its end are told, so its facts are kept here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "base/tool.h"
#include "why/ledger.h"

#define BUCKETS		65536
#define ARENA		(64ULL << 20)	/* glibc's HEAP_MAX_SIZE: arenas are aligned so */
#define MOST_GUARD	(1ULL << 20)	/* a guard has a few pages of 4 kB, or some of 64 kB */
#define HUGETLB		0x400000	/* VM_HUGETLB, the same on all kernels */
#define RIGHTS		(RAW_VM_READ | RAW_VM_WRITE | RAW_VM_EXEC)
#define TMPFS		0x01021994

static struct ledger_vma *vmas[BUCKETS];
static struct ledger_row *rows[BUCKETS];

/* Files of which some VMA is executable, by inode: they are programs and libraries. */
static struct executed {
	__u64 ino;
	__u32 dev;
} *executed;

static size_t nr_executed;

static bool is_executed(const struct vma_image *image)
{
	for (size_t i = 0; i < nr_executed; i++)
		if (executed[i].ino == image->ino && executed[i].dev == image->dev)
			return true;
	return false;
}

static void note_executed(const struct vma_image *image)
{
	if (!image->file || !(image->flags & RAW_VM_EXEC) || is_executed(image))
		return;
	executed = realloc(executed, (nr_executed + 1) * sizeof(*executed));
	if (!executed)
		abort();
	executed[nr_executed++] = (struct executed){ image->ino, image->dev };
}

/**
 * vmas_get - find a VMA that is there
 * @id: number of the VMA
 *
 * Return: NULL if it is not there
 */
struct ledger_vma *vmas_get(__u32 id)
{
	struct ledger_vma *vma = vmas[id % BUCKETS];

	while (vma && vma->id != id)
		vma = vma->next;
	return vma;
}

static __u32 root_of(const struct vma *vma)
{
	const struct vma *parent;

	while (vma->parent) {
		const struct ledger_vma *known = vmas_get(vma->parent);

		if (known && known->mm == vma->mm)
			return known->row->root;
		parent = vma_of_id(vma->parent);
		if (!parent || parent->mm != vma->mm)
			break;
		vma = parent;
	}
	return vma->id;
}

static struct ledger_row *row_get(const struct vma *vma)
{
	__u32 root = root_of(vma);
	struct ledger_row **head = &rows[root % BUCKETS], *row = *head;

	while (row && row->root != root)
		row = row->next;
	if (row)
		return row;
	row = calloc(1, sizeof(*row));
	if (!row)
		abort();
	row->root = root;
	row->mm = vma->mm;
	row->made_by = vma->born_by;
	row->next = *head;
	*head = row;
	return row;
}

static bool is_none(const struct vma *vma)
{
	return vma && !(vma->image.flags & RIGHTS) && !vma->image.file;
}

/*
 * glibc reserves 64 MiB without access rights for an arena, and gives rights to the part in use,
 * from the beginning on.
 */
static bool is_arena(const struct mm *mm, const struct vma *vma)
{
	const struct vma *above = mm_at(mm, vma->end);

	return vma->image.flags & RAW_VM_WRITE && !(vma->start % ARENA) &&
	       vma->end - vma->start <= ARENA &&
	       (vma->end - vma->start == ARENA || is_none(above));
}

/*
 * Is the VMA a thread's stack or its guard? The two were mapped as one, and mprotect(2) made them
 * two: the guard has no access rights and is directly below the stack. Where stacks follow each
 * other a guard has a stack on both sides; it belongs to the one above.
 */
static bool is_stack(const struct mm *mm, const struct vma *vma)
{
	const struct vma *below = vma->start ? mm_at(mm, vma->start - 1) : NULL;
	const struct vma *self = vma;

	if (is_none(vma)) {
		below = vma;
		self = mm_at(mm, vma->end);
	}
	return self && is_none(below) && below->end - below->start <= MOST_GUARD &&
	       !self->image.file && self->image.flags & RAW_VM_WRITE &&
	       !(self->image.flags & RAW_VM_SHARED) &&
	       self->end - self->start > below->end - below->start &&
	       root_of(self) == root_of(below) && self->born_by == SYS_mprotect;
}

static bool is_shmem(const struct vma *vma, const char *name)
{
	static const char *const begins[] = {
		"/dev/zero", "/memfd:", "/SYSV", "/dev/shm/", "[anon_shmem",
	};

	for (size_t i = 0; vma->image.file && i < ARRAY_SIZE(begins); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static enum ledger_kind kind_of(const struct mm *mm, const struct vma *vma,
				const char *name)
{
	if (vma->image.flags & HUGETLB)
		return KIND_HUGETLB;
	if (!strcmp(name, "[stack]"))
		return KIND_STACK;
	if (!strcmp(name, "[heap]"))
		return KIND_HEAP;
	if (*name == '[' && strncmp(name, "[anon", 5))
		return KIND_PROGRAM;
	if (vma->image.file && is_executed(&vma->image))
		return KIND_PROGRAM;
	if (is_shmem(vma, name))
		return KIND_SHMEM;
	if (vma->image.file)
		return KIND_FILE;
	if (is_arena(mm, vma))
		return KIND_ARENA;
	if (is_stack(mm, vma))
		return KIND_THREAD;
	/* execve(2) maps the zeroed data of a program behind the program's file. */
	if (vma->born_by == SYS_execve)
		return KIND_PROGRAM;
	return KIND_ANON;
}

static struct ledger_vma *ledger_vma_add(struct ledger_mm *mm, const struct vma *from)
{
	struct ledger_vma **head = &vmas[from->id % BUCKETS], *vma = calloc(1, sizeof(*vma));

	if (!vma)
		abort();
	vma->id = from->id;
	vma->mm = from->mm;
	vma->row = row_get(from);
	vma->row->vmas++;
	vma->next = *head;
	*head = vma;
	if (++mm->nr > mm->most)
		mm->most = mm->nr;
	return vma;
}

static void vma_gone(struct ledger_mm *mm, __u32 id)
{
	struct ledger_vma **at = &vmas[id % BUCKETS], *vma;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	vma = *at;
	if (!vma || vma->mm != mm->id)
		return;
	*at = vma->next;
	vma->row->vmas--;
	mm->nr--;
	free(vma);
}

static void refresh(struct ledger_mm *of, __u32 id)
{
	const struct vma *from = id ? vma_of_id(id) : NULL;
	const struct mm *mm = mm_get(of->id);
	struct ledger_vma *vma = vmas_get(id);
	const char *name;

	if (!from || !mm || !from->mapped || from->mm != of->id) {
		if (vma)
			vma_gone(of, id);
		return;
	}
	if (!vma)
		vma = ledger_vma_add(of, from);
	note_executed(&from->image);
	name = names_of(from, mm);
	name = name ? name : "";
	vma->start = from->start;
	vma->end = from->end;
	vma->flags = from->image.flags;
	vma->kind = kind_of(mm, from, name);
	vma->row->kind = vma->kind;
	vma->row->start = from->start;
	vma->row->end = from->end;
	if (*name)
		snprintf(vma->row->name, sizeof(vma->row->name), "%.63s", name);
}

static void note_apart(const struct mmscope_event *e)
{
	bool high = e->start == e->aux;
	struct ledger_vma *vma = vmas_get(high ? e->vma : e->parent);
	const struct ledger_vma *low = vmas_get(high ? e->parent : e->vma);

	if (!vma || !low)
		return;
	vma->low = low->row;
	vma->why = e->pages;
	vma->cause = e->cause;
	vma->told = true;
}

/*
 * Either half may have the new number. What is known of the lower border must stay with the lower
 * half.
 */
static void note_split(const struct mmscope_event *e)
{
	struct ledger_vma *one = vmas_get(e->vma), *other = vmas_get(e->parent);
	struct ledger_vma *low, *high;

	if (!one || !other || one == other)
		return;
	low = one->start < other->start ? one : other;
	high = low == one ? other : one;
	if (low == one) {
		low->low = high->low;
		low->why = high->why;
		low->cause = high->cause;
		low->told = high->told;
		low->cut_by = high->cut_by;
	}
	high->told = false;
	high->cut_by = e->cause;
}

/**
 * vmas_note - take note of a record that changes the set of VMAs
 * @mm: the address space
 * @e: the record; records come in the order of time
 * @early: the record is before the first instant
 */
void vmas_note(struct ledger_mm *mm, const struct mmscope_event *e, bool early)
{
	__u64 before = mm->nr;

	refresh(mm, e->vma);
	if (e->type != MMSCOPE_FORK && e->type != RECORD_EXEC && e->type != MMSCOPE_UNMAP &&
	    e->parent != e->vma)
		refresh(mm, e->parent);
	if (e->type == RECORD_APART)
		note_apart(e);
	if (e->type == MMSCOPE_SPLIT)
		note_split(e);
	if (mm->nr != before && !early)
		series_add(&mm->vmas_series, e->time_ns, (__s64)(mm->nr - before));
}

static int compare_vmas(const void *a, const void *b)
{
	const struct ledger_vma *x = *(struct ledger_vma *const *)a;
	const struct ledger_vma *y = *(struct ledger_vma *const *)b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/**
 * vmas_of - the VMAs of an address space, in the order of addresses
 * @mm: number of the address space
 * @list: is set to an array of the VMAs; the caller frees the array
 *
 * Return: how many VMAs
 */
size_t vmas_of(__u32 mm, struct ledger_vma ***list)
{
	size_t n = 0, room = 0;

	*list = NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct ledger_vma *vma = vmas[i]; vma; vma = vma->next) {
			if (vma->mm != mm)
				continue;
			if (n == room) {
				room = 2 * room + 64;
				*list = realloc(*list, room * sizeof(**list));
				if (!*list)
					abort();
			}
			(*list)[n++] = vma;
		}
	if (n)
		qsort(*list, n, sizeof(**list), compare_vmas);
	return n;
}

static int compare_rows(const void *a, const void *b)
{
	const struct ledger_row *x = *(struct ledger_row *const *)a;
	const struct ledger_row *y = *(struct ledger_row *const *)b;
	__s64 left = ledger_pages(x->rss), right = ledger_pages(y->rss);

	if (left != right)
		return left < right ? 1 : -1;
	return x->root < y->root ? -1 : x->root > y->root;
}

/**
 * rows_of - the lineages of an address space, the one with most pages first
 * @mm: number of the address space
 * @list: is set to an array of the lineages; the caller frees the array
 *
 * Return: how many lineages
 */
size_t rows_of(__u32 mm, struct ledger_row ***list)
{
	size_t n = 0, room = 0;

	*list = NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct ledger_row *row = rows[i]; row; row = row->next) {
			if (row->mm != mm)
				continue;
			if (n == room) {
				room = 2 * room + 64;
				*list = realloc(*list, room * sizeof(**list));
				if (!*list)
					abort();
			}
			(*list)[n++] = row;
		}
	if (n)
		qsort(*list, n, sizeof(**list), compare_rows);
	return n;
}
