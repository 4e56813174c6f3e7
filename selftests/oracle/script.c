// SPDX-License-Identifier: GPL-2.0
/*
 * A sequence as text, which looks like C, and back. One operation per line:
 *
 *	p0.t1: mmap(A + 4 * P, 8 * P, PROT_READ | PROT_WRITE, MAP_SHARED, f2, 324 * P);
 *
 * A letter of &op_kind.args stands for what an operation is told:
 *
 *	r  range of the arena		p  rights		s  how to map
 *	o  page of the store		t  page of the arena	n  another size
 *	m  how to remap			a  advice		b  policy
 *	w  read or write		f  file			q  another process
 *	c  a number			S  seed			N  how many
 *	e  end of a child		z  whether to zap, whom to kill
 */
#include "oracle.h"

struct word {
	const char *name;
	unsigned int bit;
};

static const struct word prot_words[] = {
	{ "PROT_READ", PROT_READ }, { "PROT_WRITE", PROT_WRITE }, { "PROT_EXEC", PROT_EXEC },
	{ }
};

static const struct word map_words[] = {
	{ "MAP_PRIVATE", HOW_PRIVATE }, { "MAP_POPULATE", HOW_POPULATE },
	{ "MAP_LOCKED", HOW_LOCKED }, { }
};

static const struct word mremap_words[] = {
	{ "MREMAP_MAYMOVE", HOW_MAYMOVE }, { "MREMAP_FIXED", HOW_FIXED },
	{ "MREMAP_DONTUNMAP", HOW_DONTUNMAP }, { }
};

static const struct word storm_words[] = {
	{ "ZAPS", HOW_ZAP }, { "KILL", HOW_KILL }, { }
};

static const struct word flag_words[] = {
	{ "EAGER", MMSCOPE_EAGER }, { "MKWRITE_NOTIFY", MMSCOPE_MKWRITE_NOTIFY },
	{ "AROUND", MMSCOPE_AROUND }, { "GROWABLE", MMSCOPE_GROWABLE }, { "DROP", MMSCOPE_DROP },
	{ "NO_VMA_LOCK", MMSCOPE_NO_VMA_LOCK }, { "VETO", MMSCOPE_VETO },
	{ "COUNT", MMSCOPE_COUNT }, { "LATENCY", MMSCOPE_LATENCY }, { }
};

/* In the order of op_advice[] */
static const char * const advice_names[] = {
	"MADV_NORMAL", "MADV_RANDOM", "MADV_SEQUENTIAL", "MADV_WILLNEED", "MADV_DONTFORK",
	"MADV_DOFORK", "MADV_DONTDUMP", "MADV_DODUMP", "MADV_COLD", "MADV_PAGEOUT",
	"MADV_POPULATE_READ", "MADV_POPULATE_WRITE", "MADV_FREE", "MADV_WIPEONFORK",
	"MADV_HUGEPAGE", "MADV_NOHUGEPAGE", "MADV_MERGEABLE", "MADV_UNMERGEABLE",
	"MADV_GUARD_REMOVE", "MADV_GUARD_INSTALL", "MADV_DONTNEED", "MADV_DONTNEED_LOCKED", NULL
};

static const char * const backing_names[] = { "PAGE", "VMALLOC", "PFN", NULL };
static const char * const policy_names[] = { "MPOL_DEFAULT", "MPOL_PREFERRED", NULL };
static const char * const access_names[] = { "READ", "WRITE", NULL };
static const char * const end_names[] = { "EXIT", "KILL", "EXEC", NULL };

/* --- writing --- */

static void put_words(FILE *f, const struct word *word, unsigned int bits, const char *none)
{
	const char *between = "";

	for (; word->name; word++) {
		if (!(bits & word->bit))
			continue;
		fprintf(f, "%s%s", between, word->name);
		between = " | ";
	}
	if (!*between)
		fputs(none, f);
}

static void put_arg(FILE *f, const struct op *op, char arg)
{
	switch (arg) {
	case 'r':
		fprintf(f, "A + %u * P, %u * P", op->at, op->len);
		return;
	case 't':
		fprintf(f, "A + %u * P", op->to);
		return;
	case 'n':
	case 'o':
		fprintf(f, "%u * P", arg == 'n' ? op->size : op->to);
		return;
	case 'p':
		return put_words(f, prot_words, op->prot, "PROT_NONE");
	case 's':
		fputs(op->how & HOW_PRIVATE ? "" : op->how ? "MAP_SHARED | " : "MAP_SHARED", f);
		return put_words(f, map_words, op->how, "");
	case 'm':
		return put_words(f, mremap_words, op->how, "0");
	case 'z':
		put_words(f, storm_words, op->how, "0");
		if (op->how & HOW_KILL)
			fprintf(f, ", p%u", op->file);
		return;
	case 'a':
		fputs(advice_names[op->how], f);
		return;
	case 'b':
		fputs(policy_names[op->how], f);
		return;
	case 'w':
		fputs(access_names[op->how], f);
		return;
	case 'e':
		fputs(end_names[op->file], f);
		return;
	case 'f':
	case 'q':
		fprintf(f, "%c%u", arg == 'f' ? 'f' : 'p', op->file);
		return;
	case 'c':
		fprintf(f, "%u", op->file);
		return;
	case 'S':
		fprintf(f, "%#x", op->seed);
		return;
	case 'N':
		fprintf(f, "%u", op->len);
		return;
	}
}

