// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a recording until an instant, in a process of its own, and writes what was so then to a
 * pipe. An address space that had ended is as it was just before that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "diff/wording.h"
#include "diff/side.h"
#include "figures/figures.h"
#include "recording/bytes.h"
#include "session/instant.h"
#include "session/kept.h"
#include "session/session.h"
#include "term/print.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

static struct bytes mms, vmas, gone, texts;

/* Those that are in @mms already */
static struct bytes taken;

static side_text say(const char *text)
{
	side_text at = texts.size;

	bytes_add(&texts, text, strlen(text) + 1);
	return at;
}

static bool is_taken(__u32 mm)
{
	const __u32 *ids = (const __u32 *)taken.data;

	for (size_t i = taken.size / sizeof(*ids); i-- > 0;)
		if (ids[i] == mm)
			return true;
	return false;
}

static void take_vma(const struct mm *mm, const struct map_range *range)
{
	const struct vma *from = range->vma;
	const char *name = names_of(from, mm);
	struct side_vma vma = {
		.start = range->start,
		.end = range->end,
		.id = from->id,
		.parent = from->parent,
		.rights = from->image.flags &
			  (RAW_VM_READ | RAW_VM_WRITE | RAW_VM_EXEC | RAW_VM_MAYSHARE),
		.cause = from->born_by,
		.of_file = !!from->image.file,
	};

	if (from->image.file)
		vma.offset = from->base + range->start / proc_page_size();
	vma.name = say(name ? name : "?");
	bytes_add(&vmas, &vma, sizeof(vma));
}

static void take_mm(const struct mm *mm, bool ended)
{
	struct side_mm to = {
		.mm = mm->id,
		.tgid = mm->tgid,
		.ended = ended,
		.rss_known = !mm->rss_unknown,
		.first = vmas.size / sizeof(struct side_vma),
		.nr = mm->nr,
	};

	if (!mm->nr || is_taken(mm->id))
		return;
	bytes_add(&taken, &mm->id, sizeof(mm->id));
	for (int i = 0; i < RAW_NR_RSS; i++)
		to.rss[i] = mm->rss[i] > 0 ? mm->rss[i] : 0;
	memcpy(to.comm, mm->comm, sizeof(to.comm) - 1);
	bytes_add(&mms, &to, sizeof(to));
	for (struct map_range *range = mm_first(mm); range; range = range_above(range))
		take_vma(mm, range);
}

static void before_end(__u32 id, void *arg)
{
	const struct mm *mm = mm_get(id);

	if (mm && mm->tgid)
		take_mm(mm, true);
}

/* Faults of VMAs are known when all is read, also of an address space that has ended before. */
static void finish_vmas(void)
{
	struct side_vma *all = (struct side_vma *)vmas.data;
	const struct figure_vma *of;
	size_t n;

	for (size_t i = 0; i < vmas.size / sizeof(*all); i++) {
		of = figures_vma(all[i].id);
		all[i].faults = of ? of->faults : 0;
	}
	of = figures_vmas(&n);
	for (size_t i = 0; i < n; i++) {
		struct side_gone one = {
			.id = of[i].id, .into = of[i].into, .parent = of[i].parent,
			.type = of[i].type, .cause = of[i].cause,
		};

		if (of[i].type)
			bytes_add(&gone, &one, sizeof(one));
	}
}

static int compare_mms(const void *a, const void *b)
{
	const struct side_mm *x = a, *y = b;

	return x->mm < y->mm ? -1 : x->mm > y->mm;
}

static int compare_gone(const void *a, const void *b)
{
	const struct side_gone *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool put(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= n;
	}
	return true;
}

static void sort(struct bytes *bytes, size_t one, int (*compare)(const void *, const void *))
{
	if (bytes->size)
		qsort(bytes->data, bytes->size / one, one, compare);
}

static void fill_figures(struct side_head *head)
{
	const struct figures *all = figures_all();

	head->outside = all->outside;
	head->calls[0] = all->mmaps;
	head->calls[1] = all->munmaps;
	head->calls[2] = all->failed;
	head->calls[3] = all->given_back;
	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		head->classes[i] = all->classes[i].total;
}

static bool send_side(struct side_head *head, int fd)
{
	struct bytes names = { 0 }, places = { 0 };

	finish_vmas();
	wording_names(&names, say);
	wording_functions(&places, say);
	sort(&mms, sizeof(struct side_mm), compare_mms);
	sort(&gone, sizeof(struct side_gone), compare_gone);
	fill_figures(head);
	head->mms = mms.size / sizeof(struct side_mm);
	head->vmas = vmas.size / sizeof(struct side_vma);
	head->gone = gone.size / sizeof(struct side_gone);
	head->names = names.size / sizeof(struct side_sum);
	head->places = places.size / sizeof(struct side_sum);
	head->texts = texts.size;
	head->size = sizeof(*head) + mms.size + vmas.size + gone.size + names.size +
		     places.size + texts.size;
	return put(fd, head, sizeof(*head)) && put(fd, mms.data, mms.size) &&
	       put(fd, vmas.data, vmas.size) && put(fd, gone.data, gone.size) &&
	       put(fd, names.data, names.size) && put(fd, places.data, places.size) &&
	       put(fd, texts.data, texts.size);
}

/* Return: was the instant reached? */
static bool read_until(struct session *session, struct instant *instant, struct side_head *head)
{
	const struct mmscope_event *e;
	__u64 first = 0;
	bool reached = instant->kind < INSTANT_NTH;

	kept_on_end(before_end, NULL);
	while ((e = session_next(session))) {
		if (!first)
			first = e->time_ns;
		if (first == e->time_ns && instant->kind == INSTANT_TIME)
			kept_until(first + instant->ns);
		/* Times of several CPUs are not quite in order. */
		if (e->time_ns > first + head->at_ns)
			head->at_ns = e->time_ns - first;
		figures_event(e);
		if (!instant_is(instant, e))
			continue;
		kept_stop();
		reached = true;
		break;
	}
	for (struct mm *mm = mm_each(NULL); mm; mm = mm_each(mm))
		take_mm(mm, false);
	return reached;
}

static void close_input(struct side_head *head)
{
	struct json_object *missing;

	kept_close();
	shortage_add("records", tracer_lost());
	shortage_add("faults", tracer_unseen(0));
	shortage_add("skipped", tracer_skipped());
	shortage_add("processes", tracer_refused());
	head->lost = shortage_tell("diff", false);
	missing = shortage_json();
	head->missing = say(json_object_to_json_string_ext(missing, JSON_C_TO_STRING_PLAIN));
	json_object_put(missing);
}

/**
 * gather - read a recording until an instant
 * @input: the recording
 * @instant: when
 * @fd: a side is written there
 *
 * Return: 0, or an exit code after a complaint
 */
int gather(const char *input, struct instant *instant, int fd)
{
	struct session session = { .input = input };
	struct side_head head = { .input = 0 };
	int code;

	say(input);
	figures_begin();
	code = kept_open(&session);
	if (code)
		return code;
	if (!session.tracer)
		return report_fail(EXIT_ENVIRONMENT, input, "the tracer has told nothing in it",
				   "record it as root: VMAs and faults are what it tells");
	if (!read_until(&session, instant, &head))
		return report_fail(EXIT_ENVIRONMENT, input, "no such record", "see trace --input");
	close_input(&head);
	if (!send_side(&head, fd))
		return report_fail(EXIT_ENVIRONMENT, input, strerror(errno), NULL);
	return 0;
}
