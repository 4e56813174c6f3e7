// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the signals and errors that a fault can end with.
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
 * error_name - the name of the signal or error that a fault ended with
 * @error: enum record_error
 */
const char *error_name(unsigned int error)
{
	return error < ARRAY_SIZE(errors) ? errors[error] : "failed";
}
