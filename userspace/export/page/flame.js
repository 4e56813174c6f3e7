/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults by what led to them: the stacks that were copied, or, without them, program, function and
 * class. Each bar stands on the one that called it, and is as wide as its faults are many.
 */

const FLAME_ROW = 18;
const FLAME_COLOURS = ["#e69f00", "#56b4e9", "#f0c987", "#9fd4f0", "#d9b38c", "#8cc9b5"];

/* Paths from the outermost caller to the class, and how many faults each has. */
function flamePaths(model) {
	const { stack, frame, fault: f, kind, meta, place, words } = model.data, paths = [];
	let at = 0;

	if (stack && stack.count) {
		for (let i = 0; i < stack.count; i++) {
			const path = [];

			for (let n = stack.frames[i]; n > 0; n--)
				path.push(placeText(model, frame.place[at + n - 1]));
			at += stack.frames[i];
			paths.push([[...path, meta.classes[stack.class[i]].word], stack.many[i]]);
		}
		return paths;
	}
	const sums = new Map();

	for (let i = 0; i < f.count; i++)
		add(sums, f.kind[i], f.many[i]);
	for (const [k, n] of sums) {
		const p = kind.place[k] - 1, name = p < 0 ? "" : words[place.program[p]];

		paths.push([[p < 0 ? "several places" : shortName(name || "(no user code)"),
			p < 0 ? "" : placeText(model, p), meta.classes[kind.class[k]].word], n]);
	}
	return paths;
}

function buildFlame(model) {
	const root = { name: "all faults", n: 0, under: new Map(), depth: 0, up: null };

	root.most = 0;
	for (const [path, n] of flamePaths(model)) {
		let node = root;

		node.n += n;
		for (const name of path) {
			if (!name)
				continue;
			if (!node.under.has(name))
				node.under.set(name, { name, n: 0, under: new Map(), depth: node.depth + 1, up: node });
			node = node.under.get(name);
			node.n += n;
			root.most = Math.max(root.most, node.depth);
		}
	}
	return root;
}

function flameColour(name) {
	let hash = 0;

	for (const c of name)
		hash = (hash * 31 + c.charCodeAt(0)) >>> 0;
	return FLAME_COLOURS[hash % FLAME_COLOURS.length];
}

function drawFlame(state) {
	const canvas = document.getElementById("flame-canvas");

	state.flame = state.flame || buildFlame(state.model);
	state.flameTop = state.flameTop || state.flame;
	const g = { width: canvas.parentElement.clientWidth, scale: window.devicePixelRatio || 1,
		height: (state.flame.most + 1) * FLAME_ROW };
	const to = fitCanvas(canvas, g);

	to.clearRect(0, 0, g.width, g.height);
	state.flameBoxes = [];
	for (let node = state.flameTop.up; node; node = node.up)
		flameBar(state, to, g, node, 0, g.width);
	flameNode(state, to, g, state.flameTop, 0, g.width);
	flameSay(state, state.flameTop);
}

function flameNode(state, to, g, node, x, width) {
	flameBar(state, to, g, node, x, width);
	for (const under of [...node.under.values()].sort((a, b) => b.n - a.n)) {
		const w = width * under.n / node.n;

		if (w >= 0.5)
			flameNode(state, to, g, under, x, w);
		x += w;
	}
}

function flameBar(state, to, g, node, x, width) {
	const y = g.height - (node.depth + 1) * FLAME_ROW;

	to.fillStyle = node.depth ? flameColour(node.name) : "#b8bfc6";
	to.fillRect(x, y, Math.max(0.5, width - 0.7), FLAME_ROW - 1);
	state.flameBoxes.push([x, y, width, node]);
	if (width < 30)
		return;
	to.fillStyle = "#111111";
	to.textAlign = "left";
	to.textBaseline = "middle";
	to.fillText(clipText(to, node.name, width - 6), x + 3, y + FLAME_ROW / 2);
}

function flameSay(state, node) {
	const part = (100 * node.n / state.flame.n).toFixed(1), { meta } = state.model.data;

	document.getElementById("flame-text").textContent = node.name + ": " + count(node.n, "fault") +
		", " + part + " %" + (meta.stacks ? "" : ". No stacks were recorded (mmscope record " +
		"--stacks): these are programs, functions, and classes.");
}

function flameAt(state, event) {
	const box = document.getElementById("flame-canvas").getBoundingClientRect();
	const x = event.clientX - box.left, y = event.clientY - box.top;
	const found = (state.flameBoxes || []).find(([bx, by, w]) =>
		x >= bx && x < bx + w && y >= by && y < by + FLAME_ROW);

	return found && found[3];
}

function listenToFlame(state) {
	const canvas = document.getElementById("flame-canvas");

	canvas.addEventListener("mousemove", (event) =>
		flameSay(state, flameAt(state, event) || state.flameTop));
	canvas.addEventListener("click", (event) => {
		state.flameTop = flameAt(state, event) || state.flame;
		drawFlame(state);
	});
	canvas.addEventListener("keydown", (event) => {
		if (event.key !== "Escape")
			return;
		state.flameTop = state.flame;
		drawFlame(state);
	});
}
