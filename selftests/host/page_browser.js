/* SPDX-License-Identifier: GPL-2.0 */
/*
 * page_browser.js PAGE STAT: opens a page in Chromium, and compares it with what stat --json has.
 */
const fs = require("fs");
const { chromium } = require("playwright-core");

const [file, stat] = process.argv.slice(2), wrong = [];

function expect(what, is, wanted) {
	if (JSON.stringify(is) !== JSON.stringify(wanted))
		wrong.push(what + ": " + JSON.stringify(is) + ", not " + JSON.stringify(wanted));
}

async function look(page) {
	const told = JSON.parse(fs.readFileSync(stat, "utf8").split("\n")[0]).classes;
	const sums = await page.evaluate(() => sumsOf(window.mmscope.model).map((sum, i) =>
		[window.mmscope.model.data.meta.classes[i].name, ...sum]).filter((sum) => sum[1]));

	expect("sums", sums.sort(), told.filter((one) => one.faults)
		.map((one) => [one.class, one.faults, one.pages]).sort());
	const span = () => page.evaluate(() => window.mmscope.view.t1 - window.mmscope.view.t0);
	const all = await span();

	await page.focus("#stage");
	await page.keyboard.press("+");
	await page.waitForTimeout(100);
	expect("+ zooms", await span() < all, true);
	await page.keyboard.press("0");
	await page.waitForTimeout(100);
	expect("0 shows all", Math.abs(await span() - all) < 1, true);
	const box = await page.locator("#stage").boundingBox();
	const at = await page.evaluate(() => {
		const s = window.mmscope;

		return [xOf(s, s.space.times[9]), yOf(s, s.space.y[9]), s.space.faults[9]];
	});

	await page.mouse.move(box.x + at[0], box.y + at[1]);
	expect("hover", /fault [rwx] {2}[0-9a-f]{12}/.test(await page.textContent("#tip")), true);
	await page.mouse.wheel(0, -300);
	await page.waitForTimeout(100);
	expect("wheel zooms", await span() < all, true);
	await page.fill("#search", "no such name");
	expect("search", (await page.textContent("#status")).startsWith("0 faults of"), true);
	expect("losses", await page.textContent("#losses"), "");
}

(async () => {
	const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
		args: ["--no-sandbox"] });
	const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });

	page.on("console", (line) => line.type() === "error" && wrong.push(line.text()));
	page.on("pageerror", (error) => wrong.push(error.stack));
	await page.goto("file://" + file);
	await page.waitForFunction(() => window.mmscope && window.mmscope.drawn !== undefined);
	await look(page);
	await browser.close();
	wrong.forEach((line) => console.log(line));
	process.exit(wrong.length ? 1 : 0);
})();
