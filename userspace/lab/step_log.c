// SPDX-License-Identifier: GPL-2.0
/*
 * The log of a step in few words, as experiments predict it.
 *
 *	mmap 0-15, shared rw-[, 16 at once]	->mmap made a VMA
 *	may_split 4[, refused]			asked, and no split followed
 *	split at 4				a VMA was cut
 *	copy 2-3, mremap 2-3, move 2-3, 2 moved	the parts of an mremap
 *	fork, dup 0-15, 12 copied		a fork, and the child's VMA
 *	mprotect 2-3 r--			asked, may still fail
 *	unmap 4-7 by munmap[, partial], 4 given back
 *	end					the mm's last VMA went with the mm
 *	fault write 0-11 by user[, copied][, again][, mmap_lock]...	like ones folded
 *	mkwrite 0-3 by user, pfn_mkwrite ..., access 3 by ..., 8 bytes
 *
 * What happens in another mm begins with "child ". The same as hooks of vm_operations_struct:
 * "may_split 4, open 4-15, close 0-3".
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/proc.h"
#include "device/device.h"
#include "lab/lineage.h"
#include "lab/step.h"
#include "record/text.h"
#include "record/words.h"

/**
 * struct fold - the line that was told last, which more pages may join
 * @e: first record of the line
 * @last: page of its last record
 * @hook: where the line begins in the sequence of hooks
 * @open: more pages may join
 */
static struct fold {
	struct mmscope_event e;
	__u64 last;
	size_t hook;
	bool open;
} fold;

static struct device reader;
static unsigned int own_mm;
static char lines[MAX_LINES][TEXT];
static size_t nr_lines;
static char hooks[2 * TEXT];
static struct mmscope_event asked;
static bool waiting;

/**
 * step_log_begin - begin to read the log of this process and its children
 *
 * Return: 0 or -errno
 */
int step_log_begin(void)
{
	struct mmscope_info info;
	int error = device_open(&reader);

	if (!error)
		error = device_attach(&reader, 0, MMSCOPE_ATTACH_NOW | MMSCOPE_ATTACH_FOLLOW, 0);
	if (!error)
		error = device_info(reader.fd, &info);
	own_mm = info.mm;
	return error;
}

/**
 * step_log_own - the id of the address space of the experiment's own process
 */
unsigned int step_log_own(void)
{
	return own_mm;
}

static const char *whose(const struct mmscope_event *e)
{
	return e->mm == own_mm ? "" : "child ";
}

static void __printf(1, 2) tell(const char *fmt, ...)
{
	va_list args;

	fold.open = false;
	if (nr_lines == MAX_LINES)
		return;
	va_start(args, fmt);
	vsnprintf(lines[nr_lines++], TEXT, fmt, args);
	va_end(args);
}

static void __printf(2, 3) tell_hook(const struct mmscope_event *e, const char *fmt, ...)
{
	size_t n = strlen(hooks);
	va_list args;

	snprintf(hooks + n, sizeof(hooks) - n, "%s%s", n ? ", " : "", whose(e));
	n = strlen(hooks);
	va_start(args, fmt);
	vsnprintf(hooks + n, sizeof(hooks) - n, fmt, args);
	va_end(args);
	totals->hooks++;
}

static void tell_asked(void)
{
	if (waiting)
		tell("%smay_split %llu%s", whose(&asked),
		     lineage_page(asked.vma, asked.aux),
		     asked.flags & MMSCOPE_F_ERROR ? ", refused" : "");
	waiting = false;
}

static void tell_unmap(const struct mmscope_event *e)
{
	tell_hook(e, "close %s", words_range(e, e->aux));
	tell("%sunmap %s by %s%s%s", whose(e), words_range(e, e->aux), words_cause(e->cause),
	     e->flags & MMSCOPE_F_PARTIAL ? ", partial" : "", words_count(e, "given back"));
	if (e->pages != MMSCOPE_PAGES_UNKNOWN)
		totals->given_back += e->pages;
	region_given(e->start, (e->end - e->start) / proc_page_size(), false);
}

static void tell_split(const struct mmscope_event *e)
{
	__u64 low = lineage_page(e->parent, e->start);
	__u64 cut = lineage_page(e->parent, e->aux);
	__u64 high = lineage_page(e->parent, e->end);

	waiting = false;
	totals->splits++;
	tell("%ssplit at %llu", whose(e), cut);
	tell_hook(e, "open %s", e->flags & MMSCOPE_F_BELOW ? words_span(low, cut - 1) :
		  words_span(cut, high - 1));
}

static void tell_birth(const struct mmscope_event *e)
{
	if (e->pages != MMSCOPE_PAGES_UNKNOWN && e->type != MMSCOPE_COPY)
		totals->touched += e->pages;
	if (e->type == MMSCOPE_MMAP) {
		tell_hook(e, "mmap %s", words_range(e, e->aux));
		tell("%smmap %s, %s %s%s", whose(e), words_range(e, e->aux),
		     e->flags & MMSCOPE_F_SHARED ? "shared" : "private", words_rights(e),
		     e->pages ? words_count(e, "at once") : "");
	} else if (e->type == MMSCOPE_COPY) {
		tell_hook(e, "open %s", words_range(e, e->aux));
		tell("%scopy %s", whose(e), words_range(e, e->aux));
	} else {
		tell_hook(e, "open %s", words_range(e, e->aux));
		tell("%sdup %s%s", whose(e), words_range(e, e->aux), words_count(e, "copied"));
	}
}

