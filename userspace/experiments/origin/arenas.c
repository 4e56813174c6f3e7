// SPDX-License-Identifier: GPL-2.0
/*
 * Where does malloc() get memory for a thread that is not the first?
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/chunk.h"
#include "experiments/lib/counter.h"
#include "experiments/lib/worker.h"
#include "lab/experiment.h"

#define HEAP	MIB(64)		/* HEAP_MAX_SIZE of malloc/arena.c, on 64 bits */
#define FIRST	KIB(132)	/* HEAP_MIN_SIZE and M_TOP_PAD, in pages */
#define LEAST	32		/* MINSIZE: what must stay of the top chunk */
#define MANY	7
#define BLOCK	KIB(100)
#define PROTECT	"syscalls/sys_enter_mprotect"
#define WAIT	"syscalls/sys_enter_futex"
#define CALLS	20000	/* of malloc() and free(), by each thread */
#define MOST	50	/* rounds until a thread had to wait */

/**
 * struct request - what a thread asks malloc() for, before it waits
 * @times: how often
 * @size: how much
 * @got: what it was given last
 * @protects: calls of mprotect(2) meanwhile
 */
struct request {
	int times;
	size_t size;
	uintptr_t got;
	long protects;
};

static bool counting;

static void ask(void *arg)
{
	struct request *r = arg;
	int counter = counter_event(PROTECT, NULL);

	for (int i = 0; i < r->times; i++)
		r->got = (uintptr_t)malloc(r->size);
	r->protects = counter_read(counter);
	close(counter);
}

static bool can_count(const char *event)
{
	int counter = counter_event(event, NULL);

	close(counter);
	return counter >= 0;
}

static void expect_protects(long n)
{
	if (counting)
		expect("mprotect calls %ld", n);
}

static uintptr_t heap_of(const struct request *r)
{
	return r->got & -HEAP;
}

/* Each heap of an arena begins with a pointer to it: heap_info.ar_ptr. */
static uintptr_t arena_of(const struct request *r)
{
	struct proc_map heap = proc_named("[heap]");

	if (r->got >= heap.start && r->got < heap.end)
		return 0;	/* main_arena: its heap is that of brk(2) */
	return *(uintptr_t *)heap_of(r);
}

static long arenas(const struct request *r, size_t n)
{
	long different = 0;

	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		while (j < i && arena_of(&r[j]) != arena_of(&r[i]))
			j++;
		different += j == i;
	}
	return different;
}

static void see_heap(const struct request *r)
{
	struct proc_map map = proc_at((void *)heap_of(r)), rest = proc_at((void *)map.end);

	see("writable", map.end - heap_of(r));
	see("reserved", rest.end - map.end);
	see_text("rights", "%s and %s", map.rights, rest.rights);
	draw("  %#llx-%#llx %s  %zu KiB: arena, tcache, chunks, top", map.start, map.end,
	     map.rights, (size_t)(map.end - map.start) >> 10);
	draw("  %#llx-%#llx %s  to grow into, by mprotect(2)", rest.start, rest.end, rest.rights);
}

static struct request first = { .times = 1, .size = 100 };

static void one(void)
{
	struct worker w = { .does = ask, .arg = &first };
	struct request second = { .times = 2, .size = BLOCK };
	uintptr_t old;

	STEP("a thread: malloc(100)") {
		expect("writable %zu KiB, reserved %zu KiB, rights rw-p and ---p", FIRST >> 10,
		       (HEAP - FIRST) >> 10);
		expect("at 64 MiB 0 off");
		expect_protects(1);
		note("Not in [heap]. The heap of an arena begins at a multiple of 64 MiB, so that "
		     "free() finds it from the address of a chunk.");
		worker_act_start(&w);
		see_heap(&first);
		see("at 64 MiB", proc_at((void *)first.got).start & (HEAP - 1));
		see("mprotect calls", first.protects);
	}
	old = arena_of(&first);
	worker_act_end(&w);
	w.arg = &second;
	STEP("it ends; another one: malloc(100K), twice") {
		size_t used = (first.got - 2 * sizeof(long)) % HEAP + 112, need;

		need = used + 2 * (BLOCK + 2 * sizeof(long)) + LEAST;
		expect("arena the same, writable %zu KiB", ((need + len(1) - 1) & -len(1)) >> 10);
		expect_protects(1);
		note("An arena is never given back; the next thread without one takes it. The "
		     "heap grows by what is missing, in pages, by mprotect(2).");
		worker_act_start(&w);
		see_text("arena", "%s", arena_of(&second) == old ? "the same" : "another");
		see_heap(&second);
		see("mprotect calls", second.protects);
	}
	worker_act_end(&w);
}

