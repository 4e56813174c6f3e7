/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_MACHINE_H
#define MMSCOPE_BASE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

struct kernel_symbol;

/**
 * struct machine - the machine that records come from: this one, or that of a recording
 * @kernel: version of its kernel as KERNEL(); 0 while nobody has asked for it
 * @symbols: names of its kernel's data, by address; NULL while there are none
 * @nr_symbols: number of elements of @symbols
 * @room: number of elements for which @symbols has room
 * @loaded: @symbols has all that can be known
 * @memory: text of its /proc/meminfo; "" for this machine, where the file itself can be read
 */
struct machine {
	unsigned int kernel;
	struct kernel_symbol *symbols;
	size_t nr_symbols;
	size_t room;
	bool loaded;
	char memory[1024];
};

/* The machine of the session that is selected. */
extern struct machine *machine;

struct machine *machine_new(void);
void machine_select(struct machine *selected);

#endif
