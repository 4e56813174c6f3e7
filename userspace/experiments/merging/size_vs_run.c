// SPDX-License-Identifier: GPL-2.0
/*
 * What has size(1) to do with the memory that a program takes?
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

#define MOST	8

/**
 * struct size - as size(1) counts, by the file's sections
 * @text: code and constants
 * @data: what may be written and is in the file
 * @bss: what may be written and is not
 */
struct size {
	size_t text;
	size_t data;
	size_t bss;
};

static const Elf64_Phdr *headers;
static size_t nr, bias;

static size_t down(size_t n)
{
	return n / len(1) * len(1);
}

static size_t up(size_t n)
{
	return down(n + len(1) - 1);
}

static struct size sections(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct size size = { 0 };
	Elf64_Ehdr header;
	Elf64_Shdr s;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header))
		header.e_shnum = 0;
	for (size_t i = 0; i < header.e_shnum; i++) {
		if (pread(fd, &s, sizeof(s), header.e_shoff + i * sizeof(s)) != sizeof(s) ||
		    !(s.sh_flags & SHF_ALLOC))
			continue;
		if (!(s.sh_flags & SHF_WRITE))
			size.text += s.sh_size;
		else if (s.sh_type == SHT_NOBITS)
			size.bss += s.sh_size;
		else
			size.data += s.sh_size;
	}
	close(fd);
	return size;
}

static size_t file_size(void)
{
	struct stat st;

	return stat("/proc/self/exe", &st) ? 0 : st.st_size;
}

/**
 * struct found - what /proc/self/maps has of the program
 * @from: where it should begin
 * @to: and end
 * @bytes: sum
 * @others: of the rest of the process
 */
struct found {
	size_t from;
	size_t to;
	size_t bytes;
	size_t others;
};

static void add(const struct proc_map *map, void *arg)
{
	struct found *f = arg;

	if (map->start >> 63)
		return;
	if (map->start < f->from || map->end > f->to) {
		f->others += map->end - map->start;
		return;
	}
	f->bytes += map->end - map->start;
}

static void draw_map(const struct proc_map *map, void *arg)
{
	const struct found *f = arg;

	if (map->start >= f->from && map->end <= f->to)
		draw("%12llx-%llx %s %6llu KiB  %s", map->start, map->end, map->rights,
		     (map->end - map->start) >> 10,
		     map->inode ? "of the file" : "bss, no file");
}

/* What the segments become when each is rounded out to pages. */
static struct found rounded(void)
{
	struct found f = { .from = SIZE_MAX };

	for (size_t i = 0; i < nr; i++) {
		const Elf64_Phdr *h = &headers[i];
		size_t start = down(bias + h->p_vaddr), end = up(bias + h->p_vaddr + h->p_memsz);

		if (h->p_type != PT_LOAD)
			continue;
		f.from = start < f.from ? start : f.from;
		f.to = end > f.to ? end : f.to;
		f.bytes += end - start;
	}
	return f;
}

static void find_program(void)
{
	headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	nr = getauxval(AT_PHNUM);
	for (size_t i = 0; i < nr; i++)
		if (headers[i].p_type == PT_PHDR)
			bias = (size_t)headers - headers[i].p_vaddr;
}

static void by_size(void)
{
	struct found want = rounded(), have = { .from = want.from, .to = want.to };
	struct size size = sections();

	STEP("look for text, data and bss of size(1) in maps") {
		expect("mapped %zu bytes", want.bytes);
		expect("by rounding %ld bytes",
		       (long)(want.bytes - size.text - size.data - size.bss));
		note("Sections are counted in bytes, mappings in pages: each segment is rounded "
		     "out at both ends, and a page of the file may be mapped twice.");
		syscall_begin();
		proc_maps(0, add, &have);
		syscall_end(0);
		see("mapped", have.bytes);
		see("by rounding", have.bytes - size.text - size.data - size.bss);
		proc_maps(0, draw_map, &have);
		draw("size(1): text %zu, data %zu, bss %zu bytes", size.text, size.data,
		     size.bss);
	}
	STEP("and in the file") {
		expect("file > %zu bytes", size.text + size.data);
		note("bss is not in it; but symbols and debugging data are, which are never "
		     "loaded. Neither ls -l nor size(1) tells what a program takes.");
		syscall_begin();
		syscall_end(0);
		see("file", file_size());
	}
}

static void at_run(void)
{
	struct found want = rounded();
	size_t all;

	proc_maps(0, add, &want);
	STEP("look at what else this process has") {
		expect("beside the program %zu KiB", want.others >> 10);
		expect("VmExe %zu KiB", (up(exec_program().end_code) -
					 down(exec_program().start_code)) >> 10);
		note("Heap, stack, libraries and their own data: the file does not say a word of "
		     "them. Predicted from maps, read from /proc/self/status.");
		syscall_begin();
		syscall_end(0);
		all = proc_status("VmSize:") * 1024;
		see("beside the program", all - rounded().bytes);
		see("VmExe", proc_status("VmExe:") * 1024);
		draw("VmSize %zu KiB: program %zu, stack %ld, heap %lld, the rest libraries",
		     all >> 10, rounded().bytes >> 10, proc_status("VmStk:"),
		     (proc_named("[heap]").end - proc_named("[heap]").start) >> 10);
	}
}

static void run(void)
{
	find_program();
	by_size();
	at_run();
}

const struct experiment exp_size_vs_run = {
	.name = "size-vs-run",
	.question = "What has size(1) to do with the memory a program takes?",
	.textbook =
		"size(1) prints text, data and bss: so much memory the program takes, and the\n"
		"rest is malloc()ed.",
	.kernel =
		"size(1) adds up sections, which are for the linker. The kernel never reads\n"
		"them: load_elf_binary() in fs/binfmt_elf.c maps segments (program headers,\n"
		"PT_LOAD), elf_map() rounds each to pages, in memory and in the file. Of the\n"
		"last one, what p_memsz has more than p_filesz is bss: the rest of the page is\n"
		"cleared, further pages are anonymous. ld.so then makes the part that only\n"
		"it had to write read-only (PT_GNU_RELRO, mprotect(2)): one mapping more.\n"
		"\n"
		"All that is a promise: pages are read when they are touched.",
	.look = "The mappings, beside the three numbers of size(1).",
	.next = "size -A -x and readelf -lW of a program of yours; pmap -X of its process.",
	.see = "segments, exec-trace, bss-zero, maps-explain",
	.words =
		"mapped: what maps has between the program's first and last page; by rounding: "
		"more than size(1) says",
	.run = run,
};
