// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope who: which VMAs held an address, from when to when, where each came from and what removed
 * it, and each fault there. It reads a recording, or watches while it happens.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "cmd/who_stack.h"
#include "export/callers.h"
#include "export/json_line.h"
#include "record/record.h"
#include "record/text.h"
#include "session/kept.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "trace/columns.h"
#include "trace/context.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

/**
 * struct hold - a VMA that held the address for some time
 * @mm: number of its address space
 * @vma: number of the VMA
 * @tgid: process of the address space
 * @from: since when, ns
 * @to: until when, ns; 0 as long as it holds the address
 * @faults: faults at the address's page in that time
 * @comm: name of the process
 * @name: name of the VMA
 */
struct hold {
	__u32 mm;
	__u32 vma;
	__u32 tgid;
	__u64 from;
	__u64 to;
	__u64 faults;
	char comm[16];
	char name[64];
};

/**
 * struct who - the question and its answer
 * @session: the session that reads the records
 * @addr: the address
 * @first: time of the first record, ns
 * @holds: all VMAs that held the address
 * @nr: how many @holds there are
 * @missed: faults at the address's page while no VMA held it
 * @stacks: show the stacks that led to faults
 */
struct who {
	struct session session;
	__u64 addr;
	__u64 first;
	struct hold *holds;
	size_t nr;
	__u64 missed;
	bool stacks;
};

/* The VMA that holds the address in an address space at this moment, or NULL. */
static struct hold *holding(const struct who *who, __u32 mm)
{
	for (size_t i = who->nr; i-- > 0;)
		if (who->holds[i].mm == mm)
			return who->holds[i].to ? NULL : &who->holds[i];
	return NULL;
}

static void begin_hold(struct who *who, const struct mm *mm, const struct vma *vma,
		       __u64 now)
{
	struct hold *hold;

	who->holds = realloc(who->holds, (who->nr + 1) * sizeof(*who->holds));
	if (!who->holds)
		abort();
	hold = &who->holds[who->nr++];
	*hold = (struct hold){
		.mm = mm->id, .vma = vma->id, .tgid = mm->tgid, .from = now,
	};
}

/* Note in @holds if a record has given the address to another VMA, or to none. Return: has it? */
static bool changed(struct who *who, const struct mmscope_event *e)
{
	const struct mm *mm = mm_get(e->mm);
	const struct vma *vma = mm ? mm_at(mm, who->addr) : NULL;
	struct hold *hold = holding(who, e->mm);

	if (hold && (!vma || vma->id != hold->vma)) {
		/*
		 * Several records may be told together. Each of them then finds the map as it is
		 * after all of them, so only the one that names the VMA is taken as the cause.
		 */
		if (e->type != MMSCOPE_END && e->type != RECORD_ANEW && e->vma != hold->vma &&
		    e->parent != hold->vma && (!vma || vma->id != e->vma))
			return false;
		hold->to = e->time_ns;
		if (vma)
			begin_hold(who, mm, vma, e->time_ns);
		return true;
	}
	if (hold || !vma)
		return false;
	begin_hold(who, mm, vma, e->time_ns);
	return true;
}

/* Note the names of VMA and process now: they are known for sure while the VMA is there. */
static void name_hold(struct who *who, const struct mmscope_event *e)
{
	struct hold *hold = holding(who, e->mm);
	const struct mm *mm = mm_get(e->mm);
	const struct mmscope_event here = { .flags = RECORD_F_WHOLE, .vma = hold ? hold->vma : 0 };
	const char *name = hold ? event_context_name(&here) : NULL;

	if (name)
		snprintf(hold->name, sizeof(hold->name), "%.63s", name);
	if (hold && mm)
		snprintf(hold->comm, sizeof(hold->comm), "%.15s", mm->comm);
}

static bool in(__u64 addr, __u64 start, __u64 end)
{
	return start <= addr && addr < end;
}

