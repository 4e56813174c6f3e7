// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the VMAs that the records tell with those that the kernel has. A command runs under
 * ptrace(2). After each system call that changes memory all threads of its process are stopped, and
 * the two sets are compared: range, rights, offset, device, inode, name and VmFlags of each VMA;
 * and the sums of pages by kind, if the process has had one thread only.
 */
#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/new_syscalls.h"
#include "base/proc.h"
#include "base/ptrace.h"
#include "base/tool.h"
#include "record/extra.h"
#include "record/record.h"
#include "record/text.h"
#include "term/print.h"
#include "trace/verify.h"
#include "trace/verify_pages.h"
#include "tracer/queue.h"
#include "tracer/tracer.h"

#define OPTIONS	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
		 PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)
#define OTHER_CALL	(-1)	/* a call of a 32-bit program, which has other numbers */
#define SHOWN	20		/* differences that are shown */
#define REST_NS	5000000ULL	/* time between two stops of all threads of a process */
#define WAIT_NS	1000000000ULL	/* time for records that are behind those of other processes */

/**
 * struct compare - comparison of two sets of VMAs
 * @mm: address space, as the records tell it
 * @next: range of @mm that is compared next
 * @lines: number of VMAs that the kernel has; 0 where the process is ending
 * @same: no difference was found so far
 * @show: print differences
 */
struct compare {
	const struct mm *mm;
	const struct map_range *next;
	size_t lines;
	bool same;
	bool show;
};

/**
 * struct process - a process whose sets of VMAs were compared
 * @pid: id of the process
 * @compared: number of comparisons
 * @differing: number of comparisons that found a difference
 * @anew: how often its VMAs were told anew, since records of them were lost
 */
struct process {
	pid_t pid;
	unsigned long compared;
	unsigned long differing;
	unsigned long anew;
};

static struct process *processes;
static size_t nr_processes;
static unsigned long compared, differing, shown;
static __u64 rested;

/*
 * Find a process, or begin to note it. The search is backwards, since the last ones are asked for.
 */
static struct process *process_of(pid_t pid)
{
	for (size_t i = nr_processes; i-- > 0;)
		if (processes[i].pid == pid)
			return &processes[i];
	processes = reallocarray(processes, ++nr_processes, sizeof(*processes));
	if (!processes)
		abort();
	processes[nr_processes - 1] = (struct process){ .pid = pid };
	return &processes[nr_processes - 1];
}

static const char *told_name(const struct mm *mm, const struct map_range *range)
{
	const char *name = names_of(range->vma, mm);

	return name ? name : "?";
}

static void told_map(const struct mm *mm, const struct map_range *range, struct proc_map *map)
{
	const struct vma_image *image = &range->vma->image;
	unsigned int dev = image->dev;

	map->start = range->start;
	map->end = range->end;
	snprintf(map->rights, sizeof(map->rights), "%c%c%c%c",
		 image->flags & RAW_VM_READ ? 'r' : '-', image->flags & RAW_VM_WRITE ? 'w' : '-',
		 image->flags & RAW_VM_EXEC ? 'x' : '-',
		 image->flags & RAW_VM_MAYSHARE ? 's' : 'p');
	map->offset = image->file ? (range->vma->base + range->start / proc_page_size()) *
				    proc_page_size() : 0;
	/* A dev_t inside of the kernel: MKDEV() of include/linux/kdev_t.h. */
	map->major = dev >> 20;
	map->minor = dev & 0xfffff;
	map->inode = image->ino;
	snprintf(map->path, sizeof(map->path), "%s", told_name(mm, range));
}

static void show(const char *who, const struct proc_map *map)
{
	report_line("  %s %012llx-%012llx %s %08llx %02x:%02x %llu %s", who, map->start, map->end,
		    map->rights, map->offset, map->major, map->minor, map->inode, map->path);
}

