/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's harness with a time limit for machines that are busy, or slow: a test that takes
 * seconds on one of one's own is not to fail there. Whatever hangs does so for ever.
 */
#ifndef HOST_HARNESS_H
#define HOST_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#endif
