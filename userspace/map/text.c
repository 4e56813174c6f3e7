// SPDX-License-Identifier: GPL-2.0
/*
 * Prints a snapshot as text: sums, a line for each VMA and hole, and the operations of drivers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/kallsyms.h"
#include "base/proc.h"
#include "base/tool.h"
#include "map/snapshot.h"
#include "record/hook_name.h"
#include "record/record.h"
#include "record/text.h"
#include "term/plain_text.h"
#include "term/print.h"
#include "tracer/vm_ops.h"

#define NAME	20	/* columns of a name on a narrow screen, if more follows */
#define WIDE	70	/* columns behind the strip in which whole paths and words are printed */
#define LINE	5000	/* a path has 4095 characters at most */

/* A number of bytes for people: at most four digits, and a unit. */
static const char *human(__u64 bytes, char buf[8])
{
	static const char units[] = "BKMGTPE";
	unsigned int unit = 0;
	double value = bytes;

	while (value >= 1024 && unit < sizeof(units) - 2) {
		value /= 1024;
		unit++;
	}
	if (value < 10 && value != (int)value)
		snprintf(buf, 8, "%.1f%c", value, units[unit]);
	else
		snprintf(buf, 8, "%.0f%c", value, units[unit]);
	return buf;
}

/* Print the sums. mmscope's own VMAs are not counted. */
static void print_totals(const struct snapshot *snapshot)
{
	char promised[8], present[8], shared[8], anon[8], hole[8], own[8];
	__u64 size = proc_page_size();
	struct snapshot_sum sum;

	snapshot_sum(snapshot, &sum);
	human((sum.pages[PAGE_SHARED] + sum.pages[PAGE_ANON]) * size, present);
	if (snapshot->kept && !snapshot->rss_known)
		snprintf(present, sizeof(present), "?");
	report_painted(PAINT_STRONG, "%s (pid %d): %zu VMAs, %s promised, %s present",
		       snapshot->comm, snapshot->pid, snapshot->nr - sum.own_vmas,
		       human(sum.promised, promised), present);
	human(sum.pages[PAGE_SHARED] * size, shared);
	human(sum.pages[PAGE_ANON] * size, anon);
	if (snapshot->kept && !snapshot->rss_known)
		report_line("  present  not known: the recording is read from a keyframe on");
	else
		report_line("  present  %s of files and shared memory, %s private; "
			    "%llu pages in swap", shared, anon, sum.pages[PAGE_SWAPPED]);
	if (snapshot->max)
		report_line("  VMAs     %ld more may be made (vm.max_map_count %lu)",
			    (long)(snapshot->max - snapshot->nr), snapshot->max);
	if (sum.own_vmas)
		report_line("  besides  %zu VMAs with %s of mmscope's own rings and maps",
			    sum.own_vmas, human(sum.own, own));
	report_line("  hole     the largest has %s, from %012llx",
		    human(sum.hole_end - sum.hole, hole), sum.hole);
}

static bool seen(const struct snapshot *snapshot, const char *marks)
{
	for (size_t i = 0; i < snapshot->nr; i++)
		if (strpbrk(snapshot->vmas[i].strip, marks))
			return true;
	return false;
}

/* Explain the marks that occur in the picture. */
static void print_legend(const struct snapshot *snapshot)
{
	static const char *const marks[][2] = {
		{ "#", "# present" }, { ":+", ": + partly" }, { ".", ". promised" },
		{ "c", "c private copies" }, { "z", "z zero page" }, { "s", "s in swap" },
		{ "g", "g guard" }, { "?", "? not told" },
	};
	char line[160] = "";

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (seen(snapshot, marks[i][0]))
			snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s",
				 *line ? "  " : "", marks[i][1]);
	report_paragraph(PAINT_DIM, 2, line);
	report_line("%s", "");
	report_painted(PAINT_STRONG, "%-12s %5s %-4s %-*s  %s", "start", "size", "",
		       (int)snapshot->width + 2, "pages", "what");
}

/* Write which call made a VMA and how old it is; "" for a VMA that was there before. */
static void lineage(const struct snapshot *snapshot, const struct vma *vma, bool wide, char *buf,
		    size_t size)
{
	double age = (snapshot->now - vma->born_ns) / 1e9;
	char cause[32], from[24] = "";

	buf[0] = '\0';
	if (vma->birth == RECORD_THERE)
		return;
	cause_text(vma->born_by, cause, sizeof(cause));
	cause[strcspn(cause, "(")] = '\0';
	if (vma->parent)
		snprintf(from, sizeof(from), wide ? " from #%u" : "<%u", vma->parent);
	snprintf(buf, size, wide ? "#%u%s by %s, %.*f s old" : "#%u%s %s %.*fs", vma->id, from,
		 cause, age < 10, age);
}

