#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The page of mmscope export -f html: what it is made of; and, where there are a browser and who
# drives it (chromium; npm install playwright-core in ~/.cache/mmscope/page), what it shows.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope
here=$(cd "$(dirname "$0")" && pwd)
recordings=$here/recordings
drivers=${XDG_CACHE_HOME:-$HOME/.cache}/mmscope/page/node_modules

page()
{
	mmscope export -i "$recordings/$1.rec" -f html -o "$work/$1.html"
}

# One script, one style and the data; nothing is asked of a network, and no name is in the text.
page_is_closed()
{
	page sqlite-stacks || return 1
	[ "$(grep -c '^<script' "$work/sqlite-stacks.html")" = 2 ] || return 1
	grep -q "default-src 'none'.*script-src 'sha256-" "$work/sqlite-stacks.html" || return 1
	! grep -q "https\?://\|libsqlite3\|unsafe" "$work/sqlite-stacks.html"
}

# By the browser: no error, and the sums of stat; and what wheel, keys, search and mouse do
browser_shows()
{
	command -v chromium node >/dev/null || { skip "no chromium, or no node"; return; }
	[ -d "$drivers/playwright-core" ] || { skip "no playwright-core in $drivers"; return; }
	for rec in sqlite-stacks random shell fault; do
		page "$rec" || return 1
		mmscope stat -i "$recordings/$rec.rec" --json >"$work/$rec.json" || return 1
		NODE_PATH=$drivers node "$here/page_browser.js" "$work/$rec.html" \
			"$work/$rec.json" >"$work/out" 2>&1 && continue
		sed "s/^/# $rec: /" "$work/out"
		return 1
	done
}

echo "TAP version 13"
for test in page_is_closed browser_shows; do
	try "$test" "$test"
done
finish
