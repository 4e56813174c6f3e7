/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unpacks what the page was written with: a JSON object, and columns of numbers. Times are us since
 * the first record, addresses are pages.
 */

/* Base64, with newlines, as bytes. */
function bytesOf(text) {
	const binary = atob(text.replace(/\s+/g, ""));
	const bytes = new Uint8Array(binary.length);

	for (let i = 0; i < bytes.length; i++)
		bytes[i] = binary.charCodeAt(i);
	return bytes;
}

async function inflate(bytes) {
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));

	return new Uint8Array(await new Response(stream).arrayBuffer());
}

/*
 * Numbers of seven bits a byte; where delta is set, each is a difference to the one before, whose
 * lowest bit is its sign. They may have 52 bits: beyond 31 shifts do not reach.
 */
function numbers(bytes, at, count, delta) {
	const out = new Float64Array(count);
	let last = 0;

	for (let i = 0; i < count; i++) {
		let byte = bytes[at++];
		let value = byte & 127;
		let scale = 128;

		while (byte & 128) {
			byte = bytes[at++];
			value += (byte & 127) * scale;
			scale *= 128;
		}
		if (delta) {
			last += value % 2 ? -(value + 1) / 2 : value / 2;
			value = last;
		}
		out[i] = value;
	}
	return out;
}

/*
 * Names come from whoever was recorded: what would hide itself, or turn the text around, is shown
 * by its number. Nothing of it is ever parsed as HTML.
 */
function visible(text) {
	return text.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
		(c) => "\\u{" + c.charCodeAt(0).toString(16) + "}");
}

/* { meta, words, fault: { time, page, ... }, shape: ..., record: ..., ... } */
async function readData(text) {
	const bytes = await inflate(bytesOf(text));
	const size = new DataView(bytes.buffer).getUint32(0, true);
	const decoder = new TextDecoder();
	const data = { meta: JSON.parse(decoder.decode(bytes.subarray(4, 4 + size))) };
	let at = 4 + size;

	for (const [name, delta, count, length] of data.meta.columns) {
		const [table, member] = name.split(".");

		if (table === "words") {
			data.words = decoder.decode(bytes.subarray(at, at + length)).split("\0").map(visible);
		} else {
			data[table] = data[table] || { count };
			data[table][member] = numbers(bytes, at, count, delta);
		}
		at += length;
	}
	return data;
}
