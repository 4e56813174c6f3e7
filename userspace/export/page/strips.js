/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Below the picture, on the same time: pages that are resident, VMAs, and faults by time; and the
 * scale of time.
 */

/* Columns of samples, with what they are called. */
const RSS = [["anon", "#009e73", "anonymous"], ["file", "#0072b2", "of files"],
	["shmem", "#56b4e9", "shared memory, tmpfs"], ["hugetlb", "#e69f00", "hugetlb"]];

function drawStrips(state, to, look) {
	const { g } = state;
	let y = g.bottom + AXIS;

	drawTime(state, to, look, g.bottom);
	for (const [name, height] of STRIPS) {
		to.fillStyle = look.gap;
		to.fillRect(g.left, y, g.right - g.left, height);
		if (name === "resident")
			drawResident(state, to, look, y, height);
		else if (name === "VMAs")
			drawVmas(state, to, look, y, height);
		else
			drawRate(state, to, look, y, height);
		y += height + 8;
	}
}

function stripLabel(state, to, look, y, height, name, most) {
	to.textAlign = "right";
	to.textBaseline = "middle";
	to.fillStyle = look.fore;
	to.fillText(name, state.g.left - 8, y + height / 2 - 7);
	to.fillStyle = look.dim;
	to.fillText(most, state.g.left - 8, y + height / 2 + 8);
}

/* Steps of a sum of columns of samples, as an area. */
function drawSteps(state, to, y, height, most, columns, colour) {
	const sample = state.model.data.sample, [from, end] = state.space.samples, { g } = state;
	const at = (i) => columns.reduce((sum, column) => sum + sample[column][i], 0);
	const level = (value) => y + height - value / most * height;

	to.fillStyle = colour;
	to.beginPath();
	to.moveTo(g.left, y + height);
	let last = y + height, x = g.left;

	for (let i = from; i < end; i++) {
		x = Math.max(g.left, Math.min(g.right, xOf(state, sample.time[i])));
		to.lineTo(x, last);
		last = level(at(i));
		to.lineTo(x, last);
	}
	to.lineTo(g.right, last);
	to.lineTo(g.right, y + height);
	to.fill();
}

function drawResident(state, to, look, y, height) {
	const { space, model } = state, most = Math.max(1, space.peak);

	stripLabel(state, to, look, y, height, "resident",
		"at most " + sizeText(space.peak, model.data.meta.page_size));
	for (let n = RSS.length; n > 0; n--)
		drawSteps(state, to, y, height, most, RSS.slice(0, n).map((one) => one[0]), RSS[n - 1][1]);
	drawResidentNames(state, to, look, y);
}

/* Which colour is what, of those that there are. */
function drawResidentNames(state, to, look, y) {
	const sample = state.model.data.sample, [from, end] = state.space.samples;
	let x = state.g.left + 6;

	to.textAlign = "left";
	to.textBaseline = "top";
	for (const [column, colour, name] of RSS) {
		if (!sample[column].subarray(from, end).some((value) => value))
			continue;
		to.fillStyle = colour;
		to.fillRect(x, y + 6, 9, 9);
		to.fillStyle = look.fore;
		to.fillText(name, x + 13, y + 4);
		x += 13 + to.measureText(name).width + 14;
	}
}

function drawVmas(state, to, look, y, height) {
	const { space } = state;

	stripLabel(state, to, look, y, height, "VMAs", "at most " + space.most_vmas);
	drawSteps(state, to, y, height, Math.max(1, space.most_vmas), ["vmas"], look.edge);
}

/* Faults in each two pixels, of those that are shown; how many a second that is. */
function drawRate(state, to, look, y, height) {
	const { g, space, view, model } = state, f = model.data.fault;
	const [from, end] = inSight(state), columns = Math.ceil((g.right - g.left) / 2);
	const counts = new Float64Array(columns), k = columns / (view.t1 - view.t0);
	let most = 0;

	for (let i = from; i < end; i++)
		if (space.shown[i])
			counts[Math.min(columns - 1, (space.times[i] - view.t0) * k | 0)] +=
				f.many[space.faults[i]];
	for (const n of counts)
		most = Math.max(most, n);
	stripLabel(state, to, look, y, height, "faults/s",
		"at most " + rateText(most * k * 1e6));
	to.fillStyle = look.mark;
	for (let i = 0; i < columns; i++)
		if (counts[i])
			to.fillRect(g.left + 2 * i, y + height - counts[i] / most * height, 2,
				counts[i] / most * height);
}

function rateText(n) {
	if (n >= 1e6)
		return (n / 1e6).toPrecision(3) + " M";
	return n >= 1e3 ? (n / 1e3).toPrecision(3) + " k" : Math.round(n).toString();
}

function timeText(us, step) {
	if (step >= 1e6)
		return (us / 1e6).toFixed(0) + " s";
	if (step >= 1e3)
		return us >= 1e6 ? (us / 1e6).toFixed(3) + " s" : (us / 1e3).toFixed(0) + " ms";
	return step < 1 ? us.toFixed(2) + " us" : us.toFixed(0) + " us";
}

function drawTime(state, to, look, y) {
	const { g, view } = state;
	const step = stepOf((view.t1 - view.t0) / Math.max(2, (g.right - g.left) / 90));

	to.fillStyle = look.back;
	to.fillRect(0, g.bottom, g.width, g.height - g.bottom);
	to.textAlign = "center";
	to.textBaseline = "top";
	for (let t = Math.ceil(view.t0 / step) * step; t <= view.t1; t += step) {
		const x = xOf(state, t);

		to.fillStyle = look.line;
		to.fillRect(x, g.top, 0.5, g.height - g.top);
		to.fillStyle = look.dim;
		if (x > g.left + 10 && x < g.right - 20)
			to.fillText(timeText(t, step), x, y + 5);
	}
}

/* All of it. Return: how many ms it took. */
function draw(state) {
	const began = performance.now(), look = theme();

	state.g = geometry(state);
	/* The window may be too small for anything. */
	if (state.g.right < state.g.left + 10)
		return 0;
	const to = fitCanvas(state.picture, state.g);

	to.fillStyle = look.back;
	to.fillRect(0, 0, state.g.width, state.g.height);
	drawShapes(state, to, look);
	drawNames(state, to, look);
	drawFaults(state, to);
	if (state.lineage)
		drawLineage(state, to, look);
	drawStrips(state, to, look);
	drawOver(state);
	state.drawn = performance.now() - began;
	return state.drawn;
}
