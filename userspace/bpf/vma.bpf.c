// SPDX-License-Identifier: GPL-2.0
/*
 * Every change of the set of VMAs of a watched mm. All of them end in a store into its maple
 * tree, which has a tracepoint on every kernel; what that leaves open is closed by the birth and
 * death of VMA objects, and by perf_event_mmap(), which is called when one is complete. The lock
 * that serialises changes is held in each of these places: the order in the ring is theirs.
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

const volatile __u32 fault_mode;
const volatile __u32 sums_last;
const volatile __u32 stack_way;
__u64 lost_stacks;
__u32 hook_rdev;

struct ring_map ring SEC(".maps");
struct sums_map sums SEC(".maps");
struct stacks_map stacks SEC(".maps");
struct drivers_map drivers SEC(".maps");
struct refusals_map refusals SEC(".maps");
struct told_map told SEC(".maps");
struct zaps_map zaps SEC(".maps");
struct opened_map opened SEC(".maps");
struct ops_map hook_ops SEC(".maps");

/* A tree of VMAs is a member of its mm. For any other tree mm_find() and adopt() find no mm. */
SEC("tp_btf/ma_write")
int BPF_PROG(ma_write, const char *function, struct ma_state *mas, unsigned long pivot, void *entry)
{
	void *mm = (void *)mas->tree - bpf_core_field_offset(struct mm_struct, mm_mt);
	struct mm_slot *slot = mm_find(mm);

	/* Most stores are in an mm that is not watched, by a thread of the same mm. */
	if (!slot && (!entry || bpf_get_current_task_btf()->mm == mm))
		return 0;
	cpu_hold();
	if (!slot)
		slot = adopt(mm, mm_key(mm), entry);
	if (slot && slot->id)
		tell_vma(RAW_STORE, slot, entry, mas->index, mas->last + 1);
	cpu_release();
	return 0;
}

SEC("fentry/perf_event_mmap")
int HELD_PROG(perf_event_mmap, struct vm_area_struct *vma)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);

	if (!slot || !slot->id)
		return 0;
	return tell_vma(RAW_CHANGE, slot, vma, vma->vm_start, vma->vm_end);
}

/*
 * The kernel does not run ma_write() on a CPU where it runs already, so the first VMA of a new
 * program, its stack, may not have been told. Then its mm is adopted here.
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
		tell_vma(RAW_STORE, slot, bprm->vma, bprm->vma->vm_start, bprm->vma->vm_end);
	return 0;
}

/* Is a program of this path called so? The kernel calls it by what is behind the last slash. */
static __noinline bool path_is_wanted(const char *filename)
{
	char path[WIDE_PATH];
	__u32 start = 0, i;

	if (bpf_probe_read_kernel_str(path, sizeof(path), filename) <= 0)
		return false;
	for (i = 0; i < sizeof(path) - 1 && path[i]; i++)
		if (path[i] == '/')
			start = forget(i + 1, (__u64)filename);
	for (i = 0; i < sizeof(wide.comm) - 1 && i < wide.comm_size; i++)
		if (path[(start + i) & (WIDE_PATH - 1)] != wide.comm[i])
			return false;
	return true;
}

/*
 * A program whose name is asked for gets its memory. All that is in that is a VMA for its stack,
 * which nobody has told.
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

/* A VMA's object is about to be freed, and may become another VMA. */
static void tell_sum(struct mm_slot *slot, const void *vma)
{
	__u64 object = as_number(fault_of(bpf_get_current_task_btf()), vma);
	struct mmscope_event *e;
	__u64 count = 0;

	for (__u32 i = 0; i < MAX_SUMS && i <= sums_last; i++) {
		__u32 key = i;
		struct fault_sums *all = bpf_map_lookup_elem(&sums, &key);

		if (all)
			count += take_vma(all, object, slot->id);
	}
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

SEC("fentry/vm_area_free")
int HELD_PROG(vm_area_free, struct vm_area_struct *vma)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);

	if (!slot)
		return 0;
	zap_ends();
	if (fault_mode == FAULTS_COUNTED || fault_mode == FAULTS_TIMED)
		tell_sum(slot, vma);
	return tell_object(RAW_FREE, slot, vma, NULL);
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
		tell_end(slot);
	}
	mm_unwatch(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