/* Is a record about the address, or about an edge or mapping that has left it? */
static bool is_about(const struct mmscope_event *e, __u64 addr)
{
	__u64 page = proc_page_size();

	if (record_of_page(e->type))
		return e->addr / page == addr / page;
	if (e->type == RECORD_SHRINK)
		return e->flags & MMSCOPE_F_BELOW ? in(addr, e->aux, e->end) :
		       in(addr, e->start, e->aux);
	if (e->type == MMSCOPE_MREMAP && in(addr, e->aux, e->aux + e->end - e->start))
		return true;
	if (e->type == MMSCOPE_NAME || e->type == MMSCOPE_LOST || e->type == MMSCOPE_FORK ||
	    e->type == MMSCOPE_END || e->type == RECORD_EXEC || e->type == RECORD_ANEW)
		return false;
	return in(addr, e->start, e->end);
}

static void count_fault(struct who *who, const struct mmscope_event *e)
{
	struct hold *hold = holding(who, e->mm);

	if (e->type != MMSCOPE_FAULT)
		return;
	if (hold)
		hold->faults++;
	else
		who->missed++;
}

static void show(const struct who *who, const struct mmscope_event *e)
{
	__u32 callers = who->stacks && e->type == MMSCOPE_FAULT ? callers_told(e) : 0;
	const struct event_about *known = about(e);
	const char *line;
	size_t n;

	if (report_json) {
		line = json_line(e, known, callers, &n);
		report_verbatim(line, n);
		return;
	}
	columns_event(e, known);
	if (callers)
		who_stack_print(callers);
}

static void each(const struct mmscope_event *e, void *arg)
{
	struct who *who = arg;
	bool about_it;

	if (!who->first) {
		who->first = e->time_ns;
		columns_since(who->first);
	}
	event_context_note(e);
	/* The module has its own numbers of address spaces; the tracer tells its VMAs as well. */
	if (!(e->flags & RECORD_F_WHOLE) || e->type >= 128)
		return;
	about_it = e->type != MMSCOPE_LOST && e->mm && is_about(e, who->addr);
	if (e->mm && record_structural(e->type))
		about_it |= changed(who, e);
	name_hold(who, e);
	if (!about_it)
		return;
	count_fault(who, e);
	show(who, e);
}

