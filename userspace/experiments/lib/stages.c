// SPDX-License-Identifier: GPL-2.0
/*
 * When a thread passes certain places of the kernel: kprobes made by perf for this thread alone,
 * which vanish with their descriptors, and a ring of records for each. Nothing of ftrace's settings
 * is touched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/perf_event.h>
#include "base/proc.h"
#include "experiments/lib/stages.h"
#include "lab/experiment.h"

#define TRAP	"/sys/kernel/tracing/events/exceptions/page_fault_user/id"
#define PROBES	"/sys/bus/event_source/devices/kprobe/type"
#define MAX_HITS	64

static struct stop *stops;
static size_t nr_stops;

static int number_in(const char *path)
{
	char word[16];

	if (!proc_word(path, word, sizeof(word)))
		skip("%s cannot be read: be root, with tracefs mounted", path);
	return atoi(word);
}

static int watch_place(const char *function, bool back)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = function ? (unsigned int)number_in(PROBES) : PERF_TYPE_TRACEPOINT,
		.config = function ? back : number_in(TRAP),
		.kprobe_func = (unsigned long)function,
		.sample_type = PERF_SAMPLE_TIME,
		.sample_period = 1,
		.disabled = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void open_stop(struct stop *s)
{
	s->fd = s->functions[0] ? -1 : watch_place(NULL, false);
	for (size_t i = 0; s->fd < 0 && i < ARRAY_SIZE(s->functions) && s->functions[i]; i++) {
		s->function = s->functions[i];
		s->fd = watch_place(s->function, s->back);
	}
	if (s->fd < 0)
		return;
	s->ring = mmap(NULL, len(2), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, s->fd, 0);
	if (s->ring == MAP_FAILED)
		skip("perf gives no memory for records: %s", strerror(errno));
}

/**
 * stages_open - watch places
 * @places: those; what this kernel does not have is left out
 * @n: how many
 */
void stages_open(struct stop *places, size_t n)
{
	stops = places;
	nr_stops = n;
	for (size_t i = 0; i < n; i++)
		open_stop(&stops[i]);
	if (stops[0].fd < 0)
		skip("perf cannot watch faults: %s (be root)", strerror(errno));
}

/**
 * stages_begin - from now on
 */
void stages_begin(void)
{
	syscall_begin();	/* what the step looks at beforehand faults as well */
	for (size_t i = 0; i < nr_stops; i++) {
		struct perf_event_mmap_page *page = stops[i].ring;

		if (stops[i].fd < 0)
			continue;
		page->data_tail = page->data_head;
		ioctl(stops[i].fd, PERF_EVENT_IOC_ENABLE, 0);
	}
}

/**
 * struct hit - a place was passed
 * @time: when
 * @stop: which
 */
struct hit {
	__u64 time;
	const struct stop *stop;
};

static size_t take(struct stop *s, struct hit *hits, size_t n)
{
	struct perf_event_mmap_page *page = s->ring;
	struct {
		struct perf_event_header header;
		__u64 time;
	} record;

	s->hits = 0;
	for (__u64 at = page->data_tail; at < page->data_head && n < MAX_HITS;
	     at += record.header.size) {
		memcpy(&record, (char *)s->ring + len(1) + at % len(1), sizeof(record));
		if (record.header.type != PERF_RECORD_SAMPLE)
			continue;
		hits[n++] = (struct hit){ record.time, s };
		s->hits++;
	}
	return n;
}

static int earlier(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	return x->time < y->time ? -1 : x->time > y->time;
}

static void tell(const struct hit *hits, size_t n)
{
	char order[64] = "";

	for (size_t i = 0; i < n; i++) {
		const struct stop *s = hits[i].stop;

		draw("  %6llu ns %s%s%s  %s", hits[i].time - hits[0].time,
		     s->function ? s->function : "the trap", s->function ? "()" : "",
		     s->back ? " returns" : "", s->what);
		if (!s->counted)
			snprintf(order + strlen(order), sizeof(order) - strlen(order), "%s%s",
				 order[0] ? " " : "", s->word);
	}
	see_text("order", "%s", order);
}

/**
 * stages_end - up to now: draws what was passed, and makes the figure "order" and one for each
 * place that is only counted
 */
void stages_end(void)
{
	static struct hit hits[MAX_HITS];
	size_t n = 0;

	for (size_t i = 0; i < nr_stops; i++)
		if (stops[i].fd >= 0)
			ioctl(stops[i].fd, PERF_EVENT_IOC_DISABLE, 0);
	for (size_t i = 0; i < nr_stops; i++)
		if (stops[i].fd >= 0)
			n = take(&stops[i], hits, n);
	qsort(hits, n, sizeof(*hits), earlier);
	tell(hits, n);
	for (size_t i = 0; i < nr_stops; i++)
		if (stops[i].counted)
			see(stops[i].word, stops[i].hits);
}
