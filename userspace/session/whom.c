// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes are watched: some that the user names, or all of a user, of a cgroup or of a
 * name, be they there already or not.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/proc.h"
#include "session/whom.h"
#include "term/print.h"
#include "term/verb.h"

#define CGROUPS	"/sys/fs/cgroup"
#define GRACE_S		2UL	/* between Ctrl-C and SIGKILL */
#define GRACE_MOST	86400UL

static int add_pid(struct whom *whom, const struct verb *verb, const char *word)
{
	char *end;
	long pid = strtol(word, &end, 10);

	if (*end || end == word || pid <= 0 || pid != (pid_t)pid)
		return verb_usage(verb, word, "no process id");
	if (pid == getpid())
		return verb_usage(verb, word, "that is this mmscope itself");
	for (size_t i = 0; i < whom->nr; i++)
		if (whom->pids[i] == pid)
			return 0;
	whom->pids = reallocarray(whom->pids, whom->nr + 1, sizeof(*whom->pids));
	if (!whom->pids)
		abort();
	whom->pids[whom->nr++] = pid;
	return 0;
}

/* Process ids, with commas or blanks between them, as pgrep(1) and pidof(1) print them. */
static int add_pids(struct whom *whom, const struct verb *verb, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;
	int code = 0;

	if (!copy)
		abort();
	while (!code && (word = strsep(&rest, ",\n ")))
		if (*word)
			code = add_pid(whom, verb, word);
	if (!code && !whom->nr)
		code = verb_usage(verb, "--pid", "no process id");
	free(copy);
	return code;
}

static int take_user(struct whom *whom, const struct verb *verb, const char *name)
{
	const struct passwd *user = getpwnam(name);
	char *end;
	unsigned long id = user ? user->pw_uid : strtoul(name, &end, 10);

	if (!user && (*end || end == name || id != (unsigned int)id))
		return verb_usage(verb, name, "no such user");
	whom->wide.user = id;
	whom->wide.which |= WIDE_USER;
	return 0;
}

/* Take the name of a program, or its beginning and a star. The kernel keeps 15 bytes of a name. */
static int take_comm(struct whom *whom, const struct verb *verb, const char *name)
{
	size_t n = strlen(name);
	bool begins = n && name[n - 1] == '*';

	if (!n)
		return verb_usage(verb, "--comm", "which name?");
	if (begins)
		n--;
	if (memchr(name, '*', n) || memchr(name, '?', n) || memchr(name, '[', n))
		return verb_usage(verb, name, "a name, or its beginning and a star: 'python*'");
	if (n > sizeof(whom->wide.comm) - 1)
		n = sizeof(whom->wide.comm) - 1;
	memset(whom->wide.comm, 0, sizeof(whom->wide.comm));
	memcpy(whom->wide.comm, name, n);
	/* The whole name is compared with its NUL, the beginning of one without. */
	whom->wide.comm_size = begins ? n : n + 1;
	whom->wide.which |= WIDE_COMM;
	return 0;
}

/* The depth of a cgroup below the root. */
static unsigned int level_of(const char *path)
{
	unsigned int level = 0;

	for (; *path; path += strcspn(path, "/")) {
		path += strspn(path, "/");
		level += *path != '\0';
	}
	return level;
}

