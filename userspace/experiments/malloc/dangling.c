// SPDX-License-Identifier: GPL-2.0
/*
 * What does a pointer point to after free()?
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "experiments/lib/chunk.h"
#include "lab/experiment.h"

#define REQUEST	48
#define WORDS	16	/* bytes of the first two words, any of which may be an x by chance */

/* Looked at through the kernel: reading a freed block is an error of the program. */
static void look(size_t block, unsigned char *bytes)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, bytes, REQUEST, block) != REQUEST)
		skip("/proc/self/mem cannot be read");
	close(fd);
}

static size_t word_of(const unsigned char *bytes, int index)
{
	size_t word;

	memcpy(&word, bytes + index * sizeof(word), sizeof(word));
	return word;
}

static void draw_bytes(const unsigned char *bytes)
{
	char line[74] = "";

	for (int i = 0; i < REQUEST; i += 8)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), " %02x%02x%02x%02x..",
			 bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]);
	draw("  %s", line);
}

static void see_bytes(size_t block)
{
	unsigned char bytes[REQUEST];
	long left = 0;

	look(block, bytes);
	for (int i = WORDS; i < REQUEST; i++)
		left += bytes[i] == 'x';
	see("x left", left);
	see("link", word_of(bytes, 0) == block >> 12);
	see_text("key", "%s", !word_of(bytes, 1) ? "zero" : bytes[8] == 'x' &&
		 bytes[9] == 'x' ? "none" : "random");
	draw_bytes(bytes);
}

static size_t freeing(void)
{
	size_t block = 0, other;

	STEP("p = malloc(%d), filled with x", REQUEST) {
		expect("x left %d, key none", REQUEST - WORDS);
		block = chunk_get(REQUEST);
		memset((void *)block, 'x', REQUEST);
		see_bytes(block);
	}
	STEP("free(p)") {
		expect("x left %d, link 1, key random", REQUEST - WORDS);
		note("The value of p is what it was. The first word is now a link of the tcache, "
		     "to nobody, XORed with the address >> 12 (safe-linking, glibc 2.32); the "
		     "second is a key by which a second free() is noticed.");
		chunk_put(block);
		see_bytes(block);
	}
	STEP("q = malloc(%d)", REQUEST) {
		expect("same address 1, x left %d, key zero", REQUEST - WORDS);
		note("It is the block freed last. The key is cleared, the rest is as p left it: "
		     "nobody zeroes memory within a process.");
		other = chunk_get(REQUEST);
		see("same address", other == block);
		see_bytes(other);
	}
	return block;
}

static void twice(size_t block)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDERR_FILENO);
	chunk_put(block);
	chunk_put(block);
}

static void run(void)
{
	size_t block = freeing(), large;

	STEP("write through p, read through q") {
		expect("byte 1");
		note("One block, two owners: the bug that is called use after free.");
		write_at((void *)block, 1);
		read_at((void *)block);
	}
	STEP("a child calls free(p) and free(q)") {
		expect("signal SIGABRT");
		note("\"free(): double free detected in tcache 2\", by the key.");
		CHILD {
			twice(block);
		}
	}
	STEP("free() one of 1 MiB, then read it") {
		expect("signal SIGSEGV MAPERR, hblks +0");
		note("That was a mapping of its own, and is gone: the only case in which the "
		     "kernel can tell.");
		large = chunk_get(MIB(1));
		chunk_put(large);
		read_at((void *)large);
	}
}

const struct experiment exp_dangling = {
	.name = "dangling",
	.question = "What does a pointer point to after free()?",
	.textbook =
		"free(p) cuts the tie between p and its block; set p to NULL, or it points to\n"
		"garbage.",
	.kernel =
		"free() cannot change p, and the memory stays mapped, readable and writable:\n"
		"no system call is made (free() of glibc, malloc/malloc.c, tcache_put()). The\n"
		"first 16 bytes become the allocator's, the others keep their contents until\n"
		"the next owner writes; which is the next malloc() of that size.\n"
		"\n"
		"The MMU protects pages and knows no blocks: a fault comes only if the block\n"
		"had a mapping of its own (128 KiB and more), because that was unmapped.\n"
		"AddressSanitizer (cc -fsanitize=address) keeps freed blocks out of use for a\n"
		"while and checks each access.",
	.look =
		"The first bytes of each word of the block below the steps: 78 is an x. They\n"
		"are read by /proc/self/mem, not through the pointer.",
	.next =
		"A program of yours with GLIBC_TUNABLES=glibc.malloc.perturb=165: free() then\n"
		"overwrites what it is given, and who reads it later notices.",
	.see = "chunks, bins-fast, munmap-basics",
	.words =
		"link, key: first and second word; x left: bytes behind them as they were "
		"written",
	.run = run,
};
