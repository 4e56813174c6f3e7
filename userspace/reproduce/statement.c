// SPDX-License-Identifier: GPL-2.0
/*
 * A step of a history as a statement of C.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include "base/new_syscalls.h"
#include "base/proc.h"
#include "base/tool.h"
#include "record/text.h"
#include "record/record.h"
#include "reproduce/backing.h"
#include "reproduce/flag_name.h"
#include "reproduce/history.h"
#include "reproduce/region.h"
#include "reproduce/statement.h"

#define VM_MAYWRITE	0x20
#define ADDRESS		48	/* characters of an address, at most */

/* Where each of a call's arguments is an address: a bit for each. */
static unsigned int addresses_of(int nr)
{
	switch (nr) {
	case SYS_mlockall:
	case SYS_munlockall:
		return 0;
	case SYS_shmat:
		return 1 << 1;
	case SYS_prctl:
		return 1 << 2;
	case SYS_mremap:
		return 1 << 0 | 1 << 4;
	}
	return 1 << 0;
}

/* How many bytes from its address on a call is about, 0 where that is not known. */
static __u64 length_of(const struct step *step)
{
	__u64 length = step->args[1];

	switch (step->nr) {
	case SYS_brk:
	case SYS_shmat:
	case SYS_shmdt:
		return 0;
	case SYS_prctl:
		length = step->args[3];
		break;
	case SYS_mremap:
		if (step->args[2] > length)
			length = step->args[2];
		break;
	}
	/* What is so long fails, and the length is all that matters. */
	return step->error && length >> 40 ? 0 : length;
}

/**
 * statement_regions - find places for the addresses of a step
 * @step: the step
 * @regions: gets them
 */
void statement_regions(const struct step *step, struct regions *regions)
{
	unsigned int addresses = step->kind == STEP_CALL ? addresses_of(step->nr) : 0;
	__u64 length = length_of(step);

	if (step->kind == STEP_TOUCH)
		regions_add(regions, step->args[0], step->args[0] + 1);
	if (step->place)
		regions_add(regions, step->place, step->ends > step->place ? step->ends :
			    step->place + length);
	/* The kernel was free to put it elsewhere than there. */
	if (step->nr == SYS_mmap && step->place)
		return;
	for (unsigned int i = 0; i < step->more; i++)
		if (addresses & 1 << i && (i < 4 || step->args[3] & MREMAP_FIXED))
			regions_add(regions, step->args[i], step->args[i] + length);
}

static void write_fd(const struct step *step, FILE *out)
{
	if (step->args[3] & MAP_ANONYMOUS || step->error == EBADF)
		fputs("-1", out);
	else if (step->backing)
		fprintf(out, "file(%d)", step->backing->number);
	else
		fputs("some_file()", out);
}

static void write_mmap(const struct step *step, const char *at, FILE *out)
{
	__u64 flags = step->args[3];

	if (!step->error && !(flags & MAP_FIXED))
		flags = (flags & ~(__u64)MAP_32BIT) | MAP_FIXED_NOREPLACE;
	fprintf(out, "mmap, %s, 0x%llx, ", at, step->args[1]);
	flag_name_protection(step->args[2], out);
	fputs(", ", out);
	flag_name_mapping(flags, out);
	fputs(", ", out);
	write_fd(step, out);
	fprintf(out, ", 0x%llx", step->offset);
}

static void write_mremap(const struct step *step, const char *at, const char *to, FILE *out)
{
	__u64 flags = step->args[3];

	if (!step->error && step->place)
		flags |= MREMAP_MAYMOVE | MREMAP_FIXED;
	fprintf(out, "mremap, %s, 0x%llx, 0x%llx, ", at, step->args[1], step->args[2]);
	flag_name_moving(flags, out);
	if (flags & MREMAP_FIXED)
		fprintf(out, ", %s", to);
}

