/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording in the formats of others. Each writes what one pass over the records tells, in a file
 * of its own.
 */
#ifndef MMSCOPE_EXPORT_EXPORT_H
#define MMSCOPE_EXPORT_EXPORT_H

#include <stdio.h>
#include "session/session.h"

/**
 * enum export_value - what folded stacks sum up
 * @EXPORT_FAULTS: how many faults
 * @EXPORT_BYTES: bytes that they mapped
 * @EXPORT_TIME: ns that they took
 */
enum export_value {
	EXPORT_FAULTS,
	EXPORT_BYTES,
	EXPORT_TIME,
};

/**
 * struct export_format - a row of the table of formats
 * @name: as typed
 * @help: one line
 * @write: reads the recording by export_read() and writes it; returns an enum mmscope_exit, after a
 *	complaint where it is not EXIT_HELD. Whether writing to @out failed the caller looks
 * @binary: it is not for a terminal
 * @file: it cannot be written to a pipe
 */
struct export_format {
	const char *name;
	const char *help;
	int (*write)(struct session *session, FILE *out);
	bool binary;
	bool file;
};

void export_read(struct session *session, watch_fn each, void *arg);
__u64 export_lost(void);
bool export_sum(const char *what);

/* A file for each format */
int export_json(struct session *session, FILE *out);
int export_html(struct session *session, FILE *out);
int export_folded(struct session *session, FILE *out);
int export_pprof(struct session *session, FILE *out);
int export_sqlite(struct session *session, FILE *out);
int export_perfetto(struct session *session, FILE *out);

#endif
