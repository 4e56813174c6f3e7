/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_ABOUT_H
#define MMSCOPE_ABOUT_H

#include "event.h"

void about_both(void);
const struct event_about *about(const struct mmscope_event *e);

#endif
