// SPDX-License-Identifier: GPL-2.0
/*
 * Is this a virtual machine, which may be lost?
 */
#include <string.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif
#include "base/proc.h"
#include "base/tool.h"
#include "check/machine.h"

/* Processors tell of a hypervisor below them in a bit that they never set themselves. */
static bool processor_says_so(void)
{
#ifdef __x86_64__
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && c & 1U << 31;
#else
	return false;
#endif
}

static bool firmware_says_so(void)
{
	static const char *const files[] = {
		"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name",
		"/sys/class/dmi/id/board_vendor",
	};
	static const char *const makers[] = {
		"QEMU", "KVM", "VMware", "VirtualBox", "innotek", "Xen", "Bochs", "Parallels",
		"BHYVE", "Hyper-V", "Amazon EC2", "Google Compute Engine",
	};
	char word[200];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (!proc_word(files[i], word, sizeof(word)))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(makers); k++)
			if (strstr(word, makers[k]))
				return true;
	}
	return false;
}

/**
 * machine_is_virtual - does it run under a hypervisor?
 */
bool machine_is_virtual(void)
{
	return processor_says_so() || firmware_says_so() ||
	       !access("/proc/device-tree/hypervisor/compatible", F_OK) ||
	       !access("/proc/device-tree/fw-cfg", F_OK);
}
