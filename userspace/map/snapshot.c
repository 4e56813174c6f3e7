// SPDX-License-Identifier: GPL-2.0
/*
 * A snapshot of an address space: VMAs and pages as /proc/PID shows them, and for each VMA what the
 * BPF programs have told of it.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "base/tool.h"
#include "map/snapshot.h"

#define OWN_NAME	"anon_inode:bpf-map"
#define WORTH_READING	(1ULL << 30)	/* a larger VMA without pages in smaps is not read */

/**
 * struct cell - the pages that one character of a strip stands for
 * @pages: number of pages by enum page_kind
 */
struct cell {
	__u64 pages[NR_PAGE_KINDS];
};

/**
 * struct sketch - state of counting the pages of a VMA
 * @vma: the VMA
 * @cells: cells of its strip
 * @nr: number of cells
 * @size: bytes of a page
 */
struct sketch {
	struct snapshot_vma *vma;
	struct cell cells[ATLAS_STRIP];
	unsigned int nr;
	__u64 size;
};

/* The first page of a cell. Cells have as many pages each as whole numbers allow. */
static __u64 first_page(const struct sketch *s, unsigned int cell)
{
	__u64 pages = (s->vma->end - s->vma->start) / s->size;

	return (__uint128_t)pages * cell / s->nr;
}

static unsigned int cell_of(const struct sketch *s, __u64 page)
{
	__u64 pages = (s->vma->end - s->vma->start) / s->size;
	unsigned int cell = (__uint128_t)page * s->nr / pages;

	while (cell + 1 < s->nr && first_page(s, cell + 1) <= page)
		cell++;
	return cell;
}

static void count(const struct pages *pages, void *arg)
{
	struct sketch *s = arg;
	__u64 page = (pages->start - s->vma->start) / s->size;
	__u64 end = (pages->end - s->vma->start) / s->size;

	s->vma->pages[pages->kind] += end - page;
	while (page < end) {
		unsigned int cell = cell_of(s, page);
		__u64 next = cell + 1 < s->nr ? first_page(s, cell + 1) : end;

		next = next < end ? next : end;
		s->cells[cell].pages[pages->kind] += next - page;
		page = next;
	}
}

/*
 * The character of a cell: that of the kind that most of its pages have, else one for how many of
 * them are present.
 */
static char draw(const struct sketch *s, unsigned int i)
{
	static const char rare[] = {
		[PAGE_ZERO] = 'z', [PAGE_SWAPPED] = 's', [PAGE_GUARDED] = 'g'
	};
	const struct cell *cell = &s->cells[i];
	__u64 all = (i + 1 < s->nr ? first_page(s, i + 1) :
		     (s->vma->end - s->vma->start) / s->size) - first_page(s, i);
	__u64 shared = cell->pages[PAGE_SHARED], anon = cell->pages[PAGE_ANON];
	__u64 here = shared + anon;

	for (enum page_kind kind = PAGE_ZERO; kind <= PAGE_GUARDED; kind++)
		if (cell->pages[kind] > here)
			return rare[kind];
	if (!here)
		return '.';
	if (s->vma->inode && s->vma->rights[3] == 'p' && anon > shared)
		return 'c';
	return here == all ? '#' : 2 * here < all ? ':' : '+';
}

static bool worth_reading(const struct proc_vma *told)
{
	return told->rss || told->swap || told->map.end - told->map.start <= WORTH_READING;
}

static int look_at_pages(struct snapshot_vma *vma, int fd, unsigned int width, bool read)
{
	struct sketch s = { .vma = vma, .size = proc_page_size() };
	__u64 pages = (vma->end - vma->start) / s.size;
	int error = 0;

	s.nr = pages < width ? pages : width;
	if (read && !vma->hidden)
		error = pages_walk(fd, vma->start, vma->end, count, &s);
	for (unsigned int i = 0; i < s.nr; i++)
		vma->strip[i] = vma->hidden ? '?' : draw(&s, i);
	return error;
}

/**
 * struct look - state of walking the VMAs of a process
 * @snapshot: snapshot that is filled
 * @fd: descriptor of pagemap
 * @error: first error of reading pagemap, or 0
 */
struct look {
	struct snapshot *snapshot;
	int fd;
	int error;
};

/**
 * snapshot_add - add a VMA to a snapshot
 * @snapshot: the snapshot
 *
 * Return: the VMA, all of whose members are 0; valid until the next one is added
 */
struct snapshot_vma *snapshot_add(struct snapshot *snapshot)
{
	if (snapshot->nr == snapshot->room) {
		snapshot->room = 2 * snapshot->room + 64;
		snapshot->vmas = realloc(snapshot->vmas, snapshot->room * sizeof(*snapshot->vmas));
		if (!snapshot->vmas)
			abort();
	}
	return memset(&snapshot->vmas[snapshot->nr++], 0, sizeof(*snapshot->vmas));
}

