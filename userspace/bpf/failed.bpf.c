// SPDX-License-Identifier: GPL-2.0
/*
 * System calls about memory that fail: what they were asked for, and which limits held then. Why
 * they failed is found out by tracer/failure.c, which knows all VMAs. A call that succeeds only
 * pays for a comparison of its result.
 */
#include "limits.bpf.h"
#include "ring.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct file_operations {
	void *mmap;
	void *mmap_prepare;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* If this structure had no member, clang 19 would crash. */
struct kernel_cap {
	__u64 bits;
};

struct cred {
	struct kernel_cap cap_effective;
};

struct vfsmount___flags {
	int mnt_flags;
};

struct super_block___flags {
	unsigned long s_iflags;
};

struct file___operations {
	const struct file_operations *f_op;
};

struct shmem_inode_info {
	unsigned int seals;
	struct inode vfs_inode;
};

struct hugetlbfs_inode_info {
	struct inode vfs_inode;
	unsigned int seals;
};

struct task_struct___files {
	struct files_struct *files;
	const struct cred *cred;
};

struct mm_struct___limits {
	int map_count;
	unsigned long data_vm;
	unsigned long start_data;
	unsigned long end_data;
	unsigned long start_brk;
};

#pragma clang attribute pop

#define MAX_ERRNO		4095
#define NR_MMAP			9
#define NR_IOCTL		16
#define MAP_ANONYMOUS		0x20
#define UFFDIO_COPY		0x03	/* lowest byte of the request, as of the next */
#define UFFDIO_MOVE		0x05
#define CAP_IPC_LOCK		14
#define MNT_NOEXEC		0x04
#define SB_I_NOEXEC		0x02
#define HUGETLBFS_MAGIC		0x958458f6

/*
 * Addresses of vm.overcommit_memory and vm.max_map_count in the kernel, 0 where they are not known
 */
__u64 overcommit_at;
__u64 max_map_count_at;

static __always_inline __u64 address_of(const char *name, int size)
{
	__u64 address = 0;

	return bpf_kallsyms_lookup_name(name, size, 0, &address) ? 0 : address;
}

/*
 * The kernel finds the addresses when the tool runs this program, once. If they were declared with
 * __ksym, libbpf would read all of /proc/kallsyms even where no program that uses them is loaded.
 */
SEC("syscall")
int find_limits(void *ctx)
{
	static const char overcommit_memory[] = "sysctl_overcommit_memory";
	static const char map_count[] = "sysctl_max_map_count";

	overcommit_at = address_of(overcommit_memory, sizeof(overcommit_memory));
	max_map_count_at = address_of(map_count, sizeof(map_count));
	return 0;
}

static __always_inline int read_limit(__u64 at)
{
	int limit = 0;

	if (at)
		bpf_probe_read_kernel(&limit, sizeof(limit), (const void *)at);
	return limit;
}

/* vm.overcommit_memory */
__noinline int overcommit(void)
{
	return read_limit(overcommit_at);
}

/* vm.max_map_count, 0 if it is not known */
__noinline int max_map_count(void)
{
	return read_limit(max_map_count_at);
}

static __always_inline bool is_error(long result)
{
	return (unsigned long)result >= (unsigned long)-MAX_ERRNO;
}

/* The seals of a file in memory, as fcntl(F_ADD_SEALS) has set them. */
static __always_inline __u32 seals_of(struct inode *inode, __u64 magic)
{
	struct hugetlbfs_inode_info *huge;
	struct shmem_inode_info *shmem;

	if (magic == TMPFS_MAGIC) {
		shmem = (void *)inode - bpf_core_field_offset(struct shmem_inode_info, vfs_inode);
		return BPF_CORE_READ(shmem, seals);
	}
	if (magic != HUGETLBFS_MAGIC || !bpf_core_type_exists(struct hugetlbfs_inode_info))
		return 0;
	huge = (void *)inode - bpf_core_field_offset(struct hugetlbfs_inode_info, vfs_inode);
	return BPF_CORE_READ(huge, seals);
}

static __always_inline bool can_mmap(struct file *file)
{
	struct file___operations *with = (void *)file;
	const struct file_operations *ops = BPF_CORE_READ(with, f_op);

	if (BPF_CORE_READ(ops, mmap))
		return true;
	return bpf_core_field_exists(ops->mmap_prepare) && BPF_CORE_READ(ops, mmap_prepare);
}

static __noinline int fill_file(struct raw_failed *raw, struct file *file)
{
	struct vfsmount___flags *mount = (void *)BPF_CORE_READ(file, f_path.mnt);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct super_block___flags *sb = (void *)BPF_CORE_READ(inode, i_sb);

	if (!raw || !inode)
		return 0;
	raw->has_file = 1;
	raw->file_mode = BPF_CORE_READ(file, f_mode);
	raw->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	raw->seals = seals_of(inode, raw->magic);
	raw->no_mmap = !can_mmap(file);
	raw->no_exec = BPF_CORE_READ(mount, mnt_flags) & MNT_NOEXEC ||
		       BPF_CORE_READ(sb, s_iflags) & SB_I_NOEXEC;
	return 0;
}

