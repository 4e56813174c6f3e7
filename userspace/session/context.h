/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_CONTEXT_H
#define MMSCOPE_SESSION_CONTEXT_H

struct watch_context;

void context_select(struct watch_context *context);

#endif
