// SPDX-License-Identifier: GPL-2.0
/* A process chooses its name, and with it no line and no colour of the files that people read */
#include "backing.h"

#include <sys/prctl.h>

#define FILES	"/sys/kernel/debug/mmscope/"

/* Returns the text, of which everything is printable but the ends of lines; NULL if not */
static char *read_printable(const char *name, char *text, size_t size)
{
	FILE *f = fopen(name, "re");
	size_t len, i;

	if (!f)
		return NULL;
	len = fread(text, 1, size - 1, f);
	fclose(f);
	text[len] = '\0';
	for (i = 0; i < len; i++)
		if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~'))
			return NULL;
	return text;
}

TEST_F(backing, names_are_escaped_in_text)
{
	static char text[1 << 20];
	char id[32];

	if (access(FILES "mms", R_OK))
		SKIP(return, "no " FILES);
	/* Records its name as it first does something */
	prctl(PR_SET_NAME, "\033[1mX\n9 \303\244\\");
	SET_UP(MMSCOPE_PAGE, 0, 4);
	touch_write(self->p, 1);
	ASSERT_NE(NULL, read_printable(FILES "mms", text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, " \\033[1mX\\0129\\040\\303\\244\\134 live "));
	snprintf(id, sizeof(id), "mm %u\n", scope_mm(self->s.fd));
	ASSERT_NE(NULL, read_printable(FILES "events", text, sizeof(text)));
	ASSERT_NE(NULL, strstr(text, id));
	EXPECT_NE(NULL, strstr(strstr(text, id), " \\033[1mX\\0129\\040\\303\\244\\134\n"));
}

/* How many were killed for lack of memory, or whatever line of a file of numbers */
static long long number_of(const char *path, const char *name)
{
	char line[128], key[64];
	long long n = -1, value;
	FILE *f = fopen(path, "re");

	while (f && n < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lld", key, &value) == 2 && !strcmp(key, name))
			n = value;
	if (f)
		fclose(f);
	return n;
}

TEST_F(backing, vmalloc_larger_than_memory_is_enomem)
{
	long long kills = number_of("/proc/vmstat", "oom_kill");

	if (self->info.max_pages * (page_size() / 1024) <=
	    number_of("/proc/meminfo", "MemAvailable:"))
		SKIP(return, "max_pages is less than the memory");
	errno = 0;
	EXPECT_EQ(-1, scope_setup(self->s.fd, MMSCOPE_VMALLOC, 0, self->info.max_pages));
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_EQ(kills, number_of("/proc/vmstat", "oom_kill"));
	/* The file is as it was */
	SET_UP(MMSCOPE_VMALLOC, 0, 4);
	EXPECT_TRUE(has_text(self->p, 0));
}

TEST_HARNESS_MAIN
