// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of VMAs that store nothing into the tree: by advice, mlock(2), policies, names and
 * userfaultfds; and the anon_vma that a VMA gets with its first private page. They move no edge of
 * a VMA, but say why two VMAs that touch do not merge.
 */
#include "fault.bpf.h"
#include "vma_image.bpf.h"
#include "zap.bpf.h"

#define ENOENT		2
#define MAX_LOOKS	256	/* VMAs of one call that are told at once */

#define NR_PROCESS_MADVISE	440
#define MADV_SEQUENTIAL	2
#define MADV_DONTFORK	10
#define MADV_UNMERGEABLE	13
#define MADV_KEEPONFORK	19
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#define PR_SET_VMA	0x53564d41
#define PR_SET_MEMORY_MERGE	67
#define UFFDIO_REGISTER		0xc020aa00	/* <linux/userfaultfd.h> */
#define UFFDIO_UNREGISTER	0x8010aa01

/* 1 since 6.3, where some functions have an iterator in front of their arguments */
const volatile __u32 vmi_args;

/**
 * struct range - VMAs that are to be told
 * @slot: slot of their address space
 * @at: address of the next VMA
 * @end: first address behind the range
 */
struct range {
	struct mm_slot *slot;
	__u64 at;
	__u64 end;
};

static long look_at_vma(struct task_struct *task, struct vm_area_struct *vma, struct range *range)
{
	tell_known(RAW_LOOKS, range->slot, vma, vma->vm_start, vma->vm_end);
	range->at = vma->vm_end;
	return 0;
}

static long look_on(__u32 step, struct range *range)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (range->at >= range->end)
		return LOOP_END;
	return bpf_find_vma(task, range->at, look_at_vma, range, 0) ? LOOP_END : LOOP_ON;
}

/* Ask the tool to have all VMAs of an mm told, by its iterator. */
static void look_again(struct mm_slot *slot)
{
	slot->stale = 1;
	__sync_fetch_and_add(&looks_wanted, 1);
}

/*
 * Tell the VMAs of a range after a call that has released mmap_lock. If another thread waits for
 * the lock, if there is a hole, or if there are too many VMAs, the tool has them told later. That
 * changes nothing but the time, since no edge depends on it.
 */
static int look_over(__u64 start, __u64 size)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct range range = {
		.slot = mm_find(task->mm),
		.at = start,
		.end = start + size,
	};

	if (!range.slot || !range.slot->id)
		return 0;
	bpf_loop(MAX_LOOKS, look_on, &range, 0);
	if (range.at < range.end)
		look_again(range.slot);
	return 0;
}

static bool changes_flags(int advice)
{
	return advice <= MADV_SEQUENTIAL || (advice >= MADV_DONTFORK && advice <= MADV_KEEPONFORK);
}

/* Does an advice fault pages in? Then each fault has a record of its own. */
static bool faults(int advice)
{
	return advice == MADV_UNMERGEABLE || advice == MADV_POPULATE_READ ||
	       advice == MADV_POPULATE_WRITE;
}

static __noinline int advice_begins(const struct mm_struct *mm, int advice)
{
	struct mm_slot *slot = mm_find(mm);
	struct opened none = { .why = RECORD_RSS_ADVICE };
	__u64 key;

	if (!slot || !slot->id || faults(advice))
		return 0;
	rss_begins(slot, RECORD_RSS_ADVICE);
	key = lazy_key();
	bpf_map_update_elem(&opened, &key, &none, BPF_ANY);
	return 0;
}

/**
 * struct advice - a call of madvise(2)
 * @start: first address
 * @size: bytes
 * @advice: MADV_*
 * @error: negative errno, or 0
 */
struct advice {
	__u64 start;
	__u64 size;
	int advice;
	int error;
};

