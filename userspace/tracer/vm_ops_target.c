// SPDX-License-Identifier: GPL-2.0
/*
 * The driver whose calls are shown. The user names a device or a vm_operations_struct.
 *
 * The address of a vm_operations_struct is known before the command runs. The operations of a
 * device are known only when one of its files is mapped. So the BPF programs stop the process that
 * maps it, and it goes on when there are kprobes at the functions.
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

/*
 * Is there a kprobe at a function already? Several vm_operations_structs may have the same
 * function.
 */
static bool watches_function(enum raw_hook hook, __u64 function, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (hooks_of(tracer->target.watched[i])->hooks[hook] == function)
			return true;
	return false;
}

/* Name the hooks whose functions take no kprobe, as those of the kernel's own tracers. */
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

/* Put kprobes at the functions of a vm_operations_struct; return 0 or -errno. */
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
		 * A hook needs no kprobe if it is absent or is not called for a VMA, or if its
		 * function has one already.
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
 * vm_ops_target_choose - set the driver whose calls are shown
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
 * vm_ops_target_begin - begin to watch the calls of the driver; the BPF programs are loaded
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
 * vm_ops_target_found - watch operations that became known when a file of the device was mapped
 * @ops: address of the vm_operations_struct
 * @stopped: process that waits until there are kprobes, and is continued here; 0 for none
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
 * vm_ops_target_chosen - are only records of one driver shown?
 */
bool vm_ops_target_chosen(void)
{
	return tracer->target.chosen;
}

/* Does a VMA have operations that are watched? */
static bool is_his(const struct vma *vma)
{
	struct ops_target *target = &tracer->target;

	for (size_t i = 0; vma && i < target->nr_watched; i++)
		if (target->watched[i] == vma->image.ops)
			return true;
	return false;
}

/*
 * The hook by which a driver hears of a record of this type, RAW_HOOK_MAPPED where none is called.
 */
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

/* Count that a VMA of the driver was made or went, where no hook tells it. */
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

/* Is a change of a VMA of the driver that the tracer saw to be shown? Not if a hook tells it. */
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
 * vm_ops_target_shows - is a record to be shown?
 * @e: the record. That of an mmap(2) of the driver is changed into one as the module tells it; one
 *	for which the driver has no hook gets RECORD_F_UNASKED
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
 * vm_ops_target_completed - a VMA is complete: if it is the driver's, tell that it was mapped
 * @mm: the address space of the VMA
 * @raw: what the VMA is like. Since 7.x it is stored before it has the operations that
 *	->mmap_prepare chose (mm/vma.c, set_vma_user_defined_fields())
 */
void vm_ops_target_completed(struct mm *mm, const struct raw_vma *raw)
{
	struct vma *vma = vma_of_object(raw->vma.object);

	if (!vma || !vma->ops_awaited)
		return;
	vma->ops_awaited = false;
	if (is_his(vma))
		queue_add(MMSCOPE_MMAP, mm, vma);
}

/* Does one of the watched vm_operations_structs lack a hook? */
static bool lacks(enum raw_hook hook)
{
	struct ops_target *target = &tracer->target;

	for (size_t i = 0; i < target->nr_watched; i++)
		if (!hooks_has(target->watched[i], hook))
			return true;
	return false;
}

/**
 * vm_ops_target_balance - numbers of VMAs of the driver, as far as they were seen
 * @out: is filled
 *
 * Return: true if the driver has hooks that say when a VMA comes or goes, so that they must balance
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
 * vm_ops_target_verdict - print a message when no memory of the driver was mapped
 */
void vm_ops_target_verdict(void)
{
	struct ops_target *target = &tracer->target;

	if (target->chosen && !target->nr_watched)
		report_message("%s: nobody mapped memory with operations of its own from it",
			       target->chosen);
}
