// SPDX-License-Identifier: GPL-2.0
/*
 * What found no room. Each table of the tool and of its BPF programs has room for all there is, or
 * what finds none is counted here; then it is told, in text and with --json, and the exit code is
 * EXIT_LOST. These are all of them, in the kernel (bpf/):
 *
 *	ring (ring.bpf.h)	records: counted by CPU, told as LOST where they are missing; an
 *				address space that lost one of its VMAs' is told anew
 *	mm_slots (mms.bpf.h)	processes: 262,144 places, in sets of four
 *	sums (sums.bpf.h)	of sites and vmas one of the set is told through the ring, and
 *				makes room; if that is full it is "vmas" and "places" here, and
 *				the faults are in the totals all the same
 *	drivers (sums.bpf.h)	drivers: they are in the total of their class
 *	stacks (stack.bpf.h)	stacks: two want one place; or copies, for which there was no room
 *	calls (hook.bpf.c)	calls: of hooks that have not ended
 *	hook_ops (watched.bpf.h) drivers with more operations are refused when they are named
 *	told (vma_image.bpf.h)	least recently used: a file is merely told again
 *	zaps (zap.bpf.h)	pages: what an unmap gave back is not known
 *	fault_states (fault.bpf.h) by the lower bits of the thread's id: a fault of another in the
 *				same place at the same time has no time
 *	path (vma_image.bpf.h)	as deep as RAW_PATH has room for; then it begins with ".../"
 *	looks (vma_iter.bpf.c)	VMAs of one call; behind the last the address space is told anew
 *	programs (hold.bpf.h)	faults, and skipped: where the kernel did not run them
 *
 * In the tool all grow: VMAs, address spaces and what is gone (aspace/aspace.c), rows and sites
 * (stat/), stacks (stat/fault_stacks.c), names (aspace/vma_name.c), the queue (tracer/queue.c),
 * the replayed log (lab/lineage.c), programs by address (symbolize/symbol.c), mms of the module
 * (cmd/stat.c). What was told and is not shown, because of a second Ctrl-C, is "unshown"; what a
 * recording lacks, or has of a later version, is "unread" and "unknown"; what was told and is not
 * in it, since --max-size was reached, "beyond". Of record --keep, "cut" are files with less time
 * than was asked for.
 */
#include <string.h>
#include "base/tool.h"
#include "term/print.h"
#include "tracer/context.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

/**
 * struct shortage - something that there was not enough room for; &tracer.shortages has how often
 * @name: in JSON
 * @words: of so many
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
 * shortage_add - something found no room
 * @name: what
 * @count: how many
 */
void shortage_add(const char *name, __u64 count)
{
	for (size_t i = 0; i < SHORTAGES; i++)
		if (!strcmp(shortages[i].name, name))
			tracer->shortages[i] += count;
}

/**
 * shortage_tell - say what found no room
 * @verb: who says so
 * @told: records that were lost have been told
 *
 * Return: true when there is something to tell
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
 * shortage_json - what found no room: an object with a member for each kind
 */
struct json_object *shortage_json(void)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < SHORTAGES; i++)
		json_object_object_add(o, shortages[i].name,
				       json_object_new_int64(tracer->shortages[i]));
	return o;
}
