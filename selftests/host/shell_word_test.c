// SPDX-License-Identifier: GPL-2.0
/*
 * Words of a command as a shell reads them: plain ones as they are, others so that nothing in them
 * is obeyed by a terminal or ends a line, and that a shell makes the same bytes of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "harness.h"
#include "base/shell_word.h"

static char *word_of(const char *word)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	shell_word(to, word);
	fclose(to);
	return text;
}

static bool is(const char *word, const char *want)
{
	char *got = word_of(word);
	bool same = !strcmp(got, want);

	if (!same)
		printf("# %s, not %s\n", got, want);
	free(got);
	return same;
}

TEST(plain_words_stay)
{
	EXPECT_TRUE(is("ls", "ls"));
	EXPECT_TRUE(is("--at=1.5", "--at=1.5"));
	EXPECT_TRUE(is("/usr/bin/a_b+c,d:e%f@g", "/usr/bin/a_b+c,d:e%f@g"));
}

TEST(others_are_quoted)
{
	EXPECT_TRUE(is("", "''"));
	EXPECT_TRUE(is("a b", "'a b'"));
	EXPECT_TRUE(is("it's", "'it'\\''s'"));
	EXPECT_TRUE(is("<script>\"$x\" \\", "'<script>\"$x\" \\'"));
	EXPECT_TRUE(is("gr\xc3\xbc\xc3\x9f", "'gr\xc3\xbc\xc3\x9f'"));
}

TEST(nothing_is_obeyed)
{
	EXPECT_TRUE(is("a\nb", "$'a\\nb'"));
	EXPECT_TRUE(is("\033[31m\\'", "$'\\033[31m\\\\\\''"));
	EXPECT_TRUE(is("\xff\xc3z", "$'\\377\\303z'"));
	EXPECT_TRUE(is("\302\2331m", "$'\\302\\2331m'"));
	EXPECT_TRUE(is("\x7f", "$'\\177'"));
	/* Too long, a surrogate, beyond all characters, and one that ends too early */
	EXPECT_TRUE(is("\xc0\xaf", "$'\\300\\257'"));
	EXPECT_TRUE(is("\xed\xa0\x80", "$'\\355\\240\\200'"));
	EXPECT_TRUE(is("\xf4\x90\x80\x80", "$'\\364\\220\\200\\200'"));
	EXPECT_TRUE(is("\xe2\x82", "$'\\342\\202'"));
}

/* All in one command, for to start a shell takes its time. */
TEST(a_shell_reads_the_same)
{
	static const char *const ends[] = { "", "'", "\\", "\n", "1", "\xc3\xa4" };
	static char want[1 << 14], got[1 << 14];
	char *command = NULL;
	size_t size, n = 0;
	FILE *to = open_memstream(&command, &size);

	fputs("printf '%s\\0'", to);
	for (int c = 1; c < 256; c++)
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
			char *word = want + n;

			n += sprintf(word, "%c%s", c, ends[i]) + 1;
			fputc(' ', to);
			shell_word(to, word);
		}
	fclose(to);
	if (system("bash -c true"))
		SKIP(return, "no bash");
	setenv("COMMAND", command, 1);
	to = popen("exec bash -c 'eval \"$COMMAND\"'", "r");
	EXPECT_EQ(n, fread(got, 1, sizeof(got), to));
	pclose(to);
	EXPECT_EQ(0, memcmp(got, want, n));
	free(command);
}

TEST_HARNESS_MAIN
