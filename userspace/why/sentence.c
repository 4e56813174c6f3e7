// SPDX-License-Identifier: GPL-2.0
/*
 * Shows the answer in sentences, before the tables of its evidence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "term/print.h"
#include "why/causes.h"

static void say_largest(const struct answer *answer, char *buf, size_t size)
{
	struct ledger_row **list;
	size_t n = rows_of(answer->mm->id, &list), i = 0;

	while (i < n && list[i]->kind == KIND_PROGRAM)
		i++;
	cause_say(buf, size,
		  "Nothing stands out: beside its programs and libraries %s came and are there",
		  cause_size(answer->total));
	if (i < n && ledger_pages(list[i]->rss) > 0)
		cause_say(buf + strlen(buf), size - strlen(buf),
			  "; the largest part, %s, is VMA #%u%s%s",
			  cause_size(ledger_pages(list[i]->rss)), list[i]->root,
			  *list[i]->name ? " " : "", list[i]->name);
	cause_say(buf + strlen(buf), size - strlen(buf), ".");
	free(list);
}

/* If no cause is large enough: say how much there is, nevertheless. */
static void say_nothing(const struct answer *answer, char *buf, size_t size)
{
	switch (answer->question) {
	case WHY_RSS:
		say_largest(answer, buf, size);
		break;
	case WHY_VMAS:
		cause_say(buf, size, "Nothing stands out: there are %llu VMAs, and no reason keeps "
			  "many of them apart.", answer->total);
		break;
	case WHY_FAULTS:
		cause_say(buf, size,
			  "Nothing stands out: of %llu faults no kind is both frequent and more "
			  "than a plain touch.", answer->total);
		break;
	default:
		cause_say(buf, size, "Nothing stands out: no faults that take long by their nature "
			  "took a twentieth of %s. How long system calls waited for mmap_lock no "
			  "record tells.", cause_time(answer->total));
	}
}

/* How many VMAs there may be, and when they reach that if they grow as in the last half. */
static void say_headroom(const struct ledger_mm *mm, char *buf, size_t size)
{
	__u64 half = (mm->to - mm->from) / 2, limit;
	__s64 grown = series_between(&mm->vmas_series, mm->from + half, ~0ULL);
	bool known;

	limit = vmas_limit(mm, &known);
	cause_say(buf, size, "There are %llu VMAs, at most there were %llu, and %llu may be "
		  "(vm.max_map_count%s).", mm->nr, mm->most, limit,
		  known ? "" : " by default");
	if (mm->refused_maps)
		cause_say(buf + strlen(buf), size - strlen(buf),
			  " %llu calls failed for that.", mm->refused_maps);
	if (grown > 0 && half && limit > mm->nr)
		cause_say(buf + strlen(buf), size - strlen(buf),
			  " %lld came in the last half of %s; at this rate that ends in %s.", grown,
			  cause_time(2 * half), cause_time((limit - mm->nr) * (half / grown)));
}

static struct json_object *json_finding(const struct finding *finding, __u64 total)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "cause", json_object_new_string(finding->cause));
	json_object_object_add(o, "amount", json_object_new_uint64(finding->amount));
	json_object_object_add(o, "total", json_object_new_uint64(total));
	json_object_object_add(o, "text", json_object_new_string(finding->text));
	json_object_object_add(o, "try", json_object_new_string(finding->todo));
	return o;
}

static void put(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static void json_mm(struct json_object *o, const struct ledger_mm *mm)
{
	__s64 rest[RAW_NR_RSS];

	put(o, "mm", mm->id);
	put(o, "pid", mm->tgid);
	json_object_object_add(o, "comm", json_object_new_string(mm->comm));
	put(o, "from_ns", mm->from);
	put(o, "to_ns", mm->to);
	put(o, "remainder", ledger_remainder(mm, rest));
	put(o, "vmas", mm->nr);
	put(o, "vmas_most", mm->most);
}

static void json_answer(const struct answer *answer, const char *text)
{
	struct json_object *o = report_object(), *list = json_object_new_array();
	const char *cause = answer->unknown ? "unknown" : "none";

	json_object_object_add(o, "event", json_object_new_string("answer"));
	json_object_object_add(o, "question",
			       json_object_new_string(question_name(answer->question)));
	if (answer->nr)
		cause = answer->found[0].cause;
	json_object_object_add(o, "cause", json_object_new_string(cause));
	json_object_object_add(o, "text", json_object_new_string(text));
	if (answer->mm)
		json_mm(o, answer->mm);
	for (size_t i = 0; i < answer->nr; i++)
		json_object_array_add(list, json_finding(&answer->found[i], answer->total));
	json_object_object_add(o, "findings", list);
	report_object_print(o);
}

/*
 * Names come from the watched process: bytes that would move the cursor are shown in octal, as in
 * /proc/PID/maps.
 */
static const char *visible(const char *text, char *buf, size_t size)
{
	size_t n = 0;

	for (; *text && n + 5 < size; text++) {
		unsigned char c = *text, next = text[1];

		/* Control characters are those of ASCII, and of Unicode U+0080 to U+009f. */
		if (c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
			n += snprintf(buf + n, size - n, "\\%03o", c);
		else
			buf[n++] = c;
	}
	buf[n] = '\0';
	return buf;
}

static void print_text(const struct answer *answer, const char *text)
{
	char more[800], shown[1600];

	report_paragraph(PAINT_STRONG, 0, visible(text, shown, sizeof(shown)));
	for (size_t i = 0; i < answer->nr; i++) {
		if (i && answer->found[i].last)
			continue;
		if (i) {
			snprintf(more, sizeof(more), "Also: %s", answer->found[i].text);
			report_fill(0, visible(more, shown, sizeof(shown)));
		}
		snprintf(more, sizeof(more), "Try: %s.", answer->found[i].todo);
		report_fill(2, more);
	}
	if (answer->mm && answer->question == WHY_VMAS) {
		say_headroom(answer->mm, more, sizeof(more));
		report_fill(0, more);
	}
}

static void print_mm(const struct ledger_mm *mm, __u64 began)
{
	__u64 from = mm->from > began ? mm->from - began : 0;
	__u64 to = mm->to > began ? mm->to - began : 0;
	char comm[4 * sizeof(mm->comm) + 8];

	report_gap();
	report_line("mm %u, pid %u %s, +%llu.%06llu to +%llu.%06llu%s", mm->id, mm->tgid,
		    visible(mm->comm, comm, sizeof(comm)), from / 1000000000,
		    from / 1000 % 1000000, to / 1000000000, to / 1000 % 1000000,
		    mm->ended ? ", before it ended" : "");
}

/**
 * report_answer - print an answer, and of which address space it is
 * @answer: the answer
 * @began: time of the first record, from which the times that are shown count
 */
void report_answer(const struct answer *answer, __u64 began)
{
	char text[700];

	if (answer->unknown)
		snprintf(text, sizeof(text), "Unknown: %s.", answer->unknown);
	else if (!answer->nr)
		say_nothing(answer, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "%s", answer->found[0].text);
	if (report_json) {
		json_answer(answer, text);
		return;
	}
	print_text(answer, text);
	if (answer->mm)
		print_mm(answer->mm, began);
}
