// SPDX-License-Identifier: GPL-2.0
/*
 * Names of what a fault ends with.
 */
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"

static const char *const errors[] = {
	[RECORD_SIGBUS]		= "SIGBUS",
	[RECORD_SEGV_MAPERR]	= "SIGSEGV MAPERR",
	[RECORD_SEGV_ACCERR]	= "SIGSEGV ACCERR",
	[RECORD_SEGV_PKUERR]	= "SIGSEGV PKUERR",
	[RECORD_EFAULT]		= "EFAULT",
	[RECORD_OOM]		= "out of memory",
	[RECORD_POISONED]	= "SIGBUS, hardware error",
	[RECORD_KILLED]		= "killed while it waited",
	[RECORD_SEGV_OTHER]	= "SIGSEGV SI_KERNEL",
};

/**
 * error_name - how a fault ended that gave no page
 * @error: enum record_error
 */
const char *error_name(unsigned int error)
{
	return error < ARRAY_SIZE(errors) ? errors[error] : "failed";
}
