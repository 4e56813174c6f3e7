// SPDX-License-Identifier: GPL-2.0
/*
 * What the programs of bpf/ are told, and asked, while they run.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>
#include <sys/sysmacros.h>
#include "base/kallsyms.h"
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "tracer/kprobe.h"
#include "tracer/load.h"
#include "tracer/tracer.h"

/**
 * tracer_target - watch the next program that a process runs, from its first instruction
 * @pid: a process that has not called execve(2) yet
 */
void tracer_target(pid_t pid)
{
	tracer_loaded()->bss->target = pid;
}

/**
 * tracer_ops - read a vm_operations_struct
 * @ops: its address in, its hooks out; all 0 when there is nobody to ask
 */
void tracer_ops(struct raw_ops *ops)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	memset(ops->hooks, 0, sizeof(ops->hooks));
	if (!tracer_loaded())
		return;
	tracer_loaded()->bss->asked = *ops;
	if (!bpf_prog_test_run_opts(bpf_program__fd(tracer_loaded()->progs.read_ops), &opts))
		*ops = tracer_loaded()->bss->asked;
}

/**
 * tracer_device - have the operations of files of a device noticed, when one is mapped
 * @rdev: the device
 */
void tracer_device(dev_t rdev)
{
	__u64 dummy = 0;

	/* A VMA is stored with these where ->mmap_prepare chose its operations (7.3 mm/vma.c). */
	kallsyms_addresses("vma_dummy_vm_ops", &dummy, 1);
	tracer_loaded()->bss->dummy_ops = dummy;
	/* As the kernel keeps it inside. */
	tracer_loaded()->bss->hook_rdev = major(rdev) << 20 | minor(rdev);
}

/**
 * tracer_watch_ops - tell calls for VMAs with these operations
 * @ops: address of a vm_operations_struct; at most RAW_MAX_OPS
 *
 * Return: 0 or -errno
 */
int tracer_watch_ops(__u64 ops)
{
	struct bpf_map *map = tracer_loaded()->maps.hook_ops;
	__u8 yes = 1;

	return bpf_map__update_elem(map, &ops, sizeof(ops), &yes, sizeof(yes), BPF_ANY);
}

/**
 * tracer_hook - watch a hook's function
 * @function: its address
 * @hook: which it is
 *
 * Return: 0 or -errno
 */
int tracer_hook(__u64 function, enum raw_hook hook)
{
	const struct tracer_bpf *bpf = tracer_loaded();
	int error = 0;

	/*
	 * ->open and ->close return nothing, so only the other hooks have a probe at their return.
	 */
	if (hook != RAW_HOOK_OPEN && hook != RAW_HOOK_CLOSE)
		error = kprobe_attach(bpf->progs.hook_exit, function, true, hook);
	return error ? error : kprobe_attach(bpf->progs.hook_enter, function, false, hook);
}
