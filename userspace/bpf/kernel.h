/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs know of the kernel: members by name, relocated when they are loaded, so that
 * one object serves kernels whose layouts differ. No vmlinux.h: it would be that of one kernel.
 * Where kernels differ in more than layout, a function with a name says so.
 */
#ifndef MMSCOPE_BPF_KERNEL_H
#define MMSCOPE_BPF_KERNEL_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define __unused	__attribute__((unused))
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax;
	unsigned long ip, cs, sp;
};

struct maple_tree;

struct zap_details {
	unsigned int zap_flags;
};

struct ma_state {
	struct maple_tree *tree;
	unsigned long index;
	unsigned long last;
};

struct maple_tree {
	void *ma_root;
};

struct qstr {
	__u64 hash_len;
	const unsigned char *name;
};

struct super_block {
	__u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
	void *s_fs_info;
};

struct hstate {
	unsigned int order;
};

struct hugetlbfs_sb_info {
	struct hstate *hstate;
};

struct folio {
	unsigned long _flags_1;
};

struct inode {
	unsigned short i_mode;
	unsigned char i_blkbits;
	__u32 i_rdev;
	struct super_block *i_sb;
	unsigned long i_ino;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct dentry_operations {
	char *(*d_dname)(void);
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	const struct dentry_operations *d_op;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	unsigned int f_mode;
	void *private_data;
	struct path f_path;
	struct inode *f_inode;
};

struct backing_file {
	struct file file;
	struct path user_path;
};

struct vm_special_mapping {
	const char *name;
};

struct anon_vma_name {
	int kref;
	char name[];
};

struct list_head {
	struct list_head *next, *prev;
};

struct vm_userfaultfd_ctx {
	void *ctx;
};

struct mm_struct;

struct userfaultfd_ctx {
	struct mm_struct *mm;
};

struct nodes {
	unsigned long bits[16];
};

struct mempolicy {
	unsigned short mode;
	unsigned short flags;
	struct nodes nodes;
	int home_node;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
	struct list_head anon_vma_chain;
	void *anon_vma;
	struct anon_vma_name *anon_name;
	const void *vm_ops;
	unsigned long vm_pgoff;
	struct file *vm_file;
	void *vm_private_data;
	struct mempolicy *vm_policy;
	struct vm_userfaultfd_ctx vm_userfaultfd_ctx;
};

struct percpu_counter {
	__s64 count;
	__s32 *counters;
};

struct mm_struct {
	struct maple_tree mm_mt;
	unsigned long start_brk;
	unsigned long brk;
	unsigned long start_stack;
	struct {
		int counter;
	} mm_users;
	struct {
		__s64 counter;
	} hugetlb_usage;
	struct task_struct *owner;
};

struct page {
	void *mapping;
	unsigned long compound_head;
};

/* Since 7.0 a tail may have a mask there instead, which finds its head. */
struct page___masked {
	unsigned long compound_info;
};

struct madvise_behavior {
	struct mm_struct *mm;
	int behavior;
};

/* 6.1: four sums, to which each thread adds now and then. Later: sums of what each CPU has. */
struct mm_rss_stat {
	__s64 count[4];
};

struct mm_struct___plain {
	struct mm_rss_stat rss_stat;
};

struct mm_struct___percpu {
	struct percpu_counter rss_stat[4];
};

struct vm_fault {
	struct vm_area_struct *vma;
	unsigned long address;
	struct page *page;
	void *pte;
	void *pmd;
	struct {
		unsigned long pte;
	} orig_pte;
	struct {
		unsigned long pmd;
	} orig_pmd;
};

struct thread_info {
	unsigned long flags;
	__u32 status;
};

/* 6.1: what a thread has not added yet */
struct task_rss_stat {
	int count[4];
};

struct task_struct___plain {
	struct task_rss_stat rss_stat;
};

/* 7.x: a member that holds the pointer and what else belongs to it */
struct rseq_data {
	void *usrptr;
};

struct task_struct___rseq {
	struct rseq_data rseq;
};

struct task_struct___pointer {
	void *rseq;
};

struct sigaction {
	void *sa_handler;
};

struct k_sigaction {
	struct sigaction sa;
};

struct signal_struct {
	unsigned int flags;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	int pid;
	int tgid;
	struct mm_struct *mm;
	struct signal_struct *signal;
	int pagefault_disabled;
	char comm[16];
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};

#pragma clang attribute pop

/* Flags that no type in the kernel's BTF tells */
#define PF_KTHREAD		0x00200000
#define TS_COMPAT		0x0002
#define TIF_ADDR32		29
#define USER_CS			0x33	/* of 64-bit code */
#define RSEQ_SIZE		32	/* what each kernel writes */
#define FMODE_BACKING		(1U << 24)
#define S_IFMT			0170000
#define S_IFREG			0100000
#define S_IFBLK			0060000
#define SB_NOUSER		0x80000000UL	/* what nobody can mount */
#define TMPFS_MAGIC		0x01021994

#define VM_READ			0x00000001UL
#define VM_WRITE		0x00000002UL
#define VM_EXEC			0x00000004UL
#define VM_SHARED		0x00000008UL
#define VM_MAYSHARE		0x00000080UL
#define VM_PFNMAP		0x00000400UL
#define VM_IO			0x00004000UL
#define VM_HUGETLB		0x00400000UL
#define VM_MIXEDMAP		0x10000000UL

#define FAULT_FLAG_WRITE	0x0001
#define FAULT_FLAG_TRIED	0x0020
#define FAULT_FLAG_USER		0x0040
#define FAULT_FLAG_REMOTE	0x0080
#define FAULT_FLAG_INSTRUCTION	0x0100
#define FAULT_FLAG_VMA_LOCK	0x1000	/* since 6.4 */

#define VM_FAULT_OOM		0x0001
#define VM_FAULT_SIGBUS		0x0002
#define VM_FAULT_MAJOR		0x0004
#define VM_FAULT_HWPOISON	0x0030	/* of a small page, or a large one */
#define VM_FAULT_SIGSEGV	0x0040
#define VM_FAULT_RETRY		0x0400
#define VM_FAULT_FALLBACK	0x0800
#define VM_FAULT_ERROR		0x0873

#define PG_HEAD			6	/* a bit of a folio's first word: it is of several pages */

#define PFN_MASK		0x000ffffffffff000UL
#define HUGE_ORDER		9
#define HUGE_PAGES		(1 << HUGE_ORDER)	/* of 4 KiB in one that a PMD maps */
#define TASK_SIZE_MAX		(1ULL << 56)	/* above are kernel addresses, with 4 or 5 levels */

/**
 * struct shown_path - a path that /proc/PID/maps shows
 * @mnt: mount
 * @dentry: entry
 */
struct shown_path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

/* Of a file on overlayfs 6.12 and later show the user's, not what is behind it. */
static __always_inline bool file_backing(struct file *file)
{
	if (!bpf_core_type_exists(struct backing_file))
		return false;
	return BPF_CORE_READ(file, f_mode) & FMODE_BACKING;
}

static __always_inline struct shown_path file_shown_path(struct file *file)
{
	struct backing_file *backing = (void *)file;
	struct shown_path path;

	if (file_backing(file)) {
		path.mnt = BPF_CORE_READ(backing, user_path.mnt);
		path.dentry = BPF_CORE_READ(backing, user_path.dentry);
	} else {
		path.mnt = BPF_CORE_READ(file, f_path.mnt);
		path.dentry = BPF_CORE_READ(file, f_path.dentry);
	}
	return path;
}

static __always_inline struct inode *file_shown_inode(struct file *file, struct dentry *dentry)
{
	return file_backing(file) ? BPF_CORE_READ(dentry, d_inode) : BPF_CORE_READ(file, f_inode);
}

/* Before 6.2 the name shares its place with what file mappings have. */
static __always_inline struct anon_vma_name *vma_anon_name(struct vm_area_struct *vma)
{
	if (!bpf_core_field_exists(vma->anon_name) || BPF_CORE_READ(vma, vm_file))
		return NULL;
	return BPF_CORE_READ(vma, anon_name);
}

/* Its private pages, if any, are shared with a parent or a child: anon_vma_chain has several. */
static __always_inline bool vma_forked(struct vm_area_struct *vma)
{
	struct list_head *next = BPF_CORE_READ(vma, anon_vma_chain.next);

	return next != BPF_CORE_READ(vma, anon_vma_chain.prev);
}

#endif
