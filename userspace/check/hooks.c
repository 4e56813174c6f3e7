// SPDX-License-Identifier: GPL-2.0
/*
 * H: what mm asks the driver, as the tool's own trace --hooks tells it.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

/* Those in which VMAs are made and go in each way, and those that fault in each way */
#define BORN	"L1,L2,L3,L4,L6,L7,L8,L9,L11"
#define FAULTED	"T1,P1,P2,L1"

/* The device that is mapped, also behind a recipe; others have no name by which they are found. */
static bool device_of(struct target *target, char *path, size_t size)
{
	char link[40];
	struct stat st;
	ssize_t n;

	target_open(target);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", target->fd);
	n = readlink(link, path, size - 1);
	if (n < 0)
		return false;
	path[n] = 0;
	/* It may be one that is opened by one at a time. */
	target_close(target);
	return !stat(path, &st) && S_ISCHR(st.st_mode);
}

/*
 * It is started with the same words, so that it maps the same. What it prints, and what is said of
 * errors, goes elsewhere: both would come in the middle of a line of the trace, which is written in
 * large pieces.
 */
static void __noreturn run_trace(const struct target *target, const char *device,
				 const char *checks, int to, int errors)
{
	char self[4096] = "", length[24], offset[24];
	const char *const words[] = {
		"mmscope", "trace", "--hooks", device, "--json", "--", "sh", "-c",
		"exec \"$0\" \"$@\" >&2", self, "check",
		"--json", "--yes", "-c", checks, "--length", length, "--offset", offset,
		target->read_only ? "--read-only" : "--json",
		target->write_io ? "--write" : "--json", target->name, NULL,
	};

	snprintf(length, sizeof(length), "%zu", target->length);
	snprintf(offset, sizeof(offset), "%llu", (unsigned long long)target->offset);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		_exit(127);
	dup2(to, 1);
	dup2(errors, 2);
	execv("/proc/self/exe", (char *const *)words);
	_exit(127);
}

static long member(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ? json_object_get_int64(value) : 0;
}

static void judge_balance(struct json_object *driver)
{
	long mapped = member(driver, "mapped"), opened = member(driver, "opened");
	long closed = member(driver, "closed"), over = member(driver, "not_closed");
	long unasked = member(driver, "born_unasked");

	if (over < 0)
		check_tell(CHECK_FAIL, "%ld more closed than opened: %ld by mmap, %ld by ->open, "
			   "%ld by ->close, %ld born without ->open", -over, mapped, opened, closed,
			   unasked);
	else if (over > 0 && member(driver, "gone_unasked"))
		check_tell(opened ? CHECK_FAIL : CHECK_OK, "%ld by mmap, %ld by ->open, and no "
			   "->close", mapped, opened);
	else if (over > 0)
		check_tell(CHECK_FAIL, "%ld more opened than closed: %ld by mmap, %ld by ->open, "
			   "%ld by ->close", over, mapped, opened, closed);
	else
		check_tell(CHECK_OK, "%ld by mmap, %ld by ->open, %ld by ->close", mapped, opened,
			   closed);
}

/**
 * struct watched - what a trace of the driver's hooks is read for
 * @line: takes each line
 * @asked: calls of hooks that were answered
 * @found: the summary came
 * @last: what was said of errors last, to say why there was none
 */
struct watched {
	void (*line)(struct json_object *o, struct watched *watched);
	unsigned long asked;
	bool found;
	char last[400];
};

static void take_balance(struct json_object *o, struct watched *watched)
{
	struct json_object *driver;

	if (!watched->found)
		return;
	if (json_object_object_get_ex(o, "driver", &driver))
		judge_balance(driver);
	else
		check_tell(CHECK_SKIP, "it has neither ->open nor ->close, or they are hidden");
}

static void judge_answer(const char *hook, const char *answer)
{
	static const struct {
		const char *answer;
		const char *means;
	} wrong[] = {
		{ "OOM", "mm asks again and again; SIGBUS would say that there is no memory" },
		{ "SIGSEGV", "a program is told that there is nothing mapped, where there is" },
		{ "HWPOISON", "the memory is said to be broken" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (!strcmp(answer, wrong[i].answer))
			check_tell(CHECK_WARN, "->%s answers %s: %s", hook, answer, wrong[i].means);
}

static void take_answer(struct json_object *o, struct watched *watched)
{
	struct json_object *hook, *list;
	const char *name;

	if (!json_object_object_get_ex(o, "answer", &list))
		return;
	watched->asked++;
	name = json_object_object_get_ex(o, "event", &hook) ? json_object_get_string(hook) : "?";
	for (size_t i = 0; i < json_object_array_length(list); i++)
		judge_answer(name, json_object_get_string(json_object_array_get_idx(list, i)));
	/* Where a lock had to be waited for, twice is usual. */
	if (member(o, "attempt") > 3)
		check_tell(CHECK_WARN, "->%s wants to be asked again for the same page, more "
			   "than 3 times in a row", name);
}

static void read_lines(FILE *from, struct watched *watched)
{
	struct json_object *o, *event;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, from) > 0) {
		line[strcspn(line, "\n")] = 0;
		o = json_tokener_parse(line);
		if (!o)
			continue;
		if (json_object_object_get_ex(o, "event", &event) &&
		    !strcmp(json_object_get_string(event), "summary"))
			watched->found = true;
		watched->line(o, watched);
		json_object_put(o);
	}
	free(line);
}

/* The last line that is none of the JSON of the checks that ran. */
static void read_errors(int from, struct watched *watched)
{
	FILE *f = lseek(from, 0, SEEK_SET) ? NULL : fdopen(from, "re");
	char *line = NULL;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (*line && *line != '{')
			snprintf(watched->last, sizeof(watched->last), "%s", line);
	}
	free(line);
	if (f)
		fclose(f);
}

/* Return: did the trace come to its end? If not, it was said why. */
static bool watch(struct target *target, const char *checks, struct watched *watched)
{
	char path[256];
	int ends[2], errors, status = 0;
	FILE *from;
	pid_t pid;

	if (!device_of(target, path, sizeof(path))) {
		check_tell(CHECK_SKIP, "what is mapped is no device, whose hooks could be watched");
		return false;
	}
	errors = memfd_create("errors", MFD_CLOEXEC);
	if (errors < 0 || pipe2(ends, O_CLOEXEC)) {
		check_lacks("no pipe for the trace: %s", strerrorname_np(errno));
		return false;
	}
	pid = fork();
	if (!pid)
		run_trace(target, path, checks, ends[1], errors);
	close(ends[1]);
	from = fdopen(ends[0], "re");
	if (!from || pid < 0)
		abort();
	read_lines(from, watched);
	waitpid(pid, &status, 0);
	read_errors(errors, watched);
	if (!watched->found)
		check_lacks("trace --hooks does not work here: %s", watched->last);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_LOST)
		check_tell(CHECK_NOTE, "records were lost (%s): this may not be all",
			   watched->last);
	return watched->found;
}

void check_balance(struct target *target)
{
	struct watched watched = { .line = take_balance, .last = "it said nothing" };

	watch(target, BORN, &watched);
}

void check_answers(struct target *target)
{
	struct watched watched = { .line = take_answer, .last = "it said nothing" };

	if (watch(target, FAULTED, &watched))
		check_tell(CHECK_OK, "%lu answers were looked at", watched.asked);
}
