// SPDX-License-Identifier: GPL-2.0
/*
 * What metrics are made of: values of labels that anybody may choose, how many of them there are,
 * and addresses to listen at.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "scrape/address.h"
#include "scrape/exposition.h"
#include "scrape/labels.h"
#include "scrape/slices.h"

/* The text of one sample whose label has this value, to be freed */
static char *sample(const char *value)
{
	const struct sample_label labels[SAMPLE_LABELS] = { { "slice", value } };
	struct exposition out = { .name = "m" };
	char *text = NULL;
	size_t n;

	out.to = open_memstream(&text, &n);
	exposition_count(&out, "_total", labels, 7);
	fclose(out.to);
	return text;
}

static bool writes(const char *value, const char *wanted)
{
	char all[300], *text = sample(value);
	bool same;

	snprintf(all, sizeof(all), "m_total{slice=\"%s\"} 7\n", wanted);
	same = !strcmp(text, all);
	if (!same)
		printf("# not %s# but %s", all, text);
	free(text);
	return same;
}

/* A value ends where it ends: no line, label or sample comes out of it. */
TEST(hostile_values_are_escaped)
{
	EXPECT_TRUE(writes("system.slice", "system.slice"));
	EXPECT_TRUE(writes("a\"} 1\nx_total{slice=\"b", "a\\\"} 1\\\\x0ax_total{slice=\\\"b"));
	EXPECT_TRUE(writes("\\", "\\\\"));
	EXPECT_TRUE(writes("\\n", "\\\\n"));
	EXPECT_TRUE(writes("a\\", "a\\\\"));
	EXPECT_TRUE(writes("\033[31m\r\t", "\\\\x1b[31m\\\\x0d\\\\x09"));
	EXPECT_TRUE(writes("\377\300\257", "\\\\xff\\\\xc0\\\\xaf"));
	EXPECT_TRUE(writes("\302\233", "\\\\xc2\\\\x9b"));
	EXPECT_TRUE(writes("\303\244", "\303\244"));
	EXPECT_TRUE(writes("", ""));
}

/* Each byte there is, in a name: one line, with two quotes that are no part of it */
TEST(any_byte_stays_in_its_value)
{
	for (int c = 1; c < 256; c++) {
		char value[4] = { 'a', c, 'b' }, *text = sample(value);
		size_t quotes = 0;

		for (char *at = text; *at; at++) {
			if (*at == '\\')
				at++;
			else
				quotes += *at == '"';
		}
		EXPECT_EQ(2, quotes);
		EXPECT_EQ(text + strlen(text) - 1, strchr(text, '\n'));
		free(text);
	}
}

TEST(times_are_in_seconds)
{
	struct exposition out = { .name = "m" };
	char *text = NULL;
	size_t n;

	out.to = open_memstream(&text, &n);
	exposition_seconds(&out, "_sum", NULL, 12345678901ULL);
	exposition_seconds(&out, "_sum", NULL, 1);
	exposition_seconds(&out, "_sum", NULL, 0);
	fclose(out.to);
	EXPECT_STREQ("m_sum 12.345678901\nm_sum 0.000000001\nm_sum 0.000000000\n", text);
	free(text);
}

static const char *slice(const char *cgroup)
{
	static char name[256];

	slice_name(cgroup, name, sizeof(name));
	return name;
}

TEST(slices_are_what_is_at_the_top)
{
	EXPECT_STREQ("system.slice", slice("/system.slice/nginx.service"));
	EXPECT_STREQ("user.slice", slice("/user.slice/user-1000.slice/session-3.scope"));
	EXPECT_STREQ("init.scope", slice("/init.scope"));
	EXPECT_STREQ("docker", slice("//docker/0123"));
	EXPECT_STREQ("-.slice", slice("/"));
	EXPECT_STREQ("unknown", slice(""));
	EXPECT_STREQ("unknown", slice(NULL));
	EXPECT_STREQ("\\x1b\\x0a", slice("/\033\n/x"));
}