static void add(char *line, const char *text, unsigned int column)
{
	size_t n = strlen(line);

	if (!*text || n >= LINE - 1)
		return;
	if (n < column)
		n += snprintf(line + n, LINE - n, "%*s", (int)(column - n), "");
	snprintf(line + n, LINE - n, "%s%s", n > column ? " " : "", text);
}

static void name_of(const struct snapshot_vma *vma, char *buf, size_t size, bool whole)
{
	const char *slash = vma->name[0] == '/' && !whole ? strrchr(vma->name, '/') + 1 : vma->name;

	if (vma->own)
		snprintf(buf, size, "(mmscope's own)");
	else if (*vma->name)
		snprintf(buf, size, "%s", slash);
	else
		snprintf(buf, size, "%s", vma->rights[0] == '-' && vma->rights[1] == '-' &&
			 vma->rights[2] == '-' ? "anon, reserved" : "anon");
}

static __u64 ops_of(const struct snapshot *snapshot, size_t i)
{
	return snapshot->vmas[i].vma ? snapshot->vmas[i].vma->image.ops : 0;
}

/* Has no VMA before this one the same operations? */
static bool first_use(const struct snapshot *snapshot, size_t vma)
{
	for (size_t i = 0; i < vma; i++)
		if (ops_of(snapshot, i) == ops_of(snapshot, vma))
			return false;
	return true;
}

/* The name of operations, or a number by which a VMA without a name is found in the table. */
static const char *ops_name(const struct snapshot *snapshot, __u64 ops)
{
	const char *name = ops ? kallsyms_name(ops) : "";
	unsigned int number = 0;
	static char text[32];

	if (name)
		return name;
	for (size_t i = 0; i < snapshot->nr; i++) {
		__u64 other = ops_of(snapshot, i);

		number += other && !kallsyms_name(other) && first_use(snapshot, i);
		if (other == ops)
			break;
	}
	snprintf(text, sizeof(text), "operations %u", number);
	return text;
}

static void hook_list(__u64 ops, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (enum raw_hook hook = 0; hook < RAW_NR_HOOKS; hook++)
		if (hooks_has(ops, hook) && n < size)
			n += snprintf(buf + n, size - n, "%s%s", n ? " " : "", hook_name(hook));
}

/* Print a line, cut to the width of the screen. */
static void print_line(const char *line, enum paint paint)
{
	report_painted(paint, "%.*s", (int)report_columns(), line);
}

static enum paint paint_of(char mark)
{
	switch (mark) {
	case '#':
	case '+':
	case ':':
		return PAINT_GOOD;
	case 'c':
		return PAINT_WARN;
	case 's':
	case 'g':
		return PAINT_BAD;
	}
	return PAINT_DIM;
}

/* Write a strip in colours; marks of the same colour in a row share an escape sequence. */
static void paint_strip(const char *strip, char *buf, size_t size)
{
	size_t n = 0;

	for (const char *at = strip, *end; *at && n < size; at = end) {
		const char *on = report_escape(paint_of(*at));

		for (end = at; *end && paint_of(*end) == paint_of(*at); end++)
			;
		n += snprintf(buf + n, size - n, "%s%.*s%s", on ? on : "", (int)(end - at), at,
			      on ? "\033[0m" : "");
	}
}

/* Widths of the columns of a VMA's line that are behind its strip: all of them, and the name */
struct columns {
	unsigned int all;
	unsigned int name;
};

/* Give names as many columns as they need, but not more than half of them. */
static struct columns columns_for(const struct snapshot *snapshot)
{
	unsigned int left = 12 + 1 + 5 + 1 + 4 + 1 + snapshot->width + 2 + 2;
	struct columns columns = { .all = report_columns() - left };
	unsigned int most = columns.all / 2 > NAME ? columns.all / 2 : NAME;

	for (size_t i = 0; i < snapshot->nr; i++) {
		const char *name = snapshot->vmas[i].name, *slash = strrchr(name, '/');
		unsigned int n = strlen(slash && columns.all < WIDE ? slash + 1 : name);

		columns.name = n > columns.name ? n : columns.name;
	}
	columns.name = columns.name < most ? columns.name : most;
	return columns;
}