static int take_cgroup(struct whom *whom, const struct verb *verb, const char *given)
{
	const char *path = given;
	char full[512];
	struct statfs fs;
	struct stat st;

	if (!strncmp(path, CGROUPS "/", sizeof(CGROUPS)) || !strcmp(path, CGROUPS))
		path += sizeof(CGROUPS) - 1;
	path += strspn(path, "/");
	snprintf(full, sizeof(full), CGROUPS "/%s", path);
	if (strstr(full, "/..") || stat(full, &st) || !S_ISDIR(st.st_mode))
		return verb_usage(verb, given, "no such cgroup: a path below " CGROUPS);
	if (statfs(full, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		return verb_usage(verb, given, "not of cgroup v2, which alone is followed");
	whom->wide.cgroup = st.st_ino;
	whom->wide.cgroup_level = level_of(path);
	whom->wide.which |= WIDE_CGROUP;
	whom->cgroup = path;
	return 0;
}

static int take_grace(struct whom *whom, const struct verb *verb, const char *text)
{
	char *end;

	whom->grace_s = strtoul(text, &end, 10);
	if (*end || *text < '0' || *text > '9' || whom->grace_s > GRACE_MOST)
		return verb_usage(verb, text, "no number of seconds from 0 to 86400");
	whom->grace_given = true;
	return 0;
}

/**
 * whom_grace - how long a command has to end by itself
 * @whom: of whom
 *
 * Return: seconds after Ctrl-C
 */
unsigned long whom_grace(const struct whom *whom)
{
	return whom->grace_given ? whom->grace_s : GRACE_S;
}

/**
 * whom_option - take an option that says whom to watch
 * @whom: the option is added to it
 * @verb: verb of the command line
 * @letter: one of WHOM_LETTERS
 * @arg: argument of the option
 *
 * Return: 0, or an exit code after a complaint
 */
int whom_option(struct whom *whom, const struct verb *verb, int letter, const char *arg)
{
	switch (letter) {
	case 'p':
		return add_pids(whom, verb, arg);
	case 'U':
		return take_user(whom, verb, arg);
	case 'G':
		return take_cgroup(whom, verb, arg);
	case 'C':
		return take_comm(whom, verb, arg);
	case 'g':
		return take_grace(whom, verb, arg);
	default:
		whom->wide.which |= WIDE_ALL;
		return 0;
	}
}

/**
 * whom_any - are processes to be watched that are not a command?
 * @whom: what the options say
 */
bool whom_any(const struct whom *whom)
{
	return whom->nr || whom->wide.which;
}

/**
 * whom_check - can the options be used together?
 * @whom: what the options say
 * @verb: verb of the command line
 *
 * Return: 0, or an exit code after a complaint
 */
int whom_check(const struct whom *whom, const struct verb *verb)
{
	if (whom->nr && whom->wide.which)
		return verb_usage(verb, "--pid", "names processes: no other choice with it");
	if (whom->wide.which & WIDE_ALL && whom->wide.which != WIDE_ALL)
		return verb_usage(verb, "--all", "is everybody: no other choice with it");
	if (whom->grace_given && whom_any(whom))
		return verb_usage(verb, "--grace", "is for a command: others are not ended");
	return 0;
}

static bool has_user(pid_t pid, unsigned int user)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return proc_field(path, "Uid:") == (long)user;
}

static bool has_comm(pid_t pid, const struct wide *wide)
{
	char path[40], comm[sizeof(wide->comm) + 1] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	proc_word(path, comm, sizeof(comm));
	return !strncmp(comm, wide->comm, wide->comm_size);
}

/* Is a process in a cgroup or below it? For cgroup v2 its file has one line, "0::/path". */
static bool is_in_cgroup(pid_t pid, const char *cgroup)
{
	size_t n = strlen(cgroup);
	struct proc_lines lines;
	bool found = false;
	const char *line;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	while (n && cgroup[n - 1] == '/')
		n--;
	if (!proc_open(&lines, path))
		return false;
	while ((line = proc_line(&lines)))
		found |= !strncmp(line, "0::/", 4) && (!n || (!strncmp(line + 4, cgroup, n) &&
			 (!line[4 + n] || line[4 + n] == '/')));
	proc_close(&lines);
	return found;
}

static bool is_wanted(const struct whom *whom, pid_t pid)
{
	const struct wide *wide = &whom->wide;

	if (pid == getpid() || proc_kthread(pid))
		return false;
	return (!(wide->which & WIDE_USER) || has_user(pid, wide->user)) &&
	       (!(wide->which & WIDE_COMM) || has_comm(pid, wide)) &&
	       (!(wide->which & WIDE_CGROUP) || is_in_cgroup(pid, whom->cgroup));
}

/**
 * whom_find - walk the processes that exist and are to be watched
 * @whom: what the options say
 * @each: called for each process; ends the walk unless it returns 0
 * @arg: handed to @each
 *
 * Return: 0; what @each returned; or an exit code after a complaint
 */
int whom_find(const struct whom *whom, int (*each)(pid_t pid, void *arg), void *arg)
{
	struct dirent *entry;
	int error = 0;
	pid_t pid;
	DIR *dir;

	for (size_t i = 0; i < whom->nr && !error; i++)
		error = each(whom->pids[i], arg);
	if (!whom->wide.which || error)
		return error;
	dir = opendir("/proc");
	if (!dir)
		return report_fail(EXIT_ENVIRONMENT, "/proc", strerror(errno),
				   "is it mounted?");
	while (!error && (entry = readdir(dir))) {
		pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && is_wanted(whom, pid))
			error = each(pid, arg);
	}
	closedir(dir);
	return error;
}
