/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The places of the module where an injected failure can come from, from two sides: its
 * relocations say where it calls a function of the kernel, and the stack that the kernel prints
 * with each failure says which of these calls failed.
 *
 * A place is the address behind a call, as stacks have it: function+offset.
 */
#ifndef SITES_H
#define SITES_H

#include <elf.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SITES_MAX	4096
#define SITES_OBJECT	"/mmscope.ko"

struct site {
	char at[80];
	char callee[48];
	unsigned int section;
	Elf64_Addr address;
	unsigned int failed;
};

/**
 * struct sites - calls of the module to the kernel; shared with children
 * @elf: the object, or NULL
 * @nr: calls in @site
 * @unknown: failures that came through the module, but from no call in @site
 * @splats: what the kernel said besides that it should not, but for warnings of its own tracing,
 *	which does not survive every failure while a module with events is loaded
 * @complete: all operations were tried to their end
 */
struct sites {
	const Elf64_Ehdr *elf;
	const Elf64_Shdr *section;
	const Elf64_Sym *symbol;
	size_t symbols;
	const char *names;
	unsigned int nr;
	unsigned int unknown;
	unsigned int splats;
	bool complete;
	struct site site[SITES_MAX];
};

static inline const void *sites_at(const struct sites *s, size_t offset)
{
	return (const char *)s->elf + offset;
}

static inline bool sites_covers(const Elf64_Sym *sym, unsigned int section, Elf64_Addr address)
{
	return ELF64_ST_TYPE(sym->st_info) == STT_FUNC && sym->st_shndx == section &&
	       address >= sym->st_value && address < sym->st_value + sym->st_size;
}

static inline void sites_add(struct sites *s, unsigned int section, const Elf64_Rela *rela)
{
	const Elf64_Sym *callee = &s->symbol[ELF64_R_SYM(rela->r_info)];
	const unsigned char *code = sites_at(s, s->section[section].sh_offset);
	unsigned int type = ELF64_R_TYPE(rela->r_info);
	struct site *site = &s->site[s->nr];
	size_t i;

	if (callee->st_shndx != SHN_UNDEF || rela->r_offset < 1 ||
	    (type != R_X86_64_PLT32 && type != R_X86_64_PC32) ||
	    code[rela->r_offset - 1] != 0xe8 || s->nr == SITES_MAX)
		return;
	site->section = section;
	site->address = rela->r_offset + 4;
	snprintf(site->callee, sizeof(site->callee), "%s", s->names + callee->st_name);
	for (i = 0; i < s->symbols; i++)
		if (sites_covers(&s->symbol[i], section, rela->r_offset))
			snprintf(site->at, sizeof(site->at), "%s+0x%zx",
				 s->names + s->symbol[i].st_name,
				 (size_t)(site->address - s->symbol[i].st_value));
	s->nr++;
}

static inline void sites_read(struct sites *s)
{
	unsigned int i;
	size_t j;

	s->section = sites_at(s, s->elf->e_shoff);
	for (i = 0; i < s->elf->e_shnum; i++) {
		if (s->section[i].sh_type != SHT_SYMTAB)
			continue;
		s->symbol = sites_at(s, s->section[i].sh_offset);
		s->symbols = s->section[i].sh_size / sizeof(*s->symbol);
		s->names = sites_at(s, s->section[s->section[i].sh_link].sh_offset);
	}
	for (i = 0; i < s->elf->e_shnum; i++) {
		const Elf64_Shdr *rela = &s->section[i];
		const Elf64_Rela *r = sites_at(s, rela->sh_offset);

		if (rela->sh_type != SHT_RELA ||
		    !(s->section[rela->sh_info].sh_flags & SHF_EXECINSTR))
			continue;
		for (j = 0; j < rela->sh_size / sizeof(*r); j++)
			sites_add(s, rela->sh_info, &r[j]);
	}
}

/* For all processes to come; NULL without the object that was loaded */
static inline struct sites *sites_open(void)
{
	int fd = open(SITES_OBJECT, O_RDONLY | O_CLOEXEC);
	struct sites *s;
	struct stat st;
	void *elf;

	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || fstat(fd, &st) || s == MAP_FAILED)
		return NULL;
	elf = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (elf == MAP_FAILED)
		return NULL;
	s->elf = elf;
	s->complete = true;
	sites_read(s);
	return s;
}

