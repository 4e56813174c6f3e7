/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Draws one address space: VMAs, faults, lineage; and below, on the same time, how much of it was
 * resident, how many VMAs there were, and faults by time.
 */

const LEFT = 132;	/* for names */
const RIGHT = 12;
const CELL = 3;		/* pixels of a cell, where faults are too many to be shown one by one */
const MOST_MARKS = 5000;
const STRIPS = [["resident", 64], ["VMAs", 40], ["faults", 56]];
const AXIS = 24;	/* height of the time scale */

function geometry(state) {
	const width = state.stage.clientWidth, height = state.stage.clientHeight;
	let below = AXIS;

	for (const strip of STRIPS)
		below += strip[1] + 8;
	return { width, height, left: LEFT, right: width - RIGHT, top: 4, bottom: height - below,
		scale: window.devicePixelRatio || 1 };
}

function xOf(state, t) {
	const { g, view } = state;

	return g.left + (t - view.t0) / (view.t1 - view.t0) * (g.right - g.left);
}

function tOf(state, x) {
	const { g, view } = state;

	return view.t0 + (x - g.left) / (g.right - g.left) * (view.t1 - view.t0);
}

/* Low addresses are below, as they are drawn on blackboards. */
function yOf(state, y) {
	const { g, view } = state;

	return g.bottom - (y - view.y0) / (view.y1 - view.y0) * (g.bottom - g.top);
}

function axisOf(state, y) {
	const { g, view } = state;

	return view.y0 + (g.bottom - y) / (g.bottom - g.top) * (view.y1 - view.y0);
}

function fitCanvas(canvas, g) {
	canvas.width = Math.round(g.width * g.scale);
	canvas.height = Math.round(g.height * g.scale);
	canvas.style.width = g.width + "px";
	canvas.style.height = g.height + "px";
	const to = canvas.getContext("2d");

	to.setTransform(g.scale, 0, 0, g.scale, 0, 0);
	to.font = "12px system-ui, sans-serif";
	return to;
}

/* The rectangle of a shape on the screen, or null where it is out of sight. */
function boxOf(state, i) {
	const s = state.model.data.shape, { view, space, g } = state;

	if (s.to[i] < view.t0 || s.from[i] > view.t1)
		return null;
	const low = yOf(state, space.low[i]), high = yOf(state, space.high[i]);

	if (low < g.top || high > g.bottom)
		return null;
	const x = Math.max(xOf(state, s.from[i]), g.left - 2);
	const right = Math.min(xOf(state, s.to[i]), g.right);

	return { x, y: Math.max(high, g.top), right, bottom: Math.min(low, g.bottom),
		begins: s.from[i] >= view.t0, ends: s.lasts[i] && s.to[i] <= view.t1 };
}

function drawShapes(state, to, look) {
	const { model, space } = state, s = model.data.shape, words = model.data.words;

	for (const i of space.shapes) {
		const box = boxOf(state, i);

		if (!box)
			continue;
		const w = Math.max(box.right - box.x, 0.7), h = Math.max(box.bottom - box.y, 0.7);
		const name = words[s.name[i]];

		to.globalAlpha = state.vmaShown(s.vma[i]) ? 1 : 0.25;
		to.fillStyle = look[backingOf(name, s.flags[i])];
		to.fillRect(box.x, box.y, w, h);
		if (h > 3) {
			to.fillStyle = look.edge;
			to.fillRect(box.x, box.y, w, 0.5);
			to.fillRect(box.x, box.bottom - 0.5, w, 0.5);
		}
		/* Where it begins the edge is strong; where it ends, it is thin. */
		to.fillStyle = look.edge;
		if (box.begins && w > 3)
			to.fillRect(box.x, box.y, 1.6, h);
		if (box.ends && w > 3)
			to.fillRect(box.right - 0.6, box.y, 0.6, h);
		labelShape(state, to, look, i, box, w, h);
	}
	to.globalAlpha = 1;
}

