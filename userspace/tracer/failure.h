/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_FAILURE_H
#define MMSCOPE_TRACER_FAILURE_H

struct raw_failed;
struct mm;

void failure_tell(struct mm *mm, const struct raw_failed *raw);

#endif
