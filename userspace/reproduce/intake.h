/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_INTAKE_H
#define MMSCOPE_REPRODUCE_INTAKE_H

struct history;
struct mmscope_event;

void intake_raw(struct history *history, const struct mmscope_event *raw);
void intake_record(struct history *history, const struct mmscope_event *e);

#endif
