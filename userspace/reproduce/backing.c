// SPDX-License-Identifier: GPL-2.0
/*
 * Files that were mapped, and what a program can take for them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "aspace/vma_name.h"
#include "reproduce/backing.h"

#define TMPFS		0x01021994
#define HUGETLBFS	0x958458f6

static struct backing **all;
static size_t nr;
static struct {
	__u64 key;
	__u64 magic;
	bool gone;
} *files;
static size_t nr_files;

/**
 * backing_learn - a file was mapped for the first time
 * @raw: it
 */
void backing_learn(const struct raw_file *raw)
{
	files = realloc(files, (nr_files + 1) * sizeof(*files));
	if (!files)
		abort();
	files[nr_files].key = raw->key;
	files[nr_files].magic = raw->magic;
	files[nr_files++].gone = raw->flags & (RAW_FILE_DELETED | RAW_FILE_PSEUDO);
}

/**
 * backing_of - the file of a VMA
 * @image: of the VMA
 *
 * Return: NULL where it has none; valid until backing_free()
 */
struct backing *backing_of(const struct vma_image *image)
{
	struct backing *backing;

	if (!image->file)
		return NULL;
	for (size_t i = nr; i-- > 0;)
		if (all[i]->key == image->path && all[i]->ino == image->ino)
			return all[i];
	backing = calloc(1, sizeof(*backing));
	all = realloc(all, (nr + 1) * sizeof(struct backing *));
	if (!backing || !all)
		abort();
	*backing = (struct backing){
		.key = image->path, .ino = image->ino, .mode = image->mode, .number = -1,
	};
	for (size_t i = nr_files; i-- > 0;) {
		if (files[i].key != image->path)
			continue;
		backing->magic = files[i].magic;
		backing->gone = files[i].gone;
		break;
	}
	all[nr++] = backing;
	return backing;
}

/**
 * backing_reach - so much of a file was mapped
 * @backing: it
 * @end: behind the last byte
 */
void backing_reach(struct backing *backing, __u64 end)
{
	if (!backing->exact && end > backing->size)
		backing->size = end;
}

/**
 * backing_path - what a file is called
 * @backing: it
 *
 * Return: "" where that is not known
 */
const char *backing_path(const struct backing *backing)
{
	const char *path = names_path(backing->key);

	return path ? path : "";
}

/**
 * backing_is_device - is it no file with bytes, but a device, a socket or the like?
 * @backing: it
 */
bool backing_is_device(const struct backing *backing)
{
	return backing->mode && !S_ISREG(backing->mode);
}

/**
 * backing_kind - what a program takes for it
 * @backing: it
 *
 * What could be written is never the file itself: the program would change it.
 */
enum backing_kind backing_kind(const struct backing *backing)
{
	if (!strncmp(backing_path(backing), "/SYSV", 5))
		return BACKING_SEGMENT;
	if (backing->magic == HUGETLBFS)
		return BACKING_HUGE;
	if (!backing->written && !backing->gone && !backing_is_device(backing) &&
	    *backing_path(backing) == '/')
		return BACKING_FILE;
	if (backing->magic == TMPFS || backing_is_device(backing))
		return BACKING_MEMORY;
	return BACKING_DISK;
}

/**
 * backing_nth - that with a number
 * @number: of it
 *
 * Return: NULL where none has it
 */
struct backing *backing_nth(int number)
{
	for (size_t i = 0; i < nr; i++)
		if (all[i]->number == number)
			return all[i];
	return NULL;
}

/**
 * backing_free - forget all
 */
void backing_free(void)
{
	for (size_t i = 0; i < nr; i++)
		free(all[i]);
	free(all);
	free(files);
	all = NULL;
	files = NULL;
	nr = 0;
	nr_files = 0;
}