static void take(const struct proc_vma *told, void *arg)
{
	const struct proc_map *map = &told->map;
	struct look *look = arg;
	struct snapshot_vma *vma;

	/* [vsyscall] is the kernel's, and no VMA of any process. */
	if (!strcmp(map->path, "[vsyscall]"))
		return;
	vma = snapshot_add(look->snapshot);
	vma->start = map->start;
	vma->end = map->end;
	vma->offset = map->offset;
	vma->inode = map->inode;
	vma->major = map->major;
	vma->minor = map->minor;
	memcpy(vma->rights, map->rights, sizeof(vma->rights));
	vma->name = strdup(map->path);
	vma->flags = strdup(told->flags);
	if (!vma->name || !vma->flags)
		abort();
	vma->own = look->snapshot->pid == getpid() &&
		   !strncmp(vma->name, OWN_NAME, strlen(OWN_NAME));
	vma->hidden = strstr(told->flags, "pf ");
	if (!look->error)
		look->error = look_at_pages(vma, look->fd, look->snapshot->width,
					    worth_reading(told));
}

static bool is_32_bit(pid_t pid)
{
	unsigned char ident[EI_NIDENT] = { 0 };
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, ident, sizeof(ident)) < 0)
		ident[EI_CLASS] = ELFCLASSNONE;
	close(fd);
	return ident[EI_CLASS] == ELFCLASS32;
}

static void look_at_process(struct snapshot *snapshot)
{
	char path[32], word[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", snapshot->pid);
	proc_word(path, snapshot->comm, sizeof(snapshot->comm));
	snapshot->top = is_32_bit(snapshot->pid) ? ATLAS_TOP_32 : ATLAS_TOP_64;
	snapshot->max = proc_word("/proc/sys/vm/max_map_count", word, sizeof(word)) ?
		     strtoul(word, NULL, 10) : 0;
	snapshot->now = time_now();
}

/**
 * snapshot_may_look - can the memory of a process be looked at?
 * @pid: the process
 *
 * Return: 0; -ESRCH when it has ended or has no memory; or -errno
 */
int snapshot_may_look(pid_t pid)
{
	int fd = pages_open(pid);

	if (fd >= 0)
		close(fd);
	if (fd == -ENOENT || (fd >= 0 && proc_kthread(pid)))
		return -ESRCH;
	return fd < 0 ? fd : 0;
}

/**
 * snapshot_look - make a snapshot of a process as it is now
 * @snapshot: @pid and @width are set; what it had before is freed
 *
 * Return: 0; -ESRCH when the process has ended or has no memory; or -errno
 */
int snapshot_look(struct snapshot *snapshot)
{
	struct look look = { .snapshot = snapshot };
	int error;

	snapshot_free(snapshot);
	look_at_process(snapshot);
	look.fd = pages_open(snapshot->pid);
	if (look.fd < 0)
		return look.fd == -ENOENT ? -ESRCH : look.fd;
	error = proc_vmas(snapshot->pid, take, &look);
	close(look.fd);
	if (error)
		return error == -ENOENT ? -ESRCH : error;
	return snapshot->nr ? look.error : -ESRCH;
}

/**
 * snapshot_end_before - the end of the VMA before another one, 0 for the first VMA
 * @snapshot: the snapshot
 * @i: number of the VMA; &snapshot.nr for the last VMA's end
 */
__u64 snapshot_end_before(const struct snapshot *snapshot, size_t i)
{
	return i ? snapshot->vmas[i - 1].end : 0;
}

/*
 * Take the sums of pages of a snapshot of the past, in which it is not known where the pages were.
 */
static void sum_kept(const struct snapshot *snapshot, struct snapshot_sum *sum)
{
	sum->pages[PAGE_SHARED] = snapshot->rss[RAW_RSS_FILE] + snapshot->rss[RAW_RSS_SHMEM] +
				  snapshot->rss[RAW_RSS_HUGETLB];
	sum->pages[PAGE_ANON] = snapshot->rss[RAW_RSS_ANON];
	sum->pages[PAGE_SWAPPED] = snapshot->rss[RAW_RSS_SWAP];
}

/**
 * snapshot_sum - sum up a snapshot
 * @snapshot: the snapshot
 * @sum: is filled
 */
void snapshot_sum(const struct snapshot *snapshot, struct snapshot_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (size_t i = 0; i <= snapshot->nr; i++) {
		const struct snapshot_vma *vma = i < snapshot->nr ? &snapshot->vmas[i] : NULL;
		__u64 from = snapshot_end_before(snapshot, i);
		__u64 to = vma ? vma->start : snapshot->top;

		if (to > from && to - from > sum->hole_end - sum->hole) {
			sum->hole = from;
			sum->hole_end = to;
		}
		if (!vma)
			break;
		if (vma->own) {
			sum->own += vma->end - vma->start;
			sum->own_vmas++;
			continue;
		}
		sum->promised += vma->end - vma->start;
		for (enum page_kind kind = 0; kind < NR_PAGE_KINDS; kind++)
			sum->pages[kind] += vma->pages[kind];
	}
	if (snapshot->kept)
		sum_kept(snapshot, sum);
}

/* Free a copy that copied_vma() has made. */
static void free_vma(const struct vma *vma)
{
	free(vma->name);
	free((void *)vma);
}

/**
 * snapshot_free - free all VMAs of a snapshot
 * @snapshot: the snapshot
 */
void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->nr; i++) {
		free(snapshot->vmas[i].name);
		free(snapshot->vmas[i].flags);
		if (snapshot->kept)
			free_vma(snapshot->vmas[i].vma);
	}
	free(snapshot->vmas);
	snapshot->vmas = NULL;
	snapshot->nr = 0;
	snapshot->room = 0;
}
