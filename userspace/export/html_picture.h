/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the page shows, as it is gathered from the records of a recording.
 */
#ifndef MMSCOPE_EXPORT_HTML_PICTURE_H
#define MMSCOPE_EXPORT_HTML_PICTURE_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"
#include "export/html_array.h"
#include "export/html_set.h"

#define HTML_NO_PLACE	(~0U)

/**
 * struct html_kind - what faults have in common
 * @class: enum record_class
 * @event: a word: how it is called
 * @what: a word: what the record says but for the time, 0 for several that differ
 * @place: which of the places, HTML_NO_PLACE for several
 */
struct html_kind {
	__u32 class;
	__u32 event;
	__u32 what;
	__u32 place;
};

/**
 * struct html_place - an instruction in a file
 * @program: a word: the file
 * @zero: 0
 * @offset: in it
 */
struct html_place {
	__u32 program;
	__u32 zero;
	__u64 offset;
};

/**
 * struct html_fault - a fault, or several of one cell
 * @time: since the first record, ns
 * @addr: where
 * @ns: how long they took
 * @pages: how many came
 * @count: of faults
 * @kind: which of the kinds
 * @mm: whose
 * @vma: in which
 * @tid: by whom
 */
struct html_fault {
	__u64 time;
	__u64 addr;
	__u64 ns;
	__u32 pages;
	__u32 count;
	__u32 kind;
	__u32 mm;
	__u32 vma;
	__u32 tid;
};

/**
 * struct html_shape - a VMA for as long as it looked like this
 * @mm: whose
 * @vma: its number
 * @start: first address
 * @end: first address behind it
 * @from: since when, ns since the first record
 * @to: until when, ~0 while it does
 * @flags: vm_flags, the lowest of them
 * @name: a word
 */
struct html_shape {
	__u32 mm;
	__u32 vma;
	__u64 start;
	__u64 end;
	__u64 from;
	__u64 to;
	__u32 flags;
	__u32 name;
};

/**
 * struct html_record - a record that is no fault
 * @e: it
 * @event: a word: what happened
 * @where: a word: range or address
 * @what: a word: the rest
 */
struct html_record {
	struct mmscope_event e;
	__u32 event;
	__u32 where;
	__u32 what;
};

/**
 * struct html_sample - how large an address space was
 * @time: when, ns since the first record
 * @rss: pages by enum raw_rss
 * @vmas: how many
 */
struct html_sample {
	__u64 time;
	__u32 rss[RAW_NR_RSS];
	__u32 vmas;
};

/**
 * struct html_mm - an address space
 * @mm: its number
 * @parent: of the one that it came from
 * @tgid: of the process
 * @comm: a word: what that is called
 * @unknown: at some time it was not known what was resident
 * @peak: most pages that were resident
 * @most_vmas: most VMAs that there were
 * @shapes: those of now, by address: numbers of shapes
 * @nr_shapes: how many
 * @samples: in order of time
 * @nr_samples: how many
 * @every: of how many one is kept
 * @turn: how many came since
 */
struct html_mm {
	__u32 mm;
	__u32 parent;
	__u32 tgid;
	__u32 comm;
	bool unknown;
	__u64 peak;
	__u32 most_vmas;
	size_t *shapes;
	size_t nr_shapes;
	struct html_sample *samples;
	size_t nr_samples;
	size_t every;
	size_t turn;
};

/**
 * struct html_picture - all of it
 * @first: time of the first record
 * @last: of the last one, ns since the first
 * @begun: there was one
 * @words: texts
 * @kinds: struct html_kind
 * @places: struct html_place
 * @faults: rows
 * @nr_faults: how many
 * @room_faults: for how many
 * @cell_ns: of several faults within that time and
 * @cell_pages: so many pages only the number is kept; 0 for none
 * @shapes: what VMAs looked like
 * @nr_shapes: how many
 * @records: others than faults
 * @nr_records: how many
 * @mms: address spaces
 * @nr_mms: how many
 * @classes: sums, exact
 * @device: records of the module's, which are not shown
 * @stacks: stacks were copied
 */
struct html_picture {
	__u64 first;
	__u64 last;
	bool begun;
	struct html_set words;
	struct html_set kinds;
	struct html_set places;
	struct html_fault *faults;
	size_t nr_faults;
	size_t room_faults;
	__u64 cell_ns;
	__u64 cell_pages;
	struct html_shape *shapes;
	size_t nr_shapes;
	struct html_record *records;
	size_t nr_records;
	struct html_mm *mms;
	size_t nr_mms;
	struct fault_total classes[RECORD_NR_CLASSES];
	__u64 device;
	bool stacks;
};

/* A record may be a little older than the first that was told. */
static inline __u64 html_since(const struct html_picture *picture, __u64 ns)
{
	return ns > picture->first ? ns - picture->first : 0;
}

/* export/html_faults.c */
void html_faults_add(struct html_picture *picture, const struct mmscope_event *e,
		     const struct html_kind *kind);
void html_faults_sort(struct html_picture *picture);
void html_faults_fold(struct html_picture *picture);

/* export/html_shapes.c */
struct html_mm *html_mm_of(struct html_picture *picture, __u32 mm);
void html_shapes_note(struct html_picture *picture, const struct mmscope_event *e);
void html_shapes_end(struct html_picture *picture);

/* export/html_places.c */
__u32 html_place_of(struct html_picture *picture, const struct mmscope_event *e);

/* export/html_data.c, html_meta.c */
struct json_object;
void html_data(struct html_picture *picture, struct bytes *to, bool rounded);
struct json_object *html_meta(const struct html_picture *picture, bool rounded);

#endif
