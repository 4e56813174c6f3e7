// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command as user 1000 with two capabilities and no more: caps_load COMMAND [ARG]...
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPS	(1ULL << CAP_BPF | 1ULL << CAP_PERFMON)

static int keep(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (__u32)CAPS, .permitted = (__u32)CAPS, .inheritable = (__u32)CAPS },
		{ .effective = CAPS >> 32, .permitted = CAPS >> 32, .inheritable = CAPS >> 32 },
	};

	return syscall(SYS_capset, &header, data) ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_BPF, 0, 0) ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_PERFMON, 0, 0);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (prctl(PR_SET_KEEPCAPS, 1) || setresgid(1000, 1000, 1000) ||
	    setresuid(1000, 1000, 1000) || keep()) {
		perror("caps_load");
		return 2;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 2;
}