function labelShape(state, to, look, i, box, w, h) {
	const s = state.model.data.shape;

	if (h < 14 || w < 60)
		return;
	const text = shortName(state.model.data.words[s.name[i]]) + "  " + rightsOf(s.flags[i]) +
		"  #" + s.vma[i];

	to.fillStyle = look.dim;
	to.textBaseline = "top";
	to.textAlign = "left";
	to.save();
	to.beginPath();
	to.rect(box.x, box.y, w - 4, h);
	to.clip();
	to.fillText(text, Math.max(box.x, state.g.left) + 5, box.y + 2);
	to.restore();
}

/* To the left: what is there, where names have room; holes are gaps with their size. */
function drawNames(state, to, look) {
	const { g, axis, space, model } = state, size = model.data.meta.page_size;
	let last = Infinity;

	to.fillStyle = look.back;
	to.fillRect(0, 0, g.left, g.height);
	to.textAlign = "right";
	to.textBaseline = "middle";
	for (const group of space.groups) {
		const y = yOf(state, (group.low + group.high) / 2);

		if (y < g.top + 6 || y > g.bottom - 6 || last - y < 13)
			continue;
		to.fillStyle = look.fore;
		to.fillText(clipText(to, shortName(group.name), g.left - 12), g.left - 8, y);
		last = y;
	}
	to.textAlign = "left";
	for (let i = 0; i + 1 < axis.parts.length; i++) {
		const bottom = yOf(state, yOfPage(axis, axis.parts[i][1]));
		const top = yOf(state, yOfPage(axis, axis.parts[i + 1][0]));

		if (top < g.top || bottom > g.bottom)
			continue;
		to.fillStyle = look.gap;
		to.fillRect(g.left, top, g.right - g.left, bottom - top);
		if (bottom - top < 10)
			continue;
		to.fillStyle = look.dim;
		to.fillText("hole of " + sizeText(axis.parts[i + 1][0] - axis.parts[i][1], size),
			g.left + 5, (top + bottom) / 2);
	}
}

function clipText(to, text, width) {
	if (to.measureText(text).width <= width)
		return text;
	let n = text.length;

	while (n > 1 && to.measureText(text.slice(0, n) + "\u2026").width > width)
		n--;
	return text.slice(0, n) + "\u2026";
}

/* Which faults of the space are in sight, as a range of its list, which is in order of time. */
function inSight(state) {
	const { space, view } = state;

	return [below(space.times, view.t0 - 1e-9) + 1, below(space.times, view.t1) + 1];
}

function drawFaults(state, to) {
	const [from, end] = inSight(state);
	let n = 0;

	for (let i = from; i < end && n <= MOST_MARKS; i++)
		n += state.space.shown[i] && state.space.y[i] >= state.view.y0 &&
			state.space.y[i] <= state.view.y1;
	state.single = n <= MOST_MARKS;
	if (state.single)
		drawMarks(state, to, from, end, n);
	else
		drawDensity(state, to, from, end);
}

function drawMarks(state, to, from, end, n) {
	const { space, model, view, g } = state, f = model.data.fault;
	const r = n > 1500 ? 1.5 : n > 300 ? 2 : 2.8;

	to.save();
	to.beginPath();
	to.rect(g.left, g.top, g.right - g.left, g.bottom - g.top);
	to.clip();
	for (let i = from; i < end; i++) {
		if (!space.shown[i] || space.y[i] < view.y0 || space.y[i] > view.y1)
			continue;
		const row = space.faults[i];

		drawMark(to, state.looks[f.class[row]], xOf(state, f.time[row]),
			yOf(state, space.y[i]), f.many[row] > 1 ? r + Math.log10(f.many[row]) : r);
	}
	to.restore();
}

