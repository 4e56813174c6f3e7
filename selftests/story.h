/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records as text. A story is one line per structural record, with addresses as pages of the areas
 * a test has named, and the system call behind it: "munmap: unmap 0-4, 3 given back, partial". It
 * does not say which half of a split is the new one, since kernels differ: split_new_is_below()
 * does.
 */
#ifndef STORY_H
#define STORY_H

#include "scope.h"

/*
 * Which half of a split is new. An unmap makes the part that goes a new VMA on 6.1 and the part
 * that stays on later kernels; all else (mprotect, madvise) cuts off what is outside its range.
 */
static inline bool split_new_is_below(bool unmap, bool at_start)
{
	if (unmap && !kernel_at_least(6, 3))
		return !at_start;
	return at_start;
}

static inline const struct scope_area *scope_find_area(struct scope *s, __u64 addr, __u64 end)
{
	unsigned int i;

	for (i = 0; i < s->areas; i++)
		if (addr >= s->area[i].base &&
		    end <= s->area[i].base + s->area[i].pages * page_size())
			return s->area + i;
	return NULL;
}

static inline void scope_range(struct scope *s, char *out, size_t size, __u64 start, __u64 end)
{
	const struct scope_area *a = scope_find_area(s, start, end);

	if (a)
		snprintf(out, size, "%s%llu-%llu", a->name, (start - a->base) / page_size(),
			 (end - a->base) / page_size());
	else
		snprintf(out, size, "%#llx-%#llx", start, end);
}

static inline void scope_point(struct scope *s, char *out, size_t size, __u64 at)
{
	const struct scope_area *a = scope_find_area(s, at, at);

	if (a)
		snprintf(out, size, "%s%llu", a->name, (at - a->base) / page_size());
	else
		snprintf(out, size, "%#llx", at);
}

static inline void scope_line(struct scope *s, char *out, size_t size,
			      const struct mmscope_event *e)
{
	const char *partial = e->flags & MMSCOPE_F_PARTIAL ? ", partial" : "";
	char range[64], at[32], rights[8];

	snprintf(rights, sizeof(rights), "%c%c%c%c", e->flags & MMSCOPE_F_READ ? 'r' : '-',
		 e->flags & MMSCOPE_F_WRITE ? 'w' : '-', e->flags & MMSCOPE_F_EXEC ? 'x' : '-',
		 e->flags & MMSCOPE_F_SHARED ? 's' : 'p');
	scope_range(s, range, sizeof(range), e->start, e->end);
	scope_point(s, at, sizeof(at), e->aux);
	switch (e->type) {
	case MMSCOPE_MMAP:
		snprintf(out, size, "%s: mmap %s %s of %llu\n", scope_cause(e->cause), range,
			 rights, e->aux);
		break;
	case MMSCOPE_MAY_SPLIT:
		snprintf(out, size, "%s: may_split %s at %s%s\n", scope_cause(e->cause), range, at,
			 e->flags & MMSCOPE_F_ERROR ? ", refused" : "");
		break;
	case MMSCOPE_SPLIT:
		snprintf(out, size, "%s: split %s at %s\n", scope_cause(e->cause), range, at);
		break;
	case MMSCOPE_COPY:
		snprintf(out, size, "%s: copy to %s %s of %llu\n", scope_cause(e->cause), range,
			 rights, e->aux);
		break;
	case MMSCOPE_DUP:
		snprintf(out, size, "%s: dup %s %s of %llu, %u copied\n", scope_cause(e->cause),
			 range, rights, e->aux, e->pages);
		break;
	case MMSCOPE_MREMAP:
		snprintf(out, size, "%s: mremap %s from %s\n", scope_cause(e->cause), range, at);
		break;
	case MMSCOPE_MPROTECT:
		snprintf(out, size, "%s: mprotect %s %s\n", scope_cause(e->cause), range, rights);
		break;
	case MMSCOPE_UNMAP:
		snprintf(out, size, "%s: unmap %s, %d given back%s%s\n", scope_cause(e->cause),
			 range, (int)e->pages, partial,
			 e->flags & MMSCOPE_F_ERROR ? ", undone" : "");
		break;
	case MMSCOPE_MOVE:
		snprintf(out, size, "%s: move %s, %d moved\n", scope_cause(e->cause), range,
			 (int)e->pages);
		break;
	default:
		snprintf(out, size, "%s: %s\n", scope_cause(e->cause), scope_type(e->type));
		break;
	}
}

/* The structural records since the last story, as text */
static inline const char *scope_story(struct scope *s)
{
	size_t len = 0;

	scope_drain(s);
	s->text[0] = 0;
	for (; s->told < s->nr; s->told++) {
		if (!scope_is_range(s->ev + s->told))
			continue;
		if (len + 256 > sizeof(s->text))
			break;
		scope_line(s, s->text + len, sizeof(s->text) - len, s->ev + s->told);
		len += strlen(s->text + len);
	}
	return s->text;
}

#define EXPECT_STORY(scope, want)	EXPECT_STREQ(want, scope_story(scope))

#endif
