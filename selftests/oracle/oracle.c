// SPDX-License-Identifier: GPL-2.0
/*
 * The program. It plays sequences of random operations until there were enough, or one fails. A
 * sequence has two parts: operations one at a time, and storms, in which all threads do something
 * at once, with some operations between them.
 */
#include "oracle.h"

#include <getopt.h>

static const char usage[] =
"usage: mmscope_oracle [-s SEED] [-n OPS] [-l LENGTH] [-c STORMS] [-t SECONDS] [-x TYPE] [-v]\n"
"       mmscope_oracle -r SCRIPT\n"
"\n"
"Does random operations on mappings of the device, and compares what the log\n"
"says with what the kernel shows after each of them.\n"
"\n"
"  -s SEED     of the first sequence; the next one's is one more (default: the time)\n"
"  -n OPS      operations, one at a time (default 20000)\n"
"  -l LENGTH   operations of a sequence (default 400)\n"
"  -c STORMS   storms of a sequence (default 6)\n"
"  -t SECONDS  to spend on making a failing sequence short (default 40)\n"
"  -r SCRIPT   play what a failing run has printed\n"
"  -x TYPE     hide some records of a type from the model, as 'unmap': it must fail\n"
"  -v          print each operation before it is done\n"
"\n"
"The last line is 'N operations, N more in storms, N mismatches, N events\n"
"unaccounted'; the status is 0 if the latter two are 0.\n";

#define AFTER_STORM	6	/* operations between storms */
#define PROGRESS	50000	/* operations after which to say how far it is */

struct options {
	__u64 seed;
	__u64 ops;
	unsigned int length;
	unsigned int storms;
	unsigned int seconds;
	unsigned int hide;
	bool verbose;
	const char *script;
};

static bool do_op(struct play *p, const struct options *o, const struct op *op)
{
	if (o->verbose)
		script_op(stdout, op);
	return play_op(p, op);
}

/* Chooses the next operation by what there is now, adds it to the sequence and does it */
static bool next_op(struct play *p, const struct options *o, struct sequence *s, struct gen *g)
{
	struct op op;
	int i;

	g->busy = 0;
	for (i = 0; i < PROCS; i++) {
		g->threads[i] = p->proc[i].threads;
		g->busy |= p->proc[i].pid ? 1U << i : 0;
	}
	gen_proc(g, &op);
	g->mm = model_mm(&p->m, p->proc[op.proc].mm);
	gen_op(g, &op);
	sequence_add(s, &op);
	return do_op(p, o, &op);
}

static bool next_storm(struct play *p, const struct options *o, struct sequence *s, struct gen *g)
{
	struct op op = {
		.code = OP_STORM, .seed = gen_pick(g, ~0U), .len = 5 + gen_pick(g, 20),
		.how = g->zaps ? HOW_ZAP : 0,
	};

	if (!gen_pick(g, 4)) {
		op.how |= HOW_KILL;
		op.file = gen_pick(g, PROCS);
	}
	sequence_add(s, &op);
	return do_op(p, o, &op);
}

/* A sequence of its own seed. Returns false when it failed. */
static bool play_random(struct play *p, const struct options *o, struct sequence *s, __u64 seed)
{
	struct gen g = { .state = seed, .file = s->file };
	bool good = true;
	unsigned int i, k;

	s->nr = 0;
	s->seed = seed;
	gen_files(&g, s->file);
	g.zaps = gen_pick(&g, 2);
	play_begin(p, s);
	for (i = 0; good && i + o->storms * AFTER_STORM < o->length; i++)
		good = next_op(p, o, s, &g);
	for (i = 0; good && i < o->storms; i++) {
		good = next_storm(p, o, s, &g);
		for (k = 0; good && k < AFTER_STORM; k++)
			good = next_op(p, o, s, &g);
	}
	return play_end(p) && good;
}

