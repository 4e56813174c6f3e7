// SPDX-License-Identifier: GPL-2.0
/*
 * Prints a snapshot as JSON.
 */
#include <json-c/json.h>
#include "aspace/aspace.h"
#include "base/kallsyms.h"
#include "base/tool.h"
#include "map/snapshot.h"
#include "record/hook_name.h"
#include "record/record.h"
#include "record/text.h"
#include "term/print.h"
#include "tracer/vm_ops.h"

static void put(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_int64(value));
}

static void put_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static void put_pages(struct json_object *o, const __u64 *pages)
{
	static const char *const names[NR_PAGE_KINDS] = {
		[PAGE_SHARED] = "shared", [PAGE_ANON] = "private", [PAGE_ZERO] = "zero",
		[PAGE_SWAPPED] = "swapped", [PAGE_GUARDED] = "guarded",
	};
	struct json_object *list = json_object_new_object();

	for (enum page_kind kind = PAGE_SHARED; kind < NR_PAGE_KINDS; kind++)
		put(list, names[kind], pages[kind]);
	json_object_object_add(o, "pages", list);
}

static void put_hooks(struct json_object *o, __u64 ops)
{
	struct json_object *list = json_object_new_array();
	const char *name = kallsyms_name(ops);

	if (name)
		put_text(o, "ops", name);
	for (enum raw_hook hook = 0; hook < RAW_NR_HOOKS; hook++)
		if (hooks_has(ops, hook))
			json_object_array_add(list, json_object_new_string(hook_name(hook)));
	json_object_object_add(o, "hooks", list);
}

static void put_lineage(struct json_object *o, const struct vma *vma)
{
	char cause[32];

	put(o, "vma", vma->id);
	put_text(o, "born", event_name(vma->birth));
	put(o, "born_ns", vma->born_ns);
	if (vma->birth == RECORD_THERE)
		return;
	cause_text(vma->born_by, cause, sizeof(cause));
	put_text(o, "by", cause);
	put(o, "parent", vma->parent);
}

static void put_why(struct json_object *o, const struct snapshot *snapshot, size_t i)
{
	char why[200];
	int number = snapshot_apart(snapshot, i, why, sizeof(why));

	if (!snapshot->why || number == -2)
		return;
	put_text(o, "apart", why);
	if (number >= 0)
		put(o, "why", number);
}

static struct json_object *json_vma(const struct snapshot *snapshot, size_t i)
{
	const struct snapshot_vma *vma = &snapshot->vmas[i];
	struct json_object *o = json_object_new_object();

	put(o, "start", vma->start);
	put(o, "end", vma->end);
	put_text(o, "rights", vma->rights);
	put(o, "offset", vma->offset);
	put(o, "major", vma->major);
	put(o, "minor", vma->minor);
	put(o, "inode", vma->inode);
	put_text(o, "name", vma->name);
	put_text(o, "flags", vma->flags);
	if (vma->own)
		json_object_object_add(o, "own", json_object_new_boolean(true));
	if (!vma->hidden)
		put_pages(o, vma->pages);
	put_text(o, "strip", vma->strip);
	if (vma->vma) {
		put_lineage(o, vma->vma);
		if (vma->vma->image.ops)
			put_hooks(o, vma->vma->image.ops);
	}
	put_why(o, snapshot, i);
	return o;
}

/**
 * snapshot_print_json - print a snapshot as one object
 * @snapshot: from snapshot_look() or snapshot_of_mm()
 */
void snapshot_print_json(const struct snapshot *snapshot)
{
	struct json_object *o = report_object(), *list = json_object_new_array();
	struct snapshot_sum sum;

	snapshot_sum(snapshot, &sum);
	put(o, "pid", snapshot->pid);
	put_text(o, "comm", snapshot->comm);
	put(o, "time_ns", snapshot->now);
	put(o, "promised", sum.promised);
	if (!snapshot->kept || snapshot->rss_known)
		put_pages(o, sum.pages);
	if (sum.own_vmas)
		put(o, "own", sum.own);
	put(o, "hole_start", sum.hole);
	put(o, "hole_end", sum.hole_end);
	put(o, "max_map_count", snapshot->max);
	json_object_object_add(o, "probed", json_object_new_boolean(snapshot->probed));
	for (size_t i = 0; i < snapshot->nr; i++)
		json_object_array_add(list, json_vma(snapshot, i));
	json_object_object_add(o, "vmas", list);
	report_object_print(o);
}
