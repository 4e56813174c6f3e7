/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_SAMPLES_H
#define MMSCOPE_EXPORT_SAMPLES_H

#include <stddef.h>
#include "export/model.h"

/**
 * struct sample - faults of one class that came about in one way, in processes of one name
 * @callers: number of the stack
 * @class: enum record_class
 * @comm: of the processes
 * @faults: how many
 * @bytes: that they mapped
 * @ns: that they took
 */
struct sample {
	__u32 callers;
	__u32 class;
	const char *comm;
	__u64 faults;
	__u64 bytes;
	__u64 ns;
};

const struct sample *samples_sum(const struct model *model, size_t *n);

#endif
