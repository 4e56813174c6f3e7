// SPDX-License-Identifier: GPL-2.0
/* Those that read, and whether their books balance */
#include "accounting.h"

/* To be woken for each record would be most of the time */
#define WATERMARK	512

static const char * const reader_names[READERS] = {
	"keeps up", "is slow", "reads at the end", "is not for the child",
};

static void take(struct reader *r, const struct mmscope_event *e, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (e[i].type == MMSCOPE_LOST)
			r->lost += e[i].count;
		else
			r->records++;
	}
}

static ssize_t take_some(struct reader *r)
{
	struct mmscope_event e[256];
	ssize_t n = read(r->fd, e, sizeof(e));

	if (n > 0)
		take(r, e, n / sizeof(*e));
	return n;
}

void reader_open(struct reader *r, __u32 flags)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach), .flags = flags, .watermark = WATERMARK,
	};

	r->fd = open(SCOPE_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (r->fd < 0 || ioctl(r->fd, MMSCOPE_ATTACH, &attach))
		give_up("a reader");
}

static void *keep_up(void *arg)
{
	struct reader *r = arg;
	struct pollfd fd = { .fd = r->fd, .events = POLLIN };

	while (!is_set(r->stop)) {
		poll(&fd, 1, 10);
		while (take_some(r) > 0)
			;
	}
	return NULL;
}

static void *be_slow(void *arg)
{
	struct reader *r = arg;

	while (!is_set(r->stop)) {
		take_some(r);
		usleep(20000);
	}
	return NULL;
}

/* Readers that come, read some and go; what they were given is always what INFO says */
void *reader_visit(void *arg)
{
	struct reader *r = arg;
	struct mmscope_info info;
	struct reader visitor;
	unsigned int i;

	while (!is_set(r->stop)) {
		memset(&visitor, 0, sizeof(visitor));
		reader_open(&visitor, r->visits % 2 ? MMSCOPE_ATTACH_NOW : 0);
		for (i = 0; i <= r->visits % 5; i++)
			take_some(&visitor);
		if (scope_info(visitor.fd, &info))
			give_up("INFO");
		if (info.delivered != visitor.records || info.lost != visitor.lost)
			mismatch("a visitor was given %llu and lost %llu, INFO says %llu and %llu",
				 visitor.records, visitor.lost, info.delivered, info.lost);
		close(visitor.fd);
		r->visits++;
		usleep(5000);
	}
	return NULL;
}

void *(* const reader_run[READERS])(void *reader) = {
	[KEEPS_UP] = keep_up, [SLOW] = be_slow, [NOT_FOR_THE_CHILD] = keep_up,
};

/* What INFO says of a reader must add up, and be what it saw itself */
static struct mmscope_info balance(struct reader *r, const char *name, __u64 produced,
				   const char *when)
{
	struct mmscope_info i;
	__u64 sum;

	if (scope_info(r->fd, &i))
		give_up("INFO");
	sum = i.delivered + i.unread + i.lost + i.dropped + i.skipped;
	unaccounted += difference(i.produced, sum) + difference(i.produced, produced);
	if (i.produced != sum || i.produced != produced || i.delivered != r->records ||
	    i.lost != r->lost)
		mismatch("who %s, %s: %llu produced, not %llu; %llu delivered (%llu read), "
			 "%llu unread, %llu lost (%llu told), %llu dropped, %llu skipped", name,
			 when, i.produced, produced, i.delivered, r->records, i.unread, i.lost,
			 r->lost, i.dropped, i.skipped);
	return i;
}

/* Does a reader of this kind stand where it must, when it has read all? */
static void check_end(int kind, const struct mmscope_info *i, __u64 by_child)
{
	const char *name = reader_names[kind];
	__u64 room = i->events * sysconf(_SC_NPROCESSORS_ONLN);

	if (i->unread || i->dropped)
		mismatch("who %s: %llu unread, %llu dropped", name, i->unread, i->dropped);
	if (i->skipped > (kind == NOT_FOR_THE_CHILD ? by_child : 0))
		mismatch("who %s: %llu skipped", name, i->skipped);
	/* It was to overflow */
	if (kind == LAST && i->produced > room && i->lost < i->produced - room)
		mismatch("who %s: %llu lost of %llu", name, i->lost, i->produced);
	printf("# %s: %llu delivered, %llu lost, %llu skipped\n", name, i->delivered, i->lost,
	       i->skipped);
}

/* At rest: once with what waits, and once when all is read */
void readers_balance(struct reader *reader, __u64 produced, __u64 by_child)
{
	struct mmscope_info info;
	int i;

	for (i = 0; i < READERS; i++) {
		balance(reader + i, reader_names[i], produced, "at the end");
		while (take_some(reader + i) > 0)
			;
		info = balance(reader + i, reader_names[i], produced, "having read all");
		check_end(i, &info, by_child);
	}
}
