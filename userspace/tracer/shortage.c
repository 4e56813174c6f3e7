// SPDX-License-Identifier: GPL-2.0
/*
 * What found no room. Each table of the tool and of its BPF programs has room for all there is, or
 * what finds none is counted here. Then it is told, in text and with --json, and the exit code is
 * EXIT_LOST. These are the tables with a limit, in the kernel (bpf/):
 *
 *	ring (ring.bpf.h)	"records": counted by CPU, and told as LOST where they are missing;
 *				if one was of a VMA, the address space is told anew
 *	mm_slots (mms.bpf.h)	"processes": 262,144 places, in sets of four
 *	sums (sums.bpf.h)	a full set of sites or VMAs makes room by sending one of its sums
 *				through the ring. If that is full they are "vmas" and "places", and
 *				the faults are in the totals all the same
 *	drivers (sums.bpf.h)	"drivers": their faults are in the total of the class
 *	stacks (stack.bpf.h)	"stacks": two stacks want one place, or a copy found no room
 *	calls (hook.bpf.c)	"calls": calls of hooks that have not returned
 *	hook_ops (watched.bpf.h) a driver with more operations is refused when it is named
 *	told (vma_image.bpf.h)	the file used least recently makes room, and is told again
 *	zaps (zap.bpf.h)	"records": what an unmap gave back is not known
 *	fault_states (fault.bpf.h) found by the lower bits of the thread's id. If two threads with
 *				one place fault at the same time, one of the faults has no time
 *	path (vma_image.bpf.h)	48 names, or as many as RAW_PATH holds: those nearer to the root are
 *				left out, and not counted
 *	looks (vma_iter.bpf.c)	so many VMAs of one call; if there are more, all are told anew
 *	programs (hold.bpf.h)	"faults" and "skipped": the kernel did not run the programs
 *
 * The tool's own tables grow: VMAs, address spaces and what is gone (aspace/aspace.c), rows and
 * sites (stat/), stacks (stat/fault_stacks.c), names (aspace/vma_name.c), the queue
 * (tracer/queue.c), the replayed log (lab/lineage.c), programs by address (symbolize/symbol.c), mms
 * of the module (cmd/stat.c). "unshown" are records that were not shown after a second Ctrl-C.
 * "unread" and "unknown" are what a recording lacks, or has of a later version; "beyond" are
 * records that are not in it since --max-size was reached. "cut" are files of record --keep with
 * less time than was asked for.
 */
#include <string.h>
#include "base/tool.h"
#include "term/print.h"
#include "tracer/context.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

/**
 * struct shortage - a kind of what found no room; &tracer.shortages counts it
 * @name: of the kind, in JSON and for shortage_add()
 * @words: what follows the number in the message
 */
static const struct shortage {
	const char *name;
	const char *words;
} shortages[SHORTAGES] = {
	{ "records", "records were lost: some of what follows from them may be missing" },
	{ "faults", "faults were not seen: the kernel preempted who was to tell of them" },
	{ "skipped", "times who tells of VMAs was not run, here or elsewhere: some may be wrong" },
	{ "processes", "processes were not watched, nor their descendants: too many at a time" },
	{ "vmas", "faults are in no VMA's sum: that came too late, or the ring had no room" },
	{ "places", "faults are in no line but their class's: the ring had no room for it" },
	{ "drivers", "faults are of drivers that are not named: too many" },
	{ "calls", "calls of hooks were not told: too many at a time" },
	{ "stacks", "stacks were lost: faults came faster than they are unwound" },
	{ "again", "touched pages found no room: if they are touched again is not told" },
	{ "unshown", "records were told, and are not shown: it was interrupted" },
	{ "beyond", "records were told, and are not recorded: --max-size was reached" },
	{ "cut", "files have less than --keep says: there was no room, see --max-size" },
	{ "unread", "places of the recording are damaged or missing, and what was in them" },
	{ "unknown", "records of the recording are not understood: read it with a later mmscope" },
};

/**
 * shortage_add - count what found no room
 * @name: &shortage.name of the kind
 * @count: how much found no room
 */
void shortage_add(const char *name, __u64 count)
{
	for (size_t i = 0; i < SHORTAGES; i++)
		if (!strcmp(shortages[i].name, name))
			tracer->shortages[i] += count;
}

/**
 * shortage_tell - print a message for each kind of which something found no room
 * @verb: name of the verb, which the messages begin with
 * @told: the verb has shown where records are missing: no message for "records"
 *
 * Return: true when anything found no room
 */
bool shortage_tell(const char *verb, bool told)
{
	bool any = false;

	for (size_t i = 0; i < SHORTAGES; i++) {
		if (!tracer->shortages[i])
			continue;
		any = true;
		if (i || !told)
			report_message("%s: %llu %s", verb, tracer->shortages[i],
				       shortages[i].words);
	}
	return any;
}

/**
 * shortage_json - make an object with the count of each kind
 *
 * Return: the object, which the caller frees
 */
struct json_object *shortage_json(void)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < SHORTAGES; i++)
		json_object_object_add(o, shortages[i].name,
				       json_object_new_int64(tracer->shortages[i]));
	return o;
}
