/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_TOTALS_H
#define MMSCOPE_SESSION_TOTALS_H

#include <stddef.h>
#include "recording/writer.h"

struct session;

void totals_note(unsigned int mm);
size_t totals_size(void);
void totals_add(struct recording_writer *writer, const struct session *session, __u64 beyond,
		bool all);

#endif
