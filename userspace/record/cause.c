// SPDX-License-Identifier: GPL-2.0
/*
 * The cause of a record in words: which system call was running, or what else.
 */
#include "base/format.h"
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"
#include "syscall_names.h"

static const char *name_in(const char *const *calls, size_t n, int number)
{
	return number >= 0 && (size_t)number < n ? calls[number] : NULL;
}

/**
 * cause_name - name of the system call a record was made in
 * @cause: of a record
 *
 * Return: its name, or NULL when it is none, or is younger than all that this was made of
 */
const char *cause_name(int cause)
{
	const char *name;

	if (RECORD_IS_CAUSE_32(cause))
		return name_in(calls_32, ARRAY_SIZE(calls_32), RECORD_CAUSE_32(0) - cause);
	name = name_in(calls_64, ARRAY_SIZE(calls_64), cause);
	return name ? name : name_in(calls_x32, ARRAY_SIZE(calls_x32), cause);
}

static const char *other_cause(int cause)
{
	switch (cause) {
	case MMSCOPE_CAUSE_USER:
		return "user";
	case MMSCOPE_CAUSE_TEARDOWN:
		return "the mm's end";
	case MMSCOPE_CAUSE_KTHREAD:
		return "a kernel thread";
	case MMSCOPE_CAUSE_REMOTE:
		return "another process";
	case RECORD_CAUSE_SIGNAL:
		return "signal delivery";
	case RECORD_CAUSE_RSEQ:
		return "rseq";
	}
	return "a foreign syscall";
}

/**
 * cause_text - the cause of a record, to follow "by"
 * @cause: of a record
 * @buf: for the text
 * @size: of @buf
 */
void cause_text(int cause, char *buf, size_t size)
{
	const char *name = cause_name(cause);

	if (name)
		format_text(buf, size, "%s(2)", name);
	else if (RECORD_IS_CAUSE_32(cause))
		format_text(buf, size, "32-bit syscall %d", RECORD_CAUSE_32(0) - cause);
	else if (cause >= 0)
		format_text(buf, size, "syscall %d", cause);
	else
		format_text(buf, size, "%s", other_cause(cause));
}

/**
 * cause_by_kernel - what the kernel did when it faulted, to follow "by kernel in"
 * @cause: of a fault in kernel mode
 * @buf: for the text
 * @size: of @buf
 */
void cause_by_kernel(int cause, char *buf, size_t size)
{
	/* Where user code was interrupted there is no system call. */
	if (cause == MMSCOPE_CAUSE_USER)
		format_text(buf, size, "an exception");
	else
		cause_text(cause, buf, size);
}
