/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts the page together: what is said at its top, choice of a process, filters.
 */

const SHORT = {
	records: "records were lost when it was recorded: VMAs and faults may be missing",
	faults: "faults were not told by the kernel",
	skipped: "times the kernel did not run who tells of VMAs",
	processes: "processes found no room, and are missing",
	calls: "calls of hooks were lost",
	stacks: "stacks were lost", again: "pages were not remembered when they were given back",
	unshown: "records were told and not recorded: it was interrupted",
	unread: "parts of the file are missing: whoever recorded it was ended, or it is damaged",
	unknown: "records are of a newer version, and were passed over",
};

function tellHead(state) {
	const { meta, words } = state.model.data, { spaces } = state.model, facts = [];
	const faults = meta.classes.reduce((sum, one) => sum + one.faults, 0);
	const name = meta.command ? visible(meta.command) : spaces.length ? words[meta.spaces[0].comm] : "";

	document.title = (name || "a recording") + " \u2013 mmscope";
	document.getElementById("title").textContent = name || "a recording";
	facts.push((meta.lasted_ns / 1e9).toFixed(3) + " s", count(faults, "fault"),
		count(state.model.vmas.size, "VMA"), count(spaces.length, "address space"),
		"Linux " + meta.kernel);
	if (meta.usage && (meta.usage.by_others || meta.usage.in_others))
		facts.push(meta.usage.faults.toLocaleString("en") + " faults by getrusage(2): it has " +
			meta.usage.in_others + " in memory of others, and not " + meta.usage.by_others + " by others");
	document.getElementById("facts").textContent = facts.join(" \u00b7 ");
	for (const [key, n] of Object.entries(meta.short))
		if (n)
			loss(n.toLocaleString("en") + " " + (SHORT[key] || key));
	if (meta.device)
		loss(count(meta.device, "record") + " of the module are not shown here: see mmscope trace");
	if (spaces.some((space) => space.unknown))
		loss("of some process it was not known at all times how much was resident");
	checkSums(state, faults);
}

function loss(text) {
	document.getElementById("losses").append(element("li", text));
}

/* Do the rows add up to what was counted when the records were read? */
function sumsOf(model) {
	const { fault: f, meta } = model.data, sums = meta.classes.map(() => [0, 0]);

	for (let i = 0; i < f.count; i++) {
		sums[f.class[i]][0] += f.many[i];
		sums[f.class[i]][1] += f.pages[i];
	}
	return sums;
}

function checkSums(state, faults) {
	const { meta, fault } = state.model.data, sums = sumsOf(state.model);
	const wrong = meta.classes.filter((one, i) => one.faults !== sums[i][0] || one.pages !== sums[i][1]);
	const notes = [];

	for (const one of wrong)
		loss("this page is wrong: of class " + one.word + " it has other sums than the recording");
	if (meta.cell_ns)
		notes.push(fault.count.toLocaleString("en") + " rows for " + count(faults, "fault") +
			": those of one class within " + (meta.cell_ns / 1000).toFixed(0) + " us and " +
			meta.cell_pages + " pages are told by their number, so that the page stays small.");
	if (meta.rounded)
		notes.push("Addresses of faults are told to the page, what each took to two digits.");
	document.getElementById("notes").textContent = notes.join(" ");
}

/* Pages that faults brought, by what the VMA is called: what a newcomer wants to know first. */
function tellOrigin(state) {
	const { model, space } = state, { meta } = model.data, sums = new Map();

	for (const vma of model.vmas.values()) {
		if (vma.mm !== space.mm || !vma.faults)
			continue;
		const name = vma.name || "anonymous";
		const sum = sums.get(name) || { pages: 0, faults: 0, classes: new Map() };

		sum.pages += vma.brought;
		sum.faults += vma.faults;
		for (const [c, n] of vma.pagesBy)
			add(sum.classes, c, n);
		sums.set(name, sum);
	}
	const rows = [...sums].sort((a, b) => b[1].pages - a[1].pages), top = rows.slice(0, 7);
	const most = top.length ? Math.max(1, top[0][1].pages) : 1, to = document.getElementById("origin-bars");

	to.replaceChildren(...top.map(([name, sum]) => originRow(state, name, sum, most)));
	if (rows.length > top.length)
		to.append(element("p", "and " + count(rows.length - top.length, "name") + " more: see VMAs below"));
	if (!rows.length)
		to.append(element("p", "no VMA is known in which a fault was"));
	to.append(element("p", "Pages that faults brought, by what their VMA is called; colours are classes " +
		"of faults, as below. Most that was resident at a time: " +
		sizeText(space.peak, meta.page_size) + "."));
}

