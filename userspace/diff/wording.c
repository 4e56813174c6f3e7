// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of a side by what VMAs are called, and by class and function: in words that another run,
 * with other addresses, has too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/name_store.h"
#include "diff/wording.h"
#include "diff/side.h"
#include "figures/figures.h"
#include "recording/bytes.h"
#include "symbolize/source_line.h"

/**
 * struct place - faults in a VMA, or at an instruction, in words
 * @name: of the VMA, or of the function
 * @where: of the function: its program
 * @class: of the function: enum record_class
 * @total: they
 */
struct place {
	const char *name;
	const char *where;
	__u32 class;
	struct fault_total total;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = (int)x->class - (int)y->class;

	if (!order)
		order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->where, y->where);
}

static void send_sums(struct bytes *to, struct place *places, size_t n,
		      __u64 (*say)(const char *text))
{
	struct side_sum sum;

	if (n)
		qsort(places, n, sizeof(*places), compare_places);
	for (size_t i = 0, j; i < n; i = j) {
		sum = (struct side_sum){ .class = places[i].class };
		for (j = i; j < n && !compare_places(&places[i], &places[j]); j++) {
			sum.total.count += places[j].total.count;
			sum.total.pages += places[j].total.pages;
			sum.total.ns += places[j].total.ns;
		}
		sum.name = say(places[i].name);
		sum.where = say(places[i].where);
		bytes_add(to, &sum, sizeof(sum));
	}
}

static struct place *room_for(size_t n)
{
	struct place *places = calloc(n + 1, sizeof(*places));

	if (!places)
		abort();
	return places;
}

/**
 * wording_names - faults by what VMAs are called
 * @to: becomes struct side_sum, sorted by name
 * @say: makes a text of the side
 */
void wording_names(struct bytes *to, __u64 (*say)(const char *text))
{
	size_t room, n = 0;
	const struct figure_vma *vmas = figures_vmas(&room);
	struct place *places = room_for(room);

	for (size_t i = 0; i < room; i++)
		if (vmas[i].faults)
			places[n++] = (struct place){
				.name = vmas[i].name,
				.where = "",
				.total.count = vmas[i].faults,
			};
	send_sums(to, places, n, say);
	free(places);
}

/* Its function; or else its place in its file; of code without a file there is nothing to tell. */
static const char *name_site(const struct figure_site *site)
{
	const struct line line = line_of(site->name, site->offset);
	char offset[32];

	if (line.function)
		return name_keep(line.function);
	if (!site->offset)
		return "(no user code)";
	if (!*site->name)
		return "(code without a name)";
	snprintf(offset, sizeof(offset), "+0x%llx", site->offset);
	return name_keep(offset);
}

/**
 * wording_functions - faults by class and function
 * @to: becomes struct side_sum, sorted by class, function and program
 * @say: makes a text of the side
 */
void wording_functions(struct bytes *to, __u64 (*say)(const char *text))
{
	size_t n;
	const struct figure_site *sites = figures_sites(&n);
	struct place *places = room_for(n);

	for (size_t i = 0; i < n; i++)
		places[i] = (struct place){
			.name = name_site(&sites[i]),
			.where = sites[i].name,
			.class = sites[i].class,
			.total = sites[i].total,
		};
	send_sums(to, places, n, say);
	free(places);
}