static __noinline int advice_ends(const struct mm_struct *mm, const struct advice *advice)
{
	struct mm_slot *slot = mm_find(mm);
	struct opened *begun;
	struct raw_pages *raw;
	struct rss now;
	__u64 key, lazy = lazy_key();

	if (!slot || !slot->id)
		return 0;
	if (changes_flags(advice->advice) && mm == bpf_get_current_task_btf()->mm)
		look_over(advice->start, advice->size);
	key = opened_key(slot);
	read_rss(slot, &now);
	begun = bpf_map_lookup_elem(&opened, &key);
	if (begun && begun->why == RECORD_RSS_ADVICE && !faults(advice->advice))
		raw = fill_pages(RAW_ADVISE, slot, &begun->before, &now);
	else
		raw = fill_pages(RAW_ADVISE, slot, &now, &now);
	if (raw) {
		raw->begun = !faults(advice->advice);
		begun = bpf_map_lookup_elem(&opened, &lazy);
		raw->lazy = begun ? begun->lazy : 0;
		raw->why = RECORD_RSS_ADVICE;
		raw->e.start = advice->start;
		raw->e.end = advice->start + advice->size;
		raw->e.aux = advice->advice;
		raw->e.pages = advice->error;
		ring_submit(raw);
	}
	rss_over(slot, key);
	bpf_map_delete_elem(&opened, &lazy);
	return 0;
}

SEC("fentry/do_madvise")
int HELD_PROG(advise_begins, struct mm_struct *mm, unsigned long start, unsigned long size,
	      int advice)
{
	return advice_begins(mm, advice);
}

SEC("fexit/do_madvise")
int HELD_PROG(advise, struct mm_struct *mm, unsigned long start, unsigned long size,
	      int advice, int error)
{
	struct advice told = { .start = start, .size = size, .advice = advice, .error = error };

	return advice_ends(mm, &told);
}

/*
 * Since 6.13 process_madvise(2) does not call do_madvise() for each of its ranges, but both call
 * madvise_do_behavior().
 */
static bool is_process_madvise(void)
{
	return cause_of(bpf_get_current_task_btf()) == NR_PROCESS_MADVISE;
}

SEC("fentry/madvise_do_behavior")
int HELD_PROG(advise_range_begins, unsigned long start, unsigned long size,
	      struct madvise_behavior *behavior)
{
	return is_process_madvise() ? advice_begins(behavior->mm, behavior->behavior) : 0;
}

SEC("fexit/madvise_do_behavior")
int HELD_PROG(advise_range, unsigned long start, unsigned long size,
	      struct madvise_behavior *behavior, int error)
{
	struct advice told = {
		.start = start,
		.size = size,
		.advice = behavior->behavior,
		.error = error,
	};

	return is_process_madvise() ? advice_ends(behavior->mm, &told) : 0;
}

static __always_inline int grow_lazy(__u64 first, __u32 order)
{
	__u64 key = lazy_key();
	struct opened *begun = bpf_map_lookup_elem(&opened, &key);

	if (begun)
		begun->lazy += first & 1UL << PG_HEAD ? 1U << order : 1;
	return 0;
}

static __noinline int folio_lazy(struct folio *folio)
{
	unsigned long first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), folio);
	return grow_lazy(first, BPF_CORE_READ(folio, _flags_1) & 0xf);
}

SEC("fentry/folio_mark_lazyfree")
int HELD_PROG(advise_lazy, struct folio *folio)
{
	return folio_lazy(folio);
}

SEC("fentry/folio_deactivate")
int HELD_PROG(advise_cold, struct folio *folio)
{
	return folio_lazy(folio);
}

/* These two functions are those of 6.1. */
SEC("fentry/mark_page_lazyfree")
int HELD_PROG(advise_lazy_old, struct page *page)
{
	unsigned long first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), page);
	return grow_lazy(first, HUGE_ORDER);
}

SEC("fentry/deactivate_page")
int HELD_PROG(advise_cold_old, struct page *page)
{
	unsigned long first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), page);
	return grow_lazy(first, HUGE_ORDER);
}

/* Tell the VMA at an address, if there is one. */
static void look_at(struct mm_slot *slot, __u64 addr)
{
	struct range range = { .slot = slot };
	long error = bpf_find_vma(bpf_get_current_task_btf(), addr, look_at_vma, &range, 0);

	if (error && error != -ENOENT)
		look_again(slot);
}

