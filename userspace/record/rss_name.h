/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_RSS_NAME_H
#define MMSCOPE_RECORD_RSS_NAME_H

#include "bpf/tracer_abi.h"

const char *rss_kind(unsigned int kind);
const char *rss_why(unsigned int why);

#endif
