// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts: which programs and libraries an address space has where, for libdwfl. A layout is made
 * of the VMAs as they are known at that moment, and made again when they have changed: a library
 * that dlopen(3) has mapped is there until dlclose(3). Address spaces with the same code share a
 * layout, as those of a process and its children.
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "base/tool.h"
#include "symbolize/modules.h"
#include "symbolize/source_line.h"
#include "symbolize/symbols.h"

/**
 * struct program - code of a file in an address space
 * @start: address of the code
 * @offset: offset of the code in its file
 * @file: &vma_image.path of the file, 0 for the vdso
 * @bias: difference between @start and the address that the linker gave the code
 */
struct program {
	__u64 start;
	__u64 offset;
	__u64 file;
	__u64 bias;
};

/**
 * struct layout - all code of an address space, or of several with the same code
 * @id: number of the layout; 0 for a free element
 * @used: &symbols.uses when the layout was used last
 * @nr: number of programs
 * @programs: the programs, by address
 * @dwfl: the same for libdwfl; NULL when it can use none of them
 */
struct layout {
	__u64 id;
	__u64 used;
	size_t nr;
	struct program *programs;
	Dwfl *dwfl;
};

static const Dwfl_Callbacks dwfl_callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
};

/*
 * Copy the vdso to a file. It is the same in each 64-bit process, so that this process has it, too.
 */
static int open_vdso(void)
{
	struct proc_map vdso = proc_named("[vdso]");
	size_t size = vdso.end - vdso.start;
	int fd = size ? memfd_create("vdso", MFD_CLOEXEC) : -1;

	if (fd >= 0 && write(fd, (const void *)vdso.start, size) != (ssize_t)size) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_same(const char *path, __u64 ino)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || (!fstat(fd, &st) && st.st_ino == ino))
		return fd;
	close(fd);
	return -1;
}

/* Open the file of a VMA by its path or, where another file has that path now, by map_files. */
static int open_program(const struct mm *mm, const struct vma *vma, const char *name)
{
	char path[80];
	int fd = -1;

	/* The code in [uprobes] was not built by a linker. */
	if (!vma->image.file)
		return name && !strcmp(name, "[uprobes]") ? -1 : open_vdso();
	if (!name)
		return -1;
	if (name[0] == '/')
		fd = open_same(name, vma->image.ino);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/%u/map_files/%llx-%llx", mm->tgid, vma->start,
		 vma->end);
	return open_same(path, vma->image.ino);
}

static bool find_bias(int fd, struct program *program)
{
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	GElf_Addr address;
	bool known = elf && !line_address(elf, program->offset, &address);

	if (known)
		program->bias = program->start - address;
	elf_end(elf);
	return known;
}

/* Was a program reported to libdwfl? Its code may be in several VMAs, but is reported once. */
static bool is_reported(const struct layout *layout, const struct program *program)
{
	for (const struct program *other = layout->programs; other < program; other++)
		if (other->file == program->file && other->bias == program->bias)
			return true;
	return false;
}

static void report(Dwfl *dwfl, const struct mm *mm, const struct layout *layout,
		   struct program *program)
{
	const struct vma *vma = mm_at(mm, program->start);
	const char *name = vma ? names_of(vma, mm) : NULL;
	int fd = vma ? open_program(mm, vma, name) : -1;

	if (fd >= 0 && (!find_bias(fd, program) || is_reported(layout, program) ||
			!dwfl_report_elf(dwfl, name, name, fd, program->bias, true)))
		close(fd);
}

static Dwfl *make_dwfl(const struct mm *mm, const struct layout *layout,
		       const Dwfl_Thread_Callbacks *callbacks)
{
	Dwfl *dwfl = dwfl_begin(&dwfl_callbacks);

	if (!dwfl)
		return NULL;
	elf_version(EV_CURRENT);
	dwfl_report_begin(dwfl);
	for (size_t i = 0; i < layout->nr; i++)
		report(dwfl, mm, layout, &layout->programs[i]);
	dwfl_report_end(dwfl, NULL, NULL);
	if (dwfl_attach_state(dwfl, NULL, mm->tgid, callbacks, NULL))
		return dwfl;
	dwfl_end(dwfl);
	return NULL;
}

static bool has_code(const struct vma *vma)
{
	return vma->image.flags & RAW_VM_EXEC && (vma->image.file || vma->special);
}

/* Make a layout of the VMAs that are code: most files have one such VMA among several. */
static struct layout gather(const struct mm *mm)
{
	const struct map_range *first = mm_first(mm), *range;
	struct layout layout = { 0 };

	for (range = first; range; range = range_above(range))
		layout.nr += has_code(range->vma);
	layout.programs = calloc(layout.nr + 1, sizeof(*layout.programs));
	if (!layout.programs)
		abort();
	layout.nr = 0;
	for (range = first; range; range = range_above(range)) {
		const struct vma *vma = range->vma;
		__u64 offset = vma->image.file ? vma_pgoff(vma) * proc_page_size() : 0;

		if (has_code(vma))
			layout.programs[layout.nr++] = (struct program){
				.start = vma->start,
				.offset = offset,
				.file = vma->image.file ? vma->image.path : 0,
			};
	}
	return layout;
}

static bool same(const struct layout *a, const struct layout *b)
{
	bool equal = a->nr == b->nr;

	for (size_t i = 0; equal && i < a->nr; i++)
		equal = a->programs[i].start == b->programs[i].start &&
			a->programs[i].offset == b->programs[i].offset &&
			a->programs[i].file == b->programs[i].file;
	return equal;
}

/* Free the layout that was not used for the longest time, for a new one to have its place. */
static struct layout *oldest(void)
{
	struct layout *old = &symbols->layouts[0];

	for (size_t i = 1; i < MAX_LAYOUTS; i++)
		if (symbols->layouts[i].used < old->used)
			old = &symbols->layouts[i];
	if (old->dwfl)
		dwfl_end(old->dwfl);
	free(old->programs);
	return old;
}

static struct layout *find(const struct mm *mm, const Dwfl_Thread_Callbacks *callbacks)
{
	struct layout now, *layout;

	if (!symbols->layouts)
		symbols->layouts = calloc(MAX_LAYOUTS, sizeof(*symbols->layouts));
	if (!symbols->layouts)
		abort();
	for (size_t i = 0; i < MAX_LAYOUTS; i++)
		if (mm->layout && symbols->layouts[i].id == mm->layout)
			return &symbols->layouts[i];
	now = gather(mm);
	for (size_t i = 0; i < MAX_LAYOUTS; i++)
		if (symbols->layouts[i].id && same(&symbols->layouts[i], &now)) {
			free(now.programs);
			return &symbols->layouts[i];
		}
	layout = oldest();
	*layout = now;
	layout->id = ++symbols->last_layout;
	layout->dwfl = make_dwfl(mm, layout, callbacks);
	return layout;
}

/**
 * layout_of - the programs and libraries of an address space as it is known now
 * @mm: the address space; its @layout is set
 * @callbacks: functions by which libdwfl reads registers and memory
 *
 * Return: the programs for libdwfl, NULL where there are none; valid until the next call
 */
Dwfl *layout_of(struct mm *mm, const Dwfl_Thread_Callbacks *callbacks)
{
	struct layout *layout = find(mm, callbacks);

	mm->layout = layout->id;
	layout->used = ++symbols->uses;
	return layout->dwfl;
}
