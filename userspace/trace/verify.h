/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_VERIFY_H
#define MMSCOPE_TRACE_VERIFY_H

#include "session/session.h"

int verify_begin(struct session *session);
int verify_run(void);

#endif
