// SPDX-License-Identifier: GPL-2.0
/*
 * Why a system call failed, in words and as JSON.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "base/format.h"
#include "base/tool.h"
#include "record/extra.h"
#include "record/failure.h"
#include "record/record.h"
#include "record/text.h"
#include "term/json.h"

/* What &record_extra.figure and &record_extra.limit are for a reason */
enum figures {
	NONE,
	BYTES,
	VMAS,
	ADDRESS,
};

/**
 * struct failure_words - words for an enum record_failure
 * @name: the reason in JSON
 * @word: the reason on the screen; a %u stands for the id of the VMA that is the reason
 * @figures: what the figures beside the reason are
 */
static const struct failure_words {
	const char *name;
	const char *word;
	enum figures figures;
} failures[NR_FAILURES] = {
	[FAILURE_NOT_TOLD]	= { "not_told", "nothing says why", NONE },
	[FAILURE_SIGNAL]	= { "signal", "a signal ended the wait", NONE },
	[FAILURE_FLAGS]		= { "flags", "no such flags", NONE },
	[FAILURE_LENGTH]	= { "length", "not that length", NONE },
	[FAILURE_ALIGNMENT]	= { "alignment", "not at a page's start", NONE },
	[FAILURE_HUGE_ALIGNMENT] = { "huge_alignment", "not at a huge page's start", NONE },
	[FAILURE_OFFSET]	= { "offset", "the offset is too large", NONE },
	[FAILURE_RANGE]		= { "range", "beyond all addresses", NONE },
	[FAILURE_LOW]		= { "mmap_min_addr", "below vm.mmap_min_addr", NONE },
	[FAILURE_FD]		= { "fd", "no such file descriptor", NONE },
	[FAILURE_FILE_MODE]	= { "file_mode", "the file is not open for that", NONE },
	[FAILURE_FILE_SEAL]	= { "file_seal", "the file's seals forbid it", NONE },
	[FAILURE_NO_EXEC]	= { "noexec", "the mount is noexec", NONE },
	[FAILURE_NO_MMAP]	= { "no_mmap", "such a file cannot be mapped", NONE },
	[FAILURE_MAP_COUNT]	= { "max_map_count", "vm.max_map_count", VMAS },
	[FAILURE_LIMIT_AS]	= { "rlimit_as", "RLIMIT_AS", BYTES },
	[FAILURE_LIMIT_DATA]	= { "rlimit_data", "RLIMIT_DATA", BYTES },
	[FAILURE_LIMIT_MEMLOCK]	= { "rlimit_memlock", "RLIMIT_MEMLOCK", BYTES },
	[FAILURE_OVERCOMMIT]	= { "overcommit", "vm.overcommit_memory", BYTES },
	[FAILURE_OBSTACLE]	= { "obstacle", "#%u is in the way", NONE },
	[FAILURE_NO_HOLE]	= { "no_hole", "no hole is so large", NONE },
	[FAILURE_NO_HUGE]	= { "no_huge_page", "not so many huge pages", NONE },
	[FAILURE_NOT_MAPPED]	= { "not_mapped", "nothing is mapped at", ADDRESS },
	[FAILURE_TWO]		= { "two_vmas", "#%u begins there: one VMA is wanted", NONE },
	[FAILURE_OVERLAP]	= { "overlap", "source and destination overlap", NONE },
	[FAILURE_SEALED]	= { "sealed", "#%u is sealed", NONE },
	[FAILURE_SPECIAL]	= { "special", "#%u is a driver's", NONE },
	[FAILURE_KIND]		= { "kind", "not for #%u", NONE },
	[FAILURE_PKEY]		= { "pkey", "no such protection key", NONE },
	[FAILURE_BUSY]		= { "busy", "in use, or changing", NONE },
	[FAILURE_LOW_HEAP]	= { "below_heap", "the heap begins at", ADDRESS },
	[FAILURE_RIGHT]		= { "privilege", "it takes a privilege", NONE },
	[FAILURE_PAGE_THERE]	= { "page_there", "a page is there", NONE },
	[FAILURE_NOT_REGISTERED] = { "not_registered", "this userfaultfd does not have #%u", NONE },
	[FAILURE_OTHER_UFFD]	= { "other_uffd", "another userfaultfd has #%u", NONE },
};

/* Names of requests to a userfaultfd, by the lowest byte of the request. */
static const char *const ioctls[] = {
	[0x00] = "UFFDIO_REGISTER", [0x01] = "UFFDIO_UNREGISTER", [0x02] = "UFFDIO_WAKE",
	[0x03] = "UFFDIO_COPY", [0x04] = "UFFDIO_ZEROPAGE", [0x05] = "UFFDIO_MOVE",
	[0x06] = "UFFDIO_WRITEPROTECT", [0x07] = "UFFDIO_CONTINUE", [0x08] = "UFFDIO_POISON",
	[0x3f] = "UFFDIO_API",
};