/* Names come from outside: what is not usual in them is written as a number. */
static void write_string(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || *text == '?' || !isprint((unsigned char)*text))
			fprintf(out, "\\%03o", (unsigned char)*text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void write_prctl(const struct step *step, const char *at, FILE *out)
{
	fprintf(out, "prctl, 0x%llx, 0x%llx, %s, 0x%llx, ", step->args[0], step->args[1], at,
		step->args[3]);
	if (!step->name) {
		fputs("0", out);
		return;
	}
	fputs("(long)", out);
	write_string(step->name, out);
}

static bool write_attach(const struct step *step, const char *at, FILE *out)
{
	if (!step->backing)
		return false;
	fprintf(out, "attach(%d, %s, 0x%llx);", step->backing->number, at,
		step->args[2] & ~(__u64)SHM_RND);
	return true;
}

static void write_others(const struct step *step, const char *at, FILE *out)
{
	fprintf(out, "%s", cause_name(step->nr == SYS_pkey_mprotect && !step->error ?
				      SYS_mprotect : step->nr));
	switch (step->nr) {
	case SYS_mprotect:
	case SYS_pkey_mprotect:
		fprintf(out, ", %s, 0x%llx, ", at, step->args[1]);
		flag_name_protection(step->args[2], out);
		if (step->nr == SYS_pkey_mprotect && step->error)
			fprintf(out, ", %lld", (long long)step->args[3]);
		break;
	case SYS_madvise:
	case SYS_process_madvise:
		fprintf(out, ", %s, 0x%llx, ", at, step->args[1]);
		flag_name_advice(step->args[2], out);
		break;
	case SYS_mlockall:
		fprintf(out, ", 0x%llx", step->args[0]);
		break;
	case SYS_munlockall:
		fputs(", 0", out);
		break;
	case SYS_brk:
	case SYS_shmdt:
		fprintf(out, ", %s", at);
		break;
	case SYS_mlock2:
		fprintf(out, ", %s, 0x%llx, 0x%llx", at, step->args[1], step->args[2]);
		break;
	default:
		fprintf(out, ", %s, 0x%llx", at, step->args[1]);
	}
}

static bool write_call(const struct step *step, const struct regions *regions, FILE *out)
{
	char at[ADDRESS], to[ADDRESS];
	unsigned int address = step->nr == SYS_shmat ? 1 : step->nr == SYS_prctl ? 2 : 0;
	bool placed = step->place && step->nr != SYS_mremap && !step->error;

	regions_name(regions, placed ? step->place : step->args[address], at, sizeof(at));
	regions_name(regions, step->place ? step->place : step->args[4], to, sizeof(to));
	if (step->nr == SYS_shmat && !step->error)
		return write_attach(step, at, out);
	if (step->error)
		fprintf(out, "fails(%s, ", statement_error(step->error));
	else
		fputs("call(", out);
	if (step->nr == SYS_mmap)
		write_mmap(step, at, out);
	else if (step->nr == SYS_mremap)
		write_mremap(step, at, to, out);
	else if (step->nr == SYS_prctl)
		write_prctl(step, at, out);
	else if (step->nr == SYS_shmat)
		fprintf(out, "shmat, %lld, %s, 0x%llx", (long long)(int)step->args[0], at,
			step->args[2]);
	else
		write_others(step, at, out);
	fputs(");", out);
	return true;
}

static void write_touch(const struct step *step, const struct regions *regions, FILE *out)
{
	char at[ADDRESS];
	const char *access = "READ";

	if (step->flags & MMSCOPE_F_EXEC)
		access = "EXEC";
	else if (step->flags & MMSCOPE_F_WRITE)
		access = "WRITE";
	regions_name(regions, step->args[0], at, sizeof(at));
	fprintf(out, "%s(%s%s, %s);", step->flags & MMSCOPE_F_ERROR ? "refused" : "touch", access,
		step->flags & (MMSCOPE_F_USER | MMSCOPE_F_EXEC) ? "" : " | KERNEL", at);
}

/* What was there before is mapped as it was. */
static void write_setup(const struct step *step, const struct regions *regions, FILE *out)
{
	char at[ADDRESS];
	bool shared = step->flags & RAW_VM_MAYSHARE;
	__u64 map = MAP_FIXED_NOREPLACE | (shared ? MAP_SHARED : MAP_PRIVATE);

	if (!step->backing)
		map |= MAP_ANONYMOUS;
	if (step->flags & RAW_VM_GROWSDOWN)
		map |= MAP_GROWSDOWN | MAP_STACK;
	if (!shared && step->flags & VM_MAYWRITE && step->flags & RAW_VM_WRITE &&
	    !(step->flags & RAW_VM_ACCOUNT))
		map |= MAP_NORESERVE;
	regions_name(regions, step->place, at, sizeof(at));
	fprintf(out, "call(mmap, %s, 0x%llx, ", at, step->ends - step->place);
	flag_name_protection(step->flags & (PROT_READ | PROT_WRITE | PROT_EXEC), out);
	fputs(", ", out);
	flag_name_mapping(map, out);
	if (step->backing)
		fprintf(out, ", file(%d), 0x%llx);", step->backing->number, step->offset);
	else
		fputs(", -1, 0x0);", out);
}

/**
 * statement_write - write a step that is a call, a touch, or part of a setup
 * @step: the step
 * @regions: with the places of its addresses
 * @out: to where
 *
 * Return: false where nothing was written, for it cannot be done again
 */
bool statement_write(const struct step *step, const struct regions *regions, FILE *out)
{
	if (step->kind == STEP_CALL)
		return write_call(step, regions, out);
	if (step->kind == STEP_TOUCH)
		write_touch(step, regions, out);
	else
		write_setup(step, regions, out);
	return true;
}

/**
 * statement_error - the name of an errno
 * @error: it
 */
const char *statement_error(int error)
{
	static char number[16];
	const char *name = strerrorname_np(error);

	if (name)
		return name;
	snprintf(number, sizeof(number), "%d", error);
	return number;
}