static void threads(size_t n, size_t different, const char *where)
{
	struct request r[MANY] = { 0 };
	struct worker w[MANY] = { 0 };

	STEP("%zu threads at a time: malloc(100) in each", n) {
		expect("arenas %zu, of the last %s", different, where);
		for (size_t i = 0; i < n; i++) {
			r[i] = (struct request){ .times = 1, .size = 100 };
			w[i] = (struct worker){ .does = ask, .arg = &r[i] };
			worker_act_start(&w[i]);
		}
		see("arenas", arenas(r, n));
		see_text("of the last", "%s", arena_of(&r[n - 1]) ? "its own" : "main_arena");
		for (size_t i = 0; i < n; i++)
			draw("  thread %zu: chunk %#zx, arena %#zx", i + 1, r[i].got,
			     arena_of(&r[i]));
	}
	for (size_t i = 0; i < n; i++)
		worker_act_end(&w[i]);
}

static void *hammer(void *arg)
{
	int counter = counter_event(WAIT, NULL);
	void *volatile block;	/* or the compiler sees that nobody wants it */

	for (int i = 0; i < CALLS; i++) {
		block = malloc(2000);
		free(block);
	}
	*(long *)arg = counter_read(counter);
	close(counter);
	return NULL;
}

static long hammer_all(size_t n)
{
	pthread_t threads[MANY];
	long waits[MANY], sum = 0;

	for (size_t i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, hammer, &waits[i]))
			skip("there can be no thread here: ulimit -u, ulimit -v");
	for (size_t i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		sum += waits[i];
	}
	return sum;
}

/* The lock of an arena is a futex: who finds it taken goes to sleep in the kernel. */
static void at_once(bool shared)
{
	size_t n = param("threads");
	long long ns;
	long waits = 0;

	if (!can_count(WAIT)) {
		leave_out("who waits for whom: perf counts system calls for root only");
		return;
	}
	STEP("%zu threads at once: malloc(2000), free()", n) {
		int rounds = 0;

		expect("futex calls %s", shared && n > 1 ? ">= 1" : "0");
		note(shared ? "Nearly all of the time somebody has it: who is interrupted then "
		     "keeps all others waiting." : "Nobody else uses a thread's own arena.");
		syscall_begin();
		ns = time_now();
		do
			waits += hammer_all(n);
		while (!waits && shared && ++rounds < MOST);
		ns = time_now() - ns;
		syscall_end(0);
		see("futex calls", waits);
		draw("%lld ns for a malloc() and a free()", ns / (rounds + 1) / CALLS / (long)n);
	}
}

static void at_once_own(void)
{
	at_once(false);
}

static void at_once_shared(void)
{
	at_once(true);
}

static void today(void)
{
	counting = can_count(PROTECT);
	if (!counting)
		leave_out("calls of mprotect(2): perf counts system calls for root only");
	worker_rehearse();
	one();
	threads(param("threads"), param("threads"), "its own");
}

static void single(void)
{
	worker_rehearse();
	threads(param("threads"), 1, "main_arena");
}

static void two(void)
{
	size_t n = param("threads");

	worker_rehearse();
	threads(n, n < 2 ? n : 2, n == 1 ? "its own" : n % 2 ? "its own" : "main_arena");
}

const struct experiment exp_arenas = {
	.name = "arenas",
	.question = "Where does malloc() get memory for other threads?",
	.textbook =
		"There is one main arena and a list of others, each with a mutex; a thread\n"
		"takes one that is not locked.",
	.kernel =
		"A thread is given an arena at its first malloc(), and keeps it: a new one, as\n"
		"long as there are fewer than 8 for each CPU (glibc.malloc.arena_max), else\n"
		"the next of the list (arena_get2() in glibc's malloc/arena.c). Only\n"
		"main_arena uses brk(2). The heap of another is 64 MiB of addresses by\n"
		"mmap(2), of which little may be written (new_heap()); it grows by\n"
		"mprotect(2), and when it is full another heap is linked to it. To the kernel\n"
		"that is one VMA which is split, and a border that moves.\n"
		"\n"
		"Since 2.26 most calls need no arena: each thread has a tcache of chunks that\n"
		"it has freed. A process of many threads seems huge in VmSize because of this:\n"
		"64 MiB for each arena, promised only.",
	.look =
		"The two VMAs of a heap, and in which arena each thread's chunk lies. Then how\n"
		"often threads wait for each other (futex(2)), with arenas of their own and\n"
		"with one for all.",
	.next = "--threads 7; MALLOC_ARENA_MAX=2 for a program of yours: look at its VmSize.",
	.see = "thread-stack, ptmalloc-story, merge",
	.words = "writable, reserved: the two parts of the heap that the chunk lies in",
	.terse = true,
	.params = {
		{ "threads", "threads at a time", 4, 1, MANY },
	},
	.parts = {
		{ .title = "as glibc is", .run = today },
		{ .title = "one arena for all", .run = single,
		  .environment = "GLIBC_TUNABLES=glibc.malloc.arena_max=1" },
		{ .title = "two arenas", .run = two,
		  .environment = "GLIBC_TUNABLES=glibc.malloc.arena_max=2" },
		{ .title = "all at once, without a tcache", .run = at_once_own,
		  .environment = WITHOUT_TCACHE },
		{ .title = "the same with one arena", .run = at_once_shared,
		  .environment = WITHOUT_TCACHE ":glibc.malloc.arena_max=1" },
	},
};
