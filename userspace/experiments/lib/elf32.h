/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_ELF32_H
#define MMSCOPE_LIB_ELF32_H

#include <stdbool.h>

int elf32_create(void);
bool elf32_runs(int fd);

#endif
