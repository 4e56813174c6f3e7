// SPDX-License-Identifier: GPL-2.0
/*
 * The driver whose calls are to be shown: a device, or the name of a vm_operations_struct.
 *
 * What a name stands for is known before the command runs. The operations of a device are not,
 * until a file of it is mapped: the BPF programs stop whoever does, and he goes on when the
 * functions are watched.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "aspace/aspace.h"
#include "base/kallsyms.h"
#include "base/tool.h"
#include "record/hook_name.h"
#include "record/record.h"
#include "term/print.h"
#include "tracer/context.h"
#include "tracer/queue.h"
#include "tracer/tracer.h"
#include "tracer/vm_ops.h"
#include "tracer/vm_ops_target.h"

/* Is a probe at this function already? Several vm_operations_structs may have the same function. */
static bool watches_function(enum raw_hook hook, __u64 function, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (hooks_of(tracer->target.watched[i])->hooks[hook] == function)
			return true;
	return false;
}

/* Name the hooks that take no kprobe, as those of the kernel's own tracers. */
static void tell_hidden(unsigned int hooks)
{
	char list[200] = "";

	for (enum raw_hook hook = 0; hook < RAW_NR_HOOKS; hook++)
		if (hooks & 1U << hook)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s->%s",
				 *list ? ", " : "", hook_name(hook));
	report_message("%s: nobody may watch calls of %s; shown are changes of those VMAs",
		       tracer->target.chosen, list);
}

/* Have calls of these hooks told from now on: 0 or -errno. */
static int watch(__u64 ops)
{
	struct ops_target *target = &tracer->target;
	const struct raw_ops *hooks = hooks_of(ops);
	unsigned int refused = 0;
	int error = 0;

	if (target->nr_watched == RAW_MAX_OPS)
		return -ENOSPC;
	target->watched[target->nr_watched] = ops;
	for (enum raw_hook hook = 0; hook < RAW_NR_HOOKS && !error; hook++) {
		__u64 function = hooks->hooks[hook];

		/*
		 * Hooks that are absent or not called for a VMA, and functions that have a probe,
		 * need none.
		 */
		if (!function || hook == RAW_HOOK_MAPPED || hook == RAW_HOOK_UFFD ||
		    watches_function(hook, function, target->nr_watched))
			continue;
		error = tracer_hook(function, hook);
		if (error == -EINVAL) {
			refused |= 1U << hook;
			error = 0;
		}
	}
	target->nr_watched++;
	if (refused & ~target->hidden)
		tell_hidden(refused);
	target->hidden |= refused;
	return error;
}

/**
 * vm_ops_target_choose - whose calls are to be shown
 * @what: path of a device, or name of a vm_operations_struct
 *
 * Return: 0, or an exit code after a complaint
 */
int vm_ops_target_choose(const char *what)
{
	struct ops_target *target = &tracer->target;
	struct stat st;

	target->chosen = what;
	if (!strchr(what, '/')) {
		target->nr_found = kallsyms_addresses(what, target->found, RAW_MAX_OPS);
		if (target->nr_found)
			return 0;
		if (kallsyms_hidden())
			return report_fail(EXIT_ENVIRONMENT, what, "the kernel hides its addresses",
					   "be root, and have kernel.kptr_restrict below 2");
		return report_fail(EXIT_USAGE, what, "the kernel has no such vm_operations_struct",
				   "mmscope map PID shows those in use; is its module loaded?");
	}
	if (stat(what, &st))
		return report_fail(EXIT_USAGE, what, strerror(errno), NULL);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return report_fail(EXIT_USAGE, what, "no device",
				   "name a vm_operations_struct: mmscope map PID shows them");
	target->rdev = st.st_rdev;
	return 0;
}

static int complain(int error)
{
	struct ops_target *target = &tracer->target;

	if (error == -ENOENT)
		return report_fail(EXIT_ENVIRONMENT, target->chosen, "this kernel has no kprobes",
				   "it needs CONFIG_KPROBE_EVENTS");
	return report_fail(EXIT_ENVIRONMENT, target->chosen, strerror(-error), NULL);
}

/**
 * vm_ops_target_begin - have calls told; the BPF programs are loaded
 *
 * Return: 0, or an exit code after a complaint
 */
int vm_ops_target_begin(void)
{
	struct ops_target *target = &tracer->target;
	int error = 0;

	if (!target->nr_found) {
		tracer_device(target->rdev);
		return 0;
	}
	for (size_t i = 0; i < target->nr_found && !error; i++) {
		error = tracer_watch_ops(target->found[i]);
		error = error ? error : watch(target->found[i]);
	}
	return error ? complain(error) : 0;
}

/**
 * vm_ops_target_found - a file of the device was mapped: now its operations are known
 * @ops: address of the vm_operations_struct
 * @stopped: the process that waits until its calls are told, or 0
 */
void vm_ops_target_found(__u64 ops, pid_t stopped)
{
	int error = watch(ops);

	if (error)
		complain(error);
	if (stopped)
		kill(stopped, SIGCONT);
}

