/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tells a VMA as tracer/tracer.c wants it. The path of its file is put together here, since
 * bpf_d_path() may not be called at these places, and the process may have ended when the tool
 * could read /proc. Each file is told once.
 */
#ifndef MMSCOPE_BPF_VMA_IMAGE_BPF_H
#define MMSCOPE_BPF_VMA_IMAGE_BPF_H

#include "notice.bpf.h"
#include "stored.bpf.h"
#include "vma_members.bpf.h"

#define MAX_DEPTH	48
#define MAX_NAME	256

/* Keys of paths of files that were told: path_key() */
struct told_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u8);
};

extern struct told_map told SEC(".maps");

/**
 * struct walk - a walk from a file up to the root
 * @dentry: directory entry that it has come to
 * @mount: mount that the entry is on
 * @raw: record that the names are put into
 * @size: bytes of names so far
 */
struct walk {
	struct dentry *dentry;
	struct mount *mount;
	struct raw_file *raw;
	__u32 size;
};

enum { LOOP_ON, LOOP_END };

/*
 * Take a step: put the name of an entry into the record, and go to its directory, or to its mount.
 */
static long walk_up(__u32 step, struct walk *walk)
{
	struct dentry *dentry = walk->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	struct mount *mount = walk->mount, *below;
	long n;

	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		below = BPF_CORE_READ(mount, mnt_parent);
		if (below == mount)
			return LOOP_END;
		walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		walk->mount = below;
		return LOOP_ON;
	}
	if (dentry == parent || walk->size >= RAW_PATH)
		return LOOP_END;
	n = bpf_probe_read_kernel_str(&walk->raw->parts[walk->size & (RAW_PATH - 1)], MAX_NAME,
				      BPF_CORE_READ(dentry, d_name.name));
	if (n > 0)
		walk->size += n;
	walk->dentry = parent;
	return LOOP_ON;
}

static __always_inline bool dentry_deleted(struct dentry *dentry, bool typed)
{
	return MEMBER(typed, dentry, d_parent) != dentry &&
	       !MEMBER(typed, dentry, d_hash.pprev);
}

/*
 * Has a path no place in a mounted file system? Then d_path() has a function that makes its name.
 */
static bool path_pseudo(const struct shown_path *path)
{
	struct dentry *dentry = path->dentry;
	struct vfsmount *mnt = path->mnt;

	if (!BPF_CORE_READ(dentry, d_op) || !BPF_CORE_READ(dentry, d_op, d_dname))
		return false;
	return BPF_CORE_READ(dentry, d_parent) != dentry || BPF_CORE_READ(mnt, mnt_root) != dentry;
}

static void fill_parts(struct raw_file *raw, const struct shown_path *path)
{
	struct walk walk = {
		.dentry = path->dentry,
		.mount = (void *)path->mnt - bpf_core_field_offset(struct mount, mnt),
		.raw = raw,
	};

	bpf_loop(MAX_DEPTH, walk_up, &walk, 0);
	raw->size = walk.size;
}

static void fill_pseudo(struct raw_file *raw, const struct shown_path *path)
{
	struct dentry *dentry = path->dentry;
	long n = bpf_probe_read_kernel_str(raw->parts, MAX_NAME,
					   BPF_CORE_READ(dentry, d_name.name));

	raw->flags |= RAW_FILE_PSEUDO;
	raw->size = n > 0 ? n : 0;
}

/*
 * A number for a path. The memory of a directory entry is used again, so that the number has its
 * name's hash, too. Names of the kernel's own files have no hash: there the first bytes of the
 * name, and the inode, tell them apart.
 */
static __always_inline __u64 path_key(const struct shown_path *path, struct inode *inode,
				      bool deleted, bool typed)
{
	struct dentry *dentry = path->dentry;
	__u64 key = MEMBER(typed, dentry, d_name.len), name[2] = { 0 };

	bpf_probe_read_kernel_str(name, sizeof(name), MEMBER(typed, dentry, d_name.name));
	key = key << 32 | MEMBER(typed, dentry, d_name.hash);
	key = (key ^ name[0]) * 0x61c8864680b583ebULL;
	key = (key ^ name[1]) * 0x61c8864680b583ebULL;
	key = (key ^ MEMBER(typed, inode, i_ino)) * 0x61c8864680b583ebULL;
	return ((typed ? key_of(dentry) : mm_key_of_number((__u64)dentry)) ^ key) << 1 | deleted;
}

