/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_FLIGHT_H
#define MMSCOPE_SESSION_FLIGHT_H

#include <stdbool.h>
#include "recording/writer.h"
#include "session/recorder.h"

void flight_begin(struct recording_writer *writer, const struct recorder_plan *plan,
		  const char *path);
bool flight_runs(void);
bool flight_key_due(__u64 since);
void flight_ask(void);
void flight_look(const struct mmscope_event *e);
void flight_tick(const struct session *session);
int flight_dump(const struct session *session, const char *path);
void flight_count(struct recorded *end);
void flight_end(void);

#endif