/* Names that are written alike are one series: a page with it twice is refused. */
TEST(names_that_look_alike_are_one)
{
	char first[256];

	strcpy(first, slice("/\377"));
	EXPECT_STREQ(first, slice("/\\xff"));
}

TEST(values_are_bounded)
{
	static struct label_rows rows = { .what = "tests", .most = 4 };
	char name[16];

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100; i++) {
			snprintf(name, sizeof(name), "%d", i);
			label_row(&rows, name, i % 2 ? "odd" : "even")->count++;
		}
	EXPECT_EQ(4, rows.nr);
	EXPECT_EQ(2, label_row(&rows, "0", "even")->count);
	EXPECT_EQ(2, label_row(&rows, "2", "even")->count);
	EXPECT_STREQ("other", rows.rows[3].values[0]);
	EXPECT_STREQ("other", rows.rows[3].values[1]);
	/* Nothing is lost: the others are in it. */
	EXPECT_EQ(194, rows.rows[3].count);
	EXPECT_EQ(194, rows.folded);
	/* The second value tells rows apart, too. */
	EXPECT_EQ(&rows.rows[3], label_row(&rows, "0", "odd"));
}

/* Rows are numbers of slices in an array of SLICES_MOST. */
TEST(slices_are_bounded)
{
	char name[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		label_row(slices_all(), name, NULL);
	}
	EXPECT_EQ(SLICES_MOST, slices_all()->nr);
	EXPECT_STREQ("other", slices_all()->rows[SLICES_MOST - 1].values[0]);
	EXPECT_EQ(1000 - SLICES_MOST + 1, slices_all()->folded);
}

static bool is(const char *text, const char *host, int port, bool local)
{
	char name[INET6_ADDRSTRLEN] = "";
	struct address address;

	if (address_parse(&address, text))
		return false;
	if (address.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address.v4.sin_addr, name, sizeof(name));
		return !strcmp(name, host) && ntohs(address.v4.sin_port) == port &&
		       address_is_local(&address) == local && address.size == sizeof(address.v4);
	}
	inet_ntop(AF_INET6, &address.v6.sin6_addr, name, sizeof(name));
	return !strcmp(name, host) && ntohs(address.v6.sin6_port) == port &&
	       address_is_local(&address) == local && address.size == sizeof(address.v6);
}

TEST(addresses_are_read)
{
	EXPECT_TRUE(is("9873", "127.0.0.1", 9873, true));
	EXPECT_TRUE(is(":80", "127.0.0.1", 80, true));
	EXPECT_TRUE(is("localhost:1", "127.0.0.1", 1, true));
	EXPECT_TRUE(is("localhost", "127.0.0.1", 9873, true));
	EXPECT_TRUE(is("127.0.0.2:65535", "127.0.0.2", 65535, true));
	EXPECT_TRUE(is("10.1.2.3", "10.1.2.3", 9873, false));
	EXPECT_TRUE(is("0.0.0.0:9873", "0.0.0.0", 9873, false));
	EXPECT_TRUE(is("[::1]:80", "::1", 80, true));
	EXPECT_TRUE(is("[::]:80", "::", 80, false));
	EXPECT_TRUE(is("[fe80::1]", "fe80::1", 9873, false));
	EXPECT_TRUE(is("::1", "::1", 9873, true));
}

TEST(what_is_no_address_is_told)
{
	static const char *const bad[] = {
		"host:80", "1.2.3:80", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:", "[::1", "[::1]80",
		"[::1]:", "[1::2::3]:80", "1.2.3.4:80x", "0", "-1", "99999", "1.2.3.4:80:90",
	};
	struct address address;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		EXPECT_NE(NULL, address_parse(&address, bad[i]))
			TH_LOG("%s", bad[i]);
	}
}

TEST_HARNESS_MAIN
