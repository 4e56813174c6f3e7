/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_TRACKS_H
#define MMSCOPE_EXPORT_TRACKS_H

#include "export/model.h"

/* Numbers of tracks: what they are of is in the highest byte. */
enum track_kind {
	TRACK_OF_PROCESS = 1,
	TRACK_OF_MM,
	TRACK_OF_VMAS,
	TRACK_OF_VMA,
	TRACK_OF_FAULTS,
	TRACK_OF_CALLS,
	TRACK_OF_COUNTS,
	TRACK_OF_LOSSES,
};

#define TRACK(kind, number)	((__u64)(kind) << 56 | (number))

void tracks_of_vmas(const struct model *model);
void tracks_of_faults(const struct model *model);
void tracks_of_counts(const struct model *model);

#endif
