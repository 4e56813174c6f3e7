// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the places in the kernel that the programs of bpf/ are attached to, and the types that they
 * name. Both are looked for in one pass over the kernel's BTF, when it is known which programs are
 * to be loaded.
 *
 * libbpf's own search goes through all types once for each program. So the functions here are given
 * to libbpf as handlers for the programs' sections.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/tool.h"
#include "tracer/kernel_names.h"
#include "tracer/kernel_types.h"
#include "tracer/places.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	8
#endif

static struct kernel_names names;
static struct btf *kernel;

/* The name of what a program is attached to, NULL for a program that is attached to nothing. */
static const char *place_of(const struct bpf_program *prog, enum name_kind *kind)
{
	const char *section = bpf_program__section_name(prog);
	const char *name = strchr(section, '/');

	if (!name)
		return NULL;
	*kind = !strncmp(section, "tp_btf/", 7) ? NAME_TRACEPOINT :
		!strncmp(section, "iter/", 5) ? NAME_ITERATOR : NAME_FUNCTION;
	return name + 1;
}

/**
 * places_attached - is a program one that the kernel calls by itself, once it is attached?
 * @prog: the program
 *
 * Other programs run when the tool asks for it, or are attached by kprobe_attach().
 */
bool places_attached(const struct bpf_program *prog)
{
	enum name_kind kind;

	return place_of(prog, &kind) && kind != NAME_ITERATOR;
}

static const struct kernel_name *found(const struct bpf_program *prog)
{
	enum name_kind kind;
	const char *place = place_of(prog, &kind);

	return place ? kernel_names_get(&names, kind, place) : NULL;
}

static int set_target(struct bpf_program *prog, struct bpf_prog_load_opts *opts,
		      long cookie __unused)
{
	const struct kernel_name *place = found(prog);

	if (!place || !place->id)
		return -ESRCH;
	opts->attach_btf_id = place->id;
	return 0;
}

static int attach(const struct bpf_program *prog, long cookie __unused, struct bpf_link **link)
{
	*link = bpf_program__attach_trace(prog);
	return *link ? 0 : -errno;
}

/**
 * places_handle - let libbpf ask this file for the places of programs; before an object is opened
 *
 * Return: 0 or -errno
 */
int places_handle(void)
{
	static const struct {
		const char *section;
		enum bpf_attach_type type;
	} sections[] = {
		{ "tp_btf+", BPF_TRACE_RAW_TP },
		{ "fentry+", BPF_TRACE_FENTRY },
		{ "fexit+", BPF_TRACE_FEXIT },
		{ "iter+", BPF_TRACE_ITER },
	};
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = set_target,
		    .prog_attach_fn = attach);
	static bool done;
	int id;

	for (size_t i = 0; i < ARRAY_SIZE(sections) && !done; i++) {
		id = libbpf_register_prog_handler(sections[i].section, BPF_PROG_TYPE_TRACING,
						  sections[i].type, &opts);
		if (id < 0)
			return id;
	}
	done = true;
	return 0;
}

/* Write the types that programs need. If one of them cannot be copied, all types are written. */
static int write_types(const struct btf *btf, int fd)
{
	struct btf *some = kernel_types_extract(btf, names.types, names.nr_types);
	const char *data;
	ssize_t n = 1;
	__u32 size, at;
	int error;

	data = btf__raw_data(some ? some : btf, &size);
	if (!data || ftruncate(fd, size))
		n = -1;
	for (at = 0; at < size && n > 0; at += n)
		n = pwrite(fd, data + at, size - at, at);
	error = n < 0 ? -errno : n ? 0 : -ENOSPC;
	btf__free(some);
	return error;
}

/**
 * places_btf - the kernel's BTF
 *
 * Return: the BTF, valid until places_forget(); NULL with errno where the kernel has none
 */
const struct btf *places_btf(void)
{
	if (!kernel)
		kernel = btf__load_vmlinux_btf();
	return kernel;
}

/**
 * places_file - open a file without a name for the types that programs need
 *
 * Return: its descriptor, which the caller closes; -1 on failure
 */
int places_file(void)
{
	int fd = memfd_create("types", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	/* Before 6.3 the kernel does not know MFD_NOEXEC_SEAL. */
	return fd < 0 ? memfd_create("types", MFD_CLOEXEC) : fd;
}

/**
 * places_find - find the places and the types that the programs which are loaded need
 * @object: opened object; its names are used until places_forget()
 * @types: descriptor of a file that is given the types, or -1
 *
 * Return: 0 or -errno
 */
int places_find(const struct bpf_object *object, int types)
{
	const struct btf *btf = places_btf();
	struct bpf_program *prog;
	enum name_kind kind;
	const char *place;
	int error = 0;

	if (!btf)
		return -errno;
	kernel_names_free(&names);
	bpf_object__for_each_program(prog, object) {
		place = bpf_program__autoload(prog) ? place_of(prog, &kind) : NULL;
		if (place)
			kernel_names_want(&names, kind, place, strlen(place));
	}
	kernel_types_want(&names, bpf_object__btf(object));
	kernel_names_find(&names, btf);
	if (types >= 0)
		error = write_types(btf, types);
	return error;
}

/**
 * places_has - does the kernel have the place of a program?
 * @prog: a program that places_find() has looked for
 *
 * Where two functions have the name, the kernel does not say which one it attaches to: that is no
 * place. For a system call it is: the second function stands for the call where a configuration
 * lacks it, and the kernel attaches to the one that it has.
 */
bool places_has(const struct bpf_program *prog)
{
	const struct kernel_name *place = found(prog);

	return place && (place->found == 1 ||
			 (place->found && !strncmp(place->text, "__x64_sys_", 10)));
}

/**
 * places_forget - free what places_find() has found, when the programs are loaded or have failed to
 */
void places_forget(void)
{
	kernel_names_free(&names);
	btf__free(kernel);
	kernel = NULL;
}