/**
 * struct shown_file - the file of a VMA as /proc/PID/maps shows it
 * @file: the file, NULL for none
 * @path: its path
 * @inode: its inode
 * @key: path_key() of its path
 */
struct shown_file {
	struct file *file;
	struct shown_path path;
	struct inode *inode;
	__u64 key;
};

/* Tell the path of a file that was not told before. */
static __noinline void tell_file(struct mm_slot *slot, const struct shown_file *shown)
{
	const struct shown_path *path = &shown->path;
	struct inode *inode = shown->inode;
	__u64 key = shown->key;
	struct raw_file *raw;
	__u8 yes = 1;

	raw = ring_reserve_vma(sizeof(*raw), slot);
	if (!raw)
		return;
	fill_head(&raw->e, RAW_FILE, slot);
	raw->key = key;
	raw->flags = key & 1 ? RAW_FILE_DELETED : 0;
	raw->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	if (path_pseudo(path))
		fill_pseudo(raw, path);
	else
		fill_parts(raw, path);
	ring_submit(raw);
	bpf_map_update_elem(&told, &key, &yes, BPF_ANY);
}

/* Tell the name of a VMA that has no file, if it has one; the record of the VMA follows. */
static __always_inline void tell_name(struct mm_slot *slot, struct vm_area_struct *vma, bool typed)
{
	const char *from = (const char *)vma_anon_name(vma, typed);
	__u64 ops = (__u64)MEMBER(typed, vma, vm_ops);
	struct raw_name *raw;
	bool special;

	special = special_mapping_ops && ops == special_mapping_ops;
	if (special) {
		struct vm_special_mapping *mapping = MEMBER(typed, vma, vm_private_data);

		from = BPF_CORE_READ(mapping, name);
	} else if (from) {
		from += bpf_core_field_offset(struct anon_vma_name, name);
	}
	if (!from)
		return;
	raw = ring_reserve_vma(sizeof(*raw), slot);
	if (!raw)
		return;
	fill_head(&raw->e, RAW_NAME, slot);
	raw->e.flags = special;
	raw->object = (__u64)vma;
	if (bpf_probe_read_kernel_str(raw->text, sizeof(raw->text), from) < 0)
		raw->text[0] = '\0';
	ring_submit(raw);
}

static __always_inline void look_at_file(struct shown_file *shown, struct mm_slot *slot,
					 struct vm_area_struct *vma, bool typed)
{
	shown->file = MEMBER(typed, vma, vm_file);
	if (!shown->file)
		return;
	shown->path = file_shown_path(shown->file, typed);
	shown->inode = file_shown_inode(shown->file, shown->path.dentry, typed);
	shown->key = path_key(&shown->path, shown->inode,
			      dentry_deleted(shown->path.dentry, typed), typed);
	if (!bpf_map_lookup_elem(&told, &shown->key))
		tell_file(slot, shown);
}

/*
 * A number for what a NUMA policy says. Each VMA has a policy object of its own, even if it says
 * the same as another's. A kernel that is configured without policies has no such member.
 */
static __always_inline __u64 vma_policy(struct vm_area_struct *vma, bool typed)
{
	struct mempolicy *policy;

	if (!bpf_core_field_exists(vma->vm_policy))
		return 0;
	policy = MEMBER(typed, vma, vm_policy);
	if (!policy)
		return 0;
	return 1 + BPF_CORE_READ(policy, mode) + ((__u64)BPF_CORE_READ(policy, flags) << 16) +
	       ((__u64)BPF_CORE_READ(policy, home_node) << 32) +
	       BPF_CORE_READ(policy, nodes.bits[0]) * 0x61c8864680b583ebULL;
}

static __always_inline __u64 vma_uffd(struct vm_area_struct *vma, bool typed)
{
	if (!bpf_core_field_exists(vma->vm_userfaultfd_ctx.ctx))
		return 0;
	return (__u64)MEMBER(typed, vma, vm_userfaultfd_ctx.ctx);
}

