/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which part is seen, and what moves it: wheel, mouse, fingers, keys.
 */

function viewAll(state) {
	const margin = state.axis.height * 0.015;
	const from = state.space.from < Infinity ? state.space.from : 0;
	const to = Math.max(state.space.to, from + 1), edge = (to - from) * 0.01;

	state.view = { t0: from - edge, t1: to + edge, y0: -margin, y1: state.axis.height + margin };
}

/* One redraw for all that happens until the next frame. */
function redraw(state) {
	if (state.frame)
		return;
	state.frame = requestAnimationFrame(() => {
		state.frame = 0;
		draw(state);
	});
}

function zoom(state, factor, x, y) {
	const { view, model, axis } = state;
	const t = tOf(state, x), span = (view.t1 - view.t0) * factor;

	if (factor && span > 0.5 && span < 4 * (model.lasted + 1)) {
		view.t0 = t - (t - view.t0) * factor;
		view.t1 = view.t0 + span;
	}
	if (y !== undefined) {
		const at = axisOf(state, y), height = (view.y1 - view.y0) * factor;

		if (height > 1e-4 && height < 2 * axis.height) {
			view.y0 = at - (at - view.y0) * factor;
			view.y1 = view.y0 + height;
		}
	}
	redraw(state);
}

function pan(state, dx, dy) {
	const { view, g } = state;
	const t = dx / (g.right - g.left) * (view.t1 - view.t0);
	const y = dy / (g.bottom - g.top) * (view.y1 - view.y0);

	view.t0 -= t;
	view.t1 -= t;
	view.y0 += y;
	view.y1 += y;
	redraw(state);
}

/* Bring a time and an address into sight. */
function lookAt(state, t, y) {
	const { view } = state, span = view.t1 - view.t0, height = view.y1 - view.y0;

	if (t < view.t0 || t > view.t1) {
		view.t0 = t - span / 2;
		view.t1 = t + span / 2;
	}
	if (y !== undefined && (y < view.y0 || y > view.y1)) {
		view.y0 = y - height / 2;
		view.y1 = y + height / 2;
	}
	redraw(state);
}

function lookAtVma(state, vma) {
	const s = state.model.data.shape;
	let low = Infinity, high = -Infinity;

	for (const i of vma.shapes) {
		low = Math.min(low, state.space.low[i]);
		high = Math.max(high, state.space.high[i]);
	}
	if (low === Infinity)
		return;
	const edge = (vma.to - vma.from) * 0.05 + 0.5, margin = (high - low) * 0.05 + 0.05;

	state.view = { t0: vma.from - edge, t1: vma.to + edge, y0: low - margin, y1: high + margin };
	redraw(state);
}

function onWheel(state, event) {
	event.preventDefault();
	const factor = Math.pow(1.0015, event.deltaY || event.deltaX);
	const at = pointOf(state, event);

	zoom(state, Math.max(0.2, Math.min(5, factor)), at.x, event.shiftKey ? at.y : undefined);
}

function pointOf(state, event) {
	const box = state.stage.getBoundingClientRect();

	return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/* Pointers that are down: one drags, two zoom. */
function onPointerMove(state, event) {
	const at = pointOf(state, event), before = state.pointers.get(event.pointerId);

	if (!before) {
		hover(state, at);
		return;
	}
	if (state.pointers.size === 1) {
		pan(state, at.x - before.x, at.y - before.y);
		state.dragged += Math.abs(at.x - before.x) + Math.abs(at.y - before.y);
	} else {
		const other = [...state.pointers].find(([id]) => id !== event.pointerId)[1];
		const was = Math.hypot(before.x - other.x, before.y - other.y);
		const is = Math.hypot(at.x - other.x, at.y - other.y);

		zoom(state, was / Math.max(1, is), (at.x + other.x) / 2);
		state.dragged = 99;
	}
	state.pointers.set(event.pointerId, at);
}

function listenToPointers(state) {
	const stage = state.stage;

	state.pointers = new Map();
	stage.addEventListener("wheel", (event) => onWheel(state, event), { passive: false });
	stage.addEventListener("pointerdown", (event) => {
		state.dragged = state.pointers.size ? 99 : 0;
		state.pointers.set(event.pointerId, pointOf(state, event));
		stage.setPointerCapture(event.pointerId);
	});
	stage.addEventListener("pointermove", (event) => onPointerMove(state, event));
	for (const name of ["pointerup", "pointercancel"])
		stage.addEventListener(name, (event) => {
			const single = state.pointers.size === 1;

			state.pointers.delete(event.pointerId);
			if (single && state.dragged < 4 && name === "pointerup")
				click(state, pointOf(state, event));
		});
	stage.addEventListener("pointerleave", () => hover(state, null));
	stage.addEventListener("dblclick", (event) => {
		const found = find(state, pointOf(state, event));

		if (found && found.vma)
			lookAtVma(state, found.vma);
		else
			viewAll(state);
		redraw(state);
	});
}

function keyOf(state, key) {
	const { g } = state, x = (g.left + g.right) / 2, y = (g.top + g.bottom) / 2;
	const step = (g.right - g.left) / 8, rise = (g.bottom - g.top) / 8;
	const keys = {
		ArrowLeft: () => pan(state, step, 0), ArrowRight: () => pan(state, -step, 0),
		ArrowUp: () => pan(state, 0, rise), ArrowDown: () => pan(state, 0, -rise),
		"+": () => zoom(state, 1 / 1.5, x), "=": () => zoom(state, 1 / 1.5, x),
		"-": () => zoom(state, 1.5, x), "]": () => zoom(state, 1 / 1.5, x, y),
		"[": () => zoom(state, 1.5, x, y),
		"0": () => { viewAll(state); redraw(state); },
		Home: () => { viewAll(state); redraw(state); },
		n: () => nextRecord(state, 1), p: () => nextRecord(state, -1),
		l: () => document.getElementById("scale").click(),
		g: () => document.getElementById("lineage").click(),
		Escape: () => select(state, null),
	};

	return keys[key];
}

function listenToKeys(state) {
	state.stage.addEventListener("keydown", (event) => {
		const deed = event.ctrlKey || event.altKey || event.metaKey ? null : keyOf(state, event.key);

		if (!deed)
			return;
		event.preventDefault();
		deed();
	});
	document.addEventListener("keydown", (event) => {
		if (/^(INPUT|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey)
			return;
		if (event.key === "/")
			document.getElementById("search").focus();
		else if (event.key === "?")
			document.getElementById("help").click();
		else
			return;
		event.preventDefault();
	});
}
