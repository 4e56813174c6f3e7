// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: three flat files for people, readable by root. Nothing depends on them, and they are no
 * ABI; programs use the device. A lock that a hook takes is held for one line at most, so each line
 * tells of a moment of its own: what comes, goes or is cut between two lines may be in both or in
 * neither.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>

#include "internal.h"
#include "trace.h"

/* Records per mm in the file events. */
#define LAST	64

static struct dentry *dir;

static const struct {
	u32 type;
	const char *name;
} type_names[] = { MMSCOPE_TYPE_NAMES };

static const char *type_name(u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(type_names); i++)
		if (type_names[i].type == type)
			return type_names[i].name;
	return "?";
}

static void show_latency(struct seq_file *s, const struct mmscope_stat *stat)
{
	unsigned int i;

	seq_printf(s, "handler_ns %llu\n", stat->ns);
	for (i = 0; i < ARRAY_SIZE(stat->latency); i++)
		if (stat->latency[i])
			seq_printf(s, "handler_ns_below_%llu %llu\n", BIT_ULL(i), stat->latency[i]);
}

static int stats_show(struct seq_file *s, void *unused)
{
	struct mmscope_stat *stat = kzalloc(sizeof(*stat), GFP_KERNEL);
	size_t i;
	u32 mms;
	int err;

	if (!stat)
		return -ENOMEM;
	err = mmscope_sees_all(s->file) ? mmscope_mm_total(stat, &mms) : -EPERM;
	if (err) {
		kfree(stat);
		return err;
	}
	seq_printf(s, "mms %u\n", mms);
	seq_printf(s, "maps %u\nvmas %u\n", stat->maps, stat->vmas);
	for (i = 0; i < ARRAY_SIZE(type_names); i++)
		if (type_names[i].type != MMSCOPE_LOST)
			seq_printf(s, "%s %llu\n", type_names[i].name,
				   stat->events[type_names[i].type]);
	seq_printf(s, "fault_write %llu\nfault_kernel %llu\nfault_remote %llu\n",
		   stat->write, stat->kernel, stat->remote);
	seq_printf(s, "fault_again %llu\nfault_vma_lock %llu\nfault_cow %llu\n",
		   stat->refault, stat->vma_lock, stat->cow);
	seq_printf(s, "fault_major %llu\nfault_error %llu\n", stat->major, stat->error);
	seq_printf(s, "touched %llu\ngiven_back %llu\nmapped %llu\n",
		   stat->touched, stat->given_back, stat->mapped);
	seq_printf(s, "dropped %llu\norphans %llu\nunrecorded %llu\n", stat->dropped,
		   stat->orphans, (u64)atomic64_read(&mmscope_unrecorded));
	show_latency(s, stat);
	kfree(stat);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/* May a walk go on? There may be many mms of which nothing is to be shown. */
static int may_go_on(struct seq_file *s)
{
	cond_resched();
	if (fatal_signal_pending(current))
		return -EINTR;
	return mmscope_sees_all(s->file) ? 0 : -EPERM;
}

/*
 * A place in the file mms, and its line: of an mm, or of a VMA. Its position is the id of the one,
 * and, in the lower half, of the other; 0 is the headline.
 */
struct place {
	struct mmscope_mm *m;
	struct mmscope_vma vma;
	bool growable;
};

#define VMA_BITS	32

/* The VMA to be shown, from an id on. Returns whether there is one. */
static bool load_vma(struct place *p, u32 id)
{
	const struct mmscope_vma *v;

	mutex_lock(&p->m->lock);
	v = mmscope_vma_from(p->m, id);
	if (v) {
		p->vma = *v;
		p->growable = !v->map->pages;
	}
	mutex_unlock(&p->m->lock);
	return v;
}

static void put_place(struct place *p)
{
	if (p->m)
		mmscope_mm_put(p->m);
	p->m = NULL;
}

/* The first place from a position on; of its mm, p->m is a reference if it is not NULL. */
static void *find_place(struct place *p, u64 pos)
{
	u32 mm = pos >> VMA_BITS;
	u32 vma = pos;

	if (!p->m)
		p->m = mmscope_mm_next(mm);
	if (p->m && p->m->id == mm && vma) {
		if (load_vma(p, vma))
			return p;
		put_place(p);
		p->m = mm < U32_MAX ? mmscope_mm_next(mm + 1) : NULL;
	}
	p->vma.id = 0;
	return p->m ? p : NULL;
}

static void *mms_start(struct seq_file *s, loff_t *pos)
{
	int err = may_go_on(s);

	if (err)
		return ERR_PTR(err);
	return *pos ? find_place(s->private, *pos) : SEQ_START_TOKEN;
}

static void mms_stop(struct seq_file *s, void *v)
{
	put_place(s->private);
}

static void *mms_next(struct seq_file *s, void *v, loff_t *pos)
{
	struct place *p = v;

	*pos = v == SEQ_START_TOKEN ? BIT_ULL(VMA_BITS) :
				      ((u64)p->m->id << VMA_BITS) + p->vma.id + 1;
	return mms_start(s, pos);
}

static void show_vma(struct seq_file *s, const struct place *p)
{
	const struct mmscope_vma *v = &p->vma;

	seq_printf(s, "      #%u", v->id);
	if (v->parent)
		seq_printf(s, " from #%u", v->parent);
	seq_printf(s, " by %s %08lx-%08lx %lup%s\n", type_name(v->born), v->start, v->end,
		   (v->end - v->start) >> PAGE_SHIFT,
		   p->growable ? " (growable: range when last told)" : "");
}

static const char * const state_names[] = {
	[MMSCOPE_LIVE] = "live", [MMSCOPE_IDLE] = "idle", [MMSCOPE_DEAD] = "exited",
};

/*
 * A name that its process chose: neither a new line nor a blank nor anything for a terminal comes
 * through, so that it cannot pass for something else.
 */
static void show_name(struct seq_file *s, const char *name)
{
	seq_escape_mem(s, name, strlen(name), ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, " \\");
}

static void show_mm(struct seq_file *s, const struct mmscope_stat *stat)
{
	seq_printf(s, "%3u %7u %6d ", stat->mm, stat->parent, stat->tgid);
	seq_setwidth(s, 15);
	show_name(s, stat->comm);
	seq_pad(s, ' ');
	seq_printf(s, "%-6s %5u %5u %8llu %8llu %7llu %7llu %8llu %10llu %5llu\n",
		   state_names[stat->state], stat->maps, stat->vmas, stat->events[MMSCOPE_FAULT],
		   stat->events[MMSCOPE_MKWRITE] + stat->events[MMSCOPE_PFN_MKWRITE],
		   stat->events[MMSCOPE_SPLIT], stat->events[MMSCOPE_UNMAP], stat->touched,
		   stat->given_back, stat->dropped);
}

static int mms_show(struct seq_file *s, void *v)
{
	struct mmscope_stat *stat;
	struct place *p = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(s, " mm  parent    pid comm            state   maps  vmas   faults mkwrites  splits  unmaps  touched given_back  lost\n");
		return 0;
	}
	if (p->vma.id) {
		show_vma(s, p);
		return 0;
	}
	stat = kzalloc(sizeof(*stat), GFP_KERNEL);
	if (!stat)
		return -ENOMEM;
	mmscope_mm_stat(p->m, stat);
	show_mm(s, stat);
	kfree(stat);
	return 0;
}

