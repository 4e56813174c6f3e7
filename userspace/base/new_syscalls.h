/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of system calls that the headers of some supported distributions do not have yet. */
#ifndef MMSCOPE_BASE_NEW_SYSCALLS_H
#define MMSCOPE_BASE_NEW_SYSCALLS_H

#include <sys/syscall.h>

#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif
#ifndef SYS_mseal
#define SYS_mseal		462
#endif

#endif