static bool same(const struct proc_map *a, const struct proc_map *b)
{
	return a->start == b->start && a->end == b->end && a->offset == b->offset &&
	       a->major == b->major && a->minor == b->minor && a->inode == b->inode &&
	       !strcmp(a->rights, b->rights) && !strcmp(a->path, b->path);
}

static void compare_one(const struct proc_map *map, void *arg)
{
	struct compare *c = arg;
	static struct proc_map told;

	/* [vsyscall] is in maps, but it is no VMA of the process. */
	if (!strcmp(map->path, "[vsyscall]"))
		return;
	c->lines++;
	if (c->next)
		told_map(c->mm, c->next, &told);
	if (c->next && same(map, &told)) {
		c->next = range_above(c->next);
		return;
	}
	c->same = false;
	if (!c->show)
		return;
	show("kernel ", map);
	if (c->next && told.start < map->end)
		show("records", &told);
	while (c->next && c->next->start < map->end)
		c->next = range_above(c->next);
}

static bool compare(const struct mm *mm, pid_t pid, bool show)
{
	struct compare c = {
		.mm = mm,
		.next = mm_first(mm),
		.same = true,
		.show = show,
	};

	if (proc_maps(pid, compare_one, &c) || !c.lines)
		return true;
	if (!c.same || c.next)
		return false;
	return verify_pages(mm, pid, !mm->threaded && !tracer_lost(), show);
}

static void drain(void)
{
	const struct mmscope_event *e;
	const struct record_extra *extra;
	struct mm *mm;

	while ((e = tracer_next())) {
		mm = mm_get(e->mm);
		if (!mm)
			continue;
		extra = queue_extra_last();
		for (int i = 0; i < RAW_NR_RSS; i++)
			mm->told[i] += extra->rss[i];
		if (e->type == RECORD_ANEW && mm->tgid)
			process_of(mm->tgid)->anew++;
	}
}

/* Compare the VMAs of a process, all of whose threads are stopped. */
static void check(const struct thread *thread, const char *after)
{
	__u64 until = time_now() + (differing ? WAIT_NS / 1000 : WAIT_NS);
	const struct mm *mm;

	compared++;
	process_of(thread->tgid)->compared++;
	do {
		drain();
		mm = mm_of_process(thread->tgid);
		if (mm && compare(mm, thread->tid, false))
			return;
		usleep(1000);
	} while (time_now() < until);
	differing++;
	process_of(thread->tgid)->differing++;
	if (shown++ >= SHOWN)
		return;
	report_line("process %d after %s:", thread->tgid, after);
	if (mm)
		compare(mm, thread->tid, true);
	else
		report_line("  nothing is told of it");
}

static bool changes_memory(long call)
{
	static const int calls[] = {
		SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_pkey_mprotect, SYS_brk,
		SYS_madvise, SYS_mlock, SYS_mlock2, SYS_munlock, SYS_mlockall, SYS_munlockall,
		SYS_mbind, SYS_shmat, SYS_shmdt, SYS_remap_file_pages, SYS_prctl, SYS_execve,
		SYS_execveat, SYS_fork, SYS_vfork, SYS_clone, SYS_clone3, SYS_mseal,
		SYS_process_madvise, SYS_fallocate, SYS_ftruncate, SYS_truncate, SYS_ioctl,
		SYS_set_mempolicy_home_node,
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i] == call)
			return true;
	return call == OTHER_CALL;
}

static void at_exit_of_call(struct thread *thread, long call)
{
	struct mm *mm;
	char name[32];

	cause_text(call, name, sizeof(name));
	/*
	 * If threads fault in the same page at once, each record says that it brought the page: the
	 * sums are not compared for a process with threads.
	 */
	mm = mm_of_process(thread->tgid);
	if (mm && !thread_alone(thread))
		mm->threaded = true;
	if (thread_alone(thread)) {
		check(thread, name);
		return;
	}
	if (time_now() - rested < REST_NS)
		return;
	if (thread_stop_others(thread))
		check(thread, name);
	rested = time_now();
}

