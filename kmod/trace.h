/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of all logs as one trace event, for ftrace, perf, trace-cmd and bpftrace. Members of
 * struct mmscope_event in its order; those behind cause have the names they carry for ranges: in
 * fault-like records start, end, aux, parent and pages are addr, ip, pgoff, npages and ns.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mmscope

#if !defined(MMSCOPE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MMSCOPE_TRACE_H

#include <linux/mmscope.h>
#include <linux/tracepoint.h>

/* Also the names in debugfs. */
#define MMSCOPE_LIST(...)	__VA_ARGS__
#define MMSCOPE_TYPE_NAMES MMSCOPE_LIST(	\
	{ MMSCOPE_MMAP,		"mmap" },	\
	{ MMSCOPE_MAY_SPLIT,	"may_split" },	\
	{ MMSCOPE_SPLIT,	"split" },	\
	{ MMSCOPE_COPY,		"copy" },	\
	{ MMSCOPE_DUP,		"dup" },	\
	{ MMSCOPE_MREMAP,	"mremap" },	\
	{ MMSCOPE_MPROTECT,	"mprotect" },	\
	{ MMSCOPE_UNMAP,	"unmap" },	\
	{ MMSCOPE_MOVE,		"move" },	\
	{ MMSCOPE_FORK,		"fork" },	\
	{ MMSCOPE_END,		"end" },	\
	{ MMSCOPE_FAULT,	"fault" },	\
	{ MMSCOPE_MKWRITE,	"mkwrite" },	\
	{ MMSCOPE_PFN_MKWRITE,	"pfn_mkwrite" },\
	{ MMSCOPE_ACCESS,	"access" },	\
	{ MMSCOPE_NAME,		"name" },	\
	{ MMSCOPE_LOST,		"lost" })

TRACE_EVENT(mmscope_event,
	TP_PROTO(const struct mmscope_event *e),

	TP_ARGS(e),

	TP_STRUCT__entry(
		__field(u32, mm)
		__field(u32, vma)
		__field(u32, seq)
		__field(u32, tid)
		__field(u32, type)
		__field(u32, flags)
		__field(s32, cause)
		__field(u64, start)
		__field(u64, end)
		__field(u64, aux)
		__field(u32, parent)
		__field(u32, pages)
	),

	TP_fast_assign(
		__entry->mm = e->mm;
		__entry->vma = e->vma;
		__entry->seq = e->seq;
		__entry->tid = e->tid;
		__entry->type = e->type;
		__entry->flags = e->flags;
		__entry->cause = e->cause;
		__entry->start = e->start;
		__entry->end = e->end;
		__entry->aux = e->aux;
		__entry->parent = e->parent;
		__entry->pages = e->pages;
	),

	TP_printk("%s mm=%u vma=%u seq=%u tid=%u flags=%#x cause=%d start=%#llx end=%#llx aux=%#llx parent=%u pages=%u",
		  __print_symbolic(__entry->type, MMSCOPE_TYPE_NAMES), __entry->mm, __entry->vma,
		  __entry->seq, __entry->tid, __entry->flags, __entry->cause, __entry->start,
		  __entry->end, __entry->aux, __entry->parent, __entry->pages)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
