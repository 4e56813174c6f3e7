/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_CPU_H
#define MMSCOPE_LIB_CPU_H

#include <stdbool.h>
#include <stddef.h>

bool cpu_has(const char *flag);
long cpu_physical_bits(void);
long cpu_virtual_bits(void);
int cpu_user_bits(void);
int cpu_bits_of(unsigned long number);

#endif
