// SPDX-License-Identifier: GPL-2.0
/*
 * Trials of programs by a system call each.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/new_syscalls.h"
#include "base/tool.h"
#include "doctor/trial_deeds.h"

#define IA32_BRK		45

int try_fault(void)
{
	return touched(PAGES) ? 0 : -errno;
}

int try_split(void)
{
	char *at = touched(PAGES);

	return at ? failed(munmap(at + PAGE, PAGE)) : -errno;
}

int try_mremap(void)
{
	char *at = touched(PAGES);

	return at && mremap(at, PAGE, 4 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED ? 0 : -errno;
}

int try_brk(void)
{
	return sbrk(PAGE) == (void *)-1 ? -errno : 0;
}

int try_brk_32(void)
{
#ifdef __x86_64__
	long result = IA32_BRK;

	asm volatile("int $0x80" : "+a" (result) : "b" (0) : "memory");
	return 0;
#else
	return -EOPNOTSUPP;
#endif
}

int try_set_mm(void)
{
	char *at = touched(1);

	return at ? failed(prctl(PR_SET_MM, PR_SET_MM_ARG_START, at, 0, 0)) : -errno;
}

int try_name(void)
{
	char *at = touched(1);

	return at ? failed(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, at, PAGE, "doctor")) : -errno;
}

int try_fork(void)
{
	char *at = touched(PAGES);
	pid_t pid = at ? fork() : -1;

	if (!pid)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) != pid ? -errno : 0;
}

int try_exec(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDOUT_FILENO);
	execl("/proc/self/exe", "mmscope", "--version", NULL);
	return -errno;
}

static int advise(int advice)
{
	char *at = touched(PAGES);

	return at ? failed(madvise(at, PAGES * PAGE, advice)) : -errno;
}

int try_dontneed(void)
{
	return advise(MADV_DONTNEED);
}

int try_free(void)
{
	return advise(MADV_FREE);
}

int try_cold(void)
{
	return advise(MADV_COLD);
}

int try_mergeable(void)
{
	return advise(MADV_MERGEABLE);
}

int try_process_madvise(void)
{
	struct iovec part = { touched(PAGES), PAGE };
	int fd = syscall(SYS_pidfd_open, getpid(), 0);

	return part.iov_base ? failed(syscall(SYS_process_madvise, fd, &part, 1, MADV_COLD, 0)) :
		-errno;
}

int try_mlock(void)
{
	char *at = anon(1);

	return at ? failed(mlock(at, PAGE)) : -errno;
}

int try_mseal(void)
{
	char *at = touched(1);

	return at ? failed(syscall(SYS_mseal, at, PAGE, 0)) : -errno;
}

int try_mbind(void)
{
	char *at = touched(1);

	return at ? failed(syscall(SYS_mbind, at, PAGE, 0, NULL, 0, 0)) : -errno;
}

int try_home_node(void)
{
	char *at = touched(1);

	return at ? failed(syscall(SYS_set_mempolicy_home_node, at, PAGE, 0, 0)) : -errno;
}

int try_insert(void)
{
	struct tpacket_req ring = { .tp_block_nr = 1, .tp_frame_size = 2048 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	ring.tp_block_size = PAGE;
	ring.tp_frame_nr = ring.tp_block_size / ring.tp_frame_size;
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)))
		return -errno;
	return mmap(NULL, ring.tp_block_size, RW, MAP_SHARED, fd, 0) == MAP_FAILED ? -errno : 0;
}