static const struct failure_words *words_of(const struct mmscope_event *e)
{
	__u64 why = FAILURE_WHY(e->aux);

	return &failures[why < NR_FAILURES ? why : FAILURE_NOT_TOLD];
}

static const char *errno_name(const struct mmscope_event *e)
{
	const char *name = strerrorname_np(FAILURE_ERROR(e->aux));

	return name ? name : "an unknown error";
}

static const char *ioctl_name(__u64 request)
{
	__u64 n = request & 0xff;

	return n < ARRAY_SIZE(ioctls) && ioctls[n] ? ioctls[n] : "unknown";
}

static void add_rights(__u64 prot, struct event_text *text)
{
	event_add(text, " %c%c%c", prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
		  prot & PROT_EXEC ? 'x' : '-');
}

/* Write the arguments of the call that are not its range. */
static void add_arguments(const struct mmscope_event *e, const __u64 *args,
			  struct event_text *text)
{
	switch (e->cause) {
	case SYS_mmap:
		event_add(text, " %s", args[3] & MAP_SHARED ? "shared" : "private");
		add_rights(args[2], text);
		break;
	case SYS_mprotect:
	case SYS_pkey_mprotect:
		add_rights(args[2], text);
		break;
	case SYS_mremap:
		event_add(text, " to %llu KiB", args[2] / 1024);
		if (args[3] & MREMAP_FIXED)
			event_add(text, " at %012llx", args[4]);
		break;
	case SYS_madvise:
		event_add(text, " %s", advice_name(args[2]));
		break;
	case SYS_ioctl:
		event_add(text, " %s", ioctl_name(args[1]));
		break;
	}
}

static void add_bytes(__u64 bytes, struct event_text *text)
{
	if (bytes % 1024)
		event_add(text, " %llu bytes", bytes);
	else
		event_add(text, " %llu KiB", bytes / 1024);
}

static void add_figures(const struct failure_words *words, const struct record_extra *extra,
			struct event_text *text)
{
	switch (words->figures) {
	case NONE:
		break;
	case BYTES:
		add_bytes(extra->limit, text);
		event_add(text, ",");
		add_bytes(extra->figure, text);
		event_add(text, " wanted");
		break;
	case VMAS:
		event_add(text, " %llu, there are %llu", extra->limit, extra->figure);
		break;
	case ADDRESS:
		event_add(text, " %012llx", extra->figure);
		break;
	}
}

/**
 * failure_name - why a system call failed, as a word for programs
 * @e: RECORD_FAILED
 */
const char *failure_name(const struct mmscope_event *e)
{
	return words_of(e)->name;
}

/**
 * failure_text - a system call that failed, and why, in words
 * @e: RECORD_FAILED
 * @about: what else is known of the call, or NULL
 * @text: of the record; its range and its words are written
 */
void failure_text(const struct mmscope_event *e, const struct event_about *about,
		  struct event_text *text)
{
	static const struct record_extra none;
	const struct record_extra *extra = about && about->extra ? about->extra : &none;
	const struct failure_words *words = words_of(e);
	char cause[32];

	if (e->end > e->start)
		event_range(e, text);
	else
		format_text(text->where, sizeof(text->where), "%012llx", e->start);
	cause_text(e->cause, cause, sizeof(cause));
	event_add(text, "%s", cause);
	add_arguments(e, extra->args, text);
	event_add(text, ": %s", errno_name(e));
	if (FAILURE_WHY(e->aux) == FAILURE_NOT_TOLD)
		return;
	event_add(text, ": ");
	event_add(text, words->word, e->vma);
	add_figures(words, extra, text);
}

/**
 * failure_json - a system call that failed, and why, as members of an object
 * @out: has begun the object
 * @e: RECORD_FAILED
 * @about: what else is known of the call, or NULL
 */
void failure_json(struct json *out, const struct mmscope_event *e,
		  const struct event_about *about)
{
	static const struct record_extra none;
	const struct record_extra *extra = about && about->extra ? about->extra : &none;
	const struct failure_words *words = words_of(e);

	json_unsigned(out, "start", e->start);
	json_unsigned(out, "end", e->end);
	json_begin_array(out, "args");
	for (size_t i = 0; i < ARRAY_SIZE(extra->args); i++)
		json_unsigned(out, NULL, extra->args[i]);
	json_end_array(out);
	if (e->cause == SYS_ioctl)
		json_string(out, "request", ioctl_name(extra->args[1]));
	json_string(out, "error", errno_name(e));
	json_string(out, "reason", words->name);
	if (words->figures == BYTES) {
		json_unsigned(out, "wanted_bytes", extra->figure);
		json_unsigned(out, "limit_bytes", extra->limit);
	} else if (words->figures == VMAS) {
		json_unsigned(out, "vmas", extra->figure);
		json_unsigned(out, "limit", extra->limit);
	} else if (words->figures == ADDRESS) {
		json_unsigned(out, "addr", extra->figure);
	}
}
