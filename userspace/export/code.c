// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions by file and offset, so that they are the same in each process; and their functions,
 * as far as the files that are called so here tell.
 */
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "base/table.h"
#include "export/code.h"
#include "export/text.h"
#include "symbolize/source_line.h"
#include "term/print.h"

static struct code *codes;
static size_t nr_codes;
static struct table table;

static bool same(size_t place, const void *wanted)
{
	const struct code *a = &codes[place], *b = wanted;

	return a->name == b->name && a->offset == b->offset && a->exact == b->exact &&
	       a->ino == b->ino;
}

/**
 * code_at - what instruction is somewhere now
 * @mm: in which address space, or NULL
 * @address: where
 * @exact: it is the instruction, and not where a call returns to
 *
 * Return: its number, from 1
 */
__u32 code_at(const struct mm *mm, __u64 address, bool exact)
{
	const struct vma *vma = mm ? mm_at(mm, address - !exact) : NULL;
	struct code code = {
		.name = text_keep(vma ? names_of(vma, mm) : NULL),
		.offset = address,
		.exact = exact,
	};
	__u64 hash;
	size_t place;

	if (*code.name)
		code.offset -= vma->start;
	if (*code.name && vma->image.file) {
		code.offset += vma_pgoff(vma) * proc_page_size();
		code.ino = vma->image.ino;
	}
	hash = table_hash((__u64)(uintptr_t)code.name, 2 * code.offset + exact);
	place = table_find(&table, hash, same, &code);
	if (place == TABLE_NONE) {
		codes = table_grow(codes, nr_codes, sizeof(*codes));
		codes[nr_codes] = code;
		table_add(&table, hash, nr_codes);
		place = nr_codes++;
	}
	return place + 1;
}

/**
 * code_get - an instruction
 * @id: its number
 */
const struct code *code_get(__u32 id)
{
	return &codes[id - 1];
}

/**
 * code_number - how many instructions there are
 */
size_t code_number(void)
{
	return nr_codes;
}

static void find_words(struct code *code)
{
	const char *slash = strrchr(code->name, '/');
	char words[400];

	if (*code->name)
		snprintf(words, sizeof(words), "%.370s+0x%llx", slash ? slash + 1 : code->name,
			 code->offset);
	else if (code->offset)
		snprintf(words, sizeof(words), "0x%llx", code->offset);
	else
		snprintf(words, sizeof(words), "(no user code)");
	/* Characters may have been cut in their midst. */
	code->place = text_keep(words);
	code->words = code->function ? code->function : code->place;
}

/* What a recording calls a program may be anything here. Return: is it a file, and which */
static bool is_file(const struct code *code, __u64 *ino)
{
	struct stat st;

	if (*code->name != '/' || stat(code->name, &st) || !S_ISREG(st.st_mode))
		return false;
	*ino = st.st_ino;
	return true;
}

static void look_up(struct code *code)
{
	/* A call returns to what follows it, which may be another function. */
	__u64 ino = 0, offset = code->offset - !code->exact;
	struct line line = { 0 };

	if (code->place)
		return;
	if (is_file(code, &ino))
		line = line_of(code->name, offset);
	code->function = line.function ? text_keep(line.function) : NULL;
	code->file = line.file ? text_keep(line.file) : NULL;
	code->line = line.number;
	code->foreign = line.function && ino != code->ino;
	find_words(code);
}

/**
 * code_known - an instruction, with its function if that is to be found
 * @id: its number
 */
const struct code *code_known(__u32 id)
{
	look_up(&codes[id - 1]);
	return &codes[id - 1];
}

/**
 * code_look_up - find the functions of all instructions; once all are known
 *
 * What is called so here may be another file than the recorded program had: that is told.
 */
void code_look_up(void)
{
	size_t nameless = 0, others = 0;

	for (size_t i = 0; i < nr_codes; i++) {
		look_up(&codes[i]);
		nameless += !codes[i].function && codes[i].offset;
		others += codes[i].foreign;
	}
	if (nameless)
		report_message("%zu of %zu places in code have no function's name: they are "
			       "file and offset", nameless, nr_codes);
	if (others)
		report_message("%zu have one by a file of that name here that may be another",
			       others);
}

static void write_hex(char *hex, size_t size, const unsigned char *bytes, size_t n)
{
	*hex = '\0';
	for (size_t i = 0; i < n && 2 * i + 2 < size; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
}

/**
 * code_build_id - of a file, if it is here the one that it was then
 * @name: its path
 * @ino: its inode then
 * @hex: becomes it
 * @size: of @hex
 */
bool code_build_id(const char *name, __u64 ino, char *hex, size_t size)
{
	int fd = *name == '/' && ino ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	const void *bytes;
	struct stat st;
	ssize_t n = -1;
	Elf *elf;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = !fstat(fd, &st) && st.st_ino == ino ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	if (elf)
		n = dwelf_elf_gnu_build_id(elf, &bytes);
	if (n > 0)
		write_hex(hex, size, bytes, n);
	elf_end(elf);
	close(fd);
	return n > 0;
}
