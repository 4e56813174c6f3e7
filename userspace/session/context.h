/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_CONTEXT_H
#define MMSCOPE_SESSION_CONTEXT_H

struct session_context;

void context_select(struct session_context *context);

#endif
