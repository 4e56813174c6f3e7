#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The page of mmscope run --html, made of what was stored of a run: it has all that was told, no text
# in it is ever a mark, and it asks for nothing.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope run_page jq
here=$(cd "$(dirname "$0")" && pwd)
runs=$here/recordings/run.json
drivers=${XDG_CACHE_HOME:-$HOME/.cache}/mmscope/page/node_modules
lesson="A lesson: 1 < 2 & \"that's it\""

# look PAGE JSON: fails where marks do not match, something is to be loaded or run, or a text of the
# run is not on it; prints how many marks of each kind there are
look()
{
	python3 - "$1" "$2" <<-'EOF'
		import json, sys
		from collections import Counter
		from html.parser import HTMLParser

		class Page(HTMLParser):
		    def __init__(self):
		        super().__init__()
		        self.open, self.marks, self.text, self.wrong = [], Counter(), [], []
		    def handle_starttag(self, tag, attrs):
		        self.marks[tag] += 1
		        if tag not in ("meta", "!doctype"):
		            self.open.append(tag)
		        for name, value in attrs:
		            if name.startswith("on") or name in ("src", "style", "srcset", "data") or \
		               (name == "href" and not value.startswith("#run-")):
		                self.wrong.append("%s %s=%s" % (tag, name, value))
		    def handle_endtag(self, tag):
		        if not self.open or self.open.pop() != tag:
		            self.wrong.append("/" + tag)
		    def handle_data(self, data):
		        if self.open and self.open[-1] != "style":
		            self.text.append(data)

		def mend(text):
		    return "".join("\ufffd" if (c < " " and c not in "\n\t") or "\x7f" <= c < "\xa0" else c
		                   for c in text)

		page = Page()
		page.feed(open(sys.argv[1], encoding="utf-8", newline="\n").read())
		page.close()
		if page.open:
		    page.wrong.append("open: %s" % page.open)
		text = "".join(page.text)
		texts = 0
		for line in open(sys.argv[2], encoding="utf-8"):
		    run = json.loads(line)
		    if "experiment" not in run:
		        continue
		    wanted = [run["experiment"], run["question"], run["kernel"]] + run["left_out"]
		    for step in run["steps"]:
		        wanted += [step["what"]] + step["notes"] + step["drawing"]
		        for entry in step["lines"]:
		            wanted.append(entry["predicted"])
		            if entry["predicted"] != entry["observed"]:
		                wanted.append(entry["observed"])
		        for region in step["regions"]:
		            if region["picture"].strip():
		                wanted.append(region["vmas"])
		                wanted.append(region["picture"])
		    texts += len(wanted)
		    page.wrong += ["not there: %r" % w for w in wanted if mend(w) not in text]
		for tag in ("script", "img", "link", "iframe", "object", "form", "base"):
		    if page.marks[tag]:
		        page.wrong.append(tag)
		for wrong in page.wrong[:5]:
		    print("# %.200s" % wrong, file=sys.stderr)
		print(*("%s=%d" % mark for mark in sorted(page.marks.items())), "texts=%d" % texts)
		sys.exit(1 if page.wrong else 0)
	EOF
}

all_is_on_it()
{
	run_page "$lesson" <"$runs" >"$work/run.html" || return 1
	look "$work/run.html" "$runs" >"$work/marks" || return 1
	note "$(cat "$work/marks")"
	steps=$(jq -s 'map(.steps // [] | length) | add' "$runs")
	grep -q " section=$steps " "$work/marks" && [ "$steps" -gt 10 ] || return 1
	[ "$(grep -c 'A lesson: 1 &lt; 2 &amp; &quot;that&#39;s it&quot;' "$work/run.html")" -ge 5 ]
}

# Texts that would be marks, end an attribute, control a terminal, or are no text at all
hostile_texts_are_texts()
{
	for evil in '</td><script>alert(1)</script>' '" onload="alert(1)' "&lt;<!--" "</style></title>" \
		    "$(printf '\033]0;x\007 \302\233 \177')"; do
		jq -c --arg evil "$evil" 'def spoil: if type == "string" then . + $evil
			elif type == "array" then map(spoil)
			elif type == "object" then map_values(spoil) else . end;
			if .steps then (.steps |= spoil) | .question += $evil | .experiment += $evil |
				.kernel += $evil | .glibc += $evil | .group += $evil | .verdict += $evil |
				.left_out |= spoil else . end' "$runs" >"$work/evil.json"
		run_page "$lesson" <"$work/evil.json" >"$work/evil.html" || return 1
		look "$work/evil.html" "$work/evil.json" >"$work/evil.marks" || return 1
		for mark in section article table tr th td code pre a h2 h4 p details; do
			want=$(grep -o " $mark=[0-9]*" "$work/marks")
			grep -q "$want " "$work/evil.marks" && continue
			note "$evil: not$want"
			return 1
		done
	done
	# A byte that is no UTF-8, which no JSON should have
	sed 's/"what":"/&\xff\xc3/' "$runs" >"$work/odd.json"
	run_page <"$work/odd.json" >"$work/odd.html" && iconv -f UTF-8 "$work/odd.html" >"$work/true" &&
		grep -q "$(printf '\357\277\275\357\277\275')" "$work/odd.html"
}

odd_runs_are_pages()
{
	: >"$work/none"
	run_page <"$work/none" >"$work/none.html" && grep -q '</html>' "$work/none.html" || return 1
	for run in '{"experiment":"a"}' '{"experiment":1,"steps":{},"left_out":[1,null,{}]}' \
		   '{"experiment":"a","steps":[null,1,"x",{"lines":[null],"regions":[{}],"records":[1]}]}'; do
		echo "$run" | run_page x >"$work/odd.html"
		grep -q '</html>' "$work/odd.html" && continue
		note "$run"
		return 1
	done
}

# Where it cannot be written is said before anything is run; what was skipped is on it.
file_is_looked_at_before()
{
	complains 2 "it needs a file" mmscope run --html - segments &&
		complains 3 "No such file" mmscope run --html "$work/nothing/page" segments &&
		[ ! -s "$work/out" ] && complains 2 "a folder" mmscope run --html "$work" segments || return 1
	umask 022
	mmscope run --quiet --html "$work/page.html" segments >"$work/out" 2>"$work/err"
	[ $? -ne 3 ] && grep -q "page.html: [0-9]* KiB" "$work/err" || return 1
	[ "$(stat -c %a "$work/page.html")" = 644 ] && grep -q '<h2>segments ' "$work/page.html" &&
		grep -q '</html>' "$work/page.html" && [ "$(find "$work" -name 'page.html*' | wc -l)" -eq 1 ]
}

# By the browser: the style is taken, nothing else is asked for, and it is as wide as the window.
browser_shows()
{
	command -v chromium node >/dev/null || { skip "no chromium, or no node"; return; }
	[ -d "$drivers/playwright-core" ] || { skip "no playwright-core in $drivers"; return; }
	NODE_PATH=$drivers node "$here/run_page_browser.js" "$work/run.html" >"$work/out" 2>&1 && return
	sed "s/^/# /" "$work/out"
	return 1
}

echo "TAP version 13"
for test in all_is_on_it hostile_texts_are_texts odd_runs_are_pages file_is_looked_at_before \
	    browser_shows; do
	try "$test" "$test"
done
finish