static const struct seq_operations mms_sops = {
	.start = mms_start, .next = mms_next, .stop = mms_stop, .show = mms_show,
};

static int mms_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &mms_sops, sizeof(struct place));
}

static const struct file_operations mms_fops = {
	.owner		= THIS_MODULE,
	.open		= mms_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};

static void show_event(struct seq_file *s, const struct mmscope_event *e)
{
	seq_printf(s, "%8u %6llu.%09u %6u cpu%-3u %-11s ", e->seq,
		   div_u64(e->time_ns, NSEC_PER_SEC), (u32)(e->time_ns % NSEC_PER_SEC), e->tid,
		   e->cpu, type_name(e->type));
	if (e->type == MMSCOPE_NAME) {
		seq_printf(s, "%u ", e->tgid);
		show_name(s, e->text);
		seq_putc(s, '\n');
	} else if (e->type == MMSCOPE_LOST) {
		seq_printf(s, "%llu\n", e->count);
	} else if (e->type >= MMSCOPE_FAULT) {
		seq_printf(s, "#%u %llx ip %llx page %llu flags %x cause %d %up %u ns\n", e->vma,
			   e->addr, e->ip, e->pgoff, e->flags, e->cause, e->npages, e->ns);
	} else {
		seq_printf(s, "#%u %llx-%llx %llx flags %x cause %d from #%u %dp\n", e->vma,
			   e->start, e->end, e->aux, e->flags, e->cause, e->parent, (int)e->pages);
	}
}

static void show_records(struct seq_file *s, struct mmscope_reader *r)
{
	/* Stop after what was unread at the beginning: the writers may never pause. */
	u64 left = mmscope_reader_unread(r);
	unsigned int i, n;

	while (left && (n = mmscope_reader_fill(r, min_t(u64, left, LAST)))) {
		left -= n;
		for (i = 0; i < n; i++)
			show_event(s, &r->buffer[i]);
		mmscope_reader_commit(r, true);
		if (seq_has_overflowed(s) || fatal_signal_pending(current))
			break;
		cond_resched();
	}
}

static int events_show(struct seq_file *s, void *v)
{
	struct mmscope_reader *r;
	struct mmscope_mm *m = v;
	int err;

	m = mmscope_mm_find_id(m->id);
	if (!m)
		return 0;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	err = r ? mmscope_reader_init(r, NULL) : -ENOMEM;
	if (!err) {
		mmscope_reader_attach(r, m, 0, NULL, 1);
		mmscope_reader_last(r, LAST);
		seq_printf(s, "mm %u\n", m->id);
		show_records(s, r);
		mmscope_reader_destroy(r);
	}
	kfree(r);
	mmscope_mm_release(m);
	return err;
}

/* Through the mms in order of ids; position 0 is that of the first. */
static void *events_start(struct seq_file *s, loff_t *pos)
{
	int err = may_go_on(s);

	if (err)
		return ERR_PTR(err);
	return *pos > U32_MAX ? NULL : mmscope_mm_next(*pos);
}

static void events_stop(struct seq_file *s, void *v)
{
	if (!IS_ERR_OR_NULL(v))
		mmscope_mm_put(v);
}

static void *events_next(struct seq_file *s, void *v, loff_t *pos)
{
	struct mmscope_mm *m = v;

	*pos = m->id + 1LL;
	events_stop(s, v);
	return events_start(s, pos);
}

static const struct seq_operations events_sops = {
	.start = events_start, .next = events_next, .stop = events_stop, .show = events_show,
};
DEFINE_SEQ_ATTRIBUTE(events);

/**
 * mmscope_stats_init() - the debugfs files appear; nothing depends on it
 */
void mmscope_stats_init(void)
{
	dir = debugfs_create_dir("mmscope", NULL);
	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
	debugfs_create_file("mms", 0400, dir, NULL, &mms_fops);
	debugfs_create_file("events", 0400, dir, NULL, &events_fops);
}

/**
 * mmscope_stats_exit() - the files go; waits for those who read them
 */
void mmscope_stats_exit(void)
{
	debugfs_remove(dir);
}
