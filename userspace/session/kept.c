// SPDX-License-Identifier: GPL-2.0
/*
 * A session that reads a recording: what the tracer would ask the machine for, the recording tells.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "base/shell_word.h"
#include "session/kept.h"
#include "session/kept_records.h"
#include "symbolize/symbol.h"
#include "term/print.h"
#include "tracer/shortage.h"

static __u64 features(void)
{
	return recording_number_of(&kept->reader, RECORDING_FEATURES);
}

/**
 * kept_has_device - has the module told records of the recording, too?
 */
bool kept_has_device(void)
{
	return features() & RECORDING_HAS_DEVICE;
}

/**
 * kept_stacks - does the recording have copies of stacks?
 */
bool kept_stacks(void)
{
	return features() & RECORDING_HAS_STACKS;
}

/**
 * kept_command - the command that was recorded, as one would type it at a shell
 *
 * Return: the command, "" where processes were recorded that ran already
 */
const char *kept_command(void)
{
	return kept->command;
}

/**
 * kept_program - the first word of the command that was recorded
 */
const char *kept_program(void)
{
	return kept->program;
}

/* The first @most words of a command, quoted as a shell reads them; the caller frees the text. */
static char *words_of(const char *fact, size_t size, size_t most)
{
	char *text = NULL, *word;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	if (!to)
		abort();
	for (size_t i = 0; size && i < most; i++) {
		word = strndup(fact, size);
		if (!word)
			abort();
		if (i)
			fputc(' ', to);
		shell_word(to, word);
		/* A file may be damaged, so that the last word need not end with a NUL. */
		n = strlen(word) < size ? strlen(word) + 1 : size;
		fact += n;
		size -= n;
		free(word);
	}
	fclose(to);
	return text;
}

static void take_command(void)
{
	size_t size = 0;
	const char *fact = recording_find_fact(&kept->reader, RECORDING_COMMAND, 0, &size);

	free(kept->command);
	free(kept->program);
	kept->command = words_of(fact, fact ? size : 0, ~(size_t)0);
	kept->program = words_of(fact, fact ? size : 0, 1);
}

static void copy_text(char *buf, size_t size, __u32 key)
{
	size_t n = 0;
	const char *fact = recording_find_fact(&kept->reader, key, 0, &n);

	snprintf(buf, size, "%.*s", (int)(n < size ? n : size), fact ? fact : "");
}

/**
 * kept_kernel - the release of the kernel that was recorded
 * @buf: becomes the release, "" where it is not known
 * @size: of @buf
 */
void kept_kernel(char *buf, size_t size)
{
	copy_text(buf, size, RECORDING_KERNEL);
}

/* Let the recording answer what the tracer asks the machine for. */
static int replace_machine(const char *path)
{
	__u64 page = recording_number_of(&kept->reader, RECORDING_PAGE_SIZE);
	char kernel[64], why[80];
	const char *memory;
	size_t size;

	if (page && page != proc_page_size()) {
		snprintf(why, sizeof(why), "its pages have %llu bytes, those here %lu", page,
			 proc_page_size());
		return report_fail(EXIT_ENVIRONMENT, path, why, "read it on a machine like that");
	}
	copy_text(kernel, sizeof(kernel), RECORDING_KERNEL);
	if (*kernel)
		rules_replace(kernel);
	memory = recording_find_fact(&kept->reader, RECORDING_HOST, 0, &size);
	if (memory)
		proc_replace_memory(memory, size);
	take_command();
	kallsyms_replace();
	symbol_past();
	return 0;
}

/**
 * kept_open - open a recording in place of watching somebody
 * @session: its @input is the name of the file
 *
 * Return: 0, or an exit code after a complaint
 */
int kept_open(struct session *session)
{
	const char *why, *todo;
	int error;

	kept->input = session->input;
	error = recording_open(kept_begin(session), kept->input);
	if (error) {
		why = recording_trouble(error, &todo);
		return report_fail(EXIT_ENVIRONMENT, kept->input, why, todo);
	}
	error = replace_machine(kept->input);
	if (error)
		return error;
	session->pidfd = -1;
	session->device.fd = -1;
		/*
		 * Without its header nothing says who told the records: take them for the tracer's.
		 */
	session->tracer = !kept->reader.facts.size || features() & RECORDING_HAS_PROBE;
	return 0;
}

/* Print at which byte the recording is damaged, and up to which time it is whole. */
static void tell_damage(const char *path)
{
	__u64 began = recording_number_of(&kept->reader, RECORDING_BEGAN);
	__u64 ns = kept->reader.damage_ns > began ? kept->reader.damage_ns - began : 0;

	report_message("%s: %s (byte %llu): whole is what it has of the first %llu.%06llu s", path,
		       kept->reader.damage, kept->reader.damage_at, ns / 1000000000,
		       ns / 1000 % 1000000);
}

/**
 * kept_close - print and count what the recording lacks, and close it
 */
void kept_close(void)
{
	if (kept->reader.input.error)
		report_message("%s: %s", kept->input, strerror(kept->reader.input.error));
	if (kept->reader.damaged)
		tell_damage(kept->input);
	else if (!kept_ended())
		report_message("%s: whoever recorded it was ended: its last second is missing",
			       kept->input);
	shortage_add("unread", kept->reader.damaged + (!kept_ended()));
	shortage_add("unknown", kept->reader.skipped);
	recording_close(&kept->reader);
}
