// SPDX-License-Identifier: GPL-2.0
/*
 * Flags of VMAs in words: by the kernel's bits, and by what /proc/PID/smaps calls them.
 */
#include <stdio.h>
#include <string.h>
#include "aspace/vmflags.h"
#include "base/kernel_rules.h"
#include "base/tool.h"
#include "bpf/tracer_abi.h"

#define FLAG(letters, number, text, ...) \
	{ .smaps = letters, .bit = number, .word = text, ##__VA_ARGS__ }

#define KEY_SHIFT	32	/* protection keys are in five bits */
#define KEY_MASK	(0x1fULL << KEY_SHIFT)

/**
 * struct vmflag - a flag of a VMA: a bit of vm_flags (include/linux/mm.h of the kernel)
 * @smaps: two letters and a blank, as in the line VmFlags of smaps; "" for a flag not shown there
 * @bit: number of the bit
 * @word: name of the flag on the screen
 * @before: kernels from this version on use the bit for another flag; 0 if none does
 * @since: kernels before this version used the bit for another flag; 0 if none did
 * @weak: a right that may be asked for: it is named only where no flag before it differs
 */
static const struct vmflag {
	char smaps[4];
	unsigned char bit;
	const char *word;
	unsigned int before;
	unsigned int since;
	bool weak;
} vmflags[] = {
	FLAG("rd ", 0, "read"), FLAG("wr ", 1, "write"), FLAG("ex ", 2, "exec"),
	FLAG("sh ", 3, "shared"), FLAG("gd ", 8, "grows down"), FLAG("sl ", 42, "sealed"),
	FLAG("sl ", 63, "sealed"), FLAG("lo ", 13, "locked"), FLAG("lf ", 19, "locked on fault"),
	FLAG("io ", 14, "I/O"), FLAG("pf ", 10, "PFNs"), FLAG("mm ", 28, "mixed"),
	FLAG("de ", 18, "must not expand"), FLAG("dc ", 17, "not for children"),
	FLAG("wf ", 25, "wiped for children"), FLAG("dd ", 26, "not dumped"),
	FLAG("sr ", 15, "sequential"), FLAG("rr ", 16, "random"), FLAG("hg ", 29, "hugepage"),
	FLAG("nh ", 30, "nohugepage"), FLAG("mg ", 31, "mergeable (KSM)"),
	FLAG("nr ", 21, "not reserved"), FLAG("ht ", 22, "hugetlb"), FLAG("sf ", 23, "synchronous"),
	FLAG("ar ", 24, "of the architecture"), FLAG("um ", 9, "userfaultfd, missing"),
	FLAG("uw ", 12, "userfaultfd, write-protect"),
	FLAG("ui ", 37, "userfaultfd, minor", .before = KERNEL(6, 6)),
	FLAG("ui ", 38, "userfaultfd, minor"), FLAG("ui ", 41, "userfaultfd, minor"),
	FLAG("", 43, "userfaultfd, any access"), FLAG("dp ", 40, "droppable"),
	FLAG("ss ", 37, "shadow stack", .since = KERNEL(6, 6)), FLAG("", 39, "uncached"),
	FLAG("ac ", 20, "accounted"),
	FLAG("mr ", 4, "may read", .weak = true), FLAG("mw ", 5, "may write", .weak = true),
	FLAG("me ", 6, "may exec", .weak = true), FLAG("ms ", 7, "may share", .weak = true),
};

static bool is_of_this_kernel(const struct vmflag *flag)
{
	unsigned int kernel = rules_kernel();

	return (!flag->before || kernel < flag->before) && kernel >= flag->since;
}

/* The bits of a flag by its letters: a table, since mmscope map asks four times for each VMA. */
static const __u64 *bits_by_letters(void)
{
	static __u64 bits['z' - 'a' + 1]['z' - 'a' + 1];
	static bool made;

	for (size_t i = 0; i < ARRAY_SIZE(vmflags) && !made; i++) {
		const char *letters = vmflags[i].smaps;

		if (letters[0] && is_of_this_kernel(&vmflags[i]))
			bits[letters[0] - 'a'][letters[1] - 'a'] |= 1ULL << vmflags[i].bit;
	}
	made = true;
	return bits[0];
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/**
 * vmflags_of_smaps - the flags that smaps tells of a VMA
 * @text: the line VmFlags behind its word: two letters for each flag, each with a blank behind
 *
 * Return: the flags as bits of vm_flags. A flag whose bit is not the same in all kernels has all
 *	its bits set: the result is only to be compared with another result of this function
 */
__u64 vmflags_of_smaps(const char *text)
{
	const __u64 *bits = bits_by_letters();
	__u64 flags = 0;

	for (; is_letter(text[0]) && is_letter(text[1]) && text[2] == ' '; text += 3)
		flags |= bits[(text[0] - 'a') * ('z' - 'a' + 1) + text[1] - 'a'];
	return flags;
}

static size_t add(char *buf, size_t size, size_t n, const char *word)
{
		/* A flag that has two bits in the table is named once. */
	if (n >= size || strstr(buf, word))
		return n;
	return n + snprintf(buf + n, size - n, "%s%s", n ? ", " : "", word);
}

static size_t add_rest(__u64 rest, char *buf, size_t size, size_t n)
{
	char word[16];

	for (unsigned int bit = 0; bit < 64; bit++)
		if (rest >> bit & 1) {
			snprintf(word, sizeof(word), "bit %u", bit);
			n = add(buf, size, n, word);
		}
	return n;
}

/**
 * vmflags_differing - name the flags that one of two VMAs has and that keep them from merging
 * @low: vm_flags of one VMA
 * @high: vm_flags of the other VMA
 * @buf: becomes the names, with commas between them
 * @size: of @buf
 *
 * Return: length of the text, 0 where no such flag differs
 */
size_t vmflags_differing(__u64 low, __u64 high, char *buf, size_t size)
{
	__u64 differ = (low ^ high) & ~(__u64)RAW_VM_NO_MATTER, rest = differ;
	char word[48];
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(vmflags); i++) {
		const struct vmflag *flag = &vmflags[i];

		if (!(differ >> flag->bit & 1) || !is_of_this_kernel(flag))
			continue;
		rest &= ~(1ULL << flag->bit);
		if (!flag->weak || !n)
			n = add(buf, size, n, flag->word);
	}
	if (rest & KEY_MASK) {
		snprintf(word, sizeof(word), "protection keys %llu and %llu",
			 (low & KEY_MASK) >> KEY_SHIFT, (high & KEY_MASK) >> KEY_SHIFT);
		n = add(buf, size, n, word);
	}
	return add_rest(rest & ~KEY_MASK, buf, size, n);
}
