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
 * struct text - the name of a file
 * @key: what stands for the file: &vma_image.path
 * @name: path of the file
 * @next: next name in the same bucket of &aspaces.files
 */
struct text {
	__u64 key;
	char *name;
	struct text *next;
};

/**
 * struct pending - a name that a thread has told for the VMA of its next record
 * @name: the record that told the name
 * @next: next in the same bucket of &aspaces.pending
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

/* The BPF program walked from the file up to the root, so that the last part comes first. */
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
 * names_file - keep the path of a file that is mapped for the first time
 * @raw: the path in parts
 */
void names_file(const struct raw_file *raw)
{
	struct text *text = find_or_add(raw->key);

	free(text->name);
	text->name = raw->flags & RAW_FILE_PSEUDO ? pseudo_path(raw) : joined_path(raw);
}

/**
 * names_path - the path of a file
 * @key: &vma_image.path of a VMA that has the file
 *
 * Return: the path, valid until the file is told anew; NULL where it is not known
 */
const char *names_path(__u64 key)
{
	const struct text *text = find(key);

	return text ? text->name : NULL;
}

/**
 * names_restore - keep the path that a recording has for a file
 * @key: &vma_image.path of the VMAs that have the file
 * @path: what names_path() returned when it was recorded; is copied
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
 * names_pending - keep a name for the VMA of the next record of the same thread
 * @raw: the name; is copied
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
 * names_take - give a VMA the name that its thread has told for it, or none
 * @vma: the VMA
 * @raw: the record of the VMA, which follows that of the name
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
 * names_same - do two VMAs have the same name that was given with prctl(2)?
 * @a: a VMA
 * @b: another VMA
 *
 * Return: true if the names are the same, or neither VMA has one
 */
bool names_same(const struct vma *a, const struct vma *b)
{
	if (!a->image.named || !b->image.named)
		return !a->image.named == !b->image.named;
	if (a->image.named == b->image.named)
		return true;
	return a->name && b->name && !strcmp(a->name, b->name);
}

/* Before 6.6 the kernel says [heap] also of a VMA that only touches the heap. */
static bool in_heap(const struct vma *vma, const struct mm *mm)
{
	if (rules_kernel() < KERNEL(6, 6))
		return vma->start <= mm->brk && vma->end >= mm->brk_start;
	return vma->start < mm->brk && vma->end > mm->brk_start;
}

/**
 * names_of - the name of a VMA in /proc/PID/maps
 * @vma: the VMA
 * @mm: its address space, NULL when that is gone
 *
 * Return: the name, "" for none, NULL when the record with the path of its file was lost; valid
 *	until the next call
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
