// SPDX-License-Identifier: GPL-2.0
/*
 * The programs of bpf/: which of them are loaded and attached on the running kernel.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/tool.h"
#include "tracer/choice.h"
#include "tracer/places.h"
#include "tracer/programs.h"

#define MAX_PROGRAMS	192

/* For tests, these variables name programs that are not loaded, or are loaded and not attached. */
#define MISSING		"MMSCOPE_WITHOUT"
#define NEVER_CALLED	"MMSCOPE_NEVER_CALLED"

static struct choice chosen;				/* copied by programs_choose() */
static struct bpf_link *links[MAX_PROGRAMS];		/* of attached programs */
static const struct bpf_program *present[MAX_PROGRAMS];	/* the attached programs themselves */
static size_t nr_links;
static const char *refused[MAX_PROGRAMS];		/* names of programs not to load again */
static size_t nr_refused;

/* Does an environment variable for tests name a program? */
static bool pretended(const char *variable, const struct bpf_program *prog)
{
	const char *list = getenv(variable), *name = bpf_program__name(prog);
	size_t n = strlen(name);

	for (const char *at = list; at && (at = strstr(at, name)); at += n)
		if ((at == list || at[-1] == ',') && (!at[n] || at[n] == ','))
			return true;
	return false;
}

/**
 * programs_refuse - remember that the kernel would not load a program, so as to do without it
 * @name: of the program, as libbpf told it; may be empty
 *
 * Return: false when the program was refused before, so that loading again would be in vain
 */
bool programs_refuse(const char *name)
{
	for (size_t i = 0; i < nr_refused; i++)
		if (!strcmp(refused[i], name))
			return false;
	if (!*name || nr_refused == MAX_PROGRAMS)
		return false;
	refused[nr_refused++] = strdup(name);
	return true;
}

/**
 * programs_refused - would the kernel not load a program?
 * @name: of the program
 */
bool programs_refused(const char *name)
{
	for (size_t i = 0; i < nr_refused; i++)
		if (!strcmp(refused[i], name))
			return true;
	return false;
}

/**
 * programs_unwanted - is a program not needed for what is asked for?
 * @name: of the program
 */
bool programs_unwanted(const char *name)
{
	return !choice_needs(&chosen, name);
}

static bool may_load(const struct bpf_program *prog)
{
	const char *name = bpf_program__name(prog);

	return !programs_unwanted(name) && !programs_refused(name) && !pretended(MISSING, prog);
}

/**
 * programs_choose - choose the programs that are to be loaded
 * @object: opened object
 * @choice: what is asked for; NULL if the tool only looks at what is there, and follows nothing
 */
void programs_choose(const struct bpf_object *object, const struct choice *choice)
{
	struct bpf_program *prog;

	if (choice)
		chosen = *choice;
	bpf_object__for_each_program(prog, object)
		if (choice ? !may_load(prog) : places_attached(prog))
			bpf_program__set_autoload(prog, false);
}

/**
 * programs_find - drop programs for which the kernel has no place from those that are to be loaded
 * @object: opened object, after programs_choose()
 * @types: descriptor of a file for the types that the programs name, or -1
 *
 * Return: 0 or -errno
 */
int programs_find(const struct bpf_object *object, int types)
{
	struct bpf_program *prog;
	int error = places_find(object, types);

	if (error)
		return error;
	bpf_object__for_each_program(prog, object)
		if (places_attached(prog) && bpf_program__autoload(prog) && !places_has(prog))
			bpf_program__set_autoload(prog, false);
	return 0;
}

/*
 * Does an error of attaching mean that nothing can be told? A kprobe is a perf event, for which
 * some kernels, as Debian's 6.1, want more rights; then only what that program tells is missing.
 */
static bool is_fatal(const struct bpf_program *prog, int error)
{
	if (bpf_program__type(prog) == BPF_PROG_TYPE_KPROBE)
		return error == ENOMEM;
	return error == EPERM || error == EACCES || error == ENOMEM;
}

/**
 * programs_attach - attach all programs that are loaded
 * @object: loaded object
 *
 * A function may be there and still not be one that programs can be attached to, which only the
 * kernel knows: such a program is left out.
 *
 * Return: 0 or -errno
 */
int programs_attach(const struct bpf_object *object)
{
	struct bpf_program *prog;
	struct bpf_link *link;

	bpf_object__for_each_program(prog, object) {
		if (!bpf_program__autoload(prog) || !places_attached(prog))
			continue;
		link = bpf_program__attach(prog);
		if (!link && is_fatal(prog, errno))
			return -errno;
		if (!link || nr_links == MAX_PROGRAMS)
			continue;
		if (pretended(NEVER_CALLED, prog)) {
			bpf_link__destroy(link);
			link = NULL;
		}
		links[nr_links] = link;
		present[nr_links++] = prog;
	}
	return 0;
}

/**
 * programs_detach - detach all programs
 */
void programs_detach(void)
{
	while (nr_links)
		bpf_link__destroy(links[--nr_links]);
}

/**
 * programs_iterate - run an iterator over all its objects
 * @prog: loaded program of the section iter/
 * @opts: objects that the iterator goes over; NULL for all
 * @between: is called after each read(2) but the last, to empty the ring; or NULL
 *
 * Return: 0 or -errno
 */
int programs_iterate(const struct bpf_program *prog, const struct bpf_iter_attach_opts *opts,
		     void (*between)(void))
{
	struct bpf_link *link = bpf_program__attach_iter(prog, opts);
	ssize_t n = 0;
	char one;
	int fd;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	/* The iterator returns EAGAIN after a million objects (bpf_seq_read() of kernel/bpf). */
	while (fd >= 0 && ((n = read(fd, &one, 1)) > 0 || (n < 0 && errno == EAGAIN)))
		if (between)
			between();
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return fd < 0 ? fd : n < 0 ? -errno : 0;
}

/**
 * programs_skipped - how often the kernel did not run a program, since it was running on that CPU
 * @object: loaded object
 * @faults: count the programs that tell of faults; otherwise all others
 *
 * The kernel counts this for all processes, also for those that are not watched.
 */
__u64 programs_skipped(const struct bpf_object *object, bool faults)
{
	struct bpf_prog_info info;
	struct bpf_program *prog;
	__u32 size;
	__u64 n = 0;

	bpf_object__for_each_program(prog, object) {
		memset(&info, 0, sizeof(info));
		size = sizeof(info);
		if (bpf_program__fd(prog) < 0 ||
		    !strncmp(bpf_program__name(prog), "fault_", 6) != faults ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			continue;
		n += info.recursion_misses;
	}
	return n;
}

/**
 * programs_run - is a program attached?
 * @name: of the program
 */
bool programs_run(const char *name)
{
	for (size_t i = 0; i < nr_links; i++)
		if (!strcmp(bpf_program__name(present[i]), name))
			return true;
	return false;
}

/**
 * programs_each - walk the programs that are attached
 * @each: is called with the name and the file descriptor of each
 */
void programs_each(void (*each)(const char *name, int fd))
{
	for (size_t i = 0; i < nr_links; i++)
		each(bpf_program__name(present[i]), bpf_program__fd(present[i]));
}
