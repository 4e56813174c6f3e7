// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the programs of bpf/ the running kernel has a place for. What it lacks is not loaded.
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

static struct choice chosen;
static struct bpf_link *links[MAX_PROGRAMS];
static const struct bpf_program *present[MAX_PROGRAMS];
static size_t nr_links;
static const char *refused[MAX_PROGRAMS];
static size_t nr_refused;

/* For tests: does the environment name a program? */
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
 * programs_refuse - do without a program
 * @name: of it, as the kernel would not load it; may be empty
 *
 * Return: false when that is no new one
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
 * programs_refused - whether the kernel would not load a program
 * @name: of it
 */
bool programs_refused(const char *name)
{
	for (size_t i = 0; i < nr_refused; i++)
		if (!strcmp(refused[i], name))
			return true;
	return false;
}

/**
 * programs_unwanted - whether nobody wants a program
 * @name: of it
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
 * programs_choose - have those loaded that are needed
 * @object: opened
 * @choice: what is to be told; NULL: nothing but what there is
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
 * programs_find - have those not loaded that the kernel has no place for
 * @object: opened; what is to be loaded is chosen
 * @types: file for the kernel's types that they name, or -1
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
 * Without these rights nothing can be told. But a kprobe is a perf event, for which some kernels,
 * as Debian's 6.1, want more: then what it tells is missing.
 */
static bool is_fatal(const struct bpf_program *prog, int error)
{
	if (bpf_program__type(prog) == BPF_PROG_TYPE_KPROBE)
		return error == ENOMEM;
	return error == EPERM || error == EACCES || error == ENOMEM;
}

/**
 * programs_attach - let those that are loaded run
 * @object: loaded
 *
 * A function may be there, and still be no place to attach to. That is known now.
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
 * programs_detach - undo programs_attach()
 */
void programs_detach(void)
{
	while (nr_links)
		bpf_link__destroy(links[--nr_links]);
}

/**
 * programs_iterate - have an iterator run over all that there is
 * @prog: loaded
 * @opts: what it is to go over; NULL: everything
 * @between: is called now and then, for what it tells to be taken; or NULL
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
 * programs_skipped - how often a program was not run, because it was running on that CPU
 * @object: loaded
 * @faults: of those that tell of faults, or of the others
 *
 * The kernel counts it for whomever it was, also for who is not watched.
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
 * programs_run - whether a program is attached
 * @name: of it
 */
bool programs_run(const char *name)
{
	for (size_t i = 0; i < nr_links; i++)
		if (!strcmp(bpf_program__name(present[i]), name))
			return true;
	return false;
}

/**
 * programs_each - those that run
 * @each: is called with the name of each, and its file descriptor
 */
void programs_each(void (*each)(const char *name, int fd))
{
	for (size_t i = 0; i < nr_links; i++)
		each(bpf_program__name(present[i]), bpf_program__fd(present[i]));
}
