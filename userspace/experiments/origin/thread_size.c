// SPDX-License-Identifier: GPL-2.0
/*
 * How large may a thread's stack be?
 */
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/worker.h"
#include "lab/experiment.h"

static char overcommit;
static size_t all;	/* RAM and swap */

static bool guard_is_vma(void)
{
	return !rule_holds(&rule_thread_guard) || !rule_holds(&rule_guard);
}

static const char *error_name(int error)
{
	return error ? strerrorname_np(error) : "none";
}

/* A thread with such a stack that writes to the far end of it, if there can be one. */
static void start_with(size_t size)
{
	struct worker w = { 0 };
	pthread_attr_t attr;
	int set, error = -1;

	pthread_attr_init(&attr);
	set = size ? pthread_attr_setstacksize(&attr, size) : 0;
	see_text("setting", "%s", error_name(set));
	syscall_begin();
	if (!set)
		error = worker_start(&w, &attr);
	syscall_end(0);
	if (!set)
		see_text("starting", "%s", error_name(error));
	if (!error) {
		char *kept = worker_stack(&w);

		see("size", worker_stack_end(&w) - kept);
		see_text("VMA", "%s", proc_at(kept).rights);
		see_text("below it", "%s", proc_at(kept - 1).rights);
		write_at(kept, 1);
		worker_end(&w);
	}
	pthread_attr_destroy(&attr);
}

/* By __vm_enough_memory(): alone it may not be more than all there is. */
static bool too_much(size_t size)
{
	return overcommit == '0' && size > all;
}

static void expect_stack(size_t size)
{
	if (too_much(size)) {
		expect("setting none, starting EAGAIN");
		return;
	}
	expect("setting none, starting none, size %zu KiB", size >> 10);
	expect("VMA rw-p, signal none, below it %s", guard_is_vma() ? "---p" : "rw-p");
}

static void larger(void)
{
	size_t size = param("size") & -len(1), ram = sysconf(_SC_PHYS_PAGES) * len(1);

	STEP("a thread, nothing said") {
		expect_stack(worker_default_size());
		note("RLIMIT_STACK when the program began, or 2 MiB if that is unlimited. In "
		     "contrast to the stack of main, all of it is mapped at once.");
		start_with(0);
	}
	STEP("a stack of 32 MiB and a page") {
		expect_stack(MIB(32) + len(1));
		expect("process rss < 32 MiB");
		note("More than the limit that is told of. Its far end can be written.");
		start_with(MIB(32) + len(1));
	}
	STEP("%zu MiB", size >> 20) {
		expect_stack(size);
		start_with(size);
	}
	STEP("%zu MiB, half of the RAM", ram >> 21) {
		expect_stack(ram / 2 & -len(1));
		expect("process rss < 32 MiB");
		note("It costs addresses. Pages come when they are touched.");
		start_with(ram / 2 & -len(1));
	}
}

static void refused(void)
{
	size_t least = sysconf(_SC_THREAD_STACK_MIN);

	STEP("a byte less than the least, %zu KiB", least >> 10) {
		expect("setting EINVAL");
		note("PTHREAD_STACK_MIN: room for the frame of a signal, and for glibc.");
		start_with(least - 1);
	}
	if (overcommit != '0') {
		leave_out("more than RAM and swap: vm.overcommit_memory is %c", overcommit);
		return;
	}
	STEP("%zu MiB, more than RAM and swap", (all >> 20) + 64) {
		expect_stack(all + MIB(64));
		note("The kernel's ENOMEM from mprotect(2) or mmap(2), as for any memory; "
		     "pthread_create() makes EAGAIN of it.");
		start_with(all + MIB(64));
	}
}

static void run(void)
{
	struct rlimit limit;
	char mode[8] = "";

	getrlimit(RLIMIT_AS, &limit);
	if (limit.rlim_cur != RLIM_INFINITY)
		skip("addresses are limited: ulimit -v unlimited");
	proc_word("/proc/sys/vm/overcommit_memory", mode, sizeof(mode));
	overcommit = mode[0];
	if (overcommit == '2')
		skip("vm.overcommit_memory is 2: promises are counted");
	all = (proc_field("/proc/meminfo", "MemTotal:") +
	       proc_field("/proc/meminfo", "SwapTotal:")) * 1024;
	worker_rehearse();
	larger();
	refused();
}

const struct experiment exp_thread_size = {
	.name = "thread-size",
	.question = "How large may a thread's stack be?",
	.textbook =
		"The stack of a thread is 8 MiB; or: it is limited to 32 MB.",
	.kernel =
		"The kernel knows no limit of its own for it: to it the stack of a thread is a\n"
		"mapping like others, made by glibc (allocate_stack(), nptl/allocatestack.c)\n"
		"before clone(2) is called with its end. RLIMIT_STACK does not apply to it;\n"
		"glibc only takes the default from there, once, when the program starts\n"
		"(__pthread_initialize_minimal_internal()). pthread_attr_setstacksize() asks\n"
		"for more or less, down to PTHREAD_STACK_MIN.\n"
		"\n"
		"What ends it is what ends any mapping: RLIMIT_AS, the addresses there are,\n"
		"and the rules of overcommit, __vm_enough_memory() in mm/util.c. It does not\n"
		"grow, and has no VM_GROWSDOWN; MAP_STACK means nothing to x86 but, since 6.7,\n"
		"that no huge pages come there (VM_NOHUGEPAGE).",
	.look = "size: of the block that pthread_create() made; and rss, which stays small.",
	.next =
		"--size 1G; ulimit -s 65536 and run it again; ulimit -s unlimited gives 2 MiB.",
	.see = "thread-stack, thread-tcb, stack-grow",
	.rules = { &rule_thread_guard, &rule_guard },
	.words = "setting, starting: errors of pthread_attr_setstacksize() and pthread_create()",
	.terse = true,
	.params = {
		{ "size", "stack to ask for", MIB(64), KIB(256), GIB(512) },
	},
	.run = run,
};
