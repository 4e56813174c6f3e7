// SPDX-License-Identifier: GPL-2.0
/*
 * Places in the kernel that only some faults come to. Each program notes that it ran, from which
 * fault.bpf.h tells the class. A fresh anonymous page does not pass any of them.
 */
#include "fault.bpf.h"
#include "limits.bpf.h"

/* The type of a swap entry in a page table; the highest type is that of markers. */
#define SWP_TYPE_SHIFT	59
#define SWP_PTE_MARKER	31

/*
 * Note what was seen. Faults of hugetlbfs have their class by their VMA; they come to some of these
 * places with another address.
 */
static __always_inline int note(const struct vm_area_struct *vma, __u64 addr, __u32 seen)
{
	struct fault_state *state;

	if (vma->vm_flags & VM_HUGETLB)
		return 0;
	state = fault_now(vma->vm_mm, addr);
	if (state)
		state->seen |= seen;
	return 0;
}

static __always_inline int note_entries(const struct vm_fault *vmf, __u32 n)
{
	struct fault_state *state = fault_now(vmf->vma->vm_mm, vmf->address);

	if (state)
		state->npages += n;
	return 0;
}

SEC("fentry/expand_stack_locked")
int BPF_PROG(fault_stack, struct vm_area_struct *vma, unsigned long address)
{
	return note(vma, address, SEEN_STACK);
}

/* Why a stack does not grow: it would exceed a limit, or the VMA below is too near. */
static __noinline __u32 why_no_stack(struct vm_area_struct *vma, __u64 address, __u64 *detail)
{
	struct signal_struct *signal = bpf_get_current_task_btf()->signal;
	__u64 grow = vma->vm_start - (address >> PAGE_SHIFT << PAGE_SHIFT);
	__u64 size = grow + vma->vm_end - vma->vm_start;
	struct mm_struct *mm = vma->vm_mm;

	*detail = signal->rlim[RLIMIT_STACK].rlim_cur;
	if (size > *detail)
		return REFUSAL_STACK_LIMIT;
	*detail = signal->rlim[RLIMIT_AS].rlim_cur;
	if ((mm->total_vm << PAGE_SHIFT) + grow > *detail)
		return REFUSAL_STACK_MEMORY;
	*detail = signal->rlim[RLIMIT_MEMLOCK].rlim_cur;
	if (vma->vm_flags & VM_LOCKED && (mm->locked_vm << PAGE_SHIFT) + grow > *detail)
		return REFUSAL_STACK_MEMORY;
	*detail = 0;
	return overcommit_strict() ? REFUSAL_STACK_MEMORY : REFUSAL_STACK_GAP;
}

SEC("fexit/expand_downwards")
int BPF_PROG(fault_stack_refused, struct vm_area_struct *vma, unsigned long address, int error)
{
	struct fault_state *state;
	__u64 detail = 0;
	__u32 why;

	if (error != -ENOMEM && error != -EPERM)
		return 0;
	state = fault_now(vma->vm_mm, address);
	if (!state)
		return 0;
	why = error == -EPERM ? REFUSAL_STACK_LOW : why_no_stack(vma, address, &detail);
	note_why(state, why, detail);
	return 0;
}

/* Is the swap entry a marker? Its type says so. */
static __always_inline bool is_marker(__u64 entry)
{
	return entry >> SWP_TYPE_SHIFT == SWP_PTE_MARKER;
}

SEC("fentry/do_swap_page")
int BPF_PROG(fault_swap, struct vm_fault *vmf)
{
	return note(vmf->vma, vmf->address,
		    SEEN_SWAP | (is_marker(vmf->orig_pte.pte) ? SEEN_MARKER : 0));
}

SEC("fentry/migration_entry_wait")
int BPF_PROG(fault_wait, struct mm_struct *mm, void *pmd, unsigned long address)
{
	struct fault_state *state = fault_now(mm, address);

	if (state)
		state->seen |= SEEN_WAIT;
	return 0;
}

SEC("fentry/pmd_migration_entry_wait")
int BPF_PROG(fault_huge_wait, struct mm_struct *mm)
{
	struct fault_state *state = fault_somewhere(mm);

	if (state)
		state->seen |= SEEN_WAIT;
	return 0;
}

/* A fault of hugetlbfs has its own class even then, but is refused for this reason. */
SEC("fentry/handle_userfault")
int BPF_PROG(fault_uffd, struct vm_fault *vmf)
{
	struct fault_state *state;

	if (!(vmf->vma->vm_flags & VM_HUGETLB))
		return note(vmf->vma, vmf->address, SEEN_UFFD);
	state = fault_somewhere(vmf->vma->vm_mm);
	if (state)
		state->seen |= SEEN_UFFD;
	return 0;
}

/* Tell which memory cgroup is at its limit, for the fault under way may be refused for that. */
static __always_inline void tell_cgroup(struct mm_slot *slot, struct mem_cgroup *memcg)
{
	struct raw_name *raw = ring_reserve_vma(sizeof(*raw), slot);

	if (!raw)
		return;
	fill_head(&raw->e, RAW_CGROUP, slot);
	raw->object = 0;
	if (bpf_probe_read_kernel_str(raw->text, sizeof(raw->text),
				      BPF_CORE_READ(memcg, css.cgroup, kn, name)) < 0)
		raw->text[0] = '\0';
	ring_submit(raw);
}

SEC("fentry/mem_cgroup_out_of_memory")
int BPF_PROG(fault_cgroup, struct mem_cgroup *memcg)
{
	struct mm_struct *mm = bpf_get_current_task_btf()->mm;
	struct fault_state *state = fault_somewhere(mm);
	struct mm_slot *slot = mm_find(mm);

	if (!state || !slot || !slot->id)
		return 0;
	note_why(state, REFUSAL_CGROUP, BPF_CORE_READ(memcg, memory.max) << PAGE_SHIFT);
	if (fault_mode == FAULTS_TOLD)
		tell_cgroup(slot, memcg);
	return 0;
}

