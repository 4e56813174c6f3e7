// SPDX-License-Identifier: GPL-2.0
/*
 * What VMAs are called in /proc/PID/maps: paths of files, put together from what the BPF programs
 * found in the directory cache when the file was first mapped; names given by the kernel or with
 * prctl(2); and what the place in the address space says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/aspaces.h"
#include "aspace/vma_name.h"
#include "base/kernel_rules.h"
#include "base/tool.h"

#define ANON_INODE_FS_MAGIC	0x09041934
#define DMA_BUF_MAGIC		0x444d4142

/**
 * struct text - a name under a key
 * @key: &vma_image.path
 * @name: the path
 * @next: in the table
 */
struct text {
	__u64 key;
	char *name;
	struct text *next;
};

/**
 * struct pending - what the VMA of a thread's next record is called
 * @name: it
 * @next: in the table
 */
struct pending {
	struct raw_name name;
	struct pending *next;
};

static struct text *find(__u64 key)
{
	struct text *text = aspaces->files[key * 0x61c8864680b583ebULL >> (64 - FILE_BITS)];

	while (text && text->key != key)
		text = text->next;
	return text;
}

static struct text *find_or_add(__u64 key)
{
	struct text **head = &aspaces->files[key * 0x61c8864680b583ebULL >> (64 - FILE_BITS)];
	struct text *text = find(key);

	if (text)
		return text;
	text = calloc(1, sizeof(*text));
	if (!text)
		abort();
	text->key = key;
	text->next = *head;
	*head = text;
	return text;
}

static char *pseudo_path(const struct raw_file *raw)
{
	char path[512];

	if (raw->magic == ANON_INODE_FS_MAGIC)
		snprintf(path, sizeof(path), "anon_inode:%.255s", raw->parts);
	else if (raw->magic == DMA_BUF_MAGIC)
		snprintf(path, sizeof(path), "/dmabuf:%.255s", raw->parts);
	else
		snprintf(path, sizeof(path), "/%.255s (deleted)", raw->parts);
	return strdup(path);
}

/* The parts come from the last to the first. */
static char *joined_path(const struct raw_file *raw)
{
	static const char deleted[] = " (deleted)";
	size_t size = raw->size < sizeof(raw->parts) ? raw->size : sizeof(raw->parts) - 1;
	char *path = malloc(size + sizeof(deleted) + 2);
	size_t at = size;
	char *end = path;

	if (!path)
		abort();
	*end = '\0';
	while (at) {
		size_t n = --at;

		while (at && raw->parts[at - 1])
			at--;
		*end++ = '/';
		memcpy(end, raw->parts + at, n - at);
		end += n - at;
	}
	if (end == path)
		*end++ = '/';
	strcpy(end, raw->flags & RAW_FILE_DELETED ? deleted : "");
	return path;
}

/**
 * names_file - a file was mapped for the first time
 * @raw: its path in parts
 */
void names_file(const struct raw_file *raw)
{
	struct text *text = find_or_add(raw->key);

	free(text->name);
	text->name = raw->flags & RAW_FILE_PSEUDO ? pseudo_path(raw) : joined_path(raw);
}

/**
 * names_path - what a file is called
 * @key: path of a &vma_image
 *
 * Return: NULL where that is not known
 */
const char *names_path(__u64 key)
{
	const struct text *text = find(key);

	return text ? text->name : NULL;
}

/**
 * names_restore - say what a file is called, as names_path() said
 * @key: path of a &vma_image
 * @path: its name
 */
void names_restore(__u64 key, const char *path)
{
	struct text *text = find_or_add(key);

	free(text->name);
	text->name = strdup(path);
	if (!text->name)
		abort();
}

static struct pending **find_pending(__u32 tid)
{
	struct pending **at = &aspaces->pending[tid % PENDING_BUCKETS];

	while (*at && (*at)->name.e.tid != tid)
		at = &(*at)->next;
	return at;
}

/**
 * names_pending - what the VMA of the next record is called
 * @raw: its name
 */
void names_pending(const struct raw_name *raw)
{
	struct pending **at = find_pending(raw->e.tid);

	if (!*at)
		*at = calloc(1, sizeof(**at));
	if (!*at)
		abort();
	(*at)->name = *raw;
	(*at)->name.text[sizeof(raw->text) - 1] = '\0';
}

/**
 * names_take - let a VMA have the name that was told just before
 * @vma: the VMA
 * @raw: its record
 */
void names_take(struct vma *vma, const struct raw_vma *raw)
{
	struct pending **at = find_pending(raw->e.tid), *told = *at;

	free(vma->name);
	vma->name = NULL;
	if (!told || told->name.object != raw->vma.object)
		return;
	vma->name = strdup(told->name.text);
	vma->special = told->name.e.flags;
	*at = told->next;
	free(told);
}

/**
 * names_same - do two VMAs have the same name, given with prctl(2), or both none?
 * @a: one
 * @b: the other
 */
bool names_same(const struct vma *a, const struct vma *b)
{
	if (!a->image.named || !b->image.named)
		return !a->image.named == !b->image.named;
	if (a->image.named == b->image.named)
		return true;
	return a->name && b->name && !strcmp(a->name, b->name);
}

/* 6.1 counts a VMA that only touches the heap in. */
static bool in_heap(const struct vma *vma, const struct mm *mm)
{
	if (rules_kernel() < KERNEL(6, 6))
		return vma->start <= mm->brk && vma->end >= mm->brk_start;
	return vma->start < mm->brk && vma->end > mm->brk_start;
}

/**
 * names_of - what /proc/PID/maps calls a VMA
 * @vma: the VMA
 * @mm: its address space, NULL when that is gone
 *
 * Return: the name, "" for none, NULL when its file's was lost; valid until the next call
 */
const char *names_of(const struct vma *vma, const struct mm *mm)
{
	static char name[128];
	const struct text *file;

	if (vma->image.file && vma->image.named) {
		snprintf(name, sizeof(name), "[anon_shmem:%s]", vma->name ? vma->name : "?");
		return name;
	}
	if (vma->image.file) {
		file = find(vma->image.path);
		return file ? file->name : NULL;
	}
	if (vma->name && vma->special)
		return vma->name;
	if (mm && in_heap(vma, mm))
		return "[heap]";
	if (mm && vma->start <= mm->stack && vma->end >= mm->stack)
		return "[stack]";
	if (!vma->name)
		return "";
	snprintf(name, sizeof(name), "[anon:%s]", vma->name);
	return name;
}
