// SPDX-License-Identifier: GPL-2.0
/*
 * What /proc/cpuinfo says of the CPU and its addresses.
 */
#include <stdio.h>
#include <string.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "lab/experiment.h"

#define SIZES	"address sizes\t: "

/**
 * cpu_has - does the kernel use this of the CPU?
 * @flag: as in the flags of /proc/cpuinfo
 */
bool cpu_has(const char *flag)
{
	struct proc_lines lines;
	size_t n = strlen(flag);
	const char *line = NULL, *p = NULL;

	if (!proc_open(&lines, "/proc/cpuinfo"))
		return false;
	while ((line = proc_line(&lines)) && strncmp(line, "flags\t", 6))
		;
	for (p = line ? strstr(line, flag) : NULL; p; p = strstr(p + 1, flag))
		if (p[-1] == ' ' && (p[n] == ' ' || !p[n]))
			break;
	proc_close(&lines);
	return p;
}

/**
 * cpu_physical_bits - of an address of RAM or of a device; -1 when it is not told
 */
long cpu_physical_bits(void)
{
	return proc_field("/proc/cpuinfo", SIZES);
}

/**
 * cpu_virtual_bits - of an address of a program, as far as the CPU can; -1 when it is not told
 */
long cpu_virtual_bits(void)
{
	char field[48];

	snprintf(field, sizeof(field), SIZES "%ld bits physical, ", cpu_physical_bits());
	return proc_field("/proc/cpuinfo", field);
}

/**
 * cpu_user_bits - of an address that a program may map: 47, or 56 with tables of five levels
 */
int cpu_user_bits(void)
{
	return cpu_has("la57") ? 56 : 47;
}

/**
 * cpu_bits_of - digits of a number, to the base of 2
 * @number: the number
 */
int cpu_bits_of(unsigned long number)
{
	return number ? 64 - __builtin_clzl(number) : 0;
}