/* Each NUMA hint ends here, of a small page or a large one. */
SEC("fentry/task_numa_fault")
int BPF_PROG(fault_numa, int last_cpupid, int node, int pages)
{
	struct fault_state *state = fault_somewhere(bpf_get_current_task_btf()->mm);

	if (!state)
		return 0;
	state->seen |= SEEN_NUMA;
	state->npages = pages;
	return 0;
}

/* The flags of an entry that is there are changed, if at all; nothing else happens. */
SEC("fentry/ptep_set_access_flags")
int BPF_PROG(fault_there, struct vm_area_struct *vma, unsigned long address)
{
	return note(vma, address, SEEN_THERE);
}

SEC("fentry/huge_pmd_set_accessed")
int BPF_PROG(fault_huge_there, struct vm_fault *vmf)
{
	return note(vmf->vma, vmf->address, SEEN_THERE);
}

/* Does an entry map another page than before? */
static __always_inline bool replaced(const void *entry, __u64 before)
{
	__u64 after;

	return !bpf_probe_read_kernel(&after, sizeof(after), entry) &&
	       (before ^ after) & PFN_MASK;
}

static __always_inline __u64 head_of(__u64 page)
{
	struct page___masked *masked = (void *)page;
	struct page *plain = (void *)page;
	__u64 word;

	if (bpf_core_field_exists(masked->compound_info))
		word = BPF_CORE_READ(masked, compound_info);
	else
		word = BPF_CORE_READ(plain, compound_head);
	if (!(word & 1))
		return page;
	/* A mask has more ones in front than an address of a struct page. */
	return word >> 32 == 0xffffffff ? page & word : word - 1;
}

/*
 * What kind of page was copied. The page may be freed by now if nobody else had it; then it was no
 * page of a file. Its address is read from memory, so that the verifier takes it for a number.
 */
static __noinline __u32 seen_of_page(const struct vm_fault *vmf)
{
	__u64 page = 0, mapping;

	bpf_probe_read_kernel(&page, sizeof(page), __builtin_preserve_access_index(&vmf->page));
	if (!page)
		return SEEN_ZERO;
	mapping = (__u64)BPF_CORE_READ((struct page *)head_of(page), mapping);
	return mapping && !(mapping & 3) ? SEEN_OF_FILE : 0;
}

SEC("fexit/do_wp_page")
int HELD_PROG(fault_write, struct vm_fault *vmf, unsigned int result)
{
	__u32 seen = SEEN_WRITABLE;

	if (result & (VM_FAULT_RETRY | VM_FAULT_ERROR))
		return 0;
	if (replaced(vmf->pte, vmf->orig_pte.pte))
		seen |= SEEN_COPIED | seen_of_page(vmf);
	return note(vmf->vma, vmf->address, seen);
}

static __always_inline int note_huge(const struct vm_fault *vmf, __u32 seen)
{
	note(vmf->vma, vmf->address, seen);
	return note_entries(vmf, HUGE_PAGES);
}

SEC("fexit/do_huge_pmd_anonymous_page")
int BPF_PROG(fault_huge, struct vm_fault *vmf, unsigned int result)
{
	if (result & (VM_FAULT_FALLBACK | VM_FAULT_RETRY | VM_FAULT_ERROR))
		return 0;
	return note_huge(vmf, SEEN_THP);
}

/* A huge page replaces the huge zero page. Other huge pages are reused, or split and copied. */
SEC("fexit/do_huge_pmd_wp_page")
int HELD_PROG(fault_huge_write, struct vm_fault *vmf, unsigned int result)
{
	if (result & (VM_FAULT_FALLBACK | VM_FAULT_RETRY | VM_FAULT_ERROR))
		return 0;
	return note_huge(vmf, replaced(vmf->pmd, vmf->orig_pmd.pmd) ? SEEN_THP : SEEN_WRITABLE);
}

/*
 * Since 6.8 a fault of anonymous memory may bring several pages that are no huge page: as many as
 * the folio has. The function is called for each fresh page, too, so that this program is loaded
 * only where such folios are configured.
 */
SEC("fentry/folio_add_new_anon_rmap")
int HELD_PROG(fault_folio, struct folio *folio, struct vm_area_struct *vma, unsigned long address)
{
	struct fault_state *state = fault_now(vma->vm_mm, address);
	unsigned long first = 0;
	__u32 order;

	if (!state || state->seen & SEEN_CLASS)
		return 0;
	bpf_probe_read_kernel(&first, sizeof(first), folio);
	order = BPF_CORE_READ(folio, _flags_1) & 0xff;
	if (first & 1UL << PG_HEAD && order < HUGE_ORDER)
		state->npages = 1U << order;
	return 0;
}

SEC("fentry/set_pte_range")
int BPF_PROG(fault_entries_set, struct vm_fault *vmf, void *folio, void *page, unsigned int n)
{
	return note_entries(vmf, n);
}

/* Before 6.6 entries are set one by one, by this function. */
SEC("fentry/do_set_pte")
int BPF_PROG(fault_entry_set, struct vm_fault *vmf)
{
	return note_entries(vmf, 1);
}

/* Since 6.17 the function has one argument more, so that its result is at another place. */
SEC("fexit/do_set_pmd")
int BPF_PROG(fault_huge_set, struct vm_fault *vmf)
{
	__u64 result;

	if (bpf_get_func_ret(ctx, &result) || (__u32)result)
		return 0;
	return note_entries(vmf, HUGE_PAGES);
}

char LICENSE[] SEC("license") = "GPL";
