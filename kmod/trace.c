// SPDX-License-Identifier: GPL-2.0
/* The body of the trace event. */
#define CREATE_TRACE_POINTS
#include "trace.h"
