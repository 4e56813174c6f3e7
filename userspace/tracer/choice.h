/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_CHOICE_H
#define MMSCOPE_TRACER_CHOICE_H

#include <stdbool.h>
#include <linux/types.h>
#include "bpf/tracer_abi.h"

/**
 * struct choice - what is to be told
 * @faults: what becomes of faults
 * @long_way: they are not to take short ways
 * @failures: calls that fail are told, at whatever cost
 * @wide: programs that are watched whoever starts them
 * @types: bits by enum mmscope_type and enum record_type: only these; all 0 for all
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