function originRow(state, name, sum, most) {
	const row = element("button", undefined, "origin"), bar = element("span", undefined, "track");

	for (const [c, n] of sorted(sum.classes, 20)) {
		const part = element("i");

		part.style.width = 100 * n / most + "%";
		part.style.background = state.looks[c][0];
		bar.append(part);
	}
	row.append(element("span", shortName(name), "name"), bar, element("span",
		sizeText(sum.pages, state.model.data.meta.page_size) + ", " + count(sum.faults, "fault")));
	row.title = name + ": click to see it alone";
	row.addEventListener("click", () => {
		const search = document.getElementById("search");

		search.value = search.value === name ? "" : name;
		filter(state);
	});
	return row;
}

/* Which faults are shown: of classes that are not hidden, and with the text that is searched for. */
function filter(state) {
	const { space, model, hidden } = state, { fault: f, kind, words } = model.data;
	const wanted = document.getElementById("search").value.toLowerCase();
	const has = (text) => text.toLowerCase().includes(wanted);
	const kinds = new Uint8Array(kind.count), found = new Set();

	if (wanted) {
		for (let k = 0; k < kind.count; k++)
			kinds[k] = has(words[kind.event[k]] + "  " + words[kind.what[k]]) || (kind.place[k] &&
				has(placeText(model, kind.place[k] - 1)));
		for (const vma of model.vmas.values())
			if (has("#" + vma.id) && wanted.startsWith("#") ? "#" + vma.id === wanted :
				has(vma.name || "anonymous"))
				found.add(vma.id);
	}
	let n = 0;

	for (let i = 0; i < space.faults.length; i++) {
		const row = space.faults[i];

		space.shown[i] = !hidden.has(f.class[row]) &&
			(!wanted || kinds[f.kind[row]] || found.has(f.vma[row]));
		if (space.shown[i])
			n += f.many[row];
	}
	state.vmaShown = (id) => !wanted || found.has(id);
	say(state, wanted || hidden.size ? count(n, "fault") + " of " + space.count.toLocaleString("en") +
		" shown" : "");
	redraw(state);
}

function buildLegend(state) {
	const legend = document.getElementById("legend"), { meta, fault: f } = state.model.data;
	const sums = new Map();

	for (const row of state.space.faults)
		add(sums, f.class[row], f.many[row]);
	legend.replaceChildren();
	for (const [c, n] of sorted(sums, 20)) {
		const button = element("button"), mark = element("canvas");

		mark.width = mark.height = 28;
		mark.style.width = mark.style.height = "14px";
		const to = mark.getContext("2d");

		to.scale(2, 2);
		drawMark(to, state.looks[c], 7, 7, 4);
		button.setAttribute("aria-pressed", !state.hidden.has(c));
		button.append(mark, meta.classes[c].word + " " + n.toLocaleString("en"));
		button.addEventListener("click", () => {
			if (!state.hidden.delete(c))
				state.hidden.add(c);
			button.setAttribute("aria-pressed", !state.hidden.has(c));
			filter(state);
		});
		legend.append(button);
	}
}

/* Where each shape and each fault is, in height; names to the left where they change. */
function place(state) {
	const { space, model } = state, s = model.data.shape, f = model.data.fault;

	state.axis = space.axis = buildAxis(model.data, space.shapes, space.faults,
		state.trueSize);
	space.low = {};
	space.high = {};
	for (const i of space.shapes) {
		space.low[i] = yOfPage(state.axis, s.start[i]);
		space.high[i] = yOfPage(state.axis, s.start[i] + s.pages[i]);
	}
	const n = space.faults.length;

	space.times = space.times || Float64Array.from(space.faults, (row) => f.time[row]);
	space.shown = space.shown || new Uint8Array(n).fill(1);
	space.y = new Float32Array(n);
	for (let i = 0; i < n; i++) {
		const row = space.faults[i];

		space.y[i] = yOfPage(state.axis, f.page[row] + f.offset[row] / model.data.meta.page_size);
	}
	space.groups = groupsOf(state);
}

/* Neighbours of one name, from the highest down. */
function groupsOf(state) {
	const { space, model } = state, s = model.data.shape, groups = new Map();

	for (const i of space.shapes) {
		const name = model.data.words[s.name[i]], part = below(space.axis.parts.map((p) => p[0]), s.start[i]);
		const key = part + " " + name;
		const group = groups.get(key) || { name, low: Infinity, high: -Infinity };

		group.low = Math.min(group.low, space.low[i]);
		group.high = Math.max(group.high, space.high[i]);
		groups.set(key, group);
	}
	return [...groups.values()].sort((a, b) => a.low + a.high - b.low - b.high);
}

