// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of the set of VMAs of a watched mm. All of them end in a store into its maple tree, which
 * has a tracepoint in every kernel. What the stores do not tell, the births and deaths of VMA
 * objects do, and perf_event_mmap(), which the kernel calls when a VMA is complete. At each of
 * these places the lock that serialises changes is held, so that the order in the ring is that of
 * the changes.
 */
#include "adopt.bpf.h"
#include "sums.bpf.h"
#include "vma_image.bpf.h"
#include "zap.bpf.h"

struct mm_slot mm_slots[MM_SLOTS];
__u32 mm_used[MM_SLOTS / MM_WAYS];
__u32 mm_last_id;
__u64 mm_refused;
__u64 looks_wanted;
__u64 lost_faults[MAX_CPUS];
__u64 lost_vmas[MAX_CPUS];

const volatile __u64 ring_wake = 1;
const volatile __u64 ring_full = ~0ULL;
const volatile __u32 worker_flags;
const volatile bool can_hold;
const volatile bool can_type;
const volatile __u32 type_ids[NR_TYPES];

const volatile __u32 fault_mode;
const volatile __u32 sums_last;
const volatile __u32 stack_way;
__u64 lost_stacks;
__u32 hook_rdev;
__u64 dummy_ops;
__u64 vmas_summed[1 << VMA_SET_BITS];
struct zap zaps[ZAP_SETS * ZAP_WAYS];
struct stored stored[STORED];

struct ring_map ring SEC(".maps");
struct sums_map sums SEC(".maps");
struct stacks_map stacks SEC(".maps");
struct drivers_map drivers SEC(".maps");
struct refusals_map refusals SEC(".maps");
struct told_map told SEC(".maps");
struct opened_map opened SEC(".maps");
struct ops_map hook_ops SEC(".maps");

/* Tell the store of a VMA, or of a hole. */
static __always_inline void tell_store(struct mm_slot *slot, void *entry, __u64 start, __u64 end)
{
	__u64 what = stored_what(slot, (__u64)entry, start, end);
	struct stored *last = stored_of(slot);
	struct vm_area_struct *vma;

	if (!entry) {
		if (hole_has(slot, start, end) || hole_grows(slot, start, end))
			return;
		stored_other(slot);
		if (!hole_waits(slot, start, end))
			tell_hole(slot, start, end);
		return;
	}
	if (last->what == what || !tell_vma(RAW_STORE, slot, entry, start, end))
		return;
	if (sums_kept() && can_type) {
		vma = TYPED(vm_area_struct, entry);
		last->looks = stored_looks(what, vma->vm_flags, vma->vm_pgoff);
	}
	last->what = what;
}

/* The kernel puts VMAs that it is about to unmap into another tree, which is on its stack. */
static __always_inline bool on_stack(struct task_struct *task, const void *tree)
{
	return as_number(fault_of(task), tree) - (__u64)task->stack < MAX_STACK_SIZE;
}

/* A tree of VMAs is a member of its mm. For any other tree mm_find() and adopt() find no mm. */
SEC("tp_btf/ma_write")
int BPF_PROG(ma_write, const char *function, struct ma_state *mas, unsigned long pivot, void *entry)
{
	void *mm = (void *)mas->tree - bpf_core_field_offset(struct mm_struct, mm_mt);
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot = mm_find(mm);

	/* Most stores are in an mm that is not watched, by a thread of the same mm. */
	if (!slot && (!entry || task->mm == mm || on_stack(task, mas->tree)))
		return 0;
	cpu_hold();
	if (!slot)
		slot = adopt(mm, mm_key(mm), entry);
	if (slot && slot->id) {
		/*
		 * Since 6.12 mmap(2) empties the page tables of what it replaces before it stores
		 * the new VMA. What that gave back has to be told first, for the record of the
		 * unmap to have it.
		 */
		if (entry)
			zap_ends();
		tell_store(slot, entry, mas->index, mas->last + 1);
	}
	cpu_release();
	return 0;
}

/*
 * Does a complete VMA look as it did when it was stored? Where faults are summed up that is not
 * told again. But for a stack that exec moves it says that the stack is at its place.
 */
static __always_inline bool as_stored(struct mm_slot *slot, struct vm_area_struct *vma)
{
	const struct stored *last = stored_of(slot);
	__u64 what;

	if (!sums_kept() || !can_type || vma->vm_flags & VM_GROWSDOWN)
		return false;
	what = stored_what(slot, as_number(fault_of(bpf_get_current_task_btf()), vma),
			   vma->vm_start, vma->vm_end);
	return last->what == what &&
	       last->looks == stored_looks(what, vma->vm_flags, vma->vm_pgoff);
}

SEC("fentry/perf_event_mmap")
int BPF_PROG(perf_event_mmap, struct vm_area_struct *vma)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);

	if (!slot || !slot->id)
		return 0;
	cpu_hold();
	if (!as_stored(slot, vma))
		tell_known(RAW_CHANGE, slot, vma, vma->vm_start, vma->vm_end);
	cpu_release();
	return 0;
}

/*
 * The kernel does not run ma_write() on a CPU where it runs already, so that the store of a new
 * program's first VMA, its stack, may be missing. Then its mm is adopted here.
 */
SEC("tp_btf/sched_prepare_exec")
int HELD_PROG(prepare_exec, struct task_struct *task, struct linux_binprm *bprm)
{
	__u32 parent = mm_id(task->mm);
	struct mm_slot *slot;

	if (mm_find_way(bprm->mm) || (!parent && !task_is_wanted()))
		return 0;
	slot = adopt_mm(bprm->mm, mm_key(bprm->mm), parent);
	if (slot)
		tell_known(RAW_STORE, slot, bprm->vma, bprm->vma->vm_start, bprm->vma->vm_end);
	return 0;
}

