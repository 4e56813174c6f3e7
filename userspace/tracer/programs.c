// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the programs of bpf/ the running kernel has a place for. What it lacks is not loaded.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/tool.h"
#include "bpf/tracer_abi.h"
#include "tracer/programs.h"

#define MAX_PROGRAMS	192

/* Programs that are to be missing, or never called, as on a kernel that has no place for them. */
#define MISSING		"MMSCOPE_WITHOUT"
#define NEVER_CALLED	"MMSCOPE_NEVER_CALLED"

static const char *const *unwanted;
static struct bpf_link *links[MAX_PROGRAMS];
static const struct bpf_program *present[MAX_PROGRAMS];
static size_t nr_links;
static const char *refused[MAX_PROGRAMS];
static size_t nr_refused;

/**
 * struct place - what a program is attached to
 * @name: function or tracepoint, as BTF has it
 * @found: how many of that name there are: a name that two have is nobody's
 */
struct place {
	char name[80];
	unsigned int found;
};

static int compare_places(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

/* False for what is not attached by name. */
static bool place_of(const struct bpf_program *prog, struct place *place)
{
	const char *section = bpf_program__section_name(prog);
	const char *name = strchr(section, '/');
	bool trace = !strncmp(section, "tp_btf/", 7);

	if (!name || !strncmp(section, "iter/", 5))
		return false;
	place->found = 0;
	snprintf(place->name, sizeof(place->name), "%s%.60s", trace ? "btf_trace_" : "", name + 1);
	return true;
}

static size_t list_places(const struct bpf_object *object, struct place *places)
{
	struct bpf_program *prog;
	size_t n = 0, last = 0;

	bpf_object__for_each_program(prog, object)
		if (n < MAX_PROGRAMS && place_of(prog, &places[n]))
			n++;
	if (!n)
		return 0;
	qsort(places, n, sizeof(*places), compare_places);
	for (size_t i = 1; i < n; i++)
		if (compare_places(&places[last], &places[i]))
			places[++last] = places[i];
	return last + 1;
}

/* In one pass: there are tens of thousands of functions. */
static void find_places(const struct btf *btf, struct place *places, size_t n)
{
	const struct btf_type *type;
	struct place key, *place;

	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		type = btf__type_by_id(btf, id);
		if (!btf_is_func(type) && !btf_is_typedef(type))
			continue;
		snprintf(key.name, sizeof(key.name), "%.79s",
			 btf__name_by_offset(btf, type->name_off));
		place = bsearch(&key, places, n, sizeof(key), compare_places);
		if (place)
			place->found++;
	}
}

/*
 * A name that two functions have is nobody's. But of a system call the other is what stands for it
 * in kernels without it, and the kernel attaches to the one that it has.
 */
static bool is_clear(const struct place *place)
{
	return place->found == 1 || (place->found && !strncmp(place->name, "__x64_sys_", 10));
}

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
 * @name: of it, or what its name begins with
 */
bool programs_unwanted(const char *name)
{
	for (const char *const *prefix = unwanted; prefix && *prefix; prefix++)
		if (!strncmp(name, *prefix, strlen(*prefix)))
			return true;
	return false;
}

/**
 * programs_choose - have what the kernel lacks, or what nobody wants, not loaded
 * @object: opened
 * @without: what the names of programs that nobody wants begin with, ended by NULL; or NULL
 *
 * Return: 0 or -errno
 */
int programs_choose(const struct bpf_object *object, const char *const *without)
{
	static struct place places[MAX_PROGRAMS];
	struct btf *btf = btf__load_vmlinux_btf();
	size_t n = list_places(object, places);
	struct bpf_program *prog;
	struct place key, *place;

	if (!btf)
		return -errno;
	unwanted = without;
	find_places(btf, places, n);
	btf__free(btf);
	bpf_object__for_each_program(prog, object) {
		if (!place_of(prog, &key))
			continue;
		place = bsearch(&key, places, n, sizeof(key), compare_places);
		if (!place || !is_clear(place) || pretended(MISSING, prog) ||
		    programs_refused(bpf_program__name(prog)) ||
		    programs_unwanted(bpf_program__name(prog)))
			bpf_program__set_autoload(prog, false);
	}
	return 0;
}

/**
 * programs_choose_none - have none loaded but those that run when they are asked
 * @object: opened
 */
void programs_choose_none(const struct bpf_object *object)
{
	struct bpf_program *prog;
	struct place place;

	bpf_object__for_each_program(prog, object)
		if (place_of(prog, &place))
			bpf_program__set_autoload(prog, false);
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
	struct place place;

	bpf_object__for_each_program(prog, object) {
		if (!bpf_program__autoload(prog) || !place_of(prog, &place))
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
	/* After a million objects it says EAGAIN. */
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
