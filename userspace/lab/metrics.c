// SPDX-License-Identifier: GPL-2.0
/*
 * Figures that a step can predict, and how each is observed: a row each in the tables below. see()
 * makes figures of a step's own.
 *
 *	vmas, space, rss, pss, lazyfree	of the window: VMAs, and sizes by /proc/self/maps and smaps
 *	held				what the device's files hold
 *	minor, major			faults of this step's acts, by getrusage(2)
 *	vma_lock			->fault calls under the per-VMA lock, by the log
 *	entries				calls of the function count_entries() watches, by perf
 *	errno, signal, byte, text	what acts met: EINVAL, SIGSEGV MAPERR, the byte read last
 *	trap, error code		the CPU's exception behind the signal, and what it said
 *	result				of the last call: "page 4 of NAME", "elsewhere", a number
 *	lineage, hooks			whole lines: "#1 0-3 from #0, ...", "may_split 4, open ..."
 *
 * Of the whole process: "process vmas", "process size", "process rss", "page tables", and fields of
 * /proc/self/status: VmData, VmHWM, RssShmem (these may lag by some pages a CPU); "heap" and
 * "stack" are the sizes of these VMAs, "heap rss" what of it is present, "brk" is where the heap
 * ends. Of malloc: keepcost, hblkhd, hblks, fordblks, uordblks, smblks and fsmblks, by mallinfo2().
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "device/device.h"
#include "lab/lineage.h"
#include "lab/step.h"

/**
 * struct sum - sums over the VMAs of the window
 * @vmas: number of VMAs
 * @bytes: their size
 */
struct sum {
	long vmas;
	long bytes;
};

static void add_map(const struct proc_map *map, void *arg)
{
	struct sum *sum = arg;

	if (map->start < region_window() || map->start >= region_window_end())
		return;
	sum->vmas++;
	sum->bytes += map->end - map->start;
}

static long vmas(void)
{
	struct sum sum = { 0 };

	proc_maps(0, add_map, &sum);
	return sum.vmas;
}

static long space(void)
{
	struct sum sum = { 0 };

	proc_maps(0, add_map, &sum);
	return sum.bytes;
}

static long smaps(const char *field)
{
	return proc_smaps(field, region_window(), region_window_end()) * 1024;
}

static long rss(void)
{
	return smaps("Rss:");
}

static long pss(void)
{
	return smaps("Pss:");
}

static long lazyfree(void)
{
	return smaps("LazyFree:");
}

static bool counted(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (regions[j].fd == regions[i].fd)
			return true;
	return false;
}

static long held(void)
{
	struct mmscope_info info;
	long sum = 0;

	for (size_t i = 0; i < MAX_REGIONS; i++)
		if (regions[i].live && regions[i].fd >= 0 && !counted(i) &&
		    !device_info(regions[i].fd, &info))
			sum += info.held;
	return sum * (long)proc_page_size();
}

static long minor(void)
{
	return outcome->minor;
}

static long major(void)
{
	return outcome->major;
}

static long vma_lock(void)
{
	long n = 0;

	for (size_t i = 0; i < step->nr_records; i++)
		n += channel->records[i].type == MMSCOPE_FAULT &&
		     channel->records[i].flags & MMSCOPE_F_VMA_LOCK;
	return n;
}

static long entries(void)
{
	return outcome->entries;
}

static long trap(void)
{
	return outcome->trap;
}

static long error_code(void)
{
	return outcome->error_code;
}

static long byte(void)
{
	return outcome->byte;
}

static const char *text(void)
{
	return outcome->text;
}

static long process_vmas(void)
{
	return proc_count(NULL);
}

static long size_of(const char *name)
{
	struct proc_map map = proc_named(name);

	return map.end - map.start;
}

static long heap(void)
{
	return size_of("[heap]");
}

static long heap_rss(void)
{
	struct proc_map map = proc_named("[heap]");

	return proc_smaps("Rss:", map.start, map.end) * 1024;
}

static long stack(void)
{
	return size_of("[stack]");
}

static long process_size(void)
{
	return proc_status("VmSize:") * 1024;
}

static long process_rss(void)
{
	return proc_field("/proc/self/smaps_rollup", "Rss:") * 1024;
}

static long page_tables(void)
{
	return proc_status("VmPTE:") * 1024;
}

static long vm_data(void)
{
	return proc_status("VmData:") * 1024;
}

static long vm_hwm(void)
{
	return proc_status("VmHWM:") * 1024;
}

static long rss_shmem(void)
{
	return proc_status("RssShmem:") * 1024;
}

static long brk_now(void)
{
	return (long)sbrk(0);
}

/**
 * struct writing - a list of VMAs that is being written
 * @buf: buffer for the list
 * @size: of @buf
 */