/**
 * vm_ops_target_chosen - is one to be shown, and nothing else?
 */
bool vm_ops_target_chosen(void)
{
	return tracer->target.chosen;
}

static bool is_his(const struct vma *vma)
{
	struct ops_target *target = &tracer->target;

	for (size_t i = 0; vma && i < target->nr_watched; i++)
		if (target->watched[i] == vma->image.ops)
			return true;
	return false;
}

/* The hook that is asked about it, or RAW_HOOK_MAPPED where there is none. */
static enum raw_hook teller(unsigned int type)
{
	switch (type) {
	case MMSCOPE_SPLIT:
	case MMSCOPE_COPY:
	case MMSCOPE_DUP:
		return RAW_HOOK_OPEN;
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		return RAW_HOOK_CLOSE;
	case MMSCOPE_MPROTECT:
		return RAW_HOOK_MPROTECT;
	default:
		return RAW_HOOK_MAPPED;
	}
}

/* Count a birth or an end of one of his VMAs that the tracer has seen. */
static void count_unasked(unsigned int type)
{
	struct ops_target *target = &tracer->target;

	if (teller(type) == RAW_HOOK_OPEN)
		target->balance.born++;
	else if (teller(type) == RAW_HOOK_CLOSE)
		target->balance.gone++;
	else if (type == RECORD_THERE)
		target->balance.there++;
}

/* What the tracer saw of one of his VMAs: it is shown where no hook of his tells it. */
static bool shows_change(struct mmscope_event *e, const struct vma *vma)
{
	struct ops_target *target = &tracer->target;
	enum raw_hook hook = teller(e->type);

	if (e->type == MMSCOPE_MMAP) {
		target->balance.mapped++;
		e->flags &= ~RECORD_F_WHOLE;
		e->parent = 0;
		e->pages = MMSCOPE_PAGES_UNKNOWN;
		return true;
	}
	if (hook != RAW_HOOK_MAPPED && hooks_has(vma->image.ops, hook))
		return target->hidden & 1U << hook;
	if (e->type == RECORD_APART)
		return false;
	count_unasked(e->type);
	if (e->type != RECORD_THERE)
		e->flags |= RECORD_F_UNASKED;
	return true;
}

/**
 * vm_ops_target_shows - is a record one of those to be shown?
 * @e: the record; what mmap(2) made of his becomes one of his, and what no hook of his is asked
 *	about is marked
 */
bool vm_ops_target_shows(struct mmscope_event *e)
{
	struct ops_target *target = &tracer->target;
	struct vma *vma;

	if (!target->chosen || e->type == MMSCOPE_LOST || e->type == MMSCOPE_NAME)
		return true;
	if (e->flags & RECORD_F_WHOLE) {
		vma = vma_of_id(e->vma);
		if (is_his(vma))
			return shows_change(e, vma);
		if (vma && e->type == MMSCOPE_MMAP)
			vma->ops_awaited = true;
		return false;
	}
	if (teller(e->type) == RAW_HOOK_OPEN)
		target->balance.opened++;
	else if (teller(e->type) == RAW_HOOK_CLOSE)
		target->balance.closed++;
	return true;
}

/**
 * vm_ops_target_completed - a VMA is complete: if it proves to be one of his, tell that it was mapped
 * @mm: in whose map
 * @vma: the VMA, NULL for none. Since 7.x it is stored before it has the operations that
 *	->mmap_prepare chose
 */
void vm_ops_target_completed(struct mm *mm, struct vma *vma)
{
	if (!vma || !vma->ops_awaited)
		return;
	vma->ops_awaited = false;
	if (is_his(vma))
		queue_add(MMSCOPE_MMAP, mm, vma);
}

/* Is one of his tables without this hook? */
static bool lacks(enum raw_hook hook)
{
	struct ops_target *target = &tracer->target;

	for (size_t i = 0; i < target->nr_watched; i++)
		if (!hooks_has(target->watched[i], hook))
			return true;
	return false;
}

/**
 * vm_ops_target_balance - the VMAs of the chosen driver, as far as they were seen
 * @out: to be filled
 *
 * Return: whether one is chosen whose hooks say when a VMA comes or goes, so that they must balance
 */
bool vm_ops_target_balance(struct vm_ops_target_balance *out)
{
	struct ops_target *target = &tracer->target;

	*out = target->balance;
	out->no_open = lacks(RAW_HOOK_OPEN);
	out->no_close = lacks(RAW_HOOK_CLOSE);
	return target->nr_watched && !(out->no_open && out->no_close) &&
	       !(target->hidden & (1U << RAW_HOOK_OPEN | 1U << RAW_HOOK_CLOSE));
}

/**
 * vm_ops_target_verdict - say on stderr when nothing of him was there to be shown
 */
void vm_ops_target_verdict(void)
{
	struct ops_target *target = &tracer->target;

	if (target->chosen && !target->nr_watched)
		report_message("%s: nobody mapped memory with operations of its own from it",
			       target->chosen);
}