/* The file behind a descriptor of the running process. */
static __always_inline struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct task_struct___files *with = (void *)task;
	struct fdtable *table = BPF_CORE_READ(with, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

static long note_file(struct task_struct *task, struct vm_area_struct *vma, __u64 *file)
{
	*file = (__u64)BPF_CORE_READ(vma, vm_file);
	return 0;
}

/* The file of the VMA at an address, NULL for none. */
static __always_inline struct file *file_at(struct task_struct *task, __u64 addr)
{
	__u64 file = 0;

	bpf_find_vma(task, addr, note_file, &file, 0);
	return (struct file *)file;
}

static __always_inline bool is_capable(struct task_struct *task, int capability)
{
	struct task_struct___files *with = (void *)task;
	const struct cred *cred = BPF_CORE_READ(with, cred);
	__u64 has = 0;

	/*
	 * cap_effective has two words of 32 bits in older kernels, one of 64 later: the same on
	 * x86.
	 */
	bpf_probe_read_kernel(&has, sizeof(has),
			      (void *)cred + bpf_core_field_offset(struct cred, cap_effective));
	return has >> capability & 1;
}

static __always_inline void fill_limits(struct raw_failed *raw, struct task_struct *task)
{
	struct mm_struct___limits *mm = (void *)task->mm;
	struct mm_struct *usual = (void *)task->mm;
	struct signal_struct *signal = task->signal;

	raw->limits[RAW_LIMIT_AS] = signal->rlim[RLIMIT_AS].rlim_cur;
	raw->limits[RAW_LIMIT_DATA] = signal->rlim[RLIMIT_DATA].rlim_cur;
	raw->limits[RAW_LIMIT_MEMLOCK] = signal->rlim[RLIMIT_MEMLOCK].rlim_cur;
	raw->total_vm = BPF_CORE_READ(usual, total_vm);
	raw->locked_vm = BPF_CORE_READ(usual, locked_vm);
	raw->data_vm = BPF_CORE_READ(mm, data_vm);
	raw->data_size = BPF_CORE_READ(mm, end_data) - BPF_CORE_READ(mm, start_data);
	raw->map_count = BPF_CORE_READ(mm, map_count);
	raw->max_map_count = max_map_count();
	raw->overcommit = overcommit();
	raw->may_lock = is_capable(task, CAP_IPC_LOCK);
}

static __always_inline void fill_args(struct raw_failed *raw, struct pt_regs *regs)
{
	raw->args[0] = regs->di;
	raw->args[1] = regs->si;
	raw->args[2] = regs->dx;
	raw->args[3] = regs->r10;
	raw->args[4] = regs->r8;
	raw->args[5] = regs->r9;
}

/* Copy the range of a request to a userfaultfd; COPY and MOVE have a source before the size. */
static __always_inline void copy_argument(struct raw_failed *raw)
{
	__u8 nr = raw->args[1];
	__u64 *from = (__u64 *)raw->args[2];

	bpf_probe_read_user(raw->copied, 2 * sizeof(*raw->copied), from);
	if (nr == UFFDIO_COPY || nr == UFFDIO_MOVE)
		bpf_probe_read_user(&raw->copied[2], sizeof(*raw->copied), from + 2);
}

static __noinline int failed(long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot = mm_find(task->mm);
	struct file *file = NULL;
	struct raw_failed *raw;

	if (!slot || !slot->id || task->thread_info.status & TS_COMPAT)
		return 0;
	raw = ring_reserve_vma(sizeof(*raw), slot);
	if (!raw)
		return 0;
	fill_head(&raw->e, RAW_FAILED, slot);
	raw->result = result;
	fill_args(raw, (struct pt_regs *)bpf_task_pt_regs(task));
	fill_limits(raw, task);
	raw->has_file = 0;
	raw->magic = 0;
	raw->file_mode = 0;
	raw->seals = 0;
	raw->no_mmap = 0;
	raw->no_exec = 0;
	raw->copied[0] = 0;
	raw->copied[1] = 0;
	raw->copied[2] = 0;
	if (raw->e.cause == NR_IOCTL)
		copy_argument(raw);
	else if (raw->e.cause != NR_MMAP)
		file = file_at(task, raw->args[0]);
	else if (!(raw->args[3] & MAP_ANONYMOUS))
		file = file_of(task, raw->args[4]);
	if (file)
		fill_file(raw, file);
	ring_submit(raw);
	return 0;
}

/* Most calls return a negative errno when they fail. */
#define FAILED(name, place)						\
SEC("fexit/" place)							\
int BPF_PROG(failed_##name, struct pt_regs *regs, long result)		\
{									\
	return is_error(result) ? failed(result) : 0;			\
}

FAILED(mmap, "__x64_sys_mmap")
FAILED(munmap, "__x64_sys_munmap")
FAILED(mremap, "__x64_sys_mremap")
FAILED(mprotect, "__x64_sys_mprotect")
FAILED(pkey_mprotect, "__x64_sys_pkey_mprotect")
FAILED(madvise, "__x64_sys_madvise")
FAILED(mlock, "__x64_sys_mlock")
FAILED(mlock2, "__x64_sys_mlock2")
FAILED(munlock, "__x64_sys_munlock")
FAILED(mlockall, "__x64_sys_mlockall")
FAILED(mseal, "__x64_sys_mseal")
FAILED(userfaultfd, "__x64_sys_userfaultfd")

/* brk(2) returns where the heap ends, even when it fails. With 0 a process only asks for that. */
SEC("fexit/__x64_sys_brk")
int BPF_PROG(failed_brk, struct pt_regs *regs, long result)
{
	__u64 asked = regs->di;

	return asked && (__u64)result != asked ? failed(result) : 0;
}

SEC("fexit/userfaultfd_ioctl")
int BPF_PROG(failed_uffd, struct file *file, unsigned int cmd, unsigned long arg, long result)
{
	return is_error(result) ? failed(result) : 0;
}

char LICENSE[] SEC("license") = "GPL";