void script_op(FILE *f, const struct op *op)
{
	const char *arg = op_kind[op->code].args;

	fprintf(f, "p%u.t%u: %s(", op->proc, op->thread, op_kind[op->code].name);
	for (; arg && *arg; arg++) {
		put_arg(f, op, *arg);
		fputs(arg[1] ? ", " : "", f);
	}
	fputs(");\n", f);
}

void script_print(FILE *f, const struct sequence *s)
{
	size_t i;

	fprintf(f, "/* A: %#llx, P: %llu, a file has %u pages */\n", ARENA, P, STORE_PAGES);
	for (i = 0; i < FILES; i++) {
		fprintf(f, "f%zu = setup(%s, ", i, backing_names[s->file[i].backing]);
		put_words(f, flag_words, s->file[i].flags, "0");
		fprintf(f, ", %u);\n", s->file[i].error_nth);
	}
	for (i = 0; i < s->nr; i++)
		script_op(f, s->op + i);
}

/* --- reading --- */

static unsigned long number(const char *text)
{
	text += strcspn(text, "0123456789");
	return strtoul(text, NULL, 0);
}

static bool has_word(const char *text, const char *word)
{
	const char *at = text;
	size_t len = strlen(word);

	while ((at = strstr(at, word))) {
		bool begins = at == text || !(isalnum(at[-1]) || at[-1] == '_');

		if (begins && !isalnum(at[len]) && at[len] != '_')
			return true;
		at += len;
	}
	return false;
}

static unsigned int get_words(const char *text, const struct word *word)
{
	unsigned int bits = 0;

	for (; word->name; word++)
		bits |= has_word(text, word->name) ? word->bit : 0;
	return bits;
}

static unsigned int get_name(const char *text, const char * const *name)
{
	unsigned int i;

	for (i = 0; name[i]; i++)
		if (has_word(text, name[i]))
			return i;
	return 0;
}

/* The next argument of a call, or "" */
static const char *next_arg(char **rest)
{
	char *arg = strsep(rest, ",)");

	return arg ? arg : "";
}

static void get_arg(struct op *op, char letter, char **rest)
{
	const char *arg = next_arg(rest);

	switch (letter) {
	case 'r':
		op->at = number(arg);
		op->len = number(next_arg(rest));
		return;
	case 't':
	case 'o':
		op->to = number(arg);
		return;
	case 'n':
		op->size = number(arg);
		return;
	case 'p':
		op->prot = get_words(arg, prot_words);
		return;
	case 's':
		op->how = get_words(arg, map_words);
		return;
	case 'm':
		op->how = get_words(arg, mremap_words);
		return;
	case 'z':
		op->how = get_words(arg, storm_words);
		if (op->how & HOW_KILL)
			op->file = number(next_arg(rest));
		return;
	case 'a':
		op->how = get_name(arg, advice_names);
		return;
	case 'b':
		op->how = get_name(arg, policy_names);
		return;
	case 'w':
		op->how = get_name(arg, access_names);
		return;
	case 'e':
		op->file = get_name(arg, end_names);
		return;
	case 'f':
	case 'q':
	case 'c':
		op->file = number(arg);
		return;
	case 'S':
		op->seed = number(arg);
		return;
	case 'N':
		op->len = number(arg);
		return;
	}
}

/* What cannot be is refused, for the sake of who indexes by it */
static bool op_valid(const struct op *op)
{
	bool file = op->code == OP_MMAP || op->code == OP_REOPEN;
	bool proc = op->code == OP_FORK || op->how & HOW_KILL;

	return op->proc < PROCS && op->thread < THREADS && !(file && op->file >= FILES) &&
	       !(op->code == OP_STORM && proc && op->file >= PROCS) &&
	       !(op->code == OP_FORK && op->file >= PROCS) &&
	       !(op->code == OP_THREAD && op->file >= THREADS) &&
	       op->at + op->len <= PAGES && op->size <= PAGES;
}

static bool get_op(char *line, struct op *op)
{
	const char *letter;
	unsigned int i;
	char *rest;

	*op = (struct op){ .proc = number(line) };
	rest = strstr(line, ": ");
	if (!rest || *line != 'p')
		return false;
	if (strstr(line, ".t"))
		op->thread = number(strstr(line, ".t"));
	line = rest + 2;
	rest = strchr(line, '(');
	if (!rest)
		return false;
	*rest++ = 0;
	for (i = 0; i < NR_OPS && strcmp(op_kind[i].name, line); i++)
		;
	if (i == NR_OPS)
		return false;
	op->code = i;
	for (letter = op_kind[i].args; letter && *letter; letter++)
		get_arg(op, *letter, &rest);
	return op_valid(op);
}

static bool get_file(char *line, struct setup *file)
{
	unsigned long i = number(line);
	char *rest = strchr(line, '(');

	if (*line != 'f' || i >= FILES || !rest)
		return false;
	rest++;
	file[i].backing = get_name(next_arg(&rest), backing_names);
	file[i].flags = get_words(next_arg(&rest), flag_words);
	file[i].error_nth = number(next_arg(&rest));
	return true;
}

/* Returns the number of the line that cannot be read, or 0 */
int script_read(FILE *f, struct sequence *s)
{
	char line[256], *text;
	struct op op;
	int n;

	for (n = 1; fgets(line, sizeof(line), f); n++) {
		text = line;
		/* As it is printed, in the middle of TAP */
		while (*text == '#' || isspace(*text))
			text++;
		if (!*text || *text == '/')
			continue;
		if (get_op(text, &op))
			sequence_add(s, &op);
		else if (!get_file(text, s->file))
			return n;
	}
	return 0;
}