static int play_all(struct play *p, const struct options *o)
{
	static struct sequence s;
	__u64 seed = o->seed, told = 0;

	while (p->ops < o->ops) {
		if (p->ops - told >= PROGRESS) {
			told = p->ops;
			printf("# %llu operations so far\n", told);
		}
		if (play_random(p, o, &s, seed)) {
			seed++;
			continue;
		}
		printf("# MISMATCH: seed %#llx, operation %zu\n", (long long)seed, s.nr);
		play_tell(p);
		if (o->seconds)
			shrink(p, &s, o->seconds);
		return 1;
	}
	return 0;
}

static int play_script(struct play *p, const struct options *o)
{
	static struct sequence s;
	FILE *f = strcmp(o->script, "-") ? fopen(o->script, "re") : stdin;
	bool good = true;
	size_t i;
	int line;

	if (!f) {
		perror(o->script);
		exit(2);
	}
	line = script_read(f, &s);
	if (line) {
		fprintf(stderr, "%s: line %d is no operation\n", o->script, line);
		exit(2);
	}
	play_begin(p, &s);
	for (i = 0; good && i < s.nr; i++)
		good = do_op(p, o, s.op + i);
	if (play_end(p) && good)
		return 0;
	printf("# MISMATCH: operation %zu\n", i);
	play_tell(p);
	return 1;
}

/* What was there to be replayed */
static void print_types(const struct play *p)
{
	unsigned int i;

	printf("# records:");
	for (i = 0; i < MMSCOPE_NR_TYPES; i++)
		if (p->types[i])
			printf(" %s %llu", scope_type(i), p->types[i]);
	printf("\n");
}

static unsigned long long count(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 0);

	if (!*text || *end) {
		fputs(usage, stderr);
		exit(2);
	}
	return n;
}

static unsigned int type_named(const char *name)
{
	unsigned int i;

	for (i = 1; i < MMSCOPE_NR_TYPES; i++)
		if (!strcmp(scope_type(i), name))
			return i;
	fprintf(stderr, "%s is no type of records\n", name);
	exit(2);
}

static void get_options(struct options *o, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "s:n:l:c:t:r:x:vh")) >= 0) {
		switch (opt) {
		case 's':
			o->seed = count(optarg);
			break;
		case 'n':
			o->ops = count(optarg);
			break;
		case 'l':
			o->length = count(optarg);
			break;
		case 'c':
			o->storms = count(optarg);
			break;
		case 't':
			o->seconds = count(optarg);
			break;
		case 'r':
			o->script = optarg;
			break;
		case 'x':
			o->hide = type_named(optarg);
			break;
		case 'v':
			o->verbose = true;
			break;
		default:
			fputs(usage, opt == 'h' ? stdout : stderr);
			exit(opt == 'h' ? 0 : 2);
		}
	}
	if (o->length <= o->storms * AFTER_STORM)
		o->length = o->storms * AFTER_STORM + 1;
}

int main(int argc, char **argv)
{
	struct options o = {
		.seed = now_ns(), .ops = 20000, .length = 400, .storms = 6, .seconds = 40,
	};
	static struct play p;
	__u64 began = now_ns();
	int err, mismatches;

	if (argc == 3 && !strcmp(argv[1], "-w"))
		return worker_main(argv[2]);
	get_options(&o, argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	err = play_open(&p);
	if (err) {
		printf("# %s\n", scope_missing(err) ? scope_missing(err) : strerror(-err));
		return 4;
	}
	p.hide = o.hide;
	printf("# seed %#llx\n", (long long)o.seed);
	mismatches = o.script ? play_script(&p, &o) : play_all(&p, &o);
	print_types(&p);
	printf("# %llu s\n", (now_ns() - began) / 1000000000);
	printf("%llu operations, %llu more in storms, %d mismatches, %llu events unaccounted\n",
	       p.ops, p.storm_ops, mismatches, p.unaccounted);
	return mismatches || p.unaccounted;
}
