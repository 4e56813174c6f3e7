// SPDX-License-Identifier: GPL-2.0
/*
 * A history as a program of C: what it does again, and what it cannot.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "reproduce/backing.h"
#include "reproduce/history.h"
#include "reproduce/program.h"
#include "reproduce/region.h"
#include "reproduce/replayer_text.h"
#include "reproduce/statement.h"

#define TABLES	"/* TABLES */\n"

static int actor_of(const struct history *history, __u32 mm)
{
	for (size_t i = 0; i < history->nr_families; i++)
		if (history->families[i].mm == mm)
			return history->families[i].actor;
	return -1;
}

/* Actors are small numbers: those of the steps are found once. */
static int *actors(const struct history *history)
{
	int *found = calloc(history->nr + 1, sizeof(*found)), actor = -1;
	__u32 mm = 0;

	if (!found)
		abort();
	for (size_t i = 0; i < history->nr; i++) {
		if (history->steps[i].mm != mm)
			actor = actor_of(history, history->steps[i].mm);
		mm = history->steps[i].mm;
		found[i] = actor;
	}
	return found;
}

static void count_actors(const struct history *history, struct program *program)
{
	for (size_t i = 0; i < history->nr_families; i++)
		if (history->families[i].actor >= (int)program->processes)
			program->processes = history->families[i].actor + 1;
}

static void find_regions(const struct history *history, const int *actor,
			 struct regions *regions)
{
	for (size_t i = 0; i < history->nr_families; i++) {
		const struct family *family = &history->families[i];

		if (family->actor >= 0 && !family->parent && family->heap &&
		    family->heap_end > family->heap)
			regions_heap(regions, family->heap, family->heap_end + 1);
	}
	for (size_t i = 0; i < history->nr; i++)
		if (actor[i] >= 0)
			statement_regions(&history->steps[i], regions);
	/* C knows no array without an element. */
	if (!regions->nr)
		regions_add(regions, 1ULL << 32, (1ULL << 32) + 1);
	regions_join(regions);
}

static int number_files(const struct history *history, const int *actor)
{
	int n = 0;

	for (size_t i = 0; i < history->nr; i++) {
		struct backing *backing = history->steps[i].backing;

		if (actor[i] >= 0 && backing && backing->number < 0)
			backing->number = n++;
	}
	return n;
}

static void add_note(FILE *notes, __u64 n, const char *what)
{
	if (n)
		fprintf(notes, "%llu %s\n", n, what);
}

/* Who is who: for those that compare the program's records with those it was made of. */
static void write_processes(const struct history *history, FILE *out)
{
	for (size_t i = 0; i < history->nr_families; i++)
		if (history->families[i].actor >= 0)
			fprintf(out, "// Process %d was mm %u.\n", history->families[i].actor,
				history->families[i].mm);
	fputs("//\n", out);
}

/* Names come from outside: no comment and no line ends in one. */
static void write_name(const char *name, FILE *out)
{
	for (; *name; name++)
		fputc(isprint((unsigned char)*name) && *name != '*' && *name != '"' &&
		      *name != '\\' && *name != '?' ? *name : '_', out);
}

static void note_files(FILE *notes, int nr)
{
	static const char *const instead[] = { "", "a temporary file", "a memfd",
					       "a memfd of huge pages", "a segment of its own" };

	for (int i = 0; i < nr; i++) {
		const struct backing *backing = backing_nth(i);
		enum backing_kind kind = backing_kind(backing);

		if (kind == BACKING_FILE)
			continue;
		write_name(backing_path(backing), notes);
		fprintf(notes, "%s: %s in its place, %llu bytes\n",
			backing_is_device(backing) ? " (no file, but a device or the like)" : "",
			instead[kind], backing->size);
	}
}

static void take_notes(const struct history *history, struct program *program, int files)
{
	const __u64 *unkept = history->unkept;
	bool threads = false;
	size_t size;
	FILE *notes = open_memstream(&program->notes, &size);

	if (!notes)
		abort();
	add_note(notes, unkept[UNKEPT_LOST], "records were lost, and with them what they told");
	add_note(notes, unkept[UNKEPT_PAGES],
		 "processes were there before: which of their pages were, is not known");
	add_note(notes, unkept[UNKEPT_VDSO], "accesses to the vdso are left out");
	add_note(notes, unkept[UNKEPT_CALL],
		 "changes by other calls are left out (userfaultfd, mbind and the like)");
	add_note(notes, program->skipped,
		 "calls are left out that failed with a segment or file of no known name");
	for (size_t i = 0; i < history->nr_families; i++)
		threads |= history->families[i].actor >= 0 && history->families[i].threads;
	if (threads)
		fputs("Calls of several threads are made by one, in the same order\n", notes);
	note_files(notes, files);
	fclose(notes);
}

static void write_comment(const struct history *history, const char *of,
			  const struct program *program, FILE *out)
{
	const char *note = program->notes;

	fputs("// What a process did to its memory, to be done again: ", out);
	write_name(of, out);
	fprintf(out, ".\n// By mmscope reproduce: %zu steps, %u process%s.\n//\n", program->steps,
		program->processes, program->processes == 1 ? "" : "es");
	fputs("//\tcc -o again FILE && ./again\n//\tmmscope record -o again.rec -- ./again\n"
	      "//\n// Addresses are places in regions, r0 + 0x1000: what was near to each other is "
	      "so here.\n// It ends with 0 if every call gave what it gave when it was recorded, "
	      "else with 1.\n//\n", out);
	write_processes(history, out);
	fputs(*note ? "// What is not as it was:\n" : "// Nothing is left out.\n", out);
	while (*note) {
		size_t n = strcspn(note, "\n");

		fprintf(out, "// - %.*s\n", (int)n, note);
		note += n + 1;
	}
	fputc('\n', out);
}

