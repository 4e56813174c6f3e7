// SPDX-License-Identifier: GPL-2.0
/*
 * The cause of a record in words: the system call that was running, or what else led to the record.
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
 * cause_name - the name of the system call that a record was made in
 * @cause: &mmscope_event.cause
 *
 * Return: the name, or NULL where the cause is no system call, or one that is newer than the tables
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
 * cause_text - write the cause of a record, for a place behind the word "by"
 * @cause: &mmscope_event.cause
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
 * cause_by_kernel - write in what the kernel faulted, for a place behind "by kernel in"
 * @cause: &mmscope_event.cause of a fault in kernel mode
 * @buf: for the text
 * @size: of @buf
 */
void cause_by_kernel(int cause, char *buf, size_t size)
{
	/* An exception of user code can make the kernel fault outside of all system calls. */
	if (cause == MMSCOPE_CAUSE_USER)
		format_text(buf, size, "an exception");
	else
		cause_text(cause, buf, size);
}
