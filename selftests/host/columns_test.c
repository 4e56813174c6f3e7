// SPDX-License-Identifier: GPL-2.0
/*
 * Records in columns, as they come out of a pipe.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "base/suggest.h"
#include "record/record.h"
#include "record/text.h"
#include "term/print.h"
#include "trace/columns.h"

/* One fault in a VMA of this name, printed by a process of its own */
static size_t print(const char *columns, const char *name, char *text, size_t size)
{
	struct event_about about = { .name = name };
	struct mmscope_event fault = {
		.type = MMSCOPE_FAULT, .flags = RECORD_F_WHOLE, .time_ns = 1, .vma = 1,
		.addr = 0x7000000, .npages = 1,
	};
	struct suggestion near;
	size_t n = 0;
	ssize_t got;
	int ends[2];
	pid_t pid;

	if (pipe(ends))
		return 0;
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		report_start();
		if (columns_choose(columns, &near))
			_exit(1);
		columns_event(&fault, &about);
		report_flush();
		_exit(0);
	}
	close(ends[1]);
	while (n + 1 < size && (got = read(ends[0], text + n, size - 1 - n)) > 0)
		n += got;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	text[n] = '\0';
	return n;
}

TEST(long_names_are_whole)
{
	static char name[4096], text[10000];

	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	ASSERT_EQ(0, unsetenv("COLUMNS"));
	EXPECT_EQ(strlen(name) + strlen(" fault r\n"),
		  print("name,event", name, text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, name, strlen(name)));
	EXPECT_STREQ(" fault r\n", text + strlen(name));
}

TEST(nothing_is_without_a_name)
{
	char text[100];

	print("name", "", text, sizeof(text));
	EXPECT_STREQ("anon\n", text);
	print("vma,name", "[heap]", text, sizeof(text));
	EXPECT_STREQ("#1    [heap]\n", text);
}

TEST_HARNESS_MAIN
