// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the programs of bpf/ the running kernel has a place for. What it lacks is not loaded,
 * and what is lost by that is said.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mmscope.h"
#include "programs.h"

#define MAX_PROGRAMS	192

/**
 * struct part - something that is told, and who can tell it
 * @by: one of these programs is enough
 * @without: what is lost when none can be attached; NULL: everything
 * @minor: few miss it
 */
static const struct part {
	const char *by[3];
	const char *without;
	bool minor;
} parts[] = {
	{ .by = { "ma_write" } },
	{ .by = { "perf_event_mmap" } },
	{ .by = { "vm_area_free" } },
	{ .by = { "exit_mmap" } },
	{ .by = { "vm_area_dup" },
	  .without = "which VMA came from which" },
	{ .by = { "process_fork" },
	  .without = "the names of processes that were forked" },
	{ .by = { "process_exec" },
	  .without = "the names of programs" },
	{ .by = { "brk_64" },
	  .without = "which VMA is the heap" },
	{ .by = { "zap", "zap_vma" },
	  .without = "how many pages are given back" },
	{ .by = { "zap_pages_done" },
	  .without = "which pages a truncated file takes away" },
	{ .by = { "zap_hugetlb", "zap_vma" },
	  .without = "how many pages of hugetlbfs are given back", .minor = true },
	{ .by = { "rss_fork_done" },
	  .without = "how many pages a child gets" },
	{ .by = { "rss_reclaim_done" },
	  .without = "which pages are reclaimed" },
	{ .by = { "rss_collapse_done" },
	  .without = "which huge pages khugepaged makes" },
	{ .by = { "rss_swapoff_done" },
	  .without = "what swapoff(2) brings back", .minor = true },
	{ .by = { "rss_swap_done" },
	  .without = "how many pages a fault brings from swap" },
	{ .by = { "rss_uffd_done", "rss_uffd_old_done" },
	  .without = "which pages userfaultfd(2) puts somewhere", .minor = true },
	{ .by = { "rss_ksm_done" },
	  .without = "which pages KSM takes", .minor = true },
	{ .by = { "rss_taken_done", "rss_taken_vma_done" },
	  .without = "which pages drivers take", .minor = true },
	{ .by = { "rss_insert_done" },
	  .without = "which pages drivers put somewhere", .minor = true },
	{ .by = { "seal" },
	  .without = "which VMAs are sealed", .minor = true },
	{ .by = { "uffd_closed" },
	  .without = "when a userfaultfd is closed", .minor = true },
	{ .by = { "advise" },
	  .without = "advice" },
	{ .by = { "mlock_vma" },
	  .without = "which VMA is locked" },
	{ .by = { "seal" },
	  .without = "which VMAs are sealed", .minor = true },
	{ .by = { "home_node" },
	  .without = "home nodes of NUMA policies", .minor = true },
	{ .by = { "prepare" },
	  .without = "which VMAs do not merge because of their private pages" },
	{ .by = { "bind" },
	  .without = "which VMAs do not merge because of their NUMA policy", .minor = true },
	{ .by = { "uffd" },
	  .without = "which VMAs do not merge because of a userfaultfd", .minor = true },
	{ .by = { "uffd_closes" },
	  .without = "when a userfaultfd is closed", .minor = true },
	{ .by = { "name" },
	  .without = "names that are given with prctl(2)", .minor = true },
	{ .by = { "fault_told", "fault_counted", "fault_timed" },
	  .without = "faults" },
	{ .by = { "fault_user" },
	  .without = "how long a fault takes" },
	{ .by = { "fault_gup", "fault_gup_old" },
	  .without = "how long it takes when the kernel wants a page", .minor = true },
	{ .by = { "fault_ksm" },
	  .without = "how long it takes to undo what KSM merged", .minor = true },
	{ .by = { "fault_signal" },
	  .without = "accesses that end with SIGSEGV" },
	{ .by = { "fault_signalled" },
	  .without = "which accesses deliver a signal", .minor = true },
	{ .by = { "fault_fixup" },
	  .without = "accesses of the kernel that end with EFAULT" },
	{ .by = { "fault_write" },
	  .without = "which pages are copied, reused or made writable" },
	{ .by = { "fault_swap" },
	  .without = "which pages come from swap" },
	{ .by = { "fault_there" },
	  .without = "at which faults nothing is to do" },
	{ .by = { "fault_numa" },
	  .without = "which faults are NUMA hints", .minor = true },
	{ .by = { "fault_huge" },
	  .without = "which faults get huge pages" },
	{ .by = { "fault_stack" },
	  .without = "which faults let a stack grow", .minor = true },
	{ .by = { "fault_uffd" },
	  .without = "which faults userfaultfd handles", .minor = true },
	{ .by = { "fault_entries_set", "fault_entry_set" },
	  .without = "how many pages of files a fault maps" },
};

static const char *const *unwanted;
static struct bpf_link *links[MAX_PROGRAMS];
static const char *present[MAX_PROGRAMS];
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

/* For tests: programs that are to be missing, as on a kernel that has no place for them. */
static bool pretend_missing(const struct bpf_program *prog)
{
	const char *list = getenv("MMSCOPE_WITHOUT"), *name = bpf_program__name(prog);
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

static bool is_refused(const char *name)
{
	for (size_t i = 0; i < nr_refused; i++)
		if (!strcmp(refused[i], name))
			return true;
	return false;
}

static bool is_unwanted(const char *name)
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
		if (!place || place->found != 1 || pretend_missing(prog) ||
		    is_refused(bpf_program__name(prog)) ||
		    is_unwanted(bpf_program__name(prog)))
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

static bool told(const struct part *part)
{
	bool wanted = false;

	for (size_t i = 0; i < ARRAY_SIZE(part->by) && part->by[i]; i++) {
		wanted |= !is_unwanted(part->by[i]);
		for (size_t j = 0; j < nr_links; j++)
			if (!strcmp(part->by[i], present[j]))
				return true;
	}
	return !wanted;
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
 * Return: 0, -ENOENT when nothing can be told without what the kernel lacks, or -errno
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
		links[nr_links] = link;
		present[nr_links++] = bpf_program__name(prog);
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!parts[i].without && !told(&parts[i]))
			return -ENOENT;
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

/* Of those that can tell it, the one that was to. */
static const char *wanted_of(const struct part *part)
{
	for (size_t i = 0; i < ARRAY_SIZE(part->by) && part->by[i]; i++)
		if (!is_unwanted(part->by[i]))
			return part->by[i];
	return part->by[0];
}

/**
 * programs_missing - what cannot be told on this kernel
 * @tell: is called for each with a sentence, and whether few miss it
 */
void programs_missing(void (*tell)(const char *what, bool minor))
{
	char what[200];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (told(&parts[i]))
			continue;
		snprintf(what, sizeof(what), "this kernel %s %s: not told: %s",
			 is_refused(wanted_of(&parts[i])) ? "refuses" : "has no place for",
			 wanted_of(&parts[i]), parts[i].without);
		tell(what, parts[i].minor);
	}
}
