// SPDX-License-Identifier: GPL-2.0
// What a browser makes of a page of experiments: run_page_browser.js PAGE
"use strict";
const { chromium } = require("playwright-core");

const wrong = [];

function check(held, what)
{
	if (!held)
		wrong.push(what);
}

/* The style's colours, and what it costs to see the whole width. */
function look()
{
	const style = getComputedStyle(document.body);

	return {
		back: style.backgroundColor, fore: style.color, wide: document.documentElement.scrollWidth,
		steps: document.querySelectorAll(".step").length,
		cell: getComputedStyle(document.querySelector(".pages .promised")).backgroundColor,
	};
}

async function main()
{
	const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
						args: ["--no-sandbox"] });
	const backs = new Set();

	for (const [scheme, width] of [["light", 1100], ["dark", 1100], ["light", 400]]) {
		const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 900 } });
		const requests = [];

		page.on("request", request => requests.push(request.url()));
		page.on("console", message => wrong.push(`${scheme}: ${message.text()}`));
		page.on("pageerror", error => wrong.push(`${scheme}: ${error}`));
		await page.goto(`file://${process.argv[2]}`);
		const seen = await page.evaluate(look);
		check(requests.length === 1, `${scheme}: asks for ${requests.slice(1)}`);
		check(seen.back !== seen.fore && seen.cell !== seen.back, `${scheme}: ${seen.back}`);
		check(seen.wide <= width, `${width}: ${seen.wide} wide`);
		check(seen.steps > 10, `${seen.steps} steps`);
		if (width === 1100)
			backs.add(seen.back);
	}
	check(backs.size === 2, "dark is as light");
	await browser.close();
	if (wrong.length)
		console.log(wrong.slice(0, 5).join("\n"));
	process.exitCode = wrong.length ? 1 : 0;
}

main().catch(error => { console.log(String(error)); process.exitCode = 1; });
