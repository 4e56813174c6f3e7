/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Colours: those of Okabe and Ito, which people with any colour vision can tell apart, for classes
 * of faults; where a colour serves two classes, their marks differ in shape.
 */

const CLASS_LOOK = {
	anon: ["#009e73", "square"], zero: ["#8a8a8a", "circle"], copy: ["#d55e00", "square"],
	reuse: ["#e69f00", "circle"], private: ["#cc79a7", "square"], file: ["#0072b2", "square"],
	dirty: ["#0072b2", "triangle"], shmem: ["#56b4e9", "square"], swap: ["#b5a500", "diamond"],
	thp: ["#009e73", "triangle"], hugetlb: ["#009e73", "diamond"], stack: ["#e69f00", "triangle"],
	numa: ["#cc79a7", "triangle"], driver: ["#8a8a8a", "diamond"],
	nothing: ["#8a8a8a", "triangle"], wait: ["#b5a500", "circle"], uffd: ["#cc79a7", "diamond"],
	refused: ["#e0002b", "cross"], none: ["#8a8a8a", "square"],
};

function lookOf(name) {
	return CLASS_LOOK[name] || CLASS_LOOK.none;
}

const LIGHT = { back: "#ffffff", fore: "#1c1c1c", dim: "#66707a", line: "#d4d9de", gap: "#f4f5f7",
	file: "#dbe7f2", anon: "#dff0e6", heap: "#c6e6d3", stack: "#fbe9c8", special: "#e7e4ea",
	edge: "#8b97a3", strong: "#111111", mark: "#3d4650" };
const DARK = { back: "#14181c", fore: "#e4e8eb", dim: "#97a3ad", line: "#333b43", gap: "#1b2026",
	file: "#1f3345", anon: "#1d3a2c", heap: "#255a41", stack: "#4b3c1a", special: "#37323d",
	edge: "#6d7985", strong: "#ffffff", mark: "#b9c4cd" };

const darkness = matchMedia("(prefers-color-scheme: dark)");

function theme() {
	return darkness.matches && !matchMedia("print").matches ? DARK : LIGHT;
}

/* What backs a VMA, by its name and flags. */
function backingOf(name, flags) {
	if (name === "[heap]")
		return "heap";
	if (name.startsWith("[stack"))
		return "stack";
	if (/^\[(v|uprobes)/.test(name) || flags & 0x400)
		return "special";
	return !name || name.startsWith("[anon") ? "anon" : "file";
}

function rightsOf(flags) {
	return (flags & 1 ? "r" : "-") + (flags & 2 ? "w" : "-") + (flags & 4 ? "x" : "-") +
		(flags & 0x80 ? "s" : "p");
}

/* A mark of a fault. */
function drawMark(to, look, x, y, r) {
	to.beginPath();
	switch (look[1]) {
	case "circle":
		to.arc(x, y, r, 0, 7);
		break;
	case "triangle":
		to.moveTo(x, y - r - 1);
		to.lineTo(x + r + 1, y + r);
		to.lineTo(x - r - 1, y + r);
		break;
	case "diamond":
		to.moveTo(x, y - r - 1);
		to.lineTo(x + r + 1, y);
		to.lineTo(x, y + r + 1);
		to.lineTo(x - r - 1, y);
		break;
	case "cross":
		to.lineWidth = 2;
		to.strokeStyle = look[0];
		to.moveTo(x - r, y - r);
		to.lineTo(x + r, y + r);
		to.moveTo(x + r, y - r);
		to.lineTo(x - r, y + r);
		to.stroke();
		return;
	default:
		to.rect(x - r, y - r, 2 * r, 2 * r);
	}
	to.fillStyle = look[0];
	to.fill();
}
