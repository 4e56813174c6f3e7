/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_CHOICE_H
#define MMSCOPE_TRACER_CHOICE_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/tracer_abi.h"

/**
 * struct choice - which records are asked for, and of whom
 * @faults: what becomes of faults
 * @long_way: faults pass fault_any(), without the short ways for plain faults
 * @failures: failed calls of mmap(2) and munmap(2) are told, although successful ones pay for it
 * @wide: programs that are watched whoever starts them
 * @types: set of bits by enum mmscope_type and enum record_type that are asked for; if it is empty,
 *	all types are
 */
struct choice {
	enum fault_mode faults;
	bool long_way;
	bool failures;
	struct wide wide;
	__u64 types[RECORD_SET];
};

bool choice_has_faults(const struct choice *choice);
bool choice_needs(const struct choice *choice, const char *program);

#endif