/*
 * Does a path end in the name that is asked for? The kernel names a program by its path's last
 * part.
 */
static __noinline bool path_is_wanted(const char *filename)
{
	char path[WIDE_PATH];
	__u32 start = 0, i;
	long size = bpf_probe_read_kernel_str(path, sizeof(path), filename);

	if (size <= 0)
		return false;
	for (i = 0; i < sizeof(path) - 1 && path[i]; i++)
		if (path[i] == '/')
			start = forget(i + 1, size);
	for (i = 0; i < sizeof(wide.comm) - 1 && i < wide.comm_size; i++)
		if (path[(start + i) & (WIDE_PATH - 1)] != wide.comm[i])
			return false;
	return true;
}

/*
 * A program whose name is asked for gets its memory. So far that has a VMA for its stack only,
 * which was not told yet.
 */
SEC("fentry/begin_new_exec")
int HELD_PROG(adopt_named, struct linux_binprm *bprm)
{
	struct mm_slot *slot;

	if (mm_find_way(bprm->mm) || !task_is_wide(~0U) || !path_is_wanted(bprm->filename))
		return 0;
	slot = adopt_mm(bprm->mm, mm_key(bprm->mm), 0);
	if (slot)
		tell_vma(RAW_STORE, slot, bprm->vma, bprm->vma->vm_start, bprm->vma->vm_end);
	return 0;
}

static int tell_object(__u8 type, struct mm_slot *slot, const void *object, const void *other)
{
	struct mmscope_event *e;

	if (!slot || !slot->id)
		return 0;
	stored_other(slot);
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return 0;
	fill_head(e, type, slot);
	e->start = (__u64)object;
	e->end = (__u64)other;
	ring_submit(e);
	return 0;
}

SEC("fexit/vm_area_dup")
int HELD_PROG(vm_area_dup, struct vm_area_struct *vma, struct vm_area_struct *copy)
{
	return copy ? tell_object(RAW_DUP, mm_find(vma->vm_mm), vma, copy) : 0;
}

static __always_inline __u64 take_vma(struct fault_sums *all, __u64 object, __u32 mm)
{
	struct fault_vma *set = vma_set(all, object);
	__u64 count = 0;

	for (int i = 0; i < SUM_WAYS; i++) {
		if (set[i].object != object || VMA_MM(set[i].who) != mm)
			continue;
		count += __sync_lock_test_and_set(&set[i].count, 0);
		set[i].object = 0;
	}
	return count;
}

/* Has the set of a VMA any element that is taken? */
static __always_inline bool vma_any(struct fault_sums *all, __u64 object)
{
	const struct fault_vma *set = vma_set(all, object);

	return set[0].object || set[1].object || set[2].object || set[3].object;
}

/* Take the number of a VMA's faults from the sums of all CPUs. */
static __always_inline __u64 take_sums(__u64 object, __u32 mm)
{
	__u64 *summed = &vmas_summed[vma_hash(object)], where = *summed, count = 0;

	for (__u32 i = 0; i < MAX_SUMS && i <= sums_last && where >> i; i++) {
		struct fault_sums *all;
		__u32 key = i;

		if (!(where >> i & 1))
			continue;
		all = bpf_map_lookup_elem(&sums, &key);
		if (!all)
			continue;
		count += take_vma(all, object, mm);
		__sync_fetch_and_and(summed, ~(1ULL << i));
		if (vma_any(all, object))
			__sync_fetch_and_or(summed, 1ULL << i);
	}
	return count;
}

/* Tell the faults of a VMA whose object is about to be freed, and may become another VMA. */
static void tell_sum(struct mm_slot *slot, const void *vma)
{
	__u64 object = as_number(fault_of(bpf_get_current_task_btf()), vma);
	__u64 count = take_sums(object, slot->id);
	struct mmscope_event *e;

	if (!count)
		return;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e) {
		struct fault_sums *all = sums_here();

		if (all)
			__sync_fetch_and_add(&all->missed_vmas, count);
		return;
	}
	fill_head(e, RAW_FAULTS, slot);
	e->start = object;
	e->end = count;
	ring_submit(e);
}

/* Tell that a VMA's object is freed; if the VMA gave pages back, one record tells both. */
static __noinline int gone(struct vm_area_struct *vma, struct mm_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct zap *zap = zap_of(task->pid);
	__u64 object = as_number(fault_of(task), vma);

	if (hole_has(slot, vma->vm_start, vma->vm_end))
		hole_over(slot);
	stored_other(slot);
	if (zap && zap_over(zap, object))
		return 0;
	return tell_object(RAW_FREE, slot, vma, NULL);
}

SEC("fentry/vm_area_free")
int BPF_PROG(vm_area_free, struct vm_area_struct *vma)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);

	if (!slot)
		return 0;
	cpu_hold();
	if (sums_kept())
		tell_sum(slot, vma);
	gone(vma, slot);
	cpu_release();
	return 0;
}

static void tell_end(struct mm_slot *slot)
{
	struct mmscope_event *e = ring_reserve_always(sizeof(*e), slot);

	if (!e)
		return;
	fill_head(e, RAW_MM_END, slot);
	ring_submit(e);
}

SEC("tp_btf/exit_mmap")
int HELD_PROG(exit_mmap, struct mm_struct *mm)
{
	struct mm_slot *slot = mm_find(mm);

	if (!slot)
		return 0;
	if (slot->id) {
		zap_ends();
		hole_over(slot);
		tell_end(slot);
	}
	mm_unwatch(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
