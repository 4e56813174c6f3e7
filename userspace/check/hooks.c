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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

/* Those in which VMAs are made and go in each way that there is. */
#define WATCHED	"L1,L2,L3,L4,L6,L7,L8,L9"

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
	return !stat(path, &st) && S_ISCHR(st.st_mode);
}

/* It is started with the same words, so that it maps the same. */
static void __noreturn run_trace(const struct target *target, const char *device, int to)
{
	char length[24], offset[24];
	const char *const words[] = {
		"mmscope", "trace", "--hooks", device, "--json", "--", "/proc/self/exe", "check",
		"--json", "--yes", "-c", WATCHED, "--length", length, "--offset", offset,
		target->read_only ? "--read-only" : "--json",
		target->write_io ? "--write" : "--json", target->name, NULL,
	};

	snprintf(length, sizeof(length), "%zu", target->length);
	snprintf(offset, sizeof(offset), "%llu", (unsigned long long)target->offset);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(to, 1);
	dup2(to, 2);
	execv("/proc/self/exe", (char *const *)words);
	_exit(127);
}

static long member(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ? json_object_get_int64(value) : 0;
}

static void judge(struct json_object *driver)
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

/* Return: was the summary found? Other lines are kept, the last of them, to say why not. */
static bool read_lines(FILE *from, char *last, size_t size)
{
	struct json_object *o, *event, *driver;
	char *line = NULL;
	bool found = false;
	size_t room = 0;

	while (getline(&line, &room, from) > 0) {
		line[strcspn(line, "\n")] = 0;
		o = *line == '{' ? json_tokener_parse(line) : NULL;
		if (!o) {
			snprintf(last, size, "%s", line);
		} else if (json_object_object_get_ex(o, "event", &event) &&
			   !strcmp(json_object_get_string(event), "summary") &&
			   json_object_object_get_ex(o, "driver", &driver)) {
			judge(driver);
			found = true;
		}
		json_object_put(o);
	}
	free(line);
	return found;
}

void check_balance(struct target *target)
{
	char path[256], last[400] = "it said nothing";
	int ends[2], status = 0;
	FILE *from;
	pid_t pid;

	if (!device_of(target, path, sizeof(path))) {
		check_tell(CHECK_SKIP, "what is mapped is no device, whose hooks could be watched");
		return;
	}
	if (pipe2(ends, O_CLOEXEC))
		return;
	pid = fork();
	if (!pid)
		run_trace(target, path, ends[1]);
	close(ends[1]);
	from = fdopen(ends[0], "re");
	if (!from || pid < 0)
		abort();
	if (!read_lines(from, last, sizeof(last)))
		check_lacks("trace --hooks does not work here: %s", last);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_LOST)
		check_tell(CHECK_NOTE, "records were lost (%s): the balance may be wrong", last);
}
