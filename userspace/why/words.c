// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the parts of the causes' sentences: sizes, times, and where memory was touched.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/proc.h"
#include "why/causes.h"

/**
 * cause_size - a number of pages in KiB, MiB or GiB, as "12.0 MiB"
 * @pages: how many pages
 *
 * Return: one of four static buffers, which are used in turn
 */
const char *cause_size(__u64 pages)
{
	static char bufs[4][32];
	static unsigned int next;
	char *buf = bufs[next++ % 4];
	double kib = pages * (proc_page_size() / 1024.0);

	if (kib >= 1024 * 1024)
		snprintf(buf, sizeof(bufs[0]), "%.1f GiB", kib / 1024 / 1024);
	else if (kib >= 1024)
		snprintf(buf, sizeof(bufs[0]), "%.1f MiB", kib / 1024);
	else
		snprintf(buf, sizeof(bufs[0]), "%.0f KiB", kib);
	return buf;
}

/**
 * cause_time - a time in us, ms or s, as "1.2 ms"
 * @ns: the time, ns
 *
 * Return: one of four static buffers, which are used in turn
 */
const char *cause_time(__u64 ns)
{
	static char bufs[4][32];
	static unsigned int next;
	char *buf = bufs[next++ % 4];

	if (ns >= 1000000000)
		snprintf(buf, sizeof(bufs[0]), "%.2f s", ns / 1e9);
	else if (ns >= 1000000)
		snprintf(buf, sizeof(bufs[0]), "%.1f ms", ns / 1e6);
	else
		snprintf(buf, sizeof(bufs[0]), "%.1f us", ns / 1e3);
	return buf;
}

/**
 * cause_say - write a sentence of a finding, as snprintf() does; what does not fit is cut off
 * @buf: where to write
 * @size: bytes of @buf
 * @fmt: format, and its arguments
 */
void cause_say(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, size, fmt, args);
	va_end(args);
}

/**
 * cause_site - where most pages of a kind of memory were touched
 * @mm: the address space
 * @kind: kind of the memory, NR_KINDS for any
 * @again: look for most faults in pages that had been given back, instead
 *
 * Return: NULL if there is none
 */
const struct ledger_site *cause_site(const struct ledger_mm *mm, enum ledger_kind kind,
				     bool again)
{
	const struct ledger_site *most = NULL;
	struct ledger_site **list;
	size_t n = sites_of(mm->id, &list);

	for (size_t i = 0; i < n; i++) {
		const struct ledger_site *site = list[i];

		if ((kind != NR_KINDS && site->kind != kind) || (again && !site->again))
			continue;
		if (!most || (again && site->again > most->again))
			most = site;
	}
	free(list);
	return most;
}
