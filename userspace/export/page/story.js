/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is under the mouse, in the words of its record; and the life of a VMA.
 */

function element(name, text, className) {
	const one = document.createElement(name);

	if (text !== undefined)
		one.textContent = text;
	if (className)
		one.className = className;
	return one;
}

/* As mmscope trace has it, where nothing was rounded. */
function faultText(state, row) {
	const { data } = state.model, f = data.fault, kind = data.kind, words = data.words;
	const k = f.kind[row], rounded = data.meta.rounded;
	const where = hex(f.page[row], rounded ? 0 : f.offset[row]) + (f.vma[row] ? " #" + f.vma[row] : "");
	const time = f.time_taken[row] / 10;
	const took = time ? ", " + (rounded ? "about " + time.toPrecision(2) : time.toFixed(1)) + " us" : "";

	if (f.many[row] > 1)
		return seconds(f.time[row]) + "  " + count(f.many[row], "fault") + " near " + where + ": " +
			data.meta.classes[f.class[row]].word + took + " in all";
	return seconds(f.time[row]) + "  " + f.tid[row] + "  " + words[kind.event[k]] + "  " + where +
		"  " + words[kind.what[k]] + took;
}

function recordText(state, i) {
	const { record: r, words } = state.model.data;

	return seconds(r.time[i]) + "  " + r.tid[i] + "  " + words[r.event[i]] + "  " +
		words[r.where[i]] + "  " + words[r.what[i]];
}

/* The fault that is nearest to a point, if there is one near. */
function nearestFault(state, at) {
	const { space, model } = state, f = model.data.fault;
	const from = below(space.times, tOf(state, at.x - 6)) + 1;
	const end = below(space.times, tOf(state, at.x + 6)) + 1;
	let best = -1, least = 7;

	for (let i = from; i < end; i++) {
		if (!space.shown[i])
			continue;
		const d = Math.hypot(xOf(state, space.times[i]) - at.x, yOf(state, space.y[i]) - at.y);

		if (d < least) {
			least = d;
			best = space.faults[i];
		}
	}
	return best;
}

/* How many faults of which class are in the cell at a point. */
function cellText(state, at) {
	const { space, model, g } = state, f = model.data.fault, sums = new Map();
	const x = at.x - (at.x - g.left) % CELL, y = at.y - (at.y - g.top) % CELL;
	const from = below(space.times, tOf(state, x) - 1e-9) + 1;
	const end = below(space.times, tOf(state, x + CELL)) + 1;
	const high = axisOf(state, y), low = axisOf(state, y + CELL);

	for (let i = from; i < end; i++)
		if (space.shown[i] && space.y[i] >= low && space.y[i] < high)
			add(sums, f.class[space.faults[i]], f.many[space.faults[i]]);
	if (!sums.size)
		return "";
	return [...sums].sort((a, b) => b[1] - a[1]).map(([c, n]) =>
		n.toLocaleString("en") + " " + model.data.meta.classes[c].word).join(", ") +
		"\nhere, zoom in to see each";
}

function shapeAt(state, at) {
	const s = state.model.data.shape, t = tOf(state, at.x), y = axisOf(state, at.y);

	for (const i of state.space.shapes)
		if (s.from[i] <= t && t <= s.to[i] && state.space.low[i] <= y && y < state.space.high[i])
			return i;
	return -1;
}

function shapeText(state, i) {
	const { data } = state.model, s = data.shape, vma = state.model.vmas.get(s.vma[i]);

	return "#" + s.vma[i] + " " + (data.words[s.name[i]] || "anonymous") + "\n" + hex(s.start[i]) +
		"-" + hex(s.start[i] + s.pages[i]) + " " + rightsOf(s.flags[i]) + ", " +
		count(s.pages[i], "page") + "\n" + seconds(s.from[i]) + " to " +
		(s.lasts[i] ? seconds(s.to[i]) : "the end") + ", " + count(vma.faults, "fault");
}