/* A frame of ours, "name+0x12/0x34 [mmscope]": functions of the same name are all asked */
static inline void sites_failed(struct sites *s, const char *name, size_t offset)
{
	bool found = false;
	unsigned int n;
	size_t i;

	for (i = 0; i < s->symbols; i++) {
		const Elf64_Sym *sym = &s->symbol[i];

		if (sym->st_shndx == SHN_UNDEF || strcmp(s->names + sym->st_name, name))
			continue;
		for (n = 0; n < s->nr; n++) {
			if (s->site[n].section != sym->st_shndx ||
			    s->site[n].address != sym->st_value + offset)
				continue;
			s->site[n].failed++;
			found = true;
		}
	}
	if (found)
		return;
	s->unknown++;
	fprintf(stderr, "# a failure behind %s+0x%zx, which is no call\n", name, offset);
}

/* The kernel's log from here on; what it says of failures does not go to the console */
static inline int sites_listen(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	klogctl(8, NULL, 4);
	return fd;
}

/*
 * What checks memory allocates too, while it is at work for one of our calls: not our failure,
 * but for the shadow without which there is no vmalloc()
 */
static inline bool sites_is_checker(const char *frame)
{
	return strstr(frame, "kmemleak") || strstr(frame, "stack_depot") ||
	       strstr(frame, "debug_object") ||
	       (strstr(frame, "kasan") && !strstr(frame, "kasan_populate"));
}

static inline bool sites_is_splat(const char *text)
{
	return strstr(text, "BUG: ") || strstr(text, "Oops: ") || strstr(text, "UBSAN: ") ||
	       strstr(text, "general protection") ||
	       (strstr(text, "WARNING: ") && !strstr(text, " at kernel/trace/"));
}

/* A call of which the kernel was asked to say nothing when it fails; it is the only one to that */
static inline void sites_failed_silently(struct sites *s, const char *callee)
{
	unsigned int n, found = 0;

	for (n = 0; n < s->nr; n++) {
		if (strcmp(s->site[n].callee, callee))
			continue;
		s->site[n].failed++;
		found++;
	}
	s->unknown += found != 1;
}

/*
 * Reads what was said of failures, and counts for each the call of ours that is nearest to it.
 * Lines with "? " are no frames, but what was found on the stack. Returns whether one was told.
 */
static inline bool sites_hear(struct sites *s, int fd)
{
	char line[1024], name[80], *text;
	bool inside = false, told = false;
	size_t offset;
	ssize_t n;

	while ((n = read(fd, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[n > 0 ? n : 0] = 0;
		text = strchr(line, ';');
		if (!text)
			continue;
		text += 1 + strspn(text + 1, " ");
		s->splats += sites_is_splat(text);
		if (!strncmp(text, "? ", 2))
			continue;
		if (strstr(text, "FAULT_INJECTION: forcing a failure")) {
			inside = true;
			told = true;
		}
		if (sites_is_checker(text) || strstr(text, "</TASK>"))
			inside = false;
		if (!inside || !strstr(text, " [mmscope]") ||
		    sscanf(text, "%79[^+ ]+0x%zx/", name, &offset) != 2)
			continue;
		sites_failed(s, name, offset);
		inside = false;
	}
	return told;
}

/* May this function allocate, by its name? */
static inline bool sites_allocates(const char *callee)
{
	/* A buffer that is there from the start, and the page at an address. */
	if (!strcmp(callee, "perf_trace_buf_alloc") || !strcmp(callee, "vmalloc_to_page"))
		return false;
	return strstr(callee, "alloc") && !strstr(callee, "free");
}

/* Why a call cannot be seen to fail, or NULL */
static inline const char *sites_excuse(const struct site *site)
{
	if (!strcmp(site->callee, "pcpu_alloc_noprof"))
		return "the kernel lets nothing fail there";
	if (!strncmp(site->at, "mmscope_cpu_make+", 17) &&
	    !strcmp(site->callee, "__kvmalloc_node_noprof"))
		return "large: fails without a word, and vmalloc() helps";
	return NULL;
}

/* Did any call to it fail? */
static inline bool sites_can_fail(const struct sites *s, const char *callee)
{
	unsigned int n;

	for (n = 0; n < s->nr; n++)
		if (s->site[n].failed && !strcmp(s->site[n].callee, callee))
			return true;
	return false;
}

static inline bool sites_may_fail(const struct sites *s, const struct site *site)
{
	/* Not ours: what the compiler adds to count lines */
	if (!strcmp(site->callee, "__gcov_init"))
		return false;
	return sites_allocates(site->callee) || sites_can_fail(s, site->callee);
}

/* How many were to fail, and never did */
static inline unsigned int sites_missing(const struct sites *s)
{
	unsigned int n, missing = 0;

	for (n = 0; n < s->nr; n++) {
		const struct site *site = &s->site[n];

		missing += sites_may_fail(s, site) && !site->failed && !sites_excuse(site);
	}
	return missing;
}

#endif
