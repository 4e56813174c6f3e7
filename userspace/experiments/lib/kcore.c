// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of the kernel itself, read through /proc/kcore by what its types and symbols are: for
 * root, and only looked at. Nothing is locked, so what changes meanwhile may be read torn; what the
 * lessons look at stays as long as the process does.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/kcore.h"
#include "lab/experiment.h"

#define MOST		64
#define NAME		19	/* column of it in a line of /proc/kallsyms */
#define MAX_TASKS	100000
#define ADDRESS		0x000ffffffffff000ULL	/* of an entry of a page table */
#define PRESENT		1
#define LARGE		0x80

/* Where these are, by /proc/kallsyms. */
static struct {
	const char *name;
	__u64 address;
} symbols[] = { { "init_task", 0 }, { "init_top_pgt", 0 }, { "page_offset_base", 0 } };

static int fd = -1;
static struct btf *btf;
static Elf64_Phdr areas[MOST];
static size_t nr;
static const char *why = "";

static void find_symbols(void)
{
	struct proc_lines lines;
	const char *line;

	if (!proc_open(&lines, "/proc/kallsyms"))
		return;
	while ((line = proc_line(&lines))) {
		const char *name = strlen(line) > NAME ? line + NAME : "";
		size_t length = strcspn(name, "\t\n");

		for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
			if (!strncmp(name, symbols[i].name, length) && !symbols[i].name[length])
				symbols[i].address = strtoull(line, NULL, 16);
	}
}

/**
 * kcore_open - get ready to read
 *
 * Return: false where that cannot be done, see kcore_why()
 */
bool kcore_open(void)
{
	Elf64_Ehdr header;

	fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != sizeof(header)) {
		why = access("/proc/kcore", F_OK) ? "there is no /proc/kcore" :
		      "/proc/kcore is for root";
		return false;
	}
	nr = header.e_phnum < MOST ? header.e_phnum : MOST;
	if (pread(fd, areas, nr * sizeof(*areas), header.e_phoff) < 0)
		nr = 0;
	find_symbols();
	btf = kcore_types();
	if (!btf)
		why = "there is no /sys/kernel/btf/vmlinux";
	else if (!kcore_symbol("init_task"))
		why = "/proc/kallsyms has no addresses";
	return !why[0];
}

/**
 * kcore_types - the types of the running kernel
 *
 * Return: what libbpf has read, or NULL where the kernel does not tell them
 */
struct btf *kcore_types(void)
{
	/* libbpf is silent: the caller says why it failed. */
	libbpf_set_print(NULL);
	return btf__load_vmlinux_btf();
}

/**
 * kcore_why - why kcore_open() failed, in a few words
 */
const char *kcore_why(void)
{
	return why;
}

/**
 * kcore_read - read memory of the kernel
 * @address: where
 * @buf: for what is there
 * @size: bytes
 *
 * Return: whether all could be read
 */
bool kcore_read(__u64 address, void *buf, size_t size)
{
	for (size_t i = 0; i < nr; i++) {
		const Elf64_Phdr *h = &areas[i];

		if (h->p_type == PT_LOAD && address >= h->p_vaddr &&
		    address - h->p_vaddr < h->p_memsz)
			return pread(fd, buf, size, h->p_offset + (address - h->p_vaddr)) ==
			       (ssize_t)size;
	}
	return false;
}

/**
 * kcore_u64 - read 64 bits
 * @address: where; 0 is read where nothing can be
 */
__u64 kcore_u64(__u64 address)
{
	__u64 value = 0;

	return kcore_read(address, &value, sizeof(value)) ? value : 0;
}

static long offset_in(int id, const char *name)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_member *member;
	long inside;

	if (!type || !btf_is_composite(type))
		return -1;
	member = btf_members(type);
	for (int i = 0; i < btf_vlen(type); i++, member++) {
		const char *called = btf__name_by_offset(btf, member->name_off);

		if (!strcmp(called, name))
			return btf_member_bit_offset(type, i) / 8;
		inside = *called ? -1 : offset_in(member->type, name);
		if (inside >= 0)
			return btf_member_bit_offset(type, i) / 8 + inside;
	}
	return -1;
}

