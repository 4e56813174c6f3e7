// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the VMAs that the log tells with those of /proc/self/maps: both have to be the same.
 */
#include <stdio.h>
#include <string.h>
#include "base/proc.h"
#include "device/device.h"
#include "lab/lineage.h"
#include "lab/step.h"

/**
 * struct writing - a list of ranges that is being written
 * @buf: buffer for the list
 * @size: of @buf
 */
struct writing {
	char *buf;
	size_t size;
};

static void write_range(const struct proc_map *map, void *arg)
{
	struct writing *w = arg;
	size_t n = strlen(w->buf);

	if (map->start < region_window() || map->start >= region_window_end() ||
	    strncmp(map->path, DEVICE_NODE, strlen(DEVICE_NODE)))
		return;
	snprintf(w->buf + n, w->size - n, "%s%llx+%llu@%llu", n ? " " : "",
		 map->start - region_window(), (map->end - map->start) / proc_page_size(),
		 map->offset / proc_page_size());
}

static void write_told(const struct lineage_vma *vma, void *arg)
{
	struct proc_map map = { .start = vma->start, .end = vma->end, .path = DEVICE_NODE,
				.offset = vma->pgoff * proc_page_size() };

	write_range(&map, arg);
}

/**
 * maps_agree - are the device's VMAs by the log those of /proc/self/maps?
 * @log: becomes the former: "start+pages@offset", start counted from the window
 * @maps: becomes the latter
 * @size: of both buffers
 */
bool maps_agree(char *log, char *maps, size_t size)
{
	struct writing w = { log, size };

	log[0] = '\0';
	lineage_walk(step_log_own(), region_window(), region_window_end(), write_told, &w);
	w.buf = maps;
	maps[0] = '\0';
	proc_maps(0, write_range, &w);
	return !strcmp(log, maps);
}