/* PTRACE_GET_SYSCALL_INFO tells entry from exit; at the exit it does not say which call it was. */
static void at_call(struct thread *thread)
{
	struct __ptrace_syscall_info info = { 0 };
	long got = ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, sizeof(info), &info);

	if (got <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		thread->call = info.arch == AUDIT_ARCH_X86_64 ? (long)info.entry.nr : OTHER_CALL;
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT && changes_memory(thread->call))
		at_exit_of_call(thread, thread->call);
}

/* A thread has stopped: compare if it is at the end of a system call, and let it go on. */
static void stopped(struct thread *thread, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16, pass = 0;
	unsigned long old;

	if (sig == (SIGTRAP | 0x80)) {
		at_call(thread);
	} else if (event == PTRACE_EVENT_EXEC) {
		/*
		 * The thread that called execve(2) has the leader's tid now, and its own is gone.
		 */
		if (!ptrace(PTRACE_GETEVENTMSG, thread->tid, 0, &old) && (pid_t)old != thread->tid)
			thread_drop(old);
		thread->call = SYS_execve;
	} else if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
		ptrace(PTRACE_LISTEN, thread->tid, 0, 0);
		return;
	} else if (!event) {
		pass = sig;
	}
	ptrace(PTRACE_SYSCALL, thread->tid, 0, pass);
}

static void take(pid_t tid, int status)
{
	if (WIFEXITED(status) || WIFSIGNALED(status))
		thread_drop(tid);
	else
		stopped(thread_get(tid), status);
}

/*
 * Handle a thread that was stopped while a call of another thread was compared: its stop is kept in
 * &thread.status. Return whether there was one.
 */
static bool take_waiting(void)
{
	for (struct thread *thread = threads; thread; thread = thread->next) {
		int status = thread->status;

		if (!status)
			continue;
		thread->status = 0;
		take(thread->tid, status);
		return true;
	}
	return false;
}

static void trace_all(void)
{
	int status;
	pid_t tid;

	while (threads) {
		if (take_waiting())
			continue;
		tid = waitpid(-1, &status, __WALL);
		if (tid > 0)
			take(tid, status);
		else if (errno != EINTR)
			return;
	}
}

static struct json_object *processes_json(void)
{
	struct json_object *list = json_object_new_array();

	for (const struct process *p = processes; p < processes + nr_processes; p++) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "pid", json_object_new_int64(p->pid));
		json_object_object_add(o, "compared", json_object_new_int64(p->compared));
		json_object_object_add(o, "differing", json_object_new_int64(p->differing));
		json_object_object_add(o, "anew", json_object_new_int64(p->anew));
		json_object_array_add(list, o);
	}
	return list;
}

static int conclude(void)
{
	if (report_json) {
		struct json_object *line = report_object();

		json_object_object_add(line, "event", json_object_new_string("verified"));
		json_object_object_add(line, "compared", json_object_new_int64(compared));
		json_object_object_add(line, "differing", json_object_new_int64(differing));
		json_object_object_add(line, "lost", json_object_new_int64(tracer_lost()));
		json_object_object_add(line, "processes", processes_json());
		report_object_print(line);
	} else {
		report_line("%lu times compared with maps and smaps of /proc/PID, %lu differed, "
			    "%llu lost", compared, differing, tracer_lost());
	}
	if (tracer_lost())
		return EXIT_LOST;
	return differing ? EXIT_BROKEN : EXIT_HELD;
}

/**
 * verify_begin - begin to trace a command before it is executed
 * @session: session of the command, which waits
 *
 * Return: 0, or an exit code after a complaint
 */
int verify_begin(struct session *session)
{
	if (ptrace(PTRACE_SEIZE, session->pid, 0, OPTIONS))
		return report_fail(EXIT_ENVIRONMENT, "ptrace", strerror(errno),
				   "may this user trace processes?");
	thread_get(session->pid);
	return 0;
}

/**
 * verify_run - compare until the command and all its descendants have ended
 *
 * Return: EXIT_HELD when no difference was found
 */
int verify_run(void)
{
	trace_all();
	return conclude();
}
