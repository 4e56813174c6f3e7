// SPDX-License-Identifier: GPL-2.0
/*
 * Where does a thread keep what makes it a thread?
 */
#include <asm/prctl.h>
#include <dlfcn.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/worker.h"
#include "lab/experiment.h"

#define CANARY	5	/* word of the descriptor: x86-64 has the stack protector's there */

static __thread int variable;

/**
 * struct self - what a thread finds out about itself
 * @descriptor: pthread_self()
 * @fs: base of the segment FS
 * @tid_at: where the kernel will write 0 when the thread ends
 * @robust_at: its list of robust mutexes, by the kernel
 * @variable_at: a variable that each thread has
 * @local_at: a variable on the stack
 * @canary: of the stack protector
 */
static struct self {
	uintptr_t descriptor;
	uintptr_t fs;
	uintptr_t tid_at;
	uintptr_t robust_at;
	uintptr_t variable_at;
	uintptr_t local_at;
	uintptr_t canary;
} first, second;

static void look(void *arg)
{
	struct self *s = arg;
	size_t size;

	s->descriptor = pthread_self();
	s->local_at = (uintptr_t)&size;
	s->variable_at = (uintptr_t)&variable;
	s->canary = ((uintptr_t *)s->descriptor)[CANARY];
	syscall(SYS_arch_prctl, ARCH_GET_FS, &s->fs);
	syscall(SYS_get_robust_list, 0, &s->robust_at, &size);
	prctl(PR_GET_TID_ADDRESS, &s->tid_at);
}

static long below(const struct self *s, uintptr_t address)
{
	return address - s->descriptor;
}

static int tid_in(const struct self *s)
{
	return __atomic_load_n((int *)s->tid_at, __ATOMIC_ACQUIRE);
}

static void see_self(const struct self *s, pid_t tid)
{
	see_text("fs base", "%s", s->fs == s->descriptor ? "pthread_self()" : "elsewhere");
	see_text("first word", "%s", *(uintptr_t *)s->descriptor == s->descriptor ?
		 "its own address" : "something else");
	see_text("tid in it", "%s", tid_in(s) == tid ? "gettid()" : "something else");
}

static const char *vma_of(const struct self *s)
{
	struct proc_map map = proc_at((void *)s->local_at);

	return s->descriptor >= map.start && s->descriptor < map.end ? "in the stack" : "elsewhere";
}

static void picture(const struct worker *w)
{
	size_t end = (size_t)worker_stack_end(w);

	draw("  %#zx  end of the block", end);
	draw("  %#zx  struct pthread: tid, robust list, ...  <- FS", (size_t)second.descriptor);
	draw("  %#zx  a __thread variable", (size_t)second.variable_at);
	draw("  %#zx  a local variable: the stack, downwards", (size_t)second.local_at);
	draw("  %#zx  start of the block, %zu KiB below", (size_t)worker_stack(w),
	     (end - (size_t)worker_stack(w)) >> 10);
}

/* nptl_db, the library of debuggers, needs to know: glibc has it in a variable. */
static size_t descriptor_size(void)
{
	const unsigned int *size = dlsym(RTLD_DEFAULT, "_thread_db_sizeof_pthread");

	return size ? *size : 0;
}

static void main_thread(void)
{
	STEP("the main thread looks at itself") {
		expect("fs base pthread_self(), first word its own address");
		expect("tid in it gettid(), descriptor elsewhere");
		note("The main thread has one as well, not on its stack: ld.so made it.");
		syscall_begin();
		look(&first);
		syscall_end(0);
		see_self(&first, gettid());
		see_text("descriptor", "%s", vma_of(&first));
	}
}

static void another(struct worker *w)
{
	size_t size = descriptor_size();

	STEP("a second thread does") {
		expect("fs base pthread_self(), first word its own address");
		expect("tid in it gettid(), descriptor in the stack");
		if (size)
			expect("from there to the end %zu..%zu bytes", size, size + 63);
		else
			expect("from there to the end 1024..8192 bytes");
		note("The descriptor is the top of the block that is the stack, too: one mmap().");
		syscall_begin();
		worker_start(w, NULL);
		syscall_end(0);
		see_self(&second, w->tid);
		see_text("descriptor", "%s", vma_of(&second));
		see("from there to the end", (size_t)worker_stack_end(w) - second.descriptor);
		picture(w);
	}
	STEP("compare the two, from the descriptor on") {
		expect("tid at %ld", below(&first, first.tid_at));
		expect("robust list at %ld", below(&first, first.robust_at));
		expect("variable at %ld, canaries 1", below(&first, first.variable_at));
		note("What the compiler and the kernel find by offsets is at the same ones. The "
		     "stack protector's canary is one for all threads.");
		see("tid at", below(&second, second.tid_at));
		see("robust list at", below(&second, second.robust_at));
		see("variable at", below(&second, second.variable_at));
		see("canaries", 1 + (first.canary != second.canary));
	}
}

static void ending(struct worker *w)
{
	STEP("it returns; nobody has joined it") {
		expect("tid in it 0");
		note("It was the kernel that wrote 0 there and woke who waits for that: this is "
		     "how pthread_join() learns of the end.");
		syscall_begin();
		worker_leave(w);
		syscall_end(0);
		see("tid in it", tid_in(&second));
	}
	STEP("pthread_join()") {
		expect("block still mapped");
		note("Kept for the next thread: mmscope run thread-stack.");
		syscall_begin();
		worker_join(w);
		syscall_end(0);
		see_text("block", "%s", proc_at((void *)second.descriptor).start ?
			 "still mapped" : "gone");
	}
}

static void run(void)
{
	struct worker w = { .does = look, .arg = &second };

	if (prctl(PR_GET_TID_ADDRESS, &first.tid_at))
		skip("this kernel has no PR_GET_TID_ADDRESS (CONFIG_CHECKPOINT_RESTORE)");
	worker_rehearse();
	main_thread();
	another(&w);
	ending(&w);
}

const struct experiment exp_thread_tcb = {
	.name = "thread-tcb",
	.question = "Where does a thread keep what makes it a thread?",
	.textbook =
		"Each thread has a struct pthread, at the top of its stack; the kernel knows\n"
		"nothing of it.",
	.kernel =
		"glibc takes one block for a thread: at its top struct pthread, below it the\n"
		"__thread variables, below these the stack (allocate_stack(),\n"
		"nptl/allocatestack.c). On x86-64 the register FS points at the descriptor;\n"
		"its first word is its own address, because FS:0 can be read at once, while\n"
		"the base of FS took a system call before FSGSBASE (5.9). pthread_self() is\n"
		"that word.\n"
		"\n"
		"The kernel knows three addresses in it, all given by clone(2) and right\n"
		"after it: the base of FS (CLONE_SETTLS), where to write 0 when the thread\n"
		"ends (CLONE_CHILD_CLEARTID, done by mm_release() in kernel/fork.c) and the\n"
		"list of robust mutexes (set_robust_list(2)). Since glibc 2.35 rseq(2) is a\n"
		"fourth.",
	.look = "The offsets: seen in the main thread, predicted of the other.",
	.next = "gdb: print $fs_base, and x/a $fs_base in each thread.",
	.see = "thread-stack, thread-size, thread-share",
	.words = "at: bytes from the descriptor; tid, robust list: as the kernel knows them",
	.terse = true,
	.run = run,
};