static void tell_change(const struct mmscope_event *e)
{
	__u64 first = lineage_page(e->vma, e->start);

	if (e->type == MMSCOPE_MREMAP) {
		tell_hook(e, "mremap %s", words_range(e, first));
		tell("%smremap %s", whose(e), words_range(e, first));
	} else if (e->type == MMSCOPE_MPROTECT) {
		tell_hook(e, "mprotect %s", words_range(e, e->aux));
		tell("%smprotect %s %s", whose(e), words_range(e, e->aux), words_rights(e));
	} else if (e->type == MMSCOPE_MOVE) {
		tell_hook(e, "close %s", words_range(e, e->aux));
		tell("%smove %s%s", whose(e), words_range(e, e->aux), words_count(e, "moved"));
	} else {
		tell("%s%s", whose(e), event_name(e->type));
	}
}

static void tell_structural(const struct mmscope_event *e)
{
	if (e->type != MMSCOPE_SPLIT)
		tell_asked();
	switch (e->type) {
	case MMSCOPE_MAY_SPLIT:
		tell_hook(e, "may_split %llu", lineage_page(e->vma, e->aux));
		asked = *e;
		waiting = true;
		break;
	case MMSCOPE_SPLIT:
		tell_split(e);
		break;
	case MMSCOPE_MMAP:
	case MMSCOPE_COPY:
	case MMSCOPE_DUP:
		tell_birth(e);
		break;
	case MMSCOPE_UNMAP:
		if (e->start != e->end)
			tell_unmap(e);
		break;
	default:
		tell_change(e);
	}
}

static bool alike(const struct mmscope_event *a, const struct mmscope_event *b)
{
	unsigned int same = ~(MMSCOPE_F_TRIED | MMSCOPE_F_VMA_LOCK);

	return a->type == b->type && a->mm == b->mm && a->cause == b->cause &&
	       a->npages == b->npages && (a->flags & same) == (b->flags & same);
}

static void tell_fault(const struct mmscope_event *e)
{
	bool joins = fold.open && alike(&fold.e, e) && e->pgoff == fold.last + 1;
	const char *access = e->type == MMSCOPE_MKWRITE || e->type == MMSCOPE_PFN_MKWRITE ? "" :
			     e->flags & MMSCOPE_F_WRITE ? "write " : "read ";

	if (joins) {
		nr_lines--;
		hooks[fold.hook] = '\0';
	} else {
		fold.e = *e;
		fold.hook = strlen(hooks);
	}
	tell("%s%s %s%s %s", whose(e), event_name(e->type), access,
	     words_span(fold.e.pgoff, e->pgoff), words_fault(&fold.e));
	tell_hook(e, "%s %s", e->type == MMSCOPE_MKWRITE ? "page_mkwrite" : event_name(e->type),
		  words_span(fold.e.pgoff, e->pgoff));
	fold.last = e->pgoff;
	fold.open = true;
	if (e->type != MMSCOPE_FAULT)
		return;
	totals->faults++;
	totals->touched += e->flags & MMSCOPE_F_REFAULT ? 0 : e->npages;
	region_given(e->addr, e->npages, true);
}

static void take(const struct mmscope_event *e)
{
	channel_keep(e);
	if (e->type == MMSCOPE_NAME)
		return;
	if (e->type == MMSCOPE_LOST) {
		tell("LOST %llu records", e->count);
		channel->lost += e->count;
	} else if (event_structural(e)) {
		tell_structural(e);
	} else {
		tell_fault(e);
	}
	lineage_take(e);
}

/**
 * step_log_skip - pass over what happened since the last step
 */
void step_log_skip(void)
{
	struct totals before = *totals;

	step_log_tell();
	before.touched = totals->touched;
	*totals = before;
	nr_lines = 0;
	hooks[0] = '\0';
	step->nr_records = 0;
}

/**
 * step_log_tell - read what happened in the step, as lines
 */
void step_log_tell(void)
{
	const struct mmscope_event *e;

	nr_lines = 0;
	hooks[0] = '\0';
	fold.open = false;
	if (!own_mm)
		return;
	while ((e = device_next(&reader)))
		take(e);
	tell_asked();
}

/**
 * step_log_lines - the number of lines of the step
 */
size_t step_log_lines(void)
{
	return nr_lines;
}

/**
 * step_log_line - a line of the step
 * @i: number of the line
 */
const char *step_log_line(size_t i)
{
	return lines[i];
}

/**
 * step_log_hooks - the step as a sequence of hooks, "none" if none was called
 */
const char *step_log_hooks(void)
{
	return hooks[0] ? hooks : "none";
}
