/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types of the kernel with the members that the programs read. libbpf relocates the members by name
 * when it loads the programs, so that one object serves kernels whose layouts differ. A vmlinux.h
 * would have the types of one kernel only.
 */
#ifndef MMSCOPE_BPF_KERNEL_TYPES_BPF_H
#define MMSCOPE_BPF_KERNEL_TYPES_BPF_H

#include <linux/bpf.h>

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
	__u32 hash;
	__u32 len;
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
	unsigned long nr_huge_pages;
	unsigned long free_huge_pages;
	unsigned long resv_huge_pages;
};

struct hugetlbfs_sb_info {
	struct hstate *hstate;
};

struct folio {
	unsigned long _flags_1;
};

struct inode {
	unsigned short i_mode;
	long long i_size;
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

struct address_space {
	struct inode *host;
};

struct file {
	unsigned int f_mode;
	void *private_data;
	struct address_space *f_mapping;
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

struct vm_area_struct;
struct mm_struct;

struct linux_binprm {
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	const char *filename;
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

/* s_fs_info of a super_block of tmpfs */
struct shmem_sb_info {
	unsigned long max_blocks;
	struct percpu_counter used_blocks;
};

struct mm_struct {
	struct maple_tree mm_mt;
	unsigned long total_vm;
	unsigned long locked_vm;
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

/* The smallest type with a number in it, by which with_type() reads a counter of a CPU. */
struct refcount_struct {
	struct {
		int counter;
	} refs;
};

struct page {
	void *mapping;
	unsigned long compound_head;
};

/* Since 7.0 a tail page may have a mask in this place, by which its head is found. */
struct page___masked {
	unsigned long compound_info;
};

struct madvise_behavior {
	struct mm_struct *mm;
	int behavior;
};

/* 6.1 has four sums, to which each thread adds now and then. Later kernels sum up over CPUs. */
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

struct thread_struct {
	unsigned long trap_nr;
};

struct rlimit {
	unsigned long rlim_cur;
};

struct signal_struct {
	unsigned int flags;
	struct rlimit rlim[16];
};

struct kernfs_node {
	const char *name;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct page_counter {
	unsigned long max;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
};

/* 6.1: what a thread has yet to add to the sums of its mm */
struct task_rss_stat {
	int count[4];
};

struct task_struct___plain {
	struct task_rss_stat rss_stat;
};

/* 7.x: task_struct has this structure instead of a pointer to struct rseq */
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

struct task_struct {
	struct thread_info thread_info;
	void *stack;
	unsigned int flags;
	int pid;
	int tgid;
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct thread_struct thread;
	unsigned long min_flt;
	unsigned long maj_flt;
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

#endif
