/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_FAILURE_H
#define MMSCOPE_TRACER_FAILURE_H

struct raw_failed;
struct space;

void failure_tell(struct space *space, const struct raw_failed *raw);

#endif