/* { text, vma, fault }, or null. */
function find(state, at) {
	const { g, model } = state;

	if (!at || at.x < g.left || at.x > g.right || at.y < g.top || at.y > g.bottom)
		return null;
	const shape = shapeAt(state, at), vma = shape < 0 ? null : model.vmas.get(model.data.shape.vma[shape]);
	const about = shape < 0 ? "" : shapeText(state, shape);

	if (!state.single) {
		const text = cellText(state, at);

		return text || about ? { text: [text, about].filter(Boolean).join("\n"), vma } : null;
	}
	const fault = nearestFault(state, at);

	if (fault < 0)
		return about ? { text: about, vma } : null;
	return { text: faultText(state, fault) + (about ? "\n" + about : ""), vma, fault };
}

function hover(state, at) {
	const found = find(state, at), tip = state.tip;

	state.pointer = at;
	tip.hidden = !found;
	if (found) {
		tip.textContent = found.text;
		const left = at.x + 14 + tip.offsetWidth > state.g.width;

		tip.style.left = Math.max(0, left ? at.x - 14 - tip.offsetWidth : at.x + 14) + "px";
		tip.style.top = Math.min(at.y + 14, state.g.height - tip.offsetHeight) + "px";
	}
	drawOver(state);
}

/* What changes with the mouse: the time below it, and the VMA that was chosen with its kin. */
function drawOver(state) {
	const to = fitCanvas(state.over, state.g), { g, selected, pointer } = state, look = theme();

	to.clearRect(0, 0, g.width, g.height);
	if (selected)
		outline(state, to, look, selected);
	if (state.record !== undefined && state.record >= 0)
		ring(state, to, look, state.record);
	if (!pointer || pointer.x < g.left || pointer.x > g.right)
		return;
	to.fillStyle = look.strong;
	to.globalAlpha = 0.5;
	to.fillRect(pointer.x, g.top, 0.7, g.height - g.top);
	to.globalAlpha = 1;
	to.textBaseline = "bottom";
	to.textAlign = pointer.x > g.width / 2 ? "right" : "left";
	to.fillText(seconds(Math.max(0, tOf(state, pointer.x))),
		pointer.x + (pointer.x > g.width / 2 ? -4 : 4), g.height);
}

function ring(state, to, look, i) {
	const r = state.model.data.record, x = xOf(state, r.time[i]);

	to.strokeStyle = look.strong;
	to.lineWidth = 1.5;
	to.beginPath();
	if (r.pages[i]) {
		const low = yOf(state, yOfPage(state.axis, r.start[i]));
		const high = yOf(state, yOfPage(state.axis, r.start[i] + r.pages[i]));

		to.rect(x - 3, high - 2, 6, low - high + 4);
	} else {
		to.rect(x - 1, state.g.top, 2, state.g.bottom - state.g.top);
	}
	to.stroke();
}

/* It, where it came from, and what came from it. */
function outline(state, to, look, vma) {
	const { model } = state;

	to.save();
	to.beginPath();
	to.rect(state.g.left, state.g.top, state.g.right - state.g.left, state.g.bottom - state.g.top);
	to.clip();
	to.strokeStyle = look.strong;
	for (const one of [vma, model.vmas.get(vma.parent), ...vma.children.map((id) => model.vmas.get(id))]) {
		if (!one)
			continue;
		to.lineWidth = one === vma ? 2.2 : 1;
		to.setLineDash(one === vma ? [] : [4, 3]);
		for (const i of one.shapes) {
			const box = state.space.low[i] === undefined ? null : boxOf(state, i);

			if (box)
				to.strokeRect(box.x, box.y, box.right - box.x, box.bottom - box.y);
		}
	}
	to.restore();
}

function click(state, at) {
	const found = find(state, at);

	state.stage.focus({ preventScroll: true });
	select(state, found ? found.vma : null);
	say(state, found && found.fault !== undefined ? faultText(state, found.fault) :
		found ? found.text : "");
}

function say(state, text) {
	state.status.textContent = text;
}

function nextRecord(state, by) {
	const { space, model } = state, n = space.records.length;

	if (!n)
		return;
	state.recordAt = Math.max(0, Math.min(n - 1, (state.recordAt === undefined ?
		(by > 0 ? -1 : n) : state.recordAt) + by));
	const i = space.records[state.recordAt], r = model.data.record;

	state.record = i;
	say(state, recordText(state, i));
	lookAt(state, r.time[i], r.pages[i] ? yOfPage(state.axis, r.start[i]) : undefined);
}
