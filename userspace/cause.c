// SPDX-License-Identifier: GPL-2.0
/*
 * The cause of a record in words: which system call was running, or what else.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include "event.h"
#include "mmscope.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#define CALL(name)	{ SYS_##name, #name }

/* What touches, makes or unmakes memory; anything else is shown by its number. */
static const struct {
	int number;
	const char *name;
} calls[] = {
	CALL(read), CALL(write), CALL(open), CALL(stat), CALL(fstat), CALL(poll), CALL(mmap),
	CALL(mprotect), CALL(munmap), CALL(brk), CALL(rt_sigaction), CALL(rt_sigreturn),
	CALL(ioctl), CALL(pread64), CALL(pwrite64), CALL(readv), CALL(writev), CALL(pipe),
	CALL(select), CALL(mremap), CALL(mincore), CALL(madvise), CALL(shmdt), CALL(nanosleep),
	CALL(getitimer), CALL(sendfile), CALL(socket), CALL(sendto), CALL(recvfrom),
	CALL(sendmsg), CALL(recvmsg), CALL(clone), CALL(fork), CALL(vfork), CALL(execve),
	CALL(exit), CALL(wait4), CALL(kill), CALL(uname), CALL(fcntl), CALL(getcwd),
	CALL(gettimeofday), CALL(getrlimit), CALL(getrusage), CALL(times), CALL(ptrace),
	CALL(mlock), CALL(munlock), CALL(mlockall), CALL(prctl), CALL(arch_prctl), CALL(time),
	CALL(remap_file_pages), CALL(getdents64), CALL(clock_gettime), CALL(exit_group),
	CALL(epoll_wait), CALL(tgkill), CALL(mbind), CALL(set_mempolicy), CALL(waitid),
	CALL(openat), CALL(futex), CALL(splice), CALL(tee), CALL(vmsplice), CALL(move_pages),
	CALL(preadv), CALL(pwritev), CALL(prlimit64), CALL(process_vm_readv),
	CALL(process_vm_writev), CALL(getrandom), CALL(execveat), CALL(userfaultfd),
	CALL(membarrier), CALL(mlock2), CALL(copy_file_range), CALL(preadv2), CALL(pwritev2),
	CALL(pkey_mprotect), CALL(statx), CALL(io_uring_enter), CALL(clone3),
	CALL(process_madvise), CALL(process_mrelease), CALL(set_mempolicy_home_node),
	CALL(mseal),
};

/**
 * cause_name - name of the system call a record was made in
 * @cause: of a record
 *
 * Return: its name, or NULL when it is none or not in the table
 */
const char *cause_name(int cause)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].number == cause)
			return calls[i].name;
	return NULL;
}

/**
 * cause_text - the cause of a record, to follow "by"
 * @cause: of a record
 * @buf: for the text
 * @size: of @buf
 */
void cause_text(int cause, char *buf, size_t size)
{
	const char *name = cause_name(cause);

	if (name)
		snprintf(buf, size, "%s(2)", name);
	else if (cause >= 0)
		snprintf(buf, size, "syscall %d", cause);
	else if (cause == MMSCOPE_CAUSE_USER)
		snprintf(buf, size, "user");
	else if (cause == MMSCOPE_CAUSE_TEARDOWN)
		snprintf(buf, size, "the mm's end");
	else if (cause == MMSCOPE_CAUSE_KTHREAD)
		snprintf(buf, size, "a kernel thread");
	else
		snprintf(buf, size, "a foreign syscall");
}
