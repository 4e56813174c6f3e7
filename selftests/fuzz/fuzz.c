// SPDX-License-Identifier: GPL-2.0
/*
 * Lives of processes that make random calls, and what is left of them.
 *
 *	mmscope_fuzz [-t SECONDS] [-s SEED] [-p PROCESSES]
 */
#include "fuzz.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>

#define CGROUP	"/sys/fs/cgroup/mmscope_fuzz"

static void interrupted(int sig)
{
	(void)sig;
}

static void *run_thread(void *arg)
{
	sigset_t set;

	fuzz_state = (uintptr_t)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	for (;;)
		fuzz_call();
	return NULL;
}

/* A life: until it is killed, or a call ends it */
static void live(__u64 seed)
{
	struct sigaction on_fault = { .sa_handler = fuzz_caught, .sa_flags = SA_NODEFER };
	struct sigaction on_alarm = { .sa_handler = interrupted };
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	struct rlimit core = { 0, 0 };
	pthread_t thread;
	int i;

	/* Any number of a file may be used: not those that others write to */
	i = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (i < 0 || dup2(i, 0) || dup2(i, 1) != 1 || dup2(i, 2) != 2)
		_exit(2);
	close(i);
	/* Where there is a limit, it is kept */
	i = open(CGROUP "/cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (write(i, "0", 1) == 1)
		close(i);
	setrlimit(RLIMIT_CORE, &core);
	sigaction(SIGSEGV, &on_fault, NULL);
	sigaction(SIGBUS, &on_fault, NULL);
	/* What waits for ever is woken */
	sigaction(SIGALRM, &on_alarm, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	fuzz_state = seed;
	fuzz_arena = scope_reserve(ARENA);
	fuzz_own = scope_reserve(32);
	if (!fuzz_arena || !fuzz_own ||
	    mprotect(fuzz_own, 16 * page_size(), PROT_READ | PROT_WRITE))
		_exit(2);
	for (i = 0; i < FDS; i++)
		fuzz_fds[i] = -1;
	for (i = 0; i < FDS; i++)
		fuzz_open();
	for (i = 0; i < 2; i++)
		pthread_create(&thread, NULL, run_thread, (void *)(uintptr_t)(rnd() | 1));
	run_thread((void *)(uintptr_t)(seed | 1));
}

/* What is left of those that have ended; waits for what ends by itself, a little later */
static int look_for_leftovers(long long before)
{
	unsigned int left = 0, tries;
	struct scope s;

	for (tries = 0; tries < 100; tries++) {
		if (references() == before)
			break;
		usleep(100000);
	}
	if (references() != before) {
		fprintf(stderr, "mmscope_fuzz: %lld references to the module are left, not %lld\n",
			references(), before);
		return 1;
	}
	if (scope_open(&s))
		return 1;
	left = leftovers(s.fd) + live_mms(s.fd);
	scope_close(&s);
	if (left)
		fprintf(stderr, "mmscope_fuzz: mms with VMAs or mappings are left\n");
	return left != 0;
}

static size_t reap(int options)
{
	size_t n = 0;

	while (waitpid(-1, NULL, options) > 0)
		n++;
	return n;
}

static void limit_memory(void)
{
	FILE *f;

	mkdir(CGROUP, 0755);
	f = fopen(CGROUP "/memory.max", "we");
	if (!f)
		return;
	fputs("201326592\n", f);
	fclose(f);
}

/* Every few milliseconds one of them is killed with its children, and another begins */
static size_t fuzz(__u64 seed, unsigned int processes, unsigned int seconds)
{
	__u64 until = now_ns() + seconds * 1000000000ULL;
	pid_t pid[64] = { 0 };
	size_t lives = 0, i;

	fuzz_state = seed;
	while (now_ns() < until) {
		i = below(processes);
		if (pid[i]) {
			kill(-pid[i], SIGKILL);
			kill(pid[i], SIGKILL);
		}
		seed = rnd();
		pid[i] = fork();
		if (!pid[i]) {
			setpgid(0, 0);
			live(seed);
		}
		setpgid(pid[i], pid[i]);
		lives++;
		usleep(below(400000) * scope_slow());
		reap(WNOHANG);
	}
	for (i = 0; i < processes; i++)
		if (pid[i])
			kill(-pid[i], SIGKILL);
	reap(0);
	return lives;
}

int main(int argc, char **argv)
{
	unsigned int seconds = 10, processes = 3;
	__u64 seed = now_ns() / 1000;
	long long before;
	size_t lives;
	int opt;

	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	while ((opt = getopt(argc, argv, "t:s:p:h")) > 0) {
		switch (opt) {
		case 't':
			seconds = atoi(optarg);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'p':
			processes = atoi(optarg);
			break;
		default:
			fprintf(stderr, "usage: mmscope_fuzz [-t SECONDS] [-s SEED] "
				"[-p PROCESSES]\n");
			return 2;
		}
	}
	if (!processes || processes > 64 || !seed) {
		fprintf(stderr, "mmscope_fuzz: 1 to 64 processes, and a seed that is not 0\n");
		return 2;
	}
	if (access(SCOPE_DEVICE, R_OK | W_OK)) {
		fprintf(stderr, "mmscope_fuzz: %s: %s\n", SCOPE_DEVICE, strerror(errno));
		return 3;
	}
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	before = references();
	fuzz_calls = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	limit_memory();
	lives = fuzz(seed, processes, seconds);
	rmdir(CGROUP);
	if (look_for_leftovers(before))
		return 1;
	printf("%zu random calls, %zu processes killed, 0 mms left\n", *fuzz_calls, lives);
	return 0;
}