/*
 * mremap(2) has moved a part of a VMA. While the part was cut off, what remains on both sides of it
 * was not charged (VM_ACCOUNT), and is charged again when the call is over.
 */
SEC("fexit/__x64_sys_mremap")
int HELD_PROG(mremap_rest, struct pt_regs *regs)
{
	struct mm_slot *slot = mm_find(bpf_get_current_task_btf()->mm);

	if (!slot || !slot->id)
		return 0;
	look_at(slot, regs->di - 1);
	look_at(slot, regs->di + ((regs->si + PAGE_SIZE - 1) & -PAGE_SIZE));
	return 0;
}

SEC("fexit/__x64_sys_mseal")
int HELD_PROG(seal, struct pt_regs *regs)
{
	return look_over(regs->di, regs->si);
}

SEC("fexit/__x64_sys_set_mempolicy_home_node")
int HELD_PROG(home_node, struct pt_regs *regs)
{
	return look_over(regs->di, regs->si);
}

SEC("fexit/mlock_fixup")
int HELD_PROG(mlock_vma)
{
	struct vm_area_struct *vma, **at = NULL;
	struct mm_slot *slot;
	__u64 value = 1;

	if (bpf_get_func_ret(ctx, &value) || (int)value)
		return 0;
	if (bpf_get_func_arg(ctx, 1 + vmi_args, (__u64 *)&at))
		return 0;
	if (bpf_probe_read_kernel(&vma, sizeof(vma), at))
		return 0;
	slot = mm_find(bpf_get_current_task_btf()->mm);
	if (slot && slot->id)
		tell_vma(RAW_LOOKS, slot, vma, BPF_CORE_READ(vma, vm_start),
			 BPF_CORE_READ(vma, vm_end));
	return 0;
}

/*
 * This is not at the system call, since BTF of 6.1 has two of that name, one for kernels without
 * NUMA.
 */
SEC("fexit/do_mbind")
int HELD_PROG(bind, unsigned long start, unsigned long size)
{
	return look_over(start, size);
}

SEC("fexit/__x64_sys_prctl")
int HELD_PROG(name, struct pt_regs *regs)
{
	struct mm_slot *slot;

	if (regs->di == PR_SET_VMA)
		return look_over(regs->dx, regs->r10);
	slot = mm_find(bpf_get_current_task_btf()->mm);
	/* This changes all VMAs that KSM can have. */
	if (regs->di == PR_SET_MEMORY_MERGE && slot && slot->id)
		look_again(slot);
	return 0;
}

/* The arguments of UFFDIO_REGISTER and UFFDIO_UNREGISTER begin with the range. */
SEC("fexit/userfaultfd_ioctl")
int HELD_PROG(uffd, struct file *file, unsigned int cmd, unsigned long arg)
{
	__u64 range[2];

	if ((cmd != UFFDIO_REGISTER && cmd != UFFDIO_UNREGISTER) ||
	    bpf_probe_read_user(range, sizeof(range), (void *)arg))
		return 0;
	return look_over(range[0], range[1]);
}

/*
 * The last descriptor of a userfaultfd is closed, perhaps in another process: its VMAs lose their
 * flags.
 */
SEC("fentry/userfaultfd_release")
int HELD_PROG(uffd_closes, struct inode *inode, struct file *file)
{
	struct userfaultfd_ctx *uffd = BPF_CORE_READ(file, private_data);
	struct mm_slot *slot = mm_find_key(mm_key_of_number((__u64)BPF_CORE_READ(uffd, mm)));

	if (slot && slot->id)
		slot->stale = 1;
	return 0;
}

SEC("fexit/userfaultfd_release")
int HELD_PROG(uffd_closed)
{
	__sync_fetch_and_add(&looks_wanted, 1);
	return 0;
}

SEC("fexit/__anon_vma_prepare")
int HELD_PROG(prepare, struct vm_area_struct *vma)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);
	struct mmscope_event *e;

	if (!slot || !slot->id)
		return 0;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return 0;
	fill_head(e, RAW_ANON, slot);
	e->start = (__u64)vma;
	e->end = (__u64)vma->anon_vma;
	ring_submit(e);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
