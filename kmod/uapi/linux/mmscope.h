/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * mmscope: what the kernel does with a process's memory, as records.
 *
 * THE DEVICE
 *
 * open("/dev/mmscope")  gives a file that is two things at once. It owns memory
 *	to map (the store, shared by all mappings of this file description, freed
 *	with it), and it is a reader of one mm's log: that of the process that
 *	called open(). fork, exec and passing the descriptor change neither; only
 *	MMSCOPE_ATTACH chooses another log. The node has mode 0600.
 * mmap()	maps the store. Every question mm asks about the mapping is answered
 *	and recorded in the log of the mm that maps it, whoever reads.
 * read()	gives whole struct mmscope_event, in order (see seq). It blocks for
 *	the first one and then returns what is there.
 * poll()	says POLLIN when at least `watermark` records are unread (1 unless
 *	ATTACH says otherwise). A reader that cares for latency brings its own
 *	timeout: what is below the watermark can be read at any time.
 * ioctl()	MMSCOPE_INFO, MMSCOPE_SETUP, MMSCOPE_ATTACH, MMSCOPE_STAT.
 *
 * WHAT errno MEANS
 *
 * open		ENOMEM
 * all		At the limit of the memory cgroup, which all of the device's memory is
 *		charged to, the cgroup's own rules hold: reclaim, then its OOM killer.
 * mmap		EINVAL: offset + length wraps or ends behind the store.
 *		EOPNOTSUPP: the pfn backing with a private writable mapping.
 *		EINTR: a fatal signal, while EAGER maps pages. ENOMEM.
 * touching	SIGBUS: behind the end of the store (a growable mapping can grow
 *		there), or an error asked for with error_nth. Lack of memory is
 *		handled as for any page: the kernel tries again, or kills.
 * read		EINVAL: the buffer holds less than one record. EAGAIN: O_NONBLOCK
 *		and nothing is there. EFAULT: bad buffer; nothing was consumed.
 *		EINTR: a signal came first.
 * ioctl	ENOMEM. ENOTTY: unknown number. EINVAL: size below the first version of the
 *		struct, a value out of range, or a reserved member that is not 0.
 *		E2BIG: the caller's struct is larger and its unknown tail is not 0.
 *		EFAULT: bad pointer. EOPNOTSUPP: known members in a combination that
 *		cannot work. EBUSY: SETUP after the first mmap(). ESRCH: ATTACH or
 *		STAT of nobody, or of a process that ends meanwhile. EPERM: ATTACH
 *		or STAT of an mm that may not be seen. EUSERS: 64 files follow
 *		that process's descendants already (with CAP_SYS_RESOURCE more may).
 *		EINTR: a signal came first.
 * rmmod	The module is in use (EWOULDBLOCK of delete_module(2)) while a descriptor is
 *		open or a mapping exists.
 *
 * WHO MAY SEE
 *
 * Records and STAT show of an mm only what the one who asks may see, when he
 * asks: read(), ATTACH and STAT decide each time, a read() once for each mm. Who
 * may see is who may ptrace the process then, for reading, as for
 * /proc/PID/maps: the same user and group ids (fsuid and fsgid) and no fewer
 * capabilities than it has, if it is dumpable (PR_SET_DUMPABLE; a setuid program
 * is not); else CAP_SYS_PTRACE in its user namespace. One's own mm may be seen
 * always. No module can ask security modules other than capabilities (SELinux,
 * AppArmor, Smack, TOMOYO, Landlock, Yama), so their rules on ptrace do not hold
 * here.
 * The process of an mm is the task that the kernel calls its owner. When it has
 * none any more, its last credentials and dumpability decide; what is a record of
 * an mm that is forgotten (see dead_mms) needs CAP_SYS_PTRACE in the initial user
 * namespace.
 * Both must be allowed: the thread that calls, with its credentials of now, and
 * who opened the file, with those of then; the process that opened it, until it
 * executes another program, may see itself. So passing a descriptor to somebody
 * gives him nothing that he may not see, nor does making him read it, nor does
 * keeping it after rights were given up.
 * What may not be seen is left out and counted (&mmscope_info.withheld). In a log
 * that is shared (MMSCOPE_ATTACH_FOLLOW) this is so for each reader by himself.
 * The counts of INFO, LOST records and gaps in seq tell how many records there
 * were, but not of what, as /proc/PID/stat tells everybody how many faults.
 * Who looks into the memory of another is told to nobody: such a record has
 * MMSCOPE_F_REMOTE, MMSCOPE_CAUSE_REMOTE, and 0 as tid and ip.
 * The files of debugfs need CAP_SYS_PTRACE in the initial user namespace, of who
 * opened them and of who reads. The trace event shows all mms, as the kernel's own
 * events of mm do, to who may use tracefs or has CAP_PERFMON.
 *
 * NUMBERS
 *
 * Ids (mm, vma) are counters from 1; 0 means none. A VMA keeps its id for life; a
 * new one (mmap, split, mremap's destination, fork) gets a new id and names its
 * parent. No id is an address. Addresses are the process's own. Times are
 * CLOCK_MONOTONIC nanoseconds. tids and tgids are those of the initial pid
 * namespace. Layouts are the same for 32-bit programs.
 */
#ifndef _UAPI_LINUX_MMSCOPE_H
#define _UAPI_LINUX_MMSCOPE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * enum mmscope_type - what a record tells; which hook of vm_operations_struct wrote it
 *
 * Types below MMSCOPE_FAULT tell of the set of VMAs: mmap_lock serialises them within an mm, and
 * each has its own &mmscope_event.seq. The module's types stay below MMSCOPE_NR_TYPES, and numbers
 * never change; 12 to 15, 20 to 22 and 26 to 29 are reserved, and no record has them.
 *
 * @MMSCOPE_MMAP: f_op->mmap: @vma was created. pages: mapped at once (eager).
 * @MMSCOPE_MAY_SPLIT: ->may_split: the kernel asks whether @vma may be cut at aux.
 *	mremap also asks without cutting. MMSCOPE_F_ERROR: refused (veto).
 * @MMSCOPE_SPLIT: ->open: @parent, which was [start, end), was cut at aux. @vma is the new
 *	half: the lower one with MMSCOPE_F_BELOW, else the upper. @parent keeps the other.
 * @MMSCOPE_COPY: ->open: @vma was made as destination of an mremap of (part of) @parent.
 * @MMSCOPE_DUP: ->open: @vma was made by fork as the child's copy of @parent, an id of the
 *	parent process. pages: how many of its pages the fork copied as mapped.
 * @MMSCOPE_MREMAP: ->mremap: the pages were moved to @vma; aux is where they came from.
 * @MMSCOPE_MPROTECT: ->mprotect: @start to @end of @vma get the rights in flags. The kernel
 *	may still fail afterwards; it asks also when nothing changes.
 * @MMSCOPE_UNMAP: ->close: @vma, exactly [start, end), is gone. pages: given back. An empty
 *	range takes back the SPLIT that made @vma (6.1, out of memory): @parent is whole again.
 *	MMSCOPE_F_ERROR takes back the COPY that made @vma: the mremap has failed, what it had
 *	moved is in @parent again, and pages is 0. (Where mm, without memory, cannot unmap the
 *	source of an mremap, nothing of that mapping is given back before its last VMA goes.)
 * @MMSCOPE_MOVE: ->close that ends an mremap: the range lives on in the COPY; pages: moved.
 * @MMSCOPE_FORK: this mm was forked; aux is the child's mm id. Written before its DUPs.
 * @MMSCOPE_END: the mm's last VMA was closed by the mm's end (exit, kill or exec).
 * @MMSCOPE_FAULT: ->fault: the driver was asked for the page at addr, once.
 * @MMSCOPE_MKWRITE: ->page_mkwrite: a read-only mapped page is about to be written.
 * @MMSCOPE_PFN_MKWRITE: ->pfn_mkwrite: the same for the pfn backing.
 * @MMSCOPE_ACCESS: ->access: ptrace or /proc/PID/mem wants @pages bytes at addr (pfn backing).
 * @MMSCOPE_NAME: process name and id of this mm, once, when first seen.
 * @MMSCOPE_LOST: `count` records of CPU @cpu are missing before the next one of that CPU, whose
 *	time and seq these are: overwritten before this reader came. Or, with MMSCOPE_F_DROPPED
 *	(@cpu is 65535), never stored for lack of memory, about here. mm is 0.
 */
enum mmscope_type {
	MMSCOPE_MMAP		= 1,
	MMSCOPE_MAY_SPLIT	= 2,
	MMSCOPE_SPLIT		= 3,
	MMSCOPE_COPY		= 4,
	MMSCOPE_DUP		= 5,
	MMSCOPE_MREMAP		= 6,
	MMSCOPE_MPROTECT	= 7,
	MMSCOPE_UNMAP		= 8,
	MMSCOPE_MOVE		= 9,
	MMSCOPE_FORK		= 10,
	MMSCOPE_END		= 11,
	MMSCOPE_FAULT		= 16,
	MMSCOPE_MKWRITE		= 17,
	MMSCOPE_PFN_MKWRITE	= 18,
	MMSCOPE_ACCESS		= 19,
	MMSCOPE_NAME		= 24,
	MMSCOPE_LOST		= 25,
};

/* Room for types in &mmscope_stat.events; types stay below it. */
#define MMSCOPE_NR_TYPES	32

/*
 * Flags of a record. READ, WRITE, EXEC: of the access for fault-like records (a fetch is READ and
 * EXEC), else the rights of the VMA. SHARED: of the VMA, always. 0x08000 and the bits above
 * UNTRACKED are reserved: 0.
 */
#define MMSCOPE_F_WRITE		0x00001
#define MMSCOPE_F_USER		0x00002	/* by a user-mode instruction */
#define MMSCOPE_F_REMOTE	0x00004	/* for another process: ptrace, /proc/PID/mem, ... */
#define MMSCOPE_F_VMA_LOCK	0x00008	/* under the per-VMA lock (6.4+), not mmap_lock */
#define MMSCOPE_F_REFAULT	0x00010	/* for a page it had: zapped unseen, or two threads raced */
#define MMSCOPE_F_COW		0x00020	/* private mapping, write first: a copy is mapped */
#define MMSCOPE_F_READ		0x00040
#define MMSCOPE_F_EXEC		0x00080
#define MMSCOPE_F_SHARED	0x00100
#define MMSCOPE_F_KERNEL	0x00200	/* by the kernel, on behalf of system call `cause` */
#define MMSCOPE_F_MAJOR		0x00400	/* counts as a major fault */
#define MMSCOPE_F_TRIED		0x00800	/* a further attempt of the same fault */
#define MMSCOPE_F_ERROR		0x01000	/* SIGBUS, a vetoed split, or UNMAP: a failed mremap */
#define MMSCOPE_F_PARTIAL	0x02000	/* other VMAs of the same mapping remain */
#define MMSCOPE_F_BELOW		0x04000	/* SPLIT: the new VMA is the lower half */
#define MMSCOPE_F_DROPPED	0x10000	/* LOST: never stored */
#define MMSCOPE_F_UNTRACKED	0x20000	/* a growable mapping's: REFAULT cannot be told */

/* &mmscope_event.cause: 0 and above is the native number of the running system call */
#define MMSCOPE_CAUSE_USER	(-1)	/* a fault (or a signal's end) in user mode */
#define MMSCOPE_CAUSE_TEARDOWN	(-2)	/* the mm ends; tid is 0 if another process ends it */
#define MMSCOPE_CAUSE_KTHREAD	(-3)	/* a kernel thread or worker */
#define MMSCOPE_CAUSE_COMPAT	(-4)	/* a system call with another ABI's number */
#define MMSCOPE_CAUSE_REMOTE	(-5)	/* another process or a kernel thread, no matter which */

#define MMSCOPE_PAGES_UNKNOWN	(~0U)	/* growable mappings keep no account of pages */

/**
 * struct mmscope_event - one record, 64 bytes, the same from the fault handler to the screen
 * @time_ns: CLOCK_MONOTONIC
 * @mm: id of the mm this happened to
 * @vma: id of the VMA, 0 for none (or its lineage was lost for lack of memory)
 * @seq: number of the structural record (see enum mmscope_type) within the log; any other
 *	record carries the number of the last one before it. Sort by (seq, time_ns); read()
 *	does. It wraps.
 * @tid: thread that did it (DUP: that forked), 0 where it is another process's
 * @type: enum mmscope_type
 * @flags: MMSCOPE_F_*
 * @cause: system call number or MMSCOPE_CAUSE_*
 * @cpu: CPU that recorded it
 * @addr: FAULT, MKWRITE, PFN_MKWRITE: page address; ACCESS: first byte
 * @ip: user instruction, or 0 where there is none, or it is another process's
 * @pgoff: page of the store
 * @npages: pages mapped (more than 1 with the around flag, 0 on error); ACCESS: bytes
 * @ns: time in the handler (latency flag), at most 2^31 - 1; else 0
 * @start: first address of the range
 * @end: first address behind the range
 * @aux: page of the store at start; SPLIT and MAY_SPLIT: the address cut at; MREMAP: the address
 *	moved from; FORK: the child's mm
 * @parent: id of the VMA this one came from, or 0
 * @pages: see enum mmscope_type; MMSCOPE_PAGES_UNKNOWN in growable mappings
 * @tgid: NAME: process id, 0 while not known
 * @parent_mm: NAME: mm this one was forked from, or 0
 * @text: NAME: the process's name, NUL-terminated
 * @count: LOST: how many
 */
struct mmscope_event {
	__u64 time_ns;
	__u32 mm;
	__u32 vma;
	__u32 seq;
	__u32 tid;
	__u32 type  : 8;
	__u32 flags : 24;
	__s16 cause;
	__u16 cpu;

	union {
		struct {
			__u64 addr;
			__u64 ip;
			__u64 pgoff;
			__u32 npages;
			__u32 ns;
		};
		struct {
			__u64 start;
			__u64 end;
			__u64 aux;
			__u32 parent;
			__u32 pages;
		};
		struct {
			__u32 tgid;
			__u32 parent_mm;
			char text[24];
		};
		__u64 count;
	};
};

/* What backs a mapping: &mmscope_setup.backing, and a bit each in &mmscope_info.backings */
#define MMSCOPE_PAGE	0	/* a zeroed page per first touch; ordinary pages to all of mm */
#define MMSCOPE_VMALLOC	1	/* a kernel buffer; page N begins "mmscope vmalloc page N\n" */
#define MMSCOPE_PFN	2	/* pages mapped by raw number (VM_PFNMAP), shared mappings only */

/* &mmscope_setup.flags */
#define MMSCOPE_EAGER		0x001	/* map every page in mmap(): no faults (page, vmalloc) */
#define MMSCOPE_MKWRITE_NOTIFY	0x002	/* have page_mkwrite: the first write is seen too */
#define MMSCOPE_AROUND		0x004	/* a fault maps the 16 pages around it (page, vmalloc) */
#define MMSCOPE_GROWABLE	0x008	/* no VM_DONTEXPAND: grows and merges without a hook */
#define MMSCOPE_DROP		0x010	/* a page nobody maps goes back at munmap, not at close */
#define MMSCOPE_NO_VMA_LOCK	0x020	/* no map_pages: faults need mmap_lock, as most do */
#define MMSCOPE_VETO		0x040	/* may_split refuses with EINVAL */
#define MMSCOPE_COUNT		0x080	/* faults are counted, not recorded */
#define MMSCOPE_QUIET		0x100	/* nothing is counted or recorded */
#define MMSCOPE_LATENCY		0x200	/* time the hook: ns, and the histogram of STAT */

/* &mmscope_info.features */
#define MMSCOPE_FEATURE_VMA_LOCK	0x1	/* kernel with per-VMA locks (6.4+) */
#define MMSCOPE_FEATURE_COMPAT		0x2	/* 32-bit programs can use the device */

/**
 * struct mmscope_info - MMSCOPE_INFO: what this module can do, and the state of this file
 * @size: in: size of the caller's struct
 * @mm: mm this file reads
 * @features: MMSCOPE_FEATURE_*
 * @backings: bit N is set when backing N is there
 * @flags: MMSCOPE_SETUP flags that are there
 * @max_pages: largest store, in pages (module parameter max_pages)
 * @events: records kept per CPU and log (parameter events)
 * @idle_mms: mms without a mapping that are remembered (parameter idle_mms)
 * @dead_mms: ended mms whose counters are kept (parameter dead_mms)
 * @max_cpus: CPU numbers are below it
 * @pages: size of this file's store in pages
 * @held: pages this file's store holds now
 * @produced: records written to the log since this reader's start, dropped ones included
 * @delivered: records given to this reader, LOST records not included
 * @unread: records waiting, which may include some that will be skipped
 * @lost: records overwritten before this reader came
 * @dropped: records that found no memory
 * @skipped: records in a log shared by MMSCOPE_ATTACH_FOLLOW of other mms, not for this reader; and
 *	the withheld ones
 * @withheld: those of the skipped ones that this reader was for, but who read might not see
 *
 * At rest, exactly: produced = delivered + unread + lost + dropped + skipped.
 */
struct mmscope_info {
	__u32 size;
	__u32 mm;
	__u64 features;
	__u64 backings;
	__u64 flags;
	__u64 max_pages;
	__u32 events;
	__u32 idle_mms;
	__u32 dead_mms;
	__u32 max_cpus;
	__u64 pages;
	__u64 held;
	__u64 produced;
	__u64 delivered;
	__u64 unread;
	__u64 lost;
	__u64 dropped;
	__u64 skipped;
	__u64 withheld;
};

/**
 * struct mmscope_setup - MMSCOPE_SETUP: how this file's memory behaves; before its first mmap()
 * @size: in: size of the caller's struct
 * @backing: MMSCOPE_PAGE (what a file is without SETUP), MMSCOPE_VMALLOC or MMSCOPE_PFN
 * @flags: MMSCOPE_EAGER and the others
 * @pages: size of the store in pages, at most max_pages; 0 is max_pages (vmalloc: 16)
 * @error_nth: every nth fault ends in SIGBUS; 0 is never
 * @delay_us: each fault sleeps this long, killable, at most 1,000,000
 *
 * EOPNOTSUPP: EAGER or AROUND with the pfn backing; EAGER with AROUND; DROP with GROWABLE, QUIET,
 * or a backing other than page; GROWABLE with EAGER, AROUND or the pfn backing; VETO with QUIET;
 * COUNT or LATENCY with QUIET; MKWRITE_NOTIFY with the pfn backing (pfn_mkwrite is always there).
 */
struct mmscope_setup {
	__u32 size;
	__u32 backing;
	__u64 flags;
	__u64 pages;
	__u32 error_nth;
	__u32 delay_us;
};

#define MMSCOPE_ATTACH_NOW	0x1	/* start at the newest record, not at the oldest */
#define MMSCOPE_ATTACH_FOLLOW	0x2	/* and descendants, from now on, in the same log */

/**
 * struct mmscope_attach - MMSCOPE_ATTACH: read the log of that mm from now on
 * @size: in: size of the caller's struct
 * @flags: MMSCOPE_ATTACH_*
 * @pid: process in the caller's pid namespace, or 0
 * @mm: mm id, or 0. With pid and mm 0 the file stays with its mm and starts again.
 * @watermark: unread records at which poll() says POLLIN; 0 is 1; at most events
 * @reserved: 0
 *
 * With FOLLOW every mm that a descendant of the process (of the caller, where mm or nothing is
 * given), by at most 256 generations, first maps hereafter records in the same log, across fork
 * and exec, if the file's opener may see it then (WHO MAY SEE). Where several forebears are
 * followed, the first to be followed decides. A forked mm records where its parent does as long as
 * anybody follows there. Mms that had a log before keep it. EPERM: the mm may not be seen; or the
 * caller is not the user who opened the file, or, without CAP_SYS_PTRACE, that log was made for
 * another mm.
 */
struct mmscope_attach {
	__u32 size;
	__u32 flags;
	__s32 pid;
	__u32 mm;
	__u32 watermark;
	__u32 reserved;
};

#define MMSCOPE_STAT_NEXT	0x1	/* the known mm with the lowest id from mm on */

#define MMSCOPE_LIVE	0	/* has mappings */
#define MMSCOPE_IDLE	1	/* has none now; keeps its id if it maps again */
#define MMSCOPE_DEAD	2	/* ended, or idle for too long: counters only */

/**
 * struct mmscope_stat - MMSCOPE_STAT: counters of one mm, also when its process is gone
 * @size: in: size of the caller's struct
 * @flags: in: 0 or MMSCOPE_STAT_NEXT; out: the same
 * @mm: in: mm id, 0 for the mm this file reads; out: whose counters these are
 * @parent: mm it was forked from, or 0
 * @tgid: its process, 0 while not known (forked and never run here)
 * @state: MMSCOPE_LIVE, MMSCOPE_IDLE or MMSCOPE_DEAD
 * @maps: mappings now (one per mmap() or fork)
 * @vmas: VMAs now
 * @comm: name of the process
 * @events: records by type; faults that are only counted (MMSCOPE_COUNT) are in
 * @write: faults that were writes
 * @kernel: faults by the kernel on behalf of a system call
 * @remote: faults for another process
 * @refault: faults for a page already given
 * @vma_lock: faults under the per-VMA lock
 * @cow: faults that were copied at once (private mapping, write first)
 * @major: faults counted as major
 * @error: faults that ended in SIGBUS
 * @touched: pages given to this mm, each counted once until it is given back; this, @given_back and
 *	@mapped leave out growable mappings
 * @given_back: pages taken back by munmap, move excluded
 * @mapped: pages mapped now as far as hooks tell: an upper bound of what is present
 * @dropped: records that found no memory
 * @orphans: VMAs whose lineage was lost for lack of memory
 * @ns: sum of handler times (MMSCOPE_LATENCY)
 * @latency: handler times: bucket N counts [2^(N-1), 2^N) ns
 *
 * EPERM: the mm may not be seen (WHO MAY SEE), be it the one this file reads. With
 * MMSCOPE_STAT_NEXT, mms that may not be seen are passed over. ESRCH: no such mm (any more).
 */
struct mmscope_stat {
	__u32 size;
	__u32 flags;
	__u32 mm;
	__u32 parent;
	__s32 tgid;
	__u32 state;
	__u32 maps;
	__u32 vmas;
	char comm[16];
	__u64 events[MMSCOPE_NR_TYPES];
	__u64 write;
	__u64 kernel;
	__u64 remote;
	__u64 refault;
	__u64 vma_lock;
	__u64 cow;
	__u64 major;
	__u64 error;
	__u64 touched;
	__u64 given_back;
	__u64 mapped;
	__u64 dropped;
	__u64 orphans;
	__u64 ns;
	__u64 latency[32];
};

/* Numbers carry no size: the structs do, and may grow at their end. */
#define MMSCOPE_IOC	0xBD
#define MMSCOPE_INFO	_IO(MMSCOPE_IOC, 0)
#define MMSCOPE_SETUP	_IO(MMSCOPE_IOC, 1)
#define MMSCOPE_ATTACH	_IO(MMSCOPE_IOC, 2)
#define MMSCOPE_STAT	_IO(MMSCOPE_IOC, 3)

#endif /* _UAPI_LINUX_MMSCOPE_H */
