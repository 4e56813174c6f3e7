// SPDX-License-Identifier: GPL-2.0
/*
 * Can part of a malloc()ed block be given back?
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab/experiment.h"

/* What glibc says before it aborts goes to stderr: into a pipe here. */
static int last_words[2];

static void child(char *first, char *second)
{
	dup2(last_words[1], STDERR_FILENO);
	if (first)
		free(first);
	free(second);
}

static void hear(void)
{
	char text[60] = "";
	ssize_t n;

	close(last_words[1]);
	n = read(last_words[0], text, sizeof(text) - 1);
	close(last_words[0]);
	text[strcspn(text, "\n")] = '\0';
	see_text("last words", "%s", n > 0 ? text : "none");
}

/* Frees both in a child that is expected to abort. */
static void free_in_child(char *first, char *second)
{
	if (pipe(last_words))
		skip("no pipe: %s", strerror(errno));
	CHILD {
		child(first, second);
	}
	hear();
}

static void wrong(char *p)
{
	STEP("free(p + 16)") {
		expect("signal SIGABRT, last words free(): invalid pointer");
		note("In front of a chunk is its size. In front of p + 16 is data, here -16; "
		     "glibc looks whether that can be a size, and aborts.");
		free_in_child(NULL, p + 16);
	}
	STEP("free(p + 1)") {
		expect("signal SIGABRT, last words free(): invalid pointer");
		free_in_child(NULL, p + 1);
	}
	STEP("free(p) twice") {
		expect("signal SIGABRT, last words free(): double free detected in tcache 2");
		free_in_child(p, p);
	}
}

static void shrinking(void)
{
	size_t whole = KIB(64), left = KIB(16);
	char *p = malloc(whole);

	memset(p, 1, whole);
	/* So that what is cut off does not join the top. */
	STEP("realloc 64K to 16K, more chunks behind") {
		char *guard = malloc(100), *same;

		expect("fordblks +%zu bytes, brk +0 KiB", whole - left);
		expect("heap rss +0 KiB, place the same");
		note("The rest is a free chunk now: good for the next malloc(), while its pages "
		     "stay.");
		same = ACT(realloc(p, left));
		see_text("place", same == p ? "the same" : "another");
		p = same;
		free(guard);
	}
	STEP("malloc_trim(0)") {
		expect("result 1, heap rss -%zu..-%zu", (whole - left) / len(1) + 1,
		       (whole - left) / len(1) - 1);
		note("This gives back free pages in the middle, too: by MADV_DONTNEED.");
		ACT(malloc_trim(0));
	}
	free(p);
}

static void shrinking_mapped(void)
{
	char *p = malloc(MIB(1));

	memset(p, 1, MIB(1));
	STEP("a chunk with a mapping: realloc 1M to 200K") {
		char *same;

		expect("hblkhd -824 KiB, process size -824 KiB, process rss -824..-820 KiB");
		note("mremap(2): the pages at the end are given back at once.");
		same = ACT(realloc(p, KIB(200)));
		p = same;
	}
	free(p);
}

static void run(void)
{
	long *p = calloc(10, sizeof(*p));

	p[1] = -16;
	wrong((char *)p);
	shrinking();
	shrinking_mapped();
	free(p);
}

const struct experiment exp_free_interior = {
	.name = "free-interior",
	.question = "Can part of a malloc()ed block be given back?",
	.textbook = "What malloc() gave can only be freed as a whole.",
	.kernel =
		"That is so for free(): it finds the size of a chunk in front of it, so it\n"
		"must be called with what malloc() returned (_int_free() and\n"
		"free_check_tcache() in glibc's malloc/malloc.c check what they can). But\n"
		"realloc() makes a block smaller where it is: in the heap the rest becomes a\n"
		"free chunk and its pages stay; a chunk with a mapping of its own is shrunk by\n"
		"mremap(2) (mremap_chunk()), and its pages are free. And whoever takes memory\n"
		"from mmap() himself may unmap any page of it.",
	.look = "heap rss: what stays present although it is free (fordblks).",
	.next =
		"A program of yours with GLIBC_TUNABLES=glibc.malloc.tcache_count=0 that frees a\n"
		"block twice: it is noticed elsewhere, and other words are said.",
	.see = "partial-munmap, munmap-malloc, ptmalloc-story",
	.words =
		"fordblks: free bytes in malloc()'s heap; hblkhd: bytes it has mapped; "
		"last words: of glibc on stderr",
	.run = run,
};
