/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a VMA: where it came from, what happened to it, which faults it had, and what became
 * of it.
 */

function vmaLink(state, id) {
	const vma = state.model.vmas.get(id), button = element("button", "#" + id, "link");

	button.disabled = !vma;
	button.addEventListener("click", () => choose(state, vma));
	return button;
}

/* Choose a VMA, in whichever process it is. */
function choose(state, vma) {
	if (vma.mm !== state.space.mm && state.model.bySpace.has(vma.mm))
		showSpace(state, vma.mm);
	select(state, vma);
	if (vma.shapes.length)
		lookAt(state, vma.from, yOfPage(state.axis, vma.start));
}

function select(state, vma) {
	const section = document.getElementById("life");

	state.selected = vma;
	state.record = -1;
	section.hidden = !vma;
	if (vma)
		tellLife(state, vma);
	drawOver(state);
}

function sentence(parent, ...parts) {
	const p = element("p");

	for (const part of parts)
		p.append(part);
	parent.append(p);
}

function bars(rows, most) {
	const list = element("div", undefined, "bars");

	for (const [text, n, colour] of rows) {
		const row = element("div"), bar = element("i");

		bar.style.width = Math.max(0.5, 100 * n / most) + "%";
		bar.style.background = colour;
		const track = element("span", undefined, "track");

		track.append(bar);
		row.append(element("b", n.toLocaleString("en")), track, element("span", text));
		list.append(row);
	}
	return list;
}

function sorted(map, most) {
	return [...map].sort((a, b) => b[1] - a[1]).slice(0, most);
}

/* Faults by function: those of kinds that have a place. */
function byFunction(model, vma) {
	const { kind } = model.data, sums = new Map();

	for (const [k, n] of vma.kinds)
		add(sums, kind.place[k] ? placeText(model, kind.place[k] - 1) : "several places", n);
	return sums;
}

/* As mmscope stat: its function, else program+offset. */
function placeText(model, i) {
	const { place, words } = model.data;

	if (words[place.function[i]])
		return words[place.function[i]] + (words[place.file[i]] ?
			" (" + words[place.file[i]] + ":" + place.line[i] + ")" : "");
	if (words[place.program[i]])
		return shortName(words[place.program[i]]) + "+0x" + place.offset[i].toString(16);
	return place.offset[i] ? "0x" + place.offset[i].toString(16) : "(no user code)";
}

function tellLife(state, vma) {
	const { model } = state, to = document.getElementById("life-text"), { meta } = model.data;

	document.getElementById("life-head").textContent = "Life of VMA #" + vma.id + "  " +
		(vma.name || "anonymous");
	to.replaceChildren();
	sentence(to, hex(vma.start) + "-" + hex(vma.start + vma.pages) + " " + rightsOf(vma.flags) + ", " +
		sizeText(vma.pages, meta.page_size) + ", " + (vma.shapes.length ? seconds(vma.from) +
		" to " + (vma.gone ? seconds(vma.to) : "the end") : "never seen in the map"));
	if (vma.parent)
		sentence(to, "It came from ", vmaLink(state, vma.parent), ".");
	if (vma.children.length) {
		const p = element("p", "From it came");

		for (const id of vma.children)
			p.append(" ", vmaLink(state, id));
		to.append(p);
	}
	sentence(to, "Its " + count(vma.faults, "fault") + " brought " + count(vma.brought, "page") +
		"; records of it say that " + count(vma.back, "page") + " were given back.");
	const columns = element("div", undefined, "columns");

	if (vma.faults) {
		columns.append(bars(sorted(vma.classes, 8).map(([c, n]) =>
			[meta.classes[c].word, n, state.looks[c][0]]), vma.faults));
		columns.append(bars(sorted(byFunction(model, vma), 8).map(([text, n]) =>
			[text, n, "var(--mark)"]), vma.faults));
	}
	to.append(columns, recordsOf(state, vma));
}

const MOST_RECORDS = 400;

function recordsOf(state, vma) {
	const list = element("ol", undefined, "records");

	for (const i of vma.records.slice(0, MOST_RECORDS))
		list.append(element("li", recordText(state, i)));
	if (vma.records.length > MOST_RECORDS)
		list.append(element("li", "and " + (vma.records.length - MOST_RECORDS) +
			" more: they are in the table of records"));
	return list;
}
