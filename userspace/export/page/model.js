/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of each address space and each VMA, from the columns.
 */

/* As mmscope trace prints them: 12 digits of an address; seconds since the first record. */
function hex(page, offset) {
	const digits = page.toString(16) + (offset || 0).toString(16).padStart(3, "0");

	return digits.padStart(12, "0");
}

function seconds(us) {
	return "+" + (us / 1e6).toFixed(6);
}

function sizeText(pages, pageSize) {
	const bytes = pages * pageSize;
	let unit = 0, value = bytes / 1024;

	while (value >= 1024 && unit < 4) {
		value /= 1024;
		unit++;
	}
	return (value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toPrecision(3)) +
		" " + ["KiB", "MiB", "GiB", "TiB", "PiB"][unit];
}

function count(n, one) {
	return n.toLocaleString("en") + " " + one + (n === 1 ? "" : "s");
}

function shortName(name) {
	return name ? name.replace(/^.*\/(?=[^/]+$)/, "") : "anonymous";
}

/* A VMA: everything that was ever told of it. */
function newVma(id, mm) {
	return { id, mm, shapes: [], records: [], children: [], parent: 0, name: "", faults: 0,
		brought: 0, back: 0, from: Infinity, to: -Infinity, pages: 0, start: 0,
		flags: 0, classes: new Map(), pagesBy: new Map(), kinds: new Map() };
}

function buildModel(data) {
	const model = { data, vmas: new Map(), spaces: [], bySpace: new Map(),
		lasted: data.meta.lasted_ns / 1000, type: data.meta.types };

	let sample = 0;
	for (const space of data.meta.spaces) {
		const one = { ...space, comm: data.words[space.comm], shapes: [], records: [],
			faults: [], count: 0, from: Infinity, to: 0,
			samples: [sample, sample + space.samples] };

		sample += space.samples;
		model.spaces.push(one);
		model.bySpace.set(space.mm, one);
	}
	addShapes(model);
	addRecords(model);
	addFaults(model);
	return model;
}

function vmaOf(model, id, mm) {
	let vma = model.vmas.get(id);

	if (!vma) {
		vma = newVma(id, mm);
		model.vmas.set(id, vma);
	}
	return vma;
}

function addShapes(model) {
	const s = model.data.shape;

	s.to = new Float64Array(s.count);
	for (let i = 0; i < s.count; i++) {
		const space = model.bySpace.get(s.mm[i]), vma = vmaOf(model, s.vma[i], s.mm[i]);

		s.to[i] = s.lasts[i] ? s.from[i] + s.lasts[i] - 1 : model.lasted;
		space.shapes.push(i);
		space.from = Math.min(space.from, s.from[i]);
		space.to = Math.max(space.to, s.to[i]);
		vma.shapes.push(i);
		vma.from = Math.min(vma.from, s.from[i]);
		vma.to = Math.max(vma.to, s.to[i]);
		vma.gone = s.lasts[i] > 0;
		vma.pages = s.pages[i];
		vma.start = s.start[i];
		vma.flags = s.flags[i];
		vma.name = model.data.words[s.name[i]] || vma.name;
	}
}

const MAKES_CHILD = ["split", "copy", "dup"];

function addRecords(model) {
	const r = model.data.record, words = model.data.words;

	for (let i = 0; i < r.count; i++) {
		const space = model.bySpace.get(r.mm[i]);
		const event = words[r.event[i]];

		if (space)
			space.records.push(i);
		if (!r.vma[i])
			continue;
		const vma = vmaOf(model, r.vma[i], r.mm[i]);

		vma.records.push(i);
		vma.back += r.back[i];
		if (!r.parent[i])
			continue;
		const other = model.vmas.get(r.parent[i]);

		if (other && other !== vma)
			other.records.push(i);
		if (MAKES_CHILD.includes(event)) {
			vma.parent = r.parent[i];
			if (other)
				other.children.push(vma.id);
		}
	}
}

function add(map, key, n) {
	map.set(key, (map.get(key) || 0) + n);
}

function addFaults(model) {
	const f = model.data.fault, kind = model.data.kind;
	let last = null, space = null;

	f.class = new Uint8Array(f.count);
	for (let i = 0; i < f.count; i++) {
		const n = f.many[i];

		if (!space || space.mm !== f.mm[i])
			space = model.bySpace.get(f.mm[i]) || null;
		f.class[i] = kind.class[f.kind[i]];
		if (space) {
			space.faults.push(i);
			space.count += n;
			space.from = Math.min(space.from, f.time[i]);
			space.to = Math.max(space.to, f.time[i]);
		}
		if (!last || last.id !== f.vma[i])
			last = f.vma[i] ? vmaOf(model, f.vma[i], f.mm[i]) : null;
		if (!last)
			continue;
		last.faults += n;
		last.brought += f.pages[i];
		add(last.classes, f.class[i], n);
		add(last.pagesBy, f.class[i], f.pages[i]);
		add(last.kinds, f.kind[i], n);
	}
}
