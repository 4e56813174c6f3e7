/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_MACHINE_H
#define MMSCOPE_BASE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

struct kernel_symbol;

/**
 * struct machine - the machine that records come from: this one, or that of a recording
 * @kernel: its version as KERNEL(); 0 while nobody has asked
 * @symbols: names of its kernel's data, by address, NULL while there are none
 * @nr_symbols: how many
 * @room: for how many there is room
 * @loaded: they are known, as far as they can be
 * @memory: lines of its /proc/meminfo; "" where that can be read here
 */
struct machine {
	unsigned int kernel;
	struct kernel_symbol *symbols;
	size_t nr_symbols;
	size_t room;
	bool loaded;
	char memory[1024];
};

/* That of the session that is selected. */
extern struct machine *machine;

struct machine *machine_new(void);
void machine_select(struct machine *selected);

#endif