static void write_regions(const struct regions *regions, FILE *out)
{
	fputs("unsigned long r0", out);
	for (size_t i = 1; i < regions->nr; i++)
		fprintf(out, ", r%zu", i);
	fputs(";\n\nstatic const struct region regions[] = {\n", out);
	for (size_t i = 0; i < regions->nr; i++)
		fprintf(out, "\t{ &r%zu, 0x%llx, 0x%llx, %d },\n", i,
			regions->list[i].end - regions->list[i].start, regions->list[i].start,
			regions->list[i].heap);
	fputs("};\n\n", out);
}

static void write_escaped(const char *path, FILE *out)
{
	for (; *path; path++) {
		if (isalnum((unsigned char)*path) || strchr("/._-+ ()", *path))
			fputc(*path, out);
		else
			fprintf(out, "\\%03o", (unsigned char)*path);
	}
}

static void write_files(int nr, FILE *out)
{
	static const char *const kinds[] = { "GIVEN", "DISK", "MEMORY", "HUGE", "SEGMENT" };

	fputs("static const struct file files[] = {\n", out);
	for (int i = 0; i < nr; i++) {
		const struct backing *backing = backing_nth(i);
		enum backing_kind kind = backing_kind(backing);

		fputs("\t{ \"", out);
		write_escaped(backing_path(backing), out);
		fprintf(out, "\", %lluUL, %lluUL, %s },\n", backing->size, backing->used,
			kinds[kind]);
	}
	if (!nr)
		fputs("\t{ \"\", 0, 0, MEMORY },\n", out);
	fputs("};\n\n", out);
}

/* What exec has touched belongs to what it has mapped. */
static void write_setup(const struct history *history, const int *actor,
			const struct regions *regions, FILE *out)
{
	fputs("/* What exec has mapped, or was there before. */\nvoid set_up(void)\n{\n", out);
	fputs("\t" PROGRAM_STEPS "\n", out);
	for (size_t i = 0; i < history->nr; i++) {
		if (actor[i] < 0 || history->steps[i].kind != STEP_SETUP)
			continue;
		fputc('\t', out);
		statement_write(&history->steps[i], regions, out);
		fputc('\n', out);
	}
	for (size_t i = 0; i < history->nr; i++) {
		if (actor[i] < 0 || !history->steps[i].early)
			continue;
		fputc('\t', out);
		statement_write(&history->steps[i], regions, out);
		fputc('\n', out);
	}
	fputs("\t" PROGRAM_END "\n}\n\n", out);
}

static bool write_step(const struct history *history, const struct step *step,
		       const struct regions *regions, FILE *out)
{
	if (step->kind == STEP_SETUP || step->early)
		return false;
	if (step->kind == STEP_LEAVE)
		fputs("leaves();", out);
	else if (step->kind != STEP_FORK)
		return statement_write(step, regions, out);
	else if (actor_of(history, step->child) >= 0)
		fprintf(out, "forks(%d);", actor_of(history, step->child));
	else
		return false;
	return true;
}

static void write_steps(const struct history *history, const int *actor,
			const struct regions *regions, struct program *program, FILE *out)
{
	fputs("void steps(int me)\n{\n\t(void)me;\n\t" PROGRAM_STEPS "\n", out);
	for (size_t i = 0; i < history->nr; i++) {
		char *text = NULL;
		size_t size;
		FILE *line;

		if (actor[i] < 0)
			continue;
		line = open_memstream(&text, &size);
		if (!line)
			abort();
		if (!write_step(history, &history->steps[i], regions, line)) {
			program->skipped += history->steps[i].kind == STEP_CALL;
			fclose(line);
			free(text);
			continue;
		}
		fclose(line);
		program->steps++;
		if (program->processes > 1)
			fprintf(out, "\ton(%d) %s\n", actor[i], text);
		else
			fprintf(out, "\t%s\n", text);
		free(text);
	}
	fputs("\t" PROGRAM_END "\n}\n", out);
}

/**
 * program_write - write it
 * @history: history_choose() has chosen
 * @of: what was recorded
 * @out: to where
 * @program: becomes what was written
 */
void program_write(struct history *history, const char *of, FILE *out, struct program *program)
{
	const char *rest = strstr(replayer_text, TABLES) + strlen(TABLES);
	int *actor = actors(history);
	struct regions regions = { 0 };
	char *steps = NULL;
	size_t size;
	int files;
	FILE *text = open_memstream(&steps, &size);

	if (!text)
		abort();
	*program = (struct program){ 0 };
	count_actors(history, program);
	find_regions(history, actor, &regions);
	files = number_files(history, actor);
	write_setup(history, actor, &regions, text);
	write_steps(history, actor, &regions, program, text);
	fclose(text);
	program->regions = regions.nr;
	take_notes(history, program, files);
	write_comment(history, of, program, out);
	fprintf(out, "%.*s", (int)(rest - strlen(TABLES) - replayer_text), replayer_text);
	fprintf(out, "#define PROCESSES\t%u\n\n", program->processes);
	write_regions(&regions, out);
	write_files(files, out);
	fputs(steps, out);
	fputs(rest, out);
	free(steps);
	free(actor);
	regions_free(&regions);
}
