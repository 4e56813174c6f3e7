/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses as heights: what was ever mapped is there in order of address, and holes between are
 * folded to a gap. What is between two edges of VMAs is as high as the logarithm of its pages, so
 * that a page is seen beside a gigabyte; or as its pages.
 */

const GAP = 0.6;	/* of what a page has */

/* Where faults were of which no VMA is known, as ranges; what is near is one. */
function strayRanges(data, faults) {
	const f = data.fault, ranges = [];
	const pages = Float64Array.from(faults.filter((row) => !f.vma[row]), (row) => f.page[row]).sort();

	for (const page of pages) {
		const last = ranges[ranges.length - 1];

		if (last && page <= last[1] + 64)
			last[1] = page + 1;
		else
			ranges.push([page, page + 1]);
	}
	return ranges;
}

function buildAxis(data, shapes, faults, trueSize) {
	const s = data.shape, edges = new Set();
	const order = [...shapes.map((i) => [s.start[i], s.start[i] + s.pages[i]]),
		...strayRanges(data, faults)].sort((a, b) => a[0] - b[0]);
	const parts = [];
	let end = -1;

	/* Unions of what overlaps or touches, and all edges in them. */
	for (const [from, to] of order) {
		if (from === to)
			continue;
		if (from > end)
			parts.push([from, from]);
		end = Math.max(end, to);
		parts[parts.length - 1][1] = end;
		edges.add(from);
		edges.add(to);
	}
	const sorted = Float64Array.from(edges).sort();
	const axis = { page: sorted, y: new Float64Array(sorted.length), parts, height: 0 };
	let part = 0, y = 0, pages = 0;

	for (const [from, to] of parts)
		pages += to - from;
	for (let i = 0; i < sorted.length; i++) {
		axis.y[i] = y;
		if (sorted[i] === parts[part][1]) {
			y += trueSize ? pages / 400 : GAP;
			part++;
		} else if (i + 1 < sorted.length) {
			const n = sorted[i + 1] - sorted[i];

			y += trueSize ? n : Math.log2(1 + n);
		}
	}
	axis.height = Math.max(1, sorted.length ? axis.y[sorted.length - 1] : 1);
	return axis;
}

/* The last edge that is not above a value. */
function below(array, value) {
	let low = 0, high = array.length;

	while (low < high) {
		const middle = (low + high) >> 1;

		if (array[middle] <= value)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

function yOfPage(axis, page) {
	const i = below(axis.page, page);

	if (i < 0)
		return -GAP;
	if (i + 1 >= axis.page.length)
		return axis.y[i] + (page > axis.page[i] ? GAP : 0);
	return axis.y[i] + (axis.y[i + 1] - axis.y[i]) * (page - axis.page[i]) /
		(axis.page[i + 1] - axis.page[i]);
}

function pageOfY(axis, y) {
	const i = below(axis.y, y);

	if (i < 0 || i + 1 >= axis.page.length)
		return axis.page[Math.max(0, Math.min(i, axis.page.length - 1))] || 0;
	return Math.floor(axis.page[i] + (axis.page[i + 1] - axis.page[i]) * (y - axis.y[i]) /
		(axis.y[i + 1] - axis.y[i]));
}

/* Round steps of a scale: at least so far apart. */
function stepOf(least) {
	const power = Math.pow(10, Math.floor(Math.log10(least)));

	for (const factor of [1, 2, 5, 10])
		if (factor * power >= least)
			return factor * power;
	return 10 * power;
}
