/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables that can be sorted and searched: VMAs, classes, places, processes, records.
 */

const MOST_ROWS = 300;	/* at once; the others are counted, and found by searching */

function classRows(state) {
	const { classes } = state.model.data.meta;

	return classes.filter((one) => one.faults).map((one) => ({
		cells: [one.word, one.faults, one.pages, one.ns / 1e6] }));
}

function vmaRows(state) {
	return [...state.model.vmas.values()].map((vma) => ({ vma,
		cells: [vma.id, vma.mm, vma.parent || "", hex(vma.start), vma.pages, vma.faults,
			vma.brought, vma.back, vma.from === Infinity ? "" : vma.from / 1e6,
			vma.gone ? vma.to / 1e6 : "", rightsOf(vma.flags), vma.name || "anonymous"] }));
}

/* Faults by class and place, of all processes. */
function placeRows(state) {
	const { model } = state, { fault: f, kind, meta, place, words } = model.data, sums = new Map();

	for (let i = 0; i < f.count; i++) {
		const k = f.kind[i], key = f.class[i] * 4294967296 + kind.place[k];
		const sum = sums.get(key) || { n: 0, pages: 0, c: f.class[i], at: kind.place[k] - 1 };

		sum.n += f.many[i];
		sum.pages += f.pages[i];
		sums.set(key, sum);
	}
	return [...sums.values()].map((sum) => ({ cells: [sum.n, sum.pages, meta.classes[sum.c].word,
		sum.at < 0 ? "several places" : placeText(model, sum.at),
		sum.at < 0 ? "" : words[place.program[sum.at]]] }));
}

function recordRows(state) {
	const { record: r, words } = state.model.data, rows = [];

	for (let i = 0; i < r.count; i++)
		rows.push({ record: i, cells: [r.time[i] / 1e6, r.tid[i], r.mm[i], words[r.event[i]],
			words[r.where[i]], words[r.what[i]]] });
	return rows;
}

function spaceRows(state) {
	const size = state.model.data.meta.page_size;

	return state.model.spaces.map((space) => ({ space, cells: [space.mm, space.parent || "",
		space.pid, space.comm, space.count, space.peak, sizeText(space.peak, size),
		space.most_vmas, space.from === Infinity ? "" : space.from / 1e6, space.to / 1e6] }));
}

const TABLES = [
	["VMAs", vmaRows, ["vma", "mm", "from", "start", "pages", "faults", "brought", "back", "born s",
		"gone s", "rights", "name"], 5],
	["classes", classRows, ["class", "faults", "pages", "ms"], 1],
	["places", placeRows, ["faults", "pages", "class", "function", "program"], 0],
	["records", recordRows, ["s", "tid", "mm", "event", "range or address", "what"], -1],
	["processes", spaceRows, ["mm", "from", "pid", "name", "faults", "peak pages", "peak",
		"most VMAs", "from s", "to s"], 4],
];

function buildTabs(state) {
	const tabs = document.getElementById("tabs");

	for (const name of [...TABLES.map((table) => table[0]), "flame graph"]) {
		const tab = element("button", name);

		tab.setAttribute("role", "tab");
		tab.addEventListener("click", () => openTab(state, name));
		tabs.append(tab);
	}
	document.getElementById("table-search").addEventListener("input", () => fillTable(state));
	openTab(state, "VMAs");
}

function openTab(state, name) {
	const table = TABLES.find((one) => one[0] === name);

	for (const tab of document.getElementById("tabs").children)
		tab.setAttribute("aria-selected", tab.textContent === name);
	document.getElementById("flame").hidden = Boolean(table);
	document.getElementById("table").hidden = !table;
	document.getElementById("table-bar").hidden = !table;
	state.tab = name;
	if (!table) {
		drawFlame(state);
		return;
	}
	state.rows = state.rowsOf.get(name) || table[1](state);
	state.rowsOf.set(name, state.rows);
	state.sort = { by: table[3], down: true };
	fillTable(state);
}

function compareCells(a, b) {
	if (typeof a === "number" && typeof b === "number")
		return a - b;
	if (typeof a !== typeof b)
		return typeof a === "number" ? 1 : -1;
	return a < b ? -1 : a > b ? 1 : 0;
}

function cellText2(heading, value) {
	if (typeof value !== "number")
		return value;
	if (heading === "ms")
		return value.toFixed(1);
	if (heading === "s" || heading.endsWith(" s"))
		return value.toFixed(6);
	return String(value);
}

function fillTable(state) {
	const headings = TABLES.find((one) => one[0] === state.tab)[2], { by, down } = state.sort;
	const wanted = document.getElementById("table-search").value.toLowerCase();
	let rows = state.rows.filter((row) => !wanted ||
		row.cells.some((cell) => String(cell).toLowerCase().includes(wanted)));

	if (by >= 0)
		rows = rows.sort((a, b) => compareCells(a.cells[by], b.cells[by]) * (down ? -1 : 1));
	const table = element("table"), head = element("tr");

	headings.forEach((text, i) => {
		const th = element("th"), button = element("button", text);

		th.setAttribute("aria-sort", i !== by ? "none" : down ? "descending" : "ascending");
		button.addEventListener("click", () => {
			state.sort = { by: i, down: i === by ? !down : true };
			fillTable(state);
		});
		th.append(button);
		head.append(th);
	});
	table.append(element("thead"), element("tbody"));
	table.tHead.append(head);
	for (const row of rows.slice(0, MOST_ROWS))
		table.tBodies[0].append(tableRow(state, headings, row));
	document.getElementById("table").replaceChildren(table);
	document.getElementById("table-count").textContent = rows.length > MOST_ROWS ?
		"first " + MOST_ROWS + " of " + rows.length.toLocaleString("en") : rows.length + " rows";
}

function tableRow(state, headings, row) {
	const tr = element("tr"), { model } = state, r = model.data.record;

	row.cells.forEach((value, i) =>
		tr.append(element("td", cellText2(headings[i], value),
			typeof value === "number" ? "number" : undefined)));
	const deed = row.vma ? () => choose(state, row.vma) :
		row.space ? () => showSpace(state, row.space.mm) :
		row.record === undefined ? null : () => {
			if (r.mm[row.record] !== state.space.mm && model.bySpace.has(r.mm[row.record]))
				showSpace(state, r.mm[row.record]);
			state.record = row.record;
			say(state, recordText(state, row.record));
			lookAt(state, r.time[row.record], r.pages[row.record] ?
				yOfPage(state.axis, r.start[row.record]) : undefined);
		};

	if (deed) {
		tr.className = "deed";
		tr.tabIndex = 0;
		tr.addEventListener("click", deed);
		tr.addEventListener("keydown", (event) => event.key === "Enter" && deed());
	}
	return tr;
}
