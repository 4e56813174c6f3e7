// SPDX-License-Identifier: GPL-2.0
/*
 * A program of 32 bits that does nothing, written by hand: no compiler for such is needed.
 */
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/tool.h"
#include "experiments/lib/elf32.h"

#define BASE	0x08048000	/* where such programs were linked to */

/**
 * struct image - the file
 * @header: of it
 * @segments: all of it, to be read and executed; and a stack that is not executed
 * @code: exit(0)
 */
struct image {
	Elf32_Ehdr header;
	Elf32_Phdr segments[2];
	unsigned char code[9];
};

static const struct image image = {
	.header = {
		.e_ident = ELFMAG "\1\1\1",	/* 32 bits, little endian, version 1 */
		.e_type = ET_EXEC,
		.e_machine = EM_386,
		.e_version = EV_CURRENT,
		.e_entry = BASE + offsetof(struct image, code),
		.e_phoff = offsetof(struct image, segments),
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 2,
	},
	.segments = {
		{
			.p_type = PT_LOAD,
			.p_vaddr = BASE,
			.p_filesz = sizeof(struct image),
			.p_memsz = sizeof(struct image),
			.p_flags = PF_R | PF_X,
			.p_align = 4096,
		},
		{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W },
	},
	/* xor %ebx, %ebx; mov $1, %eax; int $0x80 */
	.code = { 0x31, 0xdb, 0xb8, 1, 0, 0, 0, 0xcd, 0x80 },
};

/**
 * elf32_create - a file with that program
 *
 * Return: its descriptor, -1 where there can be none
 */
int elf32_create(void)
{
	int fd = memfd_create("of-32-bits", 0);

	if (fd >= 0 && write(fd, &image, sizeof(image)) != sizeof(image)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/**
 * elf32_runs - does this kernel run it? CONFIG_IA32_EMULATION, ia32_emulation=
 * @fd: from elf32_create()
 */
bool elf32_runs(int fd)
{
	char *args[2] = { (char *)"of-32-bits", NULL }, *environment[1] = { NULL };
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		fexecve(fd, args, environment);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return !status;
}
