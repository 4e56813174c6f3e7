// SPDX-License-Identifier: GPL-2.0
/*
 * Function and line of an instruction, by elfutils: from the symbols of its file, and from its
 * debug information, which may be in a file of its own. The process need not live any more.
 */
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include "symbolize/source_line.h"

/**
 * struct module - a file that was opened
 * @path: path of the file
 * @dwfl: libdwfl's data of this file alone; NULL when the file has no code
 * @module: the file in @dwfl
 * @next: next in the list of all files that were opened
 */
struct module {
	char *path;
	Dwfl *dwfl;
	Dwfl_Module *module;
	struct module *next;
};

static struct module *modules;

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static struct module *open_module(const char *path)
{
	struct module *m = modules;

	while (m && strcmp(m->path, path))
		m = m->next;
	if (m)
		return m;
	m = calloc(1, sizeof(*m));
	if (!m)
		abort();
	m->path = strdup(path);
	m->next = modules;
	modules = m;
	if (path[0] != '/')
		return m;
	m->dwfl = dwfl_begin(&callbacks);
	if (!m->dwfl)
		return m;
	dwfl_report_begin(m->dwfl);
	m->module = dwfl_report_offline(m->dwfl, path, path, -1);
	dwfl_report_end(m->dwfl, NULL, NULL);
	return m;
}

/**
 * line_address - the address that the linker gave to what is at an offset in a file
 * @elf: the file
 * @offset: the offset
 * @address: becomes the address
 *
 * Return: 0, or -1 when no segment is loaded from there
 */
int line_address(Elf *elf, __u64 offset, GElf_Addr *address)
{
	GElf_Phdr phdr;
	size_t n;

	if (elf_getphdrnum(elf, &n))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, i, &phdr) || phdr.p_type != PT_LOAD)
			continue;
		if (offset < phdr.p_offset || offset >= phdr.p_offset + phdr.p_filesz)
			continue;
		*address = offset - phdr.p_offset + phdr.p_vaddr;
		return 0;
	}
	return -1;
}

static int address_of(Dwfl_Module *module, __u64 offset, GElf_Addr *address)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);

	if (!elf || line_address(elf, offset, address))
		return -1;
	*address += bias;
	return 0;
}

/**
 * line_of - the function and line of an instruction
 * @path: path of the file that it is in
 * @offset: offset in this file
 *
 * Return: the line; its strings are valid until the tool ends
 */
struct line line_of(const char *path, __u64 offset)
{
	struct module *m = open_module(path);
	struct line line = { 0 };
	const char *slash;
	GElf_Addr address;
	Dwfl_Line *at;

	if (!m->module || address_of(m->module, offset, &address))
		return line;
	line.function = dwfl_module_addrname(m->module, address);
	at = dwfl_module_getsrc(m->module, address);
	line.file = at ? dwfl_lineinfo(at, NULL, &line.number, NULL, NULL, NULL) : NULL;
	slash = line.file ? strrchr(line.file, '/') : NULL;
	if (slash)
		line.file = slash + 1;
	return line;
}