struct writing {
	char *buf;
	size_t size;
};

static void write_vma(const struct lineage_vma *vma, void *arg)
{
	struct writing *w = arg;
	size_t n = strlen(w->buf);

	n += snprintf(w->buf + n, w->size - n, "%s", n ? ", " : "");
	if (n < w->size)
		lineage_text(vma, w->buf + n, w->size - n);
}

/**
 * compare_lineage - write the VMAs that live, and which ones they came from, by the log
 * @from: first address
 * @to: first address behind the range
 * @buf: for the text
 * @size: of @buf
 */
void compare_lineage(__u64 from, __u64 to, char *buf, size_t size)
{
	struct writing w = { buf, size };

	buf[0] = '\0';
	lineage_walk(step_log_own(), from, to, write_vma, &w);
	if (!buf[0])
		snprintf(buf, size, "none");
}

static const char *lineage(void)
{
	static char buf[TEXT];

	compare_lineage(region_window(), region_window_end(), buf, sizeof(buf));
	return buf;
}

static long keepcost(void)
{
	return mallinfo2().keepcost;
}

static long hblkhd(void)
{
	return mallinfo2().hblkhd;
}

static long hblks(void)
{
	return mallinfo2().hblks;
}

static long fordblks(void)
{
	return mallinfo2().fordblks;
}

static long uordblks(void)
{
	return mallinfo2().uordblks;
}

static long smblks(void)
{
	return mallinfo2().smblks;
}

static long fsmblks(void)
{
	return mallinfo2().fsmblks;
}

static const struct figure figures[] = {
	{ "vmas", FIGURE_COUNT, vmas, NULL },
	{ "space", FIGURE_SIZE, space, NULL },
	{ "rss", FIGURE_SIZE, rss, NULL },
	{ "pss", FIGURE_SIZE, pss, NULL },
	{ "lazyfree", FIGURE_SIZE, lazyfree, NULL },
	{ "held", FIGURE_SIZE, held, NULL },
	{ "minor", FIGURE_COUNT, minor, NULL },
	{ "major", FIGURE_COUNT, major, NULL },
	{ "vma_lock", FIGURE_COUNT, vma_lock, NULL },
	{ "entries", FIGURE_COUNT, entries, NULL },
	{ "trap", FIGURE_COUNT, trap, NULL },
	{ "error code", FIGURE_COUNT, error_code, NULL },
	{ "byte", FIGURE_COUNT, byte, NULL },
	{ "process vmas", FIGURE_COUNT, process_vmas, NULL },
	{ "process size", FIGURE_SIZE, process_size, NULL },
	{ "process rss", FIGURE_SIZE, process_rss, NULL },
	{ "VmData", FIGURE_SIZE, vm_data, NULL },
	{ "VmHWM", FIGURE_SIZE, vm_hwm, NULL },
	{ "RssShmem", FIGURE_SIZE, rss_shmem, NULL },
	{ "page tables", FIGURE_SIZE, page_tables, NULL },
	{ "heap", FIGURE_SIZE, heap, NULL },
	{ "heap rss", FIGURE_SIZE, heap_rss, NULL },
	{ "stack", FIGURE_SIZE, stack, NULL },
	{ "brk", FIGURE_SIZE, brk_now, NULL },
	{ "keepcost", FIGURE_COUNT, keepcost, NULL },
	{ "hblkhd", FIGURE_COUNT, hblkhd, NULL },
	{ "hblks", FIGURE_COUNT, hblks, NULL },
	{ "fordblks", FIGURE_COUNT, fordblks, NULL },
	{ "uordblks", FIGURE_COUNT, uordblks, NULL },
	{ "smblks", FIGURE_COUNT, smblks, NULL },
	{ "fsmblks", FIGURE_COUNT, fsmblks, NULL },
	{ "errno", FIGURE_TEXT, NULL, outcome_errno },
	{ "result", FIGURE_TEXT, NULL, outcome_result },
	{ "signal", FIGURE_TEXT, NULL, outcome_signal },
	{ "text", FIGURE_LINE, NULL, text },
	{ "lineage", FIGURE_LINE, NULL, lineage },
	{ "hooks", FIGURE_LINE, NULL, step_log_hooks },
};

/**
 * figures_find - find the figure whose name a prediction begins with
 * @predicted: the prediction
 *
 * Return: the figure with the longest such name, or NULL
 */
const struct figure *figures_find(const char *predicted)
{
	const struct figure *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		size_t n = strlen(figures[i].name);

		if (n > longest && !strncmp(figures[i].name, predicted, n) && predicted[n] == ' ') {
			best = &figures[i];
			longest = n;
		}
	}
	return best;
}
