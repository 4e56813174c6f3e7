// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's log: has it complained since it was looked at last?
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/tool.h"
#include "check/kernel_log.h"

static int fd = -1;
static unsigned long lost;

/* What a line has in it that says that something is wrong in the kernel. */
static const char *const complaints[] = {
	"BUG:", "WARNING:", "Oops", "kernel BUG at", "general protection fault", "KASAN", "KCSAN",
	"UBSAN", "Bad page", "bad page", "unable to handle", "refcount_t:", "corruption",
	"possible circular locking", "inconsistent lock state", "possible recursive locking",
	"blocked for more than", "soft lockup", "hard LOCKUP", "detected stalls",
	"stack segment", "double fault", "Kernel panic", "use-after-free",
	"scheduling while atomic", "sleeping function called", "still has locks held",
	"unreferenced object", " overwritten", "already free", "Bad rss-counter",
	"page dumped because", "suspicious RCU usage", "held lock freed",
};

/**
 * kernel_log_start - from here on it is looked at
 *
 * Return: can it be read?
 */
bool kernel_log_start(void)
{
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 && lseek(fd, 0, SEEK_END) >= 0;
}

/* A record is "LEVEL,NUMBER,TIME,FLAGS;TEXT", and perhaps lines with more. */
static bool is_complaint(char *record, char *line, size_t size)
{
	char *text = strchr(record, ';');

	if (!text)
		return false;
	text++;
	text[strcspn(text, "\n")] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(complaints); i++) {
		if (!strstr(text, complaints[i]))
			continue;
		snprintf(line, size, "%s", text);
		return true;
	}
	return false;
}

/**
 * kernel_log_complains - is there a new line that says that something is wrong?
 * @line: the first of them
 * @size: of @line
 */
bool kernel_log_complains(char *line, size_t size)
{
	bool found = false;
	char record[8193];
	ssize_t n;

	while (fd >= 0) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE) {
			lost++;
			continue;
		}
		if (n <= 0)
			break;
		record[n] = 0;
		if (!found)
			found = is_complaint(record, line, size);
	}
	return found;
}

/**
 * kernel_log_lost - how often records were overwritten before they were read
 */
unsigned long kernel_log_lost(void)
{
	return lost;
}