static void put(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static struct json_object *json_hold(const struct hold *hold)
{
	struct json_object *o = json_object_new_object();

	put(o, "mm", hold->mm);
	put(o, "vma", hold->vma);
	put(o, "pid", hold->tgid);
	json_object_object_add(o, "comm", json_object_new_string(hold->comm));
	json_object_object_add(o, "name", json_object_new_string(hold->name));
	put(o, "from_ns", hold->from);
	if (hold->to)
		put(o, "to_ns", hold->to);
	put(o, "faults", hold->faults);
	return o;
}

static void report_json_holds(const struct who *who)
{
	struct json_object *o = report_object(), *list = json_object_new_array();

	json_object_object_add(o, "event", json_object_new_string("summary"));
	put(o, "address", who->addr);
	put(o, "began_ns", who->first);
	for (size_t i = 0; i < who->nr; i++)
		json_object_array_add(list, json_hold(&who->holds[i]));
	json_object_object_add(o, "holds", list);
	put(o, "missed", who->missed);
	json_object_object_add(o, "short", shortage_json());
	report_object_print(o);
}

static void when(const struct who *who, __u64 ns, char *buf, size_t size)
{
	ns = ns > who->first ? ns - who->first : 0;
	snprintf(buf, size, "+%llu.%06llu", ns / 1000000000, ns / 1000 % 1000000);
}

static void report_holds(const struct who *who)
{
	char from[32], to[32];

	report_line("%s", "");
	for (size_t i = 0; i < who->nr; i++) {
		const struct hold *hold = &who->holds[i];

		when(who, hold->from, from, sizeof(from));
		when(who, hold->to, to, sizeof(to));
		report_line("%s to %s: #%u%s%s of %s (pid %u, mm %u), %llu faults there", from,
			    hold->to ? to : "the end", hold->vma, *hold->name ? " " : "",
			    hold->name, *hold->comm ? hold->comm : "?", hold->tgid, hold->mm,
			    hold->faults);
	}
	if (!who->nr)
		report_line("nobody held 0x%llx", who->addr);
	if (who->missed)
		report_line("%llu faults there when nobody held it", who->missed);
}

/* Order by the time since when a VMA held the address, then by the age of the address space. */
static int compare(const void *a, const void *b)
{
	const struct hold *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->vma < y->vma ? -1 : x->vma > y->vma;
}

static int finish(struct who *who)
{
	if (who->session.input)
		kept_close();
	shortage_add("unshown", who->session.unshown);
	shortage_add("records", tracer_lost());
	shortage_add("faults", tracer_unseen(0));
	shortage_add("skipped", tracer_skipped());
	shortage_add("processes", tracer_refused());
	if (who->stacks)
		shortage_add("stacks", tracer_lost_stacks());
	if (who->nr)
		qsort(who->holds, who->nr, sizeof(*who->holds), compare);
	if (report_json)
		report_json_holds(who);
	else
		report_holds(who);
	return shortage_tell("who", false) ? EXIT_LOST : EXIT_HELD;
}

/* Take the address, which is the first word that is no option; a command follows "--". */
static int take_address(struct who *who, const struct verb *verb, const char *word)
{
	char *end;

	if (!word || !strcmp(word, "--"))
		return verb_usage(verb, verb->name, "which address?");
	who->addr = strtoull(word, &end, 16);
	if (end == word || *end)
		return verb_usage(verb, word, "no address: 7f00 or 0x7f00");
	return 0;
}

/* Begin the session. Stacks of a recording are shown whenever it has them. */
static int begin(struct who *who, const struct verb *verb, char **argv)
{
	bool live = !who->session.input, asked = who->stacks;
	int code;

	who->session.arg = who;
	if (live && asked) {
		tracer_faults(FAULTS_TIMED);
		tracer_again();
		callers_begin();
	}
	code = session_begin(&who->session, verb, NULL, argv);
	if (code || live)
		return code;
	who->stacks = kept_stacks();
	if (asked && !who->stacks)
		return verb_usage(verb, "--stacks", "they were not recorded");
	if (who->stacks)
		callers_begin();
	return 0;
}

/* Take one option. Return: 0, or an exit code after a message. */
static int take_option(struct who *who, const struct verb *verb, int c)
{
	if (c == 'i')
		who->session.input = optarg;
	else if (c == 's')
		who->stacks = true;
	else if (strchr(WHOM_LETTERS, c))
		return whom_option(&who->session.whom, verb, c, optarg);
	else
		return EXIT_USAGE;
	return 0;
}

/* Take the options and the address, which may stand before, between or behind them. */
static int take_words(struct who *who, const struct verb *verb, int argc, char **argv)
{
	bool found = false;
	int c, code = 0;

	while (!code) {
		while (!code && (c = verb_option(verb, argc, argv)) != -1)
			code = take_option(who, verb, c);
		if (code || found)
			return code;
		found = true;
		if (!strcmp(argv[optind - 1], "--"))
			return take_address(who, verb, NULL);
		code = take_address(who, verb, argv[optind]);
		optind += !code;
	}
	return code;
}

/**
 * cmd_who - run the verb who
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_who(const struct verb *verb, int argc, char **argv)
{
	static struct who who = { .session = { .sources = SESSION_TRACER, .each = each } };
	int code;

	columns_choose_usual();
	code = take_words(&who, verb, argc, argv);
	if (!code)
		code = begin(&who, verb, argv + optind);
	if (code)
		return code;
	if (!report_json)
		columns_heading();
	session_run(&who.session);
	code = finish(&who);
	if (!whom_any(&who.session.whom))
		session_verdict(&who.session, argv[optind]);
	return code;
}
