// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: which of them has which address space, and the VMAs of those that were there before.
 */
#include "rss.bpf.h"
#include "usage.bpf.h"
#include "vma_image.bpf.h"

__u32 target;
struct wide wide;
const volatile __u64 pid_ns_dev;
const volatile __u64 pid_ns_ino;

/*
 * State of the iterator: the mm that it is in, whether it begins to watch mms that are not watched
 * yet, and the type of its records.
 */
__u64 have_mm;
__u32 have_new;
__u8 have_type;

static void fill_task(struct raw_task *raw, struct task_struct *task)
{
	raw->tgid = task->tgid;
	raw->compat = task->thread_info.flags >> TIF_ADDR32 & 1;
	bpf_probe_read_kernel(raw->comm, sizeof(raw->comm), task->comm);
}

static int tell_task(__u8 type, struct mm_slot *slot, struct task_struct *task, __u32 mm)
{
	struct raw_task *raw;

	if (!slot || !slot->id)
		return 0;
	stored_other(slot);
	raw = ring_reserve_vma(sizeof(*raw), slot);
	if (!raw)
		return 0;
	fill_head(&raw->e, type, slot);
	raw->e.aux = mm;
	fill_task(raw, task);
	ring_submit(raw);
	return 0;
}

/* The child does not run yet. Its VMAs were stored, and told, while its parent copied them. */
SEC("tp_btf/sched_process_fork")
int HELD_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	return tell_task(RAW_FORK, mm_find(child->mm), child, mm_id(parent->mm));
}

static int tell_brk(struct mm_slot *slot)
{
	struct mm_struct *mm;
	struct mmscope_event *e;

	if (!slot || !slot->id)
		return 0;
	stored_other(slot);
	mm = (struct mm_struct *)slot->mm;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return 0;
	fill_head(e, RAW_BRK, slot);
	e->start = BPF_CORE_READ(mm, start_brk);
	e->end = BPF_CORE_READ(mm, brk);
	e->aux = BPF_CORE_READ(mm, start_stack);
	ring_submit(e);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int HELD_PROG(process_exec, struct task_struct *task)
{
	struct mm_slot *slot = mm_find(task->mm);

	usage_begins(slot, task);
	tell_task(RAW_EXEC, slot, task, 0);
	return tell_brk(slot);
}

static int tell_own_brk(void)
{
	return tell_brk(mm_find(bpf_get_current_task_btf()->mm));
}

SEC("fexit/__x64_sys_brk")
int HELD_PROG(brk_64)
{
	return tell_own_brk();
}

SEC("fexit/__ia32_sys_brk")
int HELD_PROG(brk_32)
{
	return tell_own_brk();
}

SEC("fexit/prctl_set_mm")
int HELD_PROG(set_mm)
{
	return tell_own_brk();
}

/* Tell all pages that an mm has now, however they came. */
static void tell_rss(struct mm_slot *slot, __u32 why)
{
	struct rss none = { 0 }, now;
	struct raw_pages *raw;

	if (!slot->id)
		return;
	read_rss(slot, &now);
	raw = fill_pages(RAW_RSS, slot, &none, &now);
	if (!raw)
		return;
	raw->why = why;
	raw->exact = 0;
	ring_submit(raw);
}

static struct mm_slot *attach(struct task_struct *task, struct mm_struct *mm)
{
	struct mm_slot *slot;
	struct mmscope_event *e;

	if (!mm_watch(mm, mm_key(mm)))
		return NULL;
	slot = mm_find(mm);
	if (!slot)
		return NULL;
	slot->first = MM_FIRST_THERE;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (e) {
		fill_head(e, RAW_MM, slot);
		e->pages = RAW_BY_ATTACH;
		ring_submit(e);
	}
	tell_task(RAW_HAVE_TASK, slot, task, 0);
	tell_brk(slot);
	tell_rss(slot, RECORD_RSS_THERE);
	return slot;
}

/*
 * Tell a VMA that the iterator has come to. Where records were lost the ring is small: so a byte
 * for each VMA is written to the reader, which empties the ring when it gets one. With the iterator
 * over a single thread the kernel would then tell the last VMA for ever.
 */
static int tell_had(struct seq_file *reader, struct mm_slot *slot, struct vm_area_struct *vma)
{
	char one = 1;

	if (!slot || !slot->id)
		return 0;
	if (!have_new)
		bpf_seq_write(reader, &one, sizeof(one));
	tell_known(have_type, slot, vma, vma->vm_start, vma->vm_end);
	/*
	 * With another result the kernel's iterator ends this read(2), and begins anew in the next.
	 */
	return 0;
}

/* Tell that all VMAs of an mm follow, so that its earlier losses do not matter any more. */
static void tell_anew(struct mm_slot *slot, struct task_struct *task)
{
	struct mmscope_event *e;

	slot->torn = 0;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return;
	fill_head(e, RAW_ANEW, slot);
	ring_submit(e);
	tell_task(RAW_HAVE_TASK, slot, task, 0);
	tell_brk(slot);
	tell_rss(slot, RECORD_RSS_LOST);
}

/*
 * Tell all VMAs of a process, under its mmap_lock: of one that the tool attaches to, or whose
 * records were lost. Each change of its VMAs is told either before or after all of these.
 */
SEC("iter/task_vma")
int have(struct bpf_iter__task_vma *ctx)
{
	struct vm_area_struct *vma = ctx->vma;
	struct task_struct *task = ctx->task;
	struct mm_struct *mm;
	struct mm_slot *slot;

	if (!task || !vma)
		return 0;
	mm = vma->vm_mm;
	slot = mm_find(mm);
	if (have_mm != (__u64)mm) {
		have_type = RAW_HAVE;
		if (!slot && have_new)
			slot = attach(task, mm);
		else if (slot && slot->torn)
			tell_anew(slot, task);
		else if (slot && slot->stale && !have_new)
			have_type = RAW_LOOKS;
		else
			return 0;
		if (slot)
			slot->stale = 0;
		have_mm = (__u64)mm;
	}
	return tell_had(ctx->meta->seq, slot, vma);
}

char LICENSE[] SEC("license") = "GPL";