/**
 * kcore_offset - where a member is in a struct of the running kernel
 * @type: the struct
 * @member: the member, also of a struct without a name in it
 *
 * Return: bytes, -1 when there is none
 */
long kcore_offset(const char *type, const char *member)
{
	return offset_in(btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT), member);
}

/**
 * kcore_sizeof - size of a struct of the running kernel
 * @type: the struct
 */
long kcore_sizeof(const char *type)
{
	return btf__resolve_size(btf, btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT));
}

/**
 * kcore_symbol - address of a variable
 * @name: of it, one of those above
 */
__u64 kcore_symbol(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
		if (!strcmp(name, symbols[i].name))
			return symbols[i].address;
	return 0;
}

/**
 * kcore_member - read a pointer or another 64 bits of an object
 * @object: its address
 * @type: its struct
 * @member: of that
 */
__u64 kcore_member(__u64 object, const char *type, const char *member)
{
	long offset = kcore_offset(type, member);

	return object && offset >= 0 ? kcore_u64(object + offset) : 0;
}

/**
 * kcore_task - find a process in the list of them
 * @pid: its first thread
 *
 * Return: address of its struct task_struct, 0 when it is not there
 */
__u64 kcore_task(pid_t pid)
{
	long list = kcore_offset("task_struct", "tasks"), id = kcore_offset("task_struct", "pid");
	__u64 first = kcore_symbol("init_task"), task = first;
	pid_t found;

	for (size_t i = 0; i < MAX_TASKS && task; i++) {
		task = kcore_u64(task + list) - list;
		if (task == first || !kcore_read(task + id, &found, sizeof(found)))
			return 0;
		if (found == pid)
			return task;
	}
	return 0;
}

/**
 * kcore_pgd - address of a process's page table of the top level
 * @pid: the process
 */
__u64 kcore_pgd(pid_t pid)
{
	return kcore_member(kcore_member(kcore_task(pid), "task_struct", "mm"), "mm_struct", "pgd");
}

/**
 * kcore_direct - where the kernel has a physical address in its map of all RAM
 * @physical: the address
 */
__u64 kcore_direct(__u64 physical)
{
	return kcore_u64(kcore_symbol("page_offset_base")) + physical;
}

/**
 * kcore_walk - go down page tables as the CPU does, to the end or to what is missing
 * @pgd: table of the top level
 * @address: virtual
 * @entries: for the entries on the way, as many as there are levels
 *
 * Return: how many tables were there
 */
size_t kcore_walk(__u64 pgd, __u64 address, __u64 *entries)
{
	size_t n = 0;

	for (int shift = cpu_has("la57") ? 48 : 39; pgd && shift >= 12; shift -= 9) {
		entries[n] = kcore_u64(pgd + (address >> shift & 511) * sizeof(*entries));
		if (!(entries[n++] & PRESENT) || (shift < 39 && entries[n - 1] & LARGE))
			break;
		pgd = kcore_direct(entries[n - 1] & ADDRESS);
	}
	return n;
}

/**
 * kcore_physical - what a virtual address of the kernel is mapped to, by its page tables
 * @address: the virtual one
 *
 * Return: the physical address, 0 when it is not mapped
 */
__u64 kcore_physical(__u64 address)
{
	__u64 entries[KCORE_LEVELS] = { 0 }, inside;
	size_t n = kcore_walk(kcore_symbol("init_top_pgt"), address, entries);

	if (!n || !(entries[n - 1] & PRESENT))
		return 0;
	inside = (1ULL << ((cpu_has("la57") ? 57 : 48) - 9 * n)) - 1;
	return (entries[n - 1] & ADDRESS & ~inside) | (address & inside);
}
