// SPDX-License-Identifier: GPL-2.0
/*
 * Variables and maps of the BPF programs that the tool sets and reads while they run.
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
 * tracer_ops - read the hooks of a vm_operations_struct
 * @ops: has its address in @ops.ops; @ops.hooks is filled, with 0 where no program is loaded
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
 * tracer_device - watch the operations of a device from when one of its files is mapped
 * @rdev: the device
 */
void tracer_device(dev_t rdev)
{
	__u64 dummy = 0;

	/* A VMA is stored with these where ->mmap_prepare chose its operations (7.3 mm/vma.c). */
	kallsyms_addresses("vma_dummy_vm_ops", &dummy, 1);
	tracer_loaded()->bss->dummy_ops = dummy;
	/* A dev_t inside of the kernel: MKDEV() of include/linux/kdev_t.h. */
	tracer_loaded()->bss->hook_rdev = major(rdev) << 20 | minor(rdev);
}

/**
 * tracer_watch_ops - have calls told that are about VMAs with these operations
 * @ops: address of a vm_operations_struct; at most RAW_MAX_OPS of them can be watched
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
 * tracer_hook - put kprobes at the function of a hook
 * @function: address of the function
 * @hook: the hook that the function is for
 *
 * Return: 0 or -errno; -EINVAL for a function that takes no kprobe
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