static void text_of(const struct snapshot *snapshot, const struct snapshot_vma *vma,
		    const struct columns *columns, char *line)
{
	bool wide = columns->all >= WIDE;
	char text[LINE];

	name_of(vma, text, sizeof(text), wide && strlen(vma->name) <= columns->name);
	if (vma->vma && vma->vma->image.ops && strlen(text) > columns->name)
		text[columns->name] = '\0';
	add(line, text, 0);
	if (!vma->vma || vma->own)
		return;
	lineage(snapshot, vma->vma, wide, text, sizeof(text));
	add(line, text, columns->name + 1);
	add(line, ops_name(snapshot, vma->vma->image.ops), columns->name + 1);
	if (!wide || !vma->vma->image.ops)
		return;
	hook_list(vma->vma->image.ops, text, sizeof(text));
	add(line, text, 0);
}

static void print_vma(const struct snapshot *snapshot, const struct snapshot_vma *vma,
		      const struct columns *columns)
{
	int pad = snapshot->width - strlen(vma->strip);
	char text[LINE] = "", plain[LINE], size[8], strip[ATLAS_STRIP * 12];

	paint_strip(vma->strip, strip, sizeof(strip));
	text_of(snapshot, vma, columns, text);
	plain_text(plain, sizeof(plain), text);
	report_colours("%012llx %5s %s [%s]%*s  %.*s", vma->start,
		       human(vma->end - vma->start, size), vma->rights, strip, pad, "",
		       (int)columns->all, plain);
}

static void print_hole(const struct snapshot *snapshot, size_t i)
{
	__u64 from = snapshot_end_before(snapshot, i);
	__u64 to = i < snapshot->nr ? snapshot->vmas[i].start : snapshot->top;
	char size[8];

	if (to > from)
		report_painted(PAINT_DIM, "%12s %5s", "hole", human(to - from, size));
}

static void print_why(const struct snapshot *snapshot, size_t i)
{
	char why[200], line[LINE];

	if (!snapshot->why || snapshot_apart(snapshot, i, why, sizeof(why)) == -2)
		return;
	snprintf(line, sizeof(line), "%12s       %s", "|", why);
	print_line(line, PAINT_WARN);
}

/* The number of VMAs that have the operations of this one; 0 when a VMA before it has them. */
static unsigned int users_of(const struct snapshot *snapshot, size_t first)
{
	unsigned int users = 0;

	if (!ops_of(snapshot, first) || !first_use(snapshot, first))
		return 0;
	for (size_t i = first; i < snapshot->nr; i++)
		users += ops_of(snapshot, i) == ops_of(snapshot, first);
	return users;
}

static void print_hooks(const char *name, unsigned int users, const char *hooks)
{
	unsigned int left = 24 + 1 + 4 + 2;
	size_t n = report_break(hooks, report_columns() - left);

	report_line("%-24s %4u  %.*s", name, users, (int)n, hooks);
	while (*(hooks += n + strspn(hooks + n, " "))) {
		n = report_break(hooks, report_columns() - left);
		report_line("%*s%.*s", (int)left, "", (int)n, hooks);
	}
}

/* Print a table of operations: how many VMAs have them, and their hooks. */
static void print_operations(const struct snapshot *snapshot)
{
	bool first = true, hidden = false;
	char hooks[200];

	for (size_t i = 0; i < snapshot->nr; i++) {
		unsigned int users = users_of(snapshot, i);

		if (!users)
			continue;
		if (first) {
			report_line("%s", "");
			report_painted(PAINT_STRONG, "%-24s %4s  hooks", "operations", "VMAs");
		}
		first = false;
		hook_list(ops_of(snapshot, i), hooks, sizeof(hooks));
		print_hooks(ops_name(snapshot, ops_of(snapshot, i)), users,
			    *hooks ? hooks : "none");
		hidden |= !kallsyms_name(ops_of(snapshot, i));
	}
	if (hidden)
		report_fill(0, kallsyms_hidden() ? "To see the names of operations, have "
			    "CAP_SYSLOG, and kernel.kptr_restrict below 2." :
			    "Operations with a number have no name in /proc/kallsyms.");
}

/**
 * snapshot_print - print a snapshot as text
 * @snapshot: from snapshot_look() or snapshot_of_mm()
 */
void snapshot_print(const struct snapshot *snapshot)
{
	struct columns columns;

	print_totals(snapshot);
	print_legend(snapshot);
	columns = columns_for(snapshot);
	for (size_t i = 0; i < snapshot->nr; i++) {
		print_hole(snapshot, i);
		print_why(snapshot, i);
		print_vma(snapshot, &snapshot->vmas[i], &columns);
	}
	print_hole(snapshot, snapshot->nr);
	print_operations(snapshot);
}
