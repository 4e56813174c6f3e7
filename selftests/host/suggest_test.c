// SPDX-License-Identifier: GPL-2.0
/*
 * Words of the command line: what was meant by one that is wrong, and lists of names.
 */
#include <stdio.h>
#include <string.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "base/name_list.h"
#include "base/suggest.h"

static const char *const names[] = {
	"lazy", "partial-munmap", "munmap-basics", "munmap-malloc", "cow", "trace", "stat", NULL,
};

/* What is said of a word */
static const char *meant(const char *word)
{
	struct suggestion near;
	const char *todo;

	suggest_begin(&near, word);
	for (size_t i = 0; names[i]; i++)
		suggest_offer(&near, names[i]);
	todo = suggest_todo(&near, NULL);
	return todo ? todo : "";
}

TEST(one_mistake_is_seen)
{
	EXPECT_STREQ("did you mean lazy?", meant("lazi"));
	EXPECT_STREQ("did you mean lazy?", meant("azy"));
	EXPECT_STREQ("did you mean lazy?", meant("lazzy"));
	EXPECT_STREQ("did you mean lazy?", meant("alzy"));
	EXPECT_STREQ("did you mean lazy?", meant("LAZY"));
	EXPECT_STREQ("did you mean cow?", meant("caw"));
	EXPECT_STREQ("did you mean partial-munmap?", meant("partial_munmap"));
	EXPECT_STREQ("did you mean partial-munmap?", meant("parital-mumnap"));
}

TEST(beginnings_and_parts_are_seen)
{
	EXPECT_STREQ("did you mean trace?", meant("tr"));
	EXPECT_STREQ("did you mean munmap-basics or munmap-malloc?", meant("munmap"));
	EXPECT_STREQ("did you mean partial-munmap?", meant("tial"));
}

TEST(what_is_far_is_not_suggested)
{
	char longest[500];

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	EXPECT_STREQ("", meant(""));
	EXPECT_STREQ("", meant("l"));
	EXPECT_STREQ("", meant("nonsense"));
	EXPECT_STREQ("", meant("tract-of-land"));
	EXPECT_STREQ("", meant(longest));
}

TEST(else_what_to_do_is_told)
{
	struct suggestion near;

	suggest_begin(&near, "jsn");
	near.before = "--";
	EXPECT_STREQ("see there", suggest_todo(&near, "see there"));
	suggest_offer(&near, "json");
	EXPECT_STREQ("did you mean --json? see there", suggest_todo(&near, "see there"));
}

/* The names of a list, each in brackets */
static const char *names_in(const char *list)
{
	static char text[100];
	char name[8];

	text[0] = '\0';
	while (name_list_next(&list, name, sizeof(name))) {
		strcat(text, "[");
		strcat(text, name);
		strcat(text, "]");
	}
	return text;
}

TEST(lists_have_commas_or_blanks)
{
	EXPECT_STREQ("[mmap][unmap]", names_in("mmap,unmap"));
	EXPECT_STREQ("[mmap][unmap]", names_in("mmap, unmap"));
	EXPECT_STREQ("[mmap][unmap]", names_in(" mmap unmap ,"));
	EXPECT_STREQ("[mmap]", names_in("mmap"));
	EXPECT_STREQ("[a-long-][x]", names_in("a-long-name,x"));
	EXPECT_STREQ("", names_in(""));
	EXPECT_STREQ("", names_in(" , "));
	EXPECT_TRUE(name_list_open("mmap,"));
	EXPECT_TRUE(name_list_open("mmap , "));
	EXPECT_FALSE(name_list_open("mmap,unmap"));
	EXPECT_FALSE(name_list_open(""));
}

TEST_HARNESS_MAIN
