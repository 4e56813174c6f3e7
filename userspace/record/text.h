/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_TEXT_H
#define MMSCOPE_RECORD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct json;
struct record_extra;

/**
 * struct event_about - what is known of a record beside its struct mmscope_event
 * @at: instruction of a fault as program+offset, NULL or "" where it is not known
 * @name: name of the VMA in /proc/PID/maps, NULL or "" for none
 * @ops: address of the VMA's vm_operations_struct, 0 for none; its name is not here, since
 *	kallsyms_name() takes its time
 * @device: the module tells the record while the tracer tells others; each has its own ids
 * @extra: what the record tells beside its struct, or NULL
 * @near: for an access outside of all VMAs: the nearest VMA in words, "" for none
 * @apart: for RECORD_APART: why, in words; "" where only the enum record_why is known
 * @again: for a fault in a page that was given back: by what and how long ago, in words; "" for
 *	any other record
 * @again_by: for such a fault: what gave the page back
 * @again_ns: for such a fault: how long ago, 0 where that is not known
 * @cgroup: path of the memory cgroup that was full last, NULL for none
 */
struct event_about {
	const char *at;
	const char *name;
	__u64 ops;
	bool device;
	const struct record_extra *extra;
	char near[400];
	char apart[160];
	char again[96];
	char again_by[64];
	__u64 again_ns;
	const char *cgroup;
};

/**
 * struct event_text - a record in words
 * @event: what happened, one or two words; is not owned
 * @where: range or address
 * @what: all other words
 * @used: characters in @what
 */
struct event_text {
	const char *event;
	char where[48];
	char what[1000];
	size_t used;
};

bool event_structural(const struct mmscope_event *e);
const char *event_name(unsigned int type);
void event_text(const struct mmscope_event *e, const struct event_about *about,
		struct event_text *text);
void event_json(struct json *out, const struct mmscope_event *e, const struct event_about *about);

void event_word(struct event_text *text, const char *word);
void event_add(struct event_text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void event_time(struct event_text *text, unsigned int ns);
void event_range(const struct mmscope_event *e, struct event_text *text);
void event_cut(const struct mmscope_event *e, struct event_text *text);
void event_rights(const struct mmscope_event *e, char out[4]);

void probed_text(const struct mmscope_event *e, const struct event_about *about,
		 struct event_text *text);
const char *class_name(unsigned int class);
const char *class_word(unsigned int class);
const char *error_name(unsigned int error);
const char *why_name(unsigned int why);
const char *advice_name(int advice);

const char *cause_name(int cause);
void cause_text(int cause, char *buf, size_t size);
void cause_by_kernel(int cause, char *buf, size_t size);

#endif
