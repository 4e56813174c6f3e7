// SPDX-License-Identifier: GPL-2.0
/*
 * Text of records: what is made here is what printf(3) makes, and JSON that json-c reads back.
 */
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "base/format.h"
#include "term/json.h"

/* As printf(3) makes it, for a place of each size up to what it needs and beyond. */
static bool __attribute__((format(printf, 1, 2))) same(const char *fmt, ...)
{
	char want[128], got[128];
	bool equal = true;

	for (size_t size = 1; size < sizeof(want); size++) {
		va_list args, again;
		size_t n;

		memset(got, '!', sizeof(got));
		va_start(args, fmt);
		va_copy(again, args);
		n = vsnprintf(want, size, fmt, args);
		equal = equal && format_list(got, size, fmt, again) == n && !strcmp(got, want) &&
			got[size] == '!';
		va_end(again);
		va_end(args);
	}
	return equal;
}

TEST(numbers)
{
	static const __s64 values[] = {
		0, 1, 9, 10, 99, 100, -1, -10, INT_MAX, INT_MIN, UINT_MAX, LLONG_MAX, LLONG_MIN,
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		__s64 all = values[i];
		unsigned int low = all;

		EXPECT_TRUE(same("%d|%u|%x", (int)low, low, low));
		EXPECT_TRUE(same("%lld|%llu|%llx", all, (__u64)all, (__u64)all));
		EXPECT_TRUE(same("%ld %lu", (long)all, (unsigned long)all));
		EXPECT_TRUE(same("%+lld.%06lld|%012llx", all, all, (__u64)all));
		EXPECT_TRUE(same("%8u|%-8u|%*d", low, low, -7, (int)low));
	}
}

TEST(strings)
{
	EXPECT_TRUE(same("%s, %s%s", "a", "", "word"));
	EXPECT_TRUE(same("%.3s|%.9s|%.*s", "abcdef", "abcdef", 2, "abcdef"));
	EXPECT_TRUE(same("%8s|%-8s|%*s|%*s", "abc", "abc", 6, "abc", -6, "abc"));
	EXPECT_TRUE(same("%2s|%c%c|%%", "longer", 'r', '-'));
}

/* What is not known here is left to the C library. */
TEST(others)
{
	EXPECT_TRUE(same("%s %.1f %s", "before", 2.25, "behind"));
	EXPECT_TRUE(same("%#x %zu", 255, (size_t)7));
}

static const char all[] = "\001\b\t\n\f\r\037 !\"#/\\\177\303\244";

TEST(json_is_read_back)
{
	struct json json = { 0 };
	struct json_object *object, *list;

	for (int i = 0; i < 2; i++) {
		json_start(&json);
		json_begin_object(&json, NULL);
		json_signed(&json, "least", LLONG_MIN);
		json_unsigned(&json, "most", ULLONG_MAX);
		json_string(&json, "all", all);
		json_begin_array(&json, "list");
		json_string(&json, NULL, "");
		json_signed(&json, NULL, -1);
		json_begin_object(&json, NULL);
		json_end_object(&json);
		json_end_array(&json);
		json_begin_object(&json, "none");
		json_end_object(&json);
		json_end_object(&json);
	}
	object = json_tokener_parse(json_text(&json, NULL));
	ASSERT_NE(object, NULL);
	list = json_object_object_get(object, "list");
	EXPECT_EQ(json_object_get_int64(json_object_object_get(object, "least")), LLONG_MIN);
	EXPECT_EQ(json_object_get_uint64(json_object_object_get(object, "most")), ULLONG_MAX);
	EXPECT_STREQ(json_object_get_string(json_object_object_get(object, "all")), all);
	EXPECT_EQ(json_object_array_length(list), 3);
	EXPECT_STREQ(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE),
		     json_text(&json, NULL));
	json_object_put(object);
	free(json.text);
}

/* Names of files are any bytes; a terminal obeys ESC, and U+009b the same way. */
TEST(json_is_utf8)
{
	struct json json = { 0 };

	json_start(&json);
	json_begin_array(&json, NULL);
	json_string(&json, NULL, "\xc3\xa4\xf0\x9f\x99\x82");
	json_string(&json, NULL, "a\xff\xc3");
	json_string(&json, NULL, "\xed\xa0\x80\xc0\x80");
	json_string(&json, NULL, "\xc2\x9b\xc2\xa0\x1b");
	json_end_array(&json);
	EXPECT_STREQ("[\"\xc3\xa4\xf0\x9f\x99\x82\",\"a\ufffd\ufffd\","
		     "\"\ufffd\ufffd\ufffd\ufffd\ufffd\",\"\\u009b\u00a0\\u001b\"]",
		     json_text(&json, NULL));
	free(json.text);
}

TEST_HARNESS_MAIN