static __always_inline void fill_image(struct vma_image *image, struct vm_area_struct *vma,
				       const struct shown_file *shown, bool typed)
{
	struct inode *inode = shown->inode;

	image->object = (__u64)vma;
	image->start = MEMBER(typed, vma, vm_start);
	image->end = MEMBER(typed, vma, vm_end);
	image->pgoff = MEMBER(typed, vma, vm_pgoff);
	image->flags = MEMBER(typed, vma, vm_flags);
	image->ops = (__u64)MEMBER(typed, vma, vm_ops);
	image->anon_vma = (__u64)MEMBER(typed, vma, anon_vma);
	image->policy = vma_policy(vma, typed);
	image->uffd = vma_uffd(vma, typed);
	image->named = (__u64)vma_anon_name(vma, typed);
	image->file = (__u64)shown->file;
	image->path = 0;
	image->ino = 0;
	image->dev = 0;
	image->mode = 0;
	image->forked = vma_forked(vma, typed);
	/* The verifier does not know that a VMA with a file has an inode here. */
	if (!inode)
		return;
	image->path = shown->key;
	image->ino = MEMBER(typed, inode, i_ino);
	image->dev = typed ? inode->i_sb->s_dev : BPF_CORE_READ(inode, i_sb, s_dev);
	image->mode = MEMBER(typed, inode, i_mode);
}

/* Copy the arguments of the running system call. */
static __always_inline void fill_args(struct raw_vma *raw)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	raw->args[0] = regs->di;
	raw->args[1] = regs->si;
	raw->args[2] = regs->dx;
	raw->args[3] = regs->r10;
}

static __always_inline int tell_image(__u8 type, struct mm_slot *slot, struct vm_area_struct *vma,
				      __u64 start, __u64 end, bool typed)
{
	struct shown_file shown = { 0 };
	struct raw_vma *raw;

	look_at_file(&shown, slot, vma, typed);
	tell_name(slot, vma, typed);
	if (hook_rdev && shown.file)
		notice_ops(slot, vma, shown.inode, type == RAW_HAVE);
	raw = ring_reserve_vma(sizeof(*raw), slot);
	if (!raw)
		return 0;
	fill_head(&raw->e, type, slot);
	raw->e.start = start;
	raw->e.end = end;
	fill_image(&raw->vma, vma, &shown, typed);
	fill_args(raw);
	ring_submit(raw);
	return 1;
}

static __noinline __unused int tell_typed(__u8 type, struct mm_slot *slot,
					  struct vm_area_struct *vma, __u64 start, __u64 end)
{
	return tell_image(type, slot, vma, start, end, true);
}

static __noinline __unused int tell_number(__u8 type, struct mm_slot *slot,
					   struct vm_area_struct *vma, __u64 start, __u64 end)
{
	return tell_image(type, slot, vma, start, end, false);
}

static __noinline __unused int tell_hole(struct mm_slot *slot, __u64 start, __u64 end)
{
	struct raw_vma *raw = ring_reserve_vma(sizeof(*raw), slot);

	if (!raw)
		return 0;
	fill_head(&raw->e, RAW_STORE, slot);
	raw->e.start = start;
	raw->e.end = end;
	raw->vma.object = 0;
	fill_args(raw);
	ring_submit(raw);
	return 0;
}

/* Another record comes: tell the hole that was kept, and forget the last store. */
static __always_inline void stored_other(struct mm_slot *slot)
{
	struct stored *last = stored_of(slot);

	last->what = 0;
	if (last->mm != slot->id)
		return;
	tell_hole(slot, last->start, last->end);
	hole_over(slot);
}

/* Tell a VMA whose type the verifier may not know; return whether there was room for the record. */
static __always_inline int tell_vma(__u8 type, struct mm_slot *slot, struct vm_area_struct *vma,
				    __u64 start, __u64 end)
{
	stored_other(slot);
	return can_type ? tell_typed(type, slot, TYPED(vm_area_struct, vma), start, end) :
			  tell_number(type, slot, vma, start, end);
}

/* Tell a VMA whose type the verifier knows. */
static __always_inline int tell_known(__u8 type, struct mm_slot *slot, struct vm_area_struct *vma,
				      __u64 start, __u64 end)
{
	stored_other(slot);
	return tell_typed(type, slot, TYPED_IF(vm_area_struct, vma), start, end);
}

#endif
