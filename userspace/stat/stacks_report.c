// SPDX-License-Identifier: GPL-2.0
/*
 * The report of mmscope stat about stacks of faults, and about stacks that could not be found.
 */
#include <stdio.h>
#include <string.h>
#include "base/tool.h"
#include "record/text.h"
#include "stat/fault_stacks.h"
#include "symbolize/source_line.h"
#include "term/print.h"
#include "tracer/tracer.h"

#define MOST_STACKS	6	/* stacks that are printed as text */
#define FIRST_FRAMES	5	/* frames that are printed from the beginning and from the end */
#define LAST_FRAMES	3

/**
 * struct end_words - words for why a stack ends where it does
 * @name: in JSON
 * @here: on the screen, below the last frame; NULL for nothing
 * @told: behind the number of such stacks; NULL if they are not mentioned
 */
static const struct end_words {
	const char *name;
	const char *here;
	const char *told;
} ends[UNWIND_NR_ENDS] = {
	[UNWIND_WHOLE] = { "whole", NULL, NULL },
	[UNWIND_CUT] = { "cut", "cut here: 8 KiB are copied",
			 "are cut at 8 KiB: no more is copied" },
	[UNWIND_ABSENT] = { "absent", "here a page of the stack was not present",
			    "end at a page of the stack that was not present" },
	[UNWIND_UNKNOWN] = { "unknown", "nobody tells who called this code",
			     "end at code without unwind information" },
	[UNWIND_32] = { "32-bit", "32-bit code",
			"are of 32-bit code, not unwound: try --stacks=fp" },
	[UNWIND_EXEC] = { "exec", "by execve(2), before the program began",
			  "are of execve(2), before a program began" },
	[UNWIND_OTHER] = { "other", "by another process, or a kernel thread",
			   "are of other processes, or of kernel threads" },
};

/*
 * The line of a frame. A caller's is that of the call, not of what follows it, where it returns to.
 */
static struct line line_of_frame(const struct stack *stack, size_t i)
{
	return line_of(stack->frames[i].name, stack->frames[i].offset - !stack->frames[i].exact);
}

static void print_frame(const struct stack *stack, size_t i)
{
	struct line line = line_of_frame(stack, i);
	const struct stack_frame *frame = &stack->frames[i];
	const char *slash = strrchr(frame->name, '/');
	const char *name = slash ? slash + 1 : frame->name;

	if (line.function && line.file)
		report_line("    %-26.*s %.*s:%d", report_room(40), line.function, report_room(24),
			    line.file, line.number);
	else if (line.function)
		report_line("    %-26.*s %.*s", report_room(40), line.function, report_room(30),
			    name);
	else if (*name)
		report_line("    %.*s+0x%llx", report_room(30), name, frame->offset);
	else if (frame->offset)
		report_line("    0x%llx", frame->offset);
	else
		report_line("    (no user code)");
}

/*
 * The number of frames up to main(). Those behind it are the C library's, the same in each stack.
 */
static size_t frames_to_main(const struct stack *stack)
{
	for (size_t i = 0; i < stack->n; i++) {
		const char *function = line_of_frame(stack, i).function;

		if (function && !strcmp(function, "main"))
			return i + 1;
	}
	return stack->n;
}

static void print_stack(const struct stack *stack)
{
	size_t n = frames_to_main(stack);
	size_t last = n > FIRST_FRAMES + LAST_FRAMES ? n - LAST_FRAMES : FIRST_FRAMES;

	report_gap();
	report_line("%llu %s", stack->total.count, class_word(stack->class));
	for (size_t i = 0; i < n && i < FIRST_FRAMES; i++)
		print_frame(stack, i);
	if (last > FIRST_FRAMES)
		report_line("    ... %zu more (--json shows all)", last - FIRST_FRAMES);
	for (size_t i = last; i < n; i++)
		print_frame(stack, i);
	if (ends[stack->end].here)
		report_line("    (%s)", ends[stack->end].here);
}

static struct json_object *frame_json(const struct stack *stack, size_t i)
{
	struct json_object *o = json_object_new_object();
	struct line line = line_of_frame(stack, i);

	if (line.function)
		json_object_object_add(o, "function", json_object_new_string(line.function));
	if (line.file) {
		json_object_object_add(o, "file", json_object_new_string(line.file));
		json_object_object_add(o, "line", json_object_new_int(line.number));
	}
	json_object_object_add(o, "program", json_object_new_string(stack->frames[i].name));
	json_object_object_add(o, "offset", json_object_new_uint64(stack->frames[i].offset));
	return o;
}

static struct json_object *stack_json(const struct stack *stack)
{
	struct json_object *frames = json_object_new_array(), *o = json_object_new_object();

	json_object_object_add(o, "faults", json_object_new_uint64(stack->total.count));
	json_object_object_add(o, "pages", json_object_new_uint64(stack->total.pages));
	json_object_object_add(o, "ns", json_object_new_uint64(stack->total.ns));
	json_object_object_add(o, "class", json_object_new_string(class_name(stack->class)));
	for (size_t i = 0; i < stack->n; i++)
		json_object_array_add(frames, frame_json(stack, i));
	json_object_object_add(o, "frames", frames);
	if (tracer_stack_way() == STACKS_DWARF)
		json_object_object_add(o, "end", json_object_new_string(ends[stack->end].name));
	return o;
}

static void add_count(struct json_object *o, const char *name, __u64 count)
{
	json_object_object_add(o, name, json_object_new_uint64(count));
}

static void report_json_stacks(const struct stack *all, size_t n)
{
	struct json_object *o = report_object(), *list = json_object_new_array();
	bool dwarf = tracer_stack_way() == STACKS_DWARF;

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, stack_json(&all[i]));
	json_object_object_add(o, "stacks", list);
	json_object_object_add(o, "way", json_object_new_string(dwarf ? "dwarf" : "fp"));
	add_count(o, dwarf ? "lost" : "collided", tracer_lost_stacks());
	if (!dwarf)
		add_count(o, "missed", stat_missed());
	report_object_print(o);
}

/* Print how many stacks end before main(), and why. */
static void tell_ends(const struct stack *all, size_t n)
{
	__u64 count[UNWIND_NR_ENDS] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++) {
		count[all[i].end] += all[i].total.count;
		sum += all[i].total.count;
	}
	for (size_t i = 0; i < UNWIND_NR_ENDS; i++)
		if (ends[i].told && count[i])
			report_line("%llu of %llu stacks %s", count[i], sum, ends[i].told);
}

/* Print how many stacks found no room. */
static void tell_lost(void)
{
	__u64 count = tracer_lost_stacks();

	if (!count)
		return;
	if (tracer_stack_way() == STACKS_DWARF)
		report_line("%llu stacks were lost: faults came faster than they are unwound",
			    count);
	else
		report_line("%llu faults are shown without callers: their place was taken", count);
}

/**
 * stacks_report - print the stacks of faults
 */
void stacks_report(void)
{
	size_t n;
	const struct stack *all = stacks_all(&n);

	if (report_json) {
		report_json_stacks(all, n);
		return;
	}
	for (size_t i = 0; i < n && i < MOST_STACKS; i++)
		print_stack(&all[i]);
	report_gap();
	if (n > MOST_STACKS)
		report_line("and %zu more stacks (--json shows all)", n - MOST_STACKS);
	tell_ends(all, n);
	tell_lost();
}
