/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Members of a VMA and of its file whose place or meaning differs between kernels. Where a kernel
 * has backing files it has bpf_rdonly_cast(), too.
 */
#ifndef MMSCOPE_BPF_VMA_MEMBERS_BPF_H
#define MMSCOPE_BPF_VMA_MEMBERS_BPF_H

#include "typed.bpf.h"

/**
 * struct shown_path - a path that /proc/PID/maps shows
 * @mnt: mount that the file is on
 * @dentry: directory entry of the file
 */
struct shown_path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

/*
 * Is a file one that overlayfs has opened for a user's? 6.12 and later show the path of the user's.
 */
static __always_inline bool file_backing(struct file *file, bool typed)
{
	if (!bpf_core_type_exists(struct backing_file))
		return false;
	return MEMBER(typed, file, f_mode) & FMODE_BACKING;
}

static __always_inline struct shown_path file_shown_path(struct file *file, bool typed)
{
	struct backing_file *backing = (void *)file;
	struct shown_path path;

	if (file_backing(file, typed)) {
		if (typed)
			backing = TYPED(backing_file, file);
		path.mnt = MEMBER(typed, backing, user_path.mnt);
		path.dentry = MEMBER(typed, backing, user_path.dentry);
	} else {
		path.mnt = MEMBER(typed, file, f_path.mnt);
		path.dentry = MEMBER(typed, file, f_path.dentry);
	}
	return path;
}

static __always_inline struct inode *file_shown_inode(struct file *file, struct dentry *dentry,
						      bool typed)
{
	return file_backing(file, typed) ? MEMBER(typed, dentry, d_inode) :
					   MEMBER(typed, file, f_inode);
}

/* The name of a VMA from prctl(2). Before 6.2 the member is shared with VMAs that have a file. */
static __always_inline struct anon_vma_name *vma_anon_name(struct vm_area_struct *vma, bool typed)
{
	if (!bpf_core_field_exists(vma->anon_name) || MEMBER(typed, vma, vm_file))
		return NULL;
	return MEMBER(typed, vma, anon_name);
}

/* Are private pages of a VMA shared with a parent or a child? Then anon_vma_chain has several. */
static __always_inline bool vma_forked(struct vm_area_struct *vma, bool typed)
{
	struct list_head *next = MEMBER(typed, vma, anon_vma_chain.next);

	return next != MEMBER(typed, vma, anon_vma_chain.prev);
}

#endif