function showSpace(state, mm) {
	state.space = state.model.bySpace.get(mm);
	state.recordAt = undefined;
	document.getElementById("process").value = mm;
	place(state);
	viewAll(state);
	buildLegend(state);
	tellOrigin(state);
	select(state, null);
	filter(state);
}

/* Processes as a tree: who was forked by whom. */
function buildProcesses(state) {
	const choice = document.getElementById("process"), { spaces } = state.model, seen = new Set();
	const offer = (space, depth) => {
		if (seen.has(space.mm))
			return;
		seen.add(space.mm);
		const option = element("option", "\u00a0\u00a0".repeat(depth) + (depth ? "\u2514 " : "") +
			(space.comm || "?") + " (pid " + space.pid + ", mm " + space.mm + "), " +
			count(space.count, "fault"));

		option.value = space.mm;
		choice.append(option);
		for (const child of spaces)
			if (child.parent === space.mm)
				offer(child, depth + 1);
	};

	for (const space of spaces)
		if (!state.model.bySpace.has(space.parent))
			offer(space, 0);
	for (const space of spaces)
		offer(space, 0);
	choice.addEventListener("change", () => showSpace(state, Number(choice.value)));
	document.getElementById("process-label").hidden = spaces.length < 2;
}

function toggle(id, deed) {
	const button = document.getElementById(id);

	button.addEventListener("click", () => {
		const on = button.getAttribute("aria-pressed") !== "true";

		button.setAttribute("aria-pressed", on);
		deed(on);
	});
}

function listen(state) {
	const at = (id) => document.getElementById(id), middle = () => (state.g.left + state.g.right) / 2;

	listenToPointers(state);
	listenToKeys(state);
	listenToFlame(state);
	at("search").addEventListener("input", () => filter(state));
	at("zoom-in").addEventListener("click", () => zoom(state, 1 / 1.5, middle()));
	at("zoom-out").addEventListener("click", () => zoom(state, 1.5, middle()));
	at("fit").addEventListener("click", () => { viewAll(state); redraw(state); });
	toggle("scale", (on) => {
		state.trueSize = on;
		place(state);
		viewAll(state);
		redraw(state);
	});
	toggle("lineage", (on) => {
		state.lineage = on;
		redraw(state);
	});
	at("help").addEventListener("click", () => {
		at("keys").hidden = !at("keys").hidden;
		at("help").setAttribute("aria-expanded", !at("keys").hidden);
	});
	const again = () => {
		redraw(state);
		if (state.tab === "flame graph")
			drawFlame(state);
	};

	window.addEventListener("resize", again);
	darkness.addEventListener("change", again);
	window.addEventListener("beforeprint", () => draw(state));
	window.addEventListener("afterprint", again);
}

function begin(data) {
	const at = (id) => document.getElementById(id);
	const state = { model: buildModel(data), hidden: new Set(), lineage: true, trueSize: false,
		stage: at("stage"), picture: at("picture"), over: at("over"), tip: at("tip"),
		status: at("status"), rowsOf: new Map(), selected: null, vmaShown: () => true };

	state.looks = data.meta.classes.map((one) => lookOf(one.name));
	state.rgb = state.looks.map(([colour]) =>
		[1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));
	at("wait").hidden = true;
	at("page").hidden = false;
	tellHead(state);
	at("foot").textContent = "made by mmscope " + data.meta.version + " export; it needs no network";
	window.mmscope = state;
	if (!state.model.spaces.length) {
		loss("the recording tells of no process");
		return;
	}
	state.g = geometry(state);
	buildProcesses(state);
	listen(state);
	const first = state.model.spaces.reduce((a, b) => b.count > a.count ? b : a);

	showSpace(state, first.mm);
	draw(state);
	buildTabs(state);
}

window.addEventListener("DOMContentLoaded", () => {
	const wait = document.getElementById("wait");

	if (typeof DecompressionStream === "undefined") {
		wait.textContent = "This browser cannot unpack the data: it needs DecompressionStream, " +
			"as Firefox 113, Chromium 80, Safari 16.4 and later have it.";
		return;
	}
	readData(document.getElementById("data").textContent).then(begin).catch((error) => {
		wait.hidden = false;
		wait.textContent = "This page is damaged: " + error.message;
		throw error;
	});
});
