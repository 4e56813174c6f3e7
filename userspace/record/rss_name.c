// SPDX-License-Identifier: GPL-2.0
/*
 * The kinds of pages, and what brings and takes them beside faults and unmapping, as words.
 */
#include "record/record.h"
#include "record/rss_name.h"

static const char *const kinds[RAW_NR_RSS] = {
	[RAW_RSS_FILE]		= "file",
	[RAW_RSS_ANON]		= "anon",
	[RAW_RSS_SWAP]		= "swap",
	[RAW_RSS_SHMEM]		= "shmem",
	[RAW_RSS_HUGETLB]	= "hugetlb",
};

static const char *const whys[RECORD_NR_RSS] = {
	[RECORD_RSS_UNSEEN]	= "unseen",
	[RECORD_RSS_THERE]	= "there",
	[RECORD_RSS_LOST]	= "lost",
	[RECORD_RSS_FORK]	= "fork",
	[RECORD_RSS_TAKEN]	= "taken",
	[RECORD_RSS_RECLAIM]	= "reclaim",
	[RECORD_RSS_MIGRATE]	= "migration",
	[RECORD_RSS_ZEROED]	= "zeroed",
	[RECORD_RSS_COLLAPSE]	= "collapse",
	[RECORD_RSS_SPLIT]	= "split",
	[RECORD_RSS_KSM]	= "ksm",
	[RECORD_RSS_SWAPOFF]	= "swapoff",
	[RECORD_RSS_UFFD]	= "userfaultfd",
	[RECORD_RSS_INSERT]	= "inserted",
	[RECORD_RSS_OOM]	= "oom",
	[RECORD_RSS_SWAPIN]	= "swapin",
	[RECORD_RSS_ADVICE]	= "advice",
};

/**
 * rss_kind - a kind of pages, as a word
 * @kind: enum raw_rss
 */
const char *rss_kind(unsigned int kind)
{
	return kind < RAW_NR_RSS ? kinds[kind] : "unknown";
}

/**
 * rss_why - by what pages came or went, as a word
 * @why: enum record_rss
 */
const char *rss_why(unsigned int why)
{
	return why < RECORD_NR_RSS ? whys[why] : "unknown";
}
