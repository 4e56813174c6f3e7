// SPDX-License-Identifier: GPL-2.0
/*
 * Flags of system calls by their names in C.
 */
#include <stdbool.h>
#include <sys/mman.h>
#include "base/tool.h"
#include "reproduce/flag_name.h"

struct name {
	__u64 value;
	const char *text;
};

#define NAME(x)	{ x, #x }

/* Those that a program of an old libc would not know are numbers. */
static const struct name protections[] = {
	NAME(PROT_READ), NAME(PROT_WRITE), NAME(PROT_EXEC), NAME(PROT_GROWSDOWN),
	NAME(PROT_GROWSUP), { 0 }
};

static const struct name mappings[] = {
	NAME(MAP_SHARED_VALIDATE), NAME(MAP_SHARED), NAME(MAP_PRIVATE), NAME(MAP_ANONYMOUS),
	NAME(MAP_FIXED), NAME(MAP_FIXED_NOREPLACE), NAME(MAP_GROWSDOWN), NAME(MAP_STACK),
	NAME(MAP_NORESERVE), NAME(MAP_POPULATE), NAME(MAP_LOCKED), NAME(MAP_HUGETLB),
	NAME(MAP_NONBLOCK), NAME(MAP_DENYWRITE), NAME(MAP_EXECUTABLE), NAME(MAP_32BIT),
	NAME(MAP_SYNC), { 0 }
};

static const struct name movings[] = {
	NAME(MREMAP_MAYMOVE), NAME(MREMAP_FIXED), NAME(MREMAP_DONTUNMAP), { 0 }
};

static const struct name advices[] = {
	NAME(MADV_NORMAL), NAME(MADV_RANDOM), NAME(MADV_SEQUENTIAL), NAME(MADV_WILLNEED),
	NAME(MADV_DONTNEED), NAME(MADV_FREE), NAME(MADV_REMOVE), NAME(MADV_DONTFORK),
	NAME(MADV_DOFORK), NAME(MADV_MERGEABLE), NAME(MADV_UNMERGEABLE), NAME(MADV_HUGEPAGE),
	NAME(MADV_NOHUGEPAGE), NAME(MADV_DONTDUMP), NAME(MADV_DODUMP), NAME(MADV_WIPEONFORK),
	NAME(MADV_KEEPONFORK), NAME(MADV_COLD), NAME(MADV_PAGEOUT), NAME(MADV_POPULATE_READ),
	NAME(MADV_POPULATE_WRITE),
};

static void write_flags(const struct name *name, __u64 value, const char *none, FILE *out)
{
	bool any = false;

	for (; name->text; name++) {
		if ((value & name->value) != name->value)
			continue;
		value &= ~name->value;
		fprintf(out, "%s%s", any ? " | " : "", name->text);
		any = true;
	}
	if (value)
		fprintf(out, "%s0x%llx", any ? " | " : "", value);
	else if (!any)
		fputs(none, out);
}

/**
 * flag_name_protection - write an argument of mprotect(2)
 * @value: it
 * @out: to where
 */
void flag_name_protection(__u64 value, FILE *out)
{
	write_flags(protections, value, "PROT_NONE", out);
}

/**
 * flag_name_mapping - write flags of mmap(2)
 * @value: them
 * @out: to where
 */
void flag_name_mapping(__u64 value, FILE *out)
{
	write_flags(mappings, value, "0", out);
}

/**
 * flag_name_moving - write flags of mremap(2)
 * @value: them
 * @out: to where
 */
void flag_name_moving(__u64 value, FILE *out)
{
	write_flags(movings, value, "0", out);
}

/**
 * flag_name_advice - write an argument of madvise(2)
 * @value: it
 * @out: to where
 */
void flag_name_advice(__u64 value, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++) {
		if (advices[i].value == value) {
			fputs(advices[i].text, out);
			return;
		}
	}
	fprintf(out, "%lld", (long long)value);
}