/* Each cell has the colour of its most frequent class, the stronger the more faults it has. */
function drawDensity(state, to, from, end) {
	const { space, model, view, g } = state, f = model.data.fault, classes = state.looks.length;
	const columns = Math.ceil((g.right - g.left) / CELL), rows = Math.ceil((g.bottom - g.top) / CELL);
	const counts = new Uint32Array(columns * rows * classes);
	const kx = (g.right - g.left) / CELL / (view.t1 - view.t0);
	const ky = (g.bottom - g.top) / CELL / (view.y1 - view.y0);

	for (let i = from; i < end; i++) {
		const y = space.y[i];

		if (!space.shown[i] || y < view.y0 || y > view.y1)
			continue;
		const column = Math.min(columns - 1, (space.times[i] - view.t0) * kx | 0);
		const row = Math.min(rows - 1, (view.y1 - y) * ky | 0);
		const fault = space.faults[i];

		counts[(row * columns + column) * classes + f.class[fault]] += f.many[fault];
	}
	const image = new ImageData(columns, rows);
	let most = 1;

	for (let cell = 0; cell < columns * rows; cell++)
		most = Math.max(most, paintCell(state, image, counts, cell, classes, 0));
	for (let cell = 0; cell < columns * rows; cell++)
		paintCell(state, image, counts, cell, classes, most);
	const small = new OffscreenCanvas(columns, rows);

	small.getContext("2d").putImageData(image, 0, 0);
	to.imageSmoothingEnabled = false;
	to.drawImage(small, g.left, g.top, columns * CELL, rows * CELL);
}

/* Return: how many faults are in a cell; it is painted if it is known how many may be. */
function paintCell(state, image, counts, cell, classes, most) {
	let sum = 0, best = 0;

	for (let c = cell * classes, i = 0; i < classes; i++) {
		sum += counts[c + i];
		if (counts[c + i] > counts[c + best])
			best = i;
	}
	if (!most || !sum)
		return sum;
	const [red, green, blue] = state.rgb[best];

	image.data.set([red, green, blue,
		90 + 165 * Math.log(1 + sum) / Math.log(1 + most)], cell * 4);
	return sum;
}

/* Cuts, merges and moves, where they happened. */
function drawLineage(state, to, look) {
	const { model, space, view, g } = state, r = model.data.record, words = model.data.words;

	to.save();
	to.beginPath();
	to.rect(g.left, g.top, g.right - g.left, g.bottom - g.top);
	to.clip();
	to.strokeStyle = to.fillStyle = look.mark;
	for (const i of space.records) {
		if (r.time[i] < view.t0 || r.time[i] > view.t1)
			continue;
		const x = xOf(state, r.time[i]), event = words[r.event[i]];

		if (event === "split" || event === "merge")
			drawCut(state, to, x, yOf(state, yOfPage(space.axis, r.other[i])), event);
		else if (event === "mremap" && r.other[i])
			drawMove(state, to, x, yOf(state, yOfPage(space.axis, r.other[i])),
				yOf(state, yOfPage(space.axis, r.start[i])));
		else if (event === "exec" || event === "fork" || event === "LOST")
			drawFlag(state, to, x, event, look);
	}
	to.restore();
}

/* Two wedges that point apart where a VMA was cut, and at each other where two became one. */
function drawCut(state, to, x, y, event) {
	const d = event === "split" ? 1 : -1, far = event === "split" ? 1 : 6;

	for (const side of [-1, 1]) {
		to.beginPath();
		to.moveTo(x, y + side * (far + 5 * (d > 0 ? 1 : -1)));
		to.lineTo(x - 3.5, y + side * far);
		to.lineTo(x + 3.5, y + side * far);
		to.fill();
	}
}

function drawMove(state, to, x, from, dest) {
	const bend = Math.min(60, 10 + Math.abs(dest - from) / 4), up = dest < from ? 1 : -1;

	to.lineWidth = 1.2;
	to.beginPath();
	to.moveTo(x, from);
	to.quadraticCurveTo(x + bend, (from + dest) / 2, x + 2, dest);
	to.stroke();
	to.beginPath();
	to.moveTo(x + 1, dest);
	to.lineTo(x + 8, dest + 2 * up);
	to.lineTo(x + 4, dest + 8 * up);
	to.fill();
}

function drawFlag(state, to, x, text, look) {
	to.globalAlpha = 0.6;
	to.fillRect(x, state.g.top, 0.8, state.g.bottom - state.g.top);
	to.globalAlpha = 1;
	to.textAlign = "left";
	to.textBaseline = "top";
	to.fillText(text, x + 3, state.g.top);
}
