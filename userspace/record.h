/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only the tracer tells, in the same 64-byte record as the module: struct mmscope_event. These
 * numbers begin above all of the module's, so that a record says by its type who told it.
 */
#ifndef MMSCOPE_RECORD_H
#define MMSCOPE_RECORD_H

#include <linux/mmscope.h>

/* Types of records from here on are the tracer's alone. */
#define RECORD_FIRST	64

/* Room for all types of both, for tables by type. */
#define RECORD_TYPES	96

#endif
