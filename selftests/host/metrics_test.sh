#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope metrics, of recordings: its counts are those that stat and trace have of the same
# recording, Prometheus's own tool has nothing to say about them, and whoever reads them by HTTP or
# in a file has all of them. The recordings are those beside this.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq awk curl
here=$(dirname "$0")
kept=$here/recordings
[ -e "$kept/fault.rec" ] || skip_all "no recordings"
all="again both causes fault lineage random shell sqlite stacks threads true"
port=$((20000 + $$ % 20000))

# metrics NAME: of that recording, as text and as JSON
metrics()
{
	gives 0 mmscope metrics -i "$kept/$1.rec" || return 1
	mv "$work/out" "$work/text"
	gives 0 mmscope metrics --json -i "$kept/$1.rec" || return 1
	mv "$work/out" "$work/json"
}

# samples METRIC LABEL...: values of the labels, and of the sample, where that is not 0
samples()
{
	jq -r --arg metric "$1" --arg labels "$2 $3" 'select(.metric == $metric and .value != 0) |
		[.labels[$labels | split(" ")[] | select(. != "")], .value] | @tsv' "$work/json" | sort
}

# same NAME: what metrics has, and what others say
same()
{
	sort "$work/theirs" | diff "$work/ours" - >"$work/diff" && return
	note "$1: < metrics, > others"
	sed 's/^/# /' "$work/diff" | head -n 20
	return 1
}

faults_are_stats()
{
	for of in $all; do
		metrics "$of" && mmscope stat --again --json -i "$kept/$of.rec" >"$work/stat" || return 1
		samples mmscope_faults_total class >"$work/ours"
		jq -r '.classes // empty | .[] | [.class, .faults] | @tsv' "$work/stat" >"$work/theirs"
		[ -s "$work/theirs" ] && same "$of" || return 1
		samples mmscope_refaults_total cause >"$work/ours"
		jq -r '.again // empty | .[] | [.by, .faults] | @tsv' "$work/stat" >"$work/theirs"
		same "$of" || return 1
		samples mmscope_refusals_total call reason | sed -n 's/^fault	//p' >"$work/ours"
		# One reason may end in a signal or in EFAULT.
		jq -r '.refused // empty | group_by(.reason)[] |
			[.[0].reason, (map(.faults) | add)] | @tsv' "$work/stat" >"$work/theirs"
		same "$of" || return 1
	done
}

# By the records themselves, whatever counts them
others_are_traces()
{
	for of in $all; do
		metrics "$of" || return 1
		mmscope trace --json -i "$kept/$of.rec" >"$work/trace" || return 1
		jq -c 'select(.source == "bpf")' "$work/trace" >"$work/records"
		samples mmscope_refusals_total call reason | grep -v '^fault' >"$work/ours"
		jq -s -r 'map(select(.event == "failed")) | group_by([.syscall, .reason])[] |
			[.[0].syscall, .[0].reason, length] | @tsv' "$work/records" >"$work/theirs"
		same "$of" || return 1
		jq -r 'select(.metric == "mmscope_pages_given_back_total") | .value' "$work/json" |
			awk '{ n += $1 } END { print n + 0 }' >"$work/ours"
		jq -s 'map(select(.event != "fault") | .rss // {} | -((.anon // 0) + (.file // 0) +
			(.shmem // 0) + (.hugetlb // 0)) | select(. > 0)) | add // 0' \
			"$work/records" >"$work/theirs"
		same "$of" || return 1
		samples mmscope_records_total >"$work/ours"
		wc -l <"$work/records" | tr -d ' ' >"$work/theirs"
		same "$of" || return 1
	done
	# Each of those was somewhere.
	metrics threads && [ "$(samples mmscope_refusals_total call reason | wc -l)" -gt 8 ] &&
		[ "$(samples mmscope_pages_given_back_total cause | wc -l)" -gt 5 ] &&
		samples mmscope_given_back_bytes_total cause | grep -q '^munmap(2)	73728$'
}

# Each limit has the faults that took no longer; +Inf has all, and is the count
histogram_is_of_times()
{
	for of in fault threads sqlite; do
		metrics "$of" || return 1
		jq -r 'select(.metric == "mmscope_fault_duration_seconds_bucket") |
			[.labels.class, .labels.le, .value] | @tsv' "$work/json" | sort >"$work/ours"
		mmscope trace --json -i "$kept/$of.rec" -e fault | jq -r 'select(.source == "bpf" and .ns) |
			[.class, .ns] | @tsv' >"$work/times"
		cut -f 1,2 "$work/ours" | awk 'NR == FNR { n[$1]++; ns[$1, n[$1]] = $2; next }
			{ limit = $2 == "+Inf" ? 1e99 : $2 * 1e9; count = 0
			  for (i = 1; i <= n[$1]; i++) count += ns[$1, i] <= limit + 0.5
			  print $1 "\t" $2 "\t" count }' "$work/times" - >"$work/theirs"
		[ "$(wc -l <"$work/ours")" -eq $((18 * 18)) ] && same "$of" || return 1
		jq -r 'select(.labels.le == "+Inf") | [.labels.class, .value] | @tsv' "$work/json" |
			sort >"$work/ours"
		jq -r 'select(.metric == "mmscope_fault_duration_seconds_count") |
			[.labels.class, .value] | @tsv' "$work/json" >"$work/theirs"
		same "$of" || return 1
		awk '{ n += $2 } END { printf "%.9f\n", n / 1e9 }' "$work/times" >"$work/theirs"
		sed -n 's/^mmscope_fault_duration_seconds_sum.* //p' "$work/text" |
			awk '{ n += $1 } END { printf "%.9f\n", n }' >"$work/ours"
		same "$of" || return 1
	done
}

# What is printed as JSON is what is printed as text.
json_has_the_same()
{
	metrics threads || return 1
	grep -v '^#' "$work/text" | sed 's/{.*}//' |
		awk '{ printf "%s %.9f\n", $1, $2 }' >"$work/ours"
	jq -r '[.metric, .value] | @tsv' "$work/json" | awk '{ printf "%s %.9f\n", $1, $2 }' |
		cmp -s - "$work/ours"
}

# A metric has its help and type once, before its samples, and no sample is told twice.
text_is_well_formed()
{
	for of in $all; do
		metrics "$of" || return 1
		awk '/^# HELP/ { if (help[$3]++) exit 1; name = $3; next }
			/^# TYPE/ { if ($3 != name || type[$3]++) exit 1; next }
			{ if (index($1, name) != 1 || told[$0]++) exit 1
			  key = $0; sub(/ [^ ]*$/, "", key); if (series[key]++) exit 1 }
			END { if (!NR) exit 1 }' "$work/text" || { note "$of"; return 1; }
	done
	# Labels are these: no process, no address.
	metrics threads || return 1
	sed -n 's/^[^{]*{\(.*\)}.*/\1/p' "$work/text" | grep -o '[a-z]*="' | sort -u | tr -d '="\n' >"$work/labels"
	[ "$(cat "$work/labels")" = callcauseclasskernelleofreasonsliceversion ]
}

promtool_has_nothing_to_say()
{
	command -v promtool >/dev/null || { skip "no promtool: install prometheus"; return; }
	for of in $all; do
		metrics "$of" && gives 0 promtool check metrics <"$work/text" || return 1
		[ ! -s "$work/out" ] && [ ! -s "$work/err" ] && continue
		sed 's/^/# /' "$work/out" "$work/err"
		return 1
	done
	# It would have: a counter has no such name.
	sed 's/mmscope_records_total/mmscope_records/' "$work/text" >"$work/wrong"
	promtool check metrics <"$work/wrong" >"$work/out" 2>&1
	[ -s "$work/out" ]
}

# Names of processes and files are somebody's own choice. None of them is told.
hostile_names_are_not_told()
{
	command -v hostile_recording >/dev/null || { skip "no hostile_recording"; return; }
	hostile_recording "$kept/shell.rec" "$work/hostile.rec" || return 1
	gives 0 mmscope metrics -i "$work/hostile.rec" || return 1
	! grep -q "script\|alert" "$work/out" && ! LC_ALL=C grep -q '[^ -~]' "$work/out" || return 1
	command -v promtool >/dev/null || return 0
	mv "$work/out" "$work/text"
	gives 0 promtool check metrics <"$work/text"
}

# The file has all of one moment: what reads it over and over never finds a part, or none.
textfile_is_replaced()
{
	dir=$work/dir
	mkdir -p "$dir"
	(umask 077 && gives 0 mmscope metrics -i "$kept/fault.rec" --textfile "$dir/m.prom") || return 1
	metrics fault && cmp -s "$work/text" "$dir/m.prom" || return 1
	[ "$(stat -c %a "$dir/m.prom")" = 644 ] && [ "$(ls -A "$dir")" = m.prom ] || return 1
	# Behind a value there would be a time, for which node_exporter leaves the file out.
	grep -v '^#' "$dir/m.prom" | sed 's/{.*}//' | awk 'NF != 2 { exit 1 }' || return 1
	cp "$work/text" "$work/whole"
	(while [ ! -e "$work/stop" ]; do
		cmp -s "$dir/m.prom" "$work/whole" || echo torn
	done >"$work/torn") &
	reader=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		mmscope metrics -i "$kept/fault.rec" --textfile "$dir/m.prom" || return 1
	done
	: >"$work/stop"
	wait "$reader"
	[ ! -s "$work/torn" ]
}

textfile_that_cannot_be()
{
	complains 3 "none/m.prom: No such file" mmscope metrics -i "$kept/true.rec" \
		--textfile "$work/none/m.prom" &&
		complains 3 "Is a directory" mmscope metrics -i "$kept/true.rec" --textfile "$work" &&
		complains 3 "Invalid argument" mmscope metrics -i "$kept/true.rec" --textfile /dev/null ||
		return 1
	# A link in place of the unfinished file is not followed.
	echo precious >"$work/precious"
	ln -sf "$work/precious" "$work/m.prom.tmp"
	gives 3 mmscope metrics -i "$kept/true.rec" --textfile "$work/m.prom" &&
		[ "$(cat "$work/precious")" = precious ]
}

# listens WORDS...: mmscope metrics WORDS, which answers by then
listens()
{
	mmscope metrics "$@" >"$work/said" 2>"$work/err" &
	tool=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		curl -s -g -o /dev/null "http://$at/" && return
		kill -0 "$tool" 2>/dev/null || break
		sleep 0.1
	done
	note "nobody answers: $(cat "$work/err")"
	return 1
}

# ends CODE: it does, by SIGTERM
ends()
{
	kill -TERM "$tool"
	wait "$tool"
	code=$?
	[ "$code" -eq "$1" ] && return
	note "exit code $code, not $1"
	return 1
}

# asks WORDS...: curl, the status in $work/status
asks()
{
	curl -s -g -m 5 -D "$work/head" -o "$work/body" -w '%{http_code}' "$@" >"$work/status"
}

answers_by_http()
{
	at=127.0.0.1:$port
	listens -i "$kept/fault.rec" --listen "$at" || return 1
	metrics fault
	asks "http://$at/metrics"
	got=$(cat "$work/status")
	cmp -s "$work/body" "$work/text" && [ "$got" = 200 ] &&
		grep -q '^Content-Type: text/plain; version=0.0.4; charset=utf-8' "$work/head" &&
		asks "http://$at/" && [ "$(cat "$work/status")" = 200 ] &&
		grep -q 'href="/metrics"' "$work/body" &&
		asks "http://$at/metrics/x" && [ "$(cat "$work/status")" = 404 ] &&
		asks -d x "http://$at/metrics" && [ "$(cat "$work/status")" = 405 ] &&
		grep -q '^Allow: GET' "$work/head" &&
		asks -X DELETE "http://$at/" && [ "$(cat "$work/status")" = 405 ]
	good=$?
	# It is that one alone: nobody else is there.
	[ "$good" -eq 0 ] && complains 3 "$at: somebody else listens there" \
		mmscope metrics -i "$kept/true.rec" --listen "$at"
	good=$?
	# What came last was counted; nobody has said anything.
	ends 0 && [ "$good" -eq 0 ] && [ ! -s "$work/said" ] && ! asks "http://$at/"
}

answers_on_ipv6()
{
	at="[::1]:$port"
	grep -q " lo$" /proc/net/if_inet6 2>/dev/null || { skip "no IPv6"; return; }
	listens -i "$kept/true.rec" --listen "$at" || return 1
	asks "http://$at/metrics"
	grep -q '^mmscope_records_total' "$work/body"
	good=$?
	ends 0 && [ "$good" -eq 0 ]
}

# A port alone is for this machine alone.
listens_at_home()
{
	at=127.0.0.1:$port
	for where in "$port" ":$port" "localhost:$port"; do
		listens -i "$kept/true.rec" --listen "$where" || return 1
		ss=$(awk -v port="$(printf %04X "$port")" '$4 == "0A" && $2 ~ ":" port "$" { print $2 }' \
			/proc/net/tcp)
		ends 0 || return 1
		[ "$ss" = "0100007F:$(printf %04X "$port")" ] || { note "$where: $ss"; return 1; }
	done
}

bad_addresses_are_told()
{
	for where in nonsense:80 1.2.3:80 '[::1' '[::1]80' 127.0.0.1.:80 "$(printf %0200d 0)"; do
		gives 2 mmscope metrics -i "$kept/true.rec" --listen "$where" &&
			[ "$(wc -l <"$work/err")" -eq 1 ] || return 1
	done
	complains 2 "no port from 1 to 65535" mmscope metrics -i "$kept/true.rec" --listen 0 &&
		complains 2 "no port from 1 to 65535" mmscope metrics -i "$kept/true.rec" --listen 127.0.0.1:65536 &&
		complains 2 "no port from 1 to 65535" mmscope metrics -i "$kept/true.rec" --listen "[::1]:x" &&
		complains 3 "this machine has no such address" mmscope metrics -i "$kept/true.rec" \
			--listen "192.0.2.1:$port"
}

# The library is there only for those who listen.
library_is_loaded_on_demand()
{
	! ldd "$(command -v mmscope)" | grep -q "microhttpd\|gnutls"
}

what_is_lost_is_5()
{
	head -c $(($(wc -c <"$kept/sqlite.rec") - 2000)) "$kept/sqlite.rec" >"$work/cut.rec"
	gives 5 mmscope metrics -i "$work/cut.rec" && grep -q '^mmscope_records_total' "$work/out" || return 1
	at=127.0.0.1:$port
	listens -i "$work/cut.rec" --listen "$at" && ends 5
}

options_go_together()
{
	of=$kept/true.rec
	complains 2 "it is for a file" mmscope metrics -i "$of" --interval 5 &&
		complains 2 "written once" mmscope metrics -i "$of" --textfile "$work/m" --interval 5 &&
		complains 2 "read to its end" mmscope metrics -i "$of" --for 5 &&
		complains 2 "read to its end" mmscope metrics --for 5 -- true &&
		complains 2 "what is printed" mmscope metrics -i "$of" --json --textfile "$work/m" &&
		complains 2 "what is printed" mmscope metrics -i "$of" --json --listen "$port" &&
		complains 2 "no number of seconds" mmscope metrics --for 0 &&
		complains 2 "no number of seconds" mmscope metrics --interval -1 &&
		complains 2 "a recording, or somebody" mmscope metrics -i "$of" -- true &&
		[ ! -e "$work/m" ]
}

# shipped FILE: where it is
shipped()
{
	for dir in "$here/../../userspace/scrape/shipped" /usr/share/mmscope/prometheus; do
		[ -e "$dir/$1" ] || continue
		echo "$dir/$1"
		return
	done
	return 1
}

rules_are_right()
{
	command -v promtool >/dev/null || { skip "no promtool: install prometheus"; return; }
	cp "$(shipped rules.yml)" "$here/metrics_rules.yml" "$work" || return 1
	gives 0 promtool check rules "$work/rules.yml" &&
		gives 0 promtool test rules "$work/metrics_rules.yml" || return 1
	# They would fail otherwise.
	sed -i 's/> 1000/> 3000/' "$work/rules.yml"
	! promtool test rules "$work/metrics_rules.yml" >/dev/null 2>&1
}

# What the rules and the dashboard ask for is told.
shipped_names_are_told()
{
	metrics threads || return 1
	sed -n 's/^# TYPE \(.*\) .*/\1/p' "$work/text" >"$work/names"
	# Only of a machine that runs
	printf '%s\n' mmscope_vma_headroom mmscope_max_map_count mmscope_programs_missing >>"$work/names"
	jq -r '.. | .expr? // empty' "$(shipped dashboard.json)" >"$work/asks" || return 1
	sed -n '/expr:/,/for:\|record:\|alert:/p' "$(shipped rules.yml)" >>"$work/asks"
	grep -o 'mmscope_[a-z0-9_]*' "$work/asks" | sed 's/_bucket$//; s/seconds_sum$/seconds/' |
		sort -u >"$work/asked"
	[ "$(wc -l <"$work/asked")" -gt 10 ] || return 1
	! grep -v -x -F -f "$work/names" "$work/asked"
}

units_are_right()
{
	command -v systemd-analyze >/dev/null || { skip "no systemd-analyze"; return; }
	for unit in mmscope-metrics.service mmscope-flight.service mmscope-flight-on-alert.service \
		    mmscope-flight-on-alert.timer; do
		file=$(shipped "$unit") || { skip "no $unit"; return; }
		# What is not installed here is not there, and neither is its manual.
		sed "s|/usr/bin/mmscope|$(command -v true)|; s|/usr/share/mmscope/prometheus/flight-on-alert|$(command -v true)|
			/^Documentation/d" "$file" >"$work/$unit"
	done
	gives 0 systemd-analyze verify "$work"/mmscope-*.service "$work"/*.timer || return 1
	[ ! -s "$work/err" ] || { cat "$work/err"; return 1; }
	systemd-analyze security --offline=yes --threshold=25 "$work/mmscope-metrics.service" \
		>"$work/out" 2>&1 || { tail -n 1 "$work/out"; return 1; }
}

# A Prometheus whose answers are in $work/answer
answers()
{
	printf '%s\n' "$1" >"$work/answer"
}

# The recorder is asked once for each time that an alert begins to fire, and not before it was asked.
alert_has_flight_recorder_write()
{
	script=$(shipped flight-on-alert) || return 1
	mkdir -p "$work/bin" "$work/run"
	cat >"$work/bin/curl" <<-EOF
		#!/bin/sh
		echo "\$*" >>"$work/curled"
		[ -s "$work/answer" ] && cat "$work/answer"
	EOF
	chmod +x "$work/bin/curl"
	none='{"status":"success","data":{"resultType":"vector","result":[]}}'
	one='{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}'
	: >"$work/done"
	asks_alert() { RUNTIME_DIRECTORY=$work/run PATH=$work/bin:$PATH "$script" "$@" 2>"$work/err"; }
	reload() { asks_alert sh -c "echo done >>'$work/done'"; }
	were_done() { [ "$(wc -l <"$work/done")" -eq "$1" ]; }
	answers "$none" && reload && were_done 0 || return 1
	answers "$one" && reload && were_done 1 && reload && were_done 1 || return 1
	# Who does not answer, or says something else, has said nothing.
	: >"$work/answer"
	! reload && were_done 1 || return 1
	answers '<html>"result":[1]</html>' && ! reload && were_done 1 || return 1
	answers "$one" && reload && were_done 1 && answers "$none" && reload && answers "$one" && reload &&
		were_done 2 || return 1
	# What failed is done the next time.
	answers "$none" && reload && answers "$one" && ! asks_alert false && reload && were_done 3 &&
		grep -q 'ALERTS{alertstate="firing",flight="yes"}' "$work/curled"
}

# prometheus EXPRESSION: what it has for that now
prometheus_has()
{
	curl -s -G --data-urlencode "query=$1" "http://127.0.0.1:$((port + 1))/api/v1/query" |
		jq -r '.data.result[].value[1]'
}

# It has all of what it was told, and computes with it.
prometheus_scrapes()
{
	command -v prometheus >/dev/null || { skip "no prometheus: install it"; return; }
	at=127.0.0.1:$port
	listens -i "$kept/sqlite.rec" --listen "$at" || return 1
	cat >"$work/prometheus.yml" <<-EOF
		global: {scrape_interval: 1s, evaluation_interval: 1s}
		rule_files: ["$work/rules.yml"]
		scrape_configs:
		  - {job_name: mmscope, static_configs: [{targets: ["$at"]}]}
	EOF
	cp "$(shipped rules.yml)" "$work/rules.yml"
	prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
		--web.listen-address="127.0.0.1:$((port + 1))" >"$work/prometheus.log" 2>&1 &
	prometheus=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(prometheus_has 'sum(mmscope_faults_total)')" ] && break
		sleep 0.5
	done
	up=$(prometheus_has 'up{job="mmscope"}')
	sum=$(prometheus_has 'sum(mmscope_faults_total)')
	p99=$(prometheus_has 'histogram_quantile(0.99, mmscope_fault_duration_seconds_bucket{class="anon"}) < bool 0.1')
	kill "$prometheus"
	wait "$prometheus"
	ends 0 || return 1
	[ "$up" = 1 ] && [ "$sum" = "$(mmscope stat --json -i "$kept/sqlite.rec" |
		jq -s '[.[].classes // [] | .[].faults] | add')" ] && [ "$p99" = 1 ] && return
	note "up $up, $sum faults, p99 $p99"
	tail -n 5 "$work/prometheus.log" | sed 's/^/# /'
	return 1
}

echo "TAP version 13"
for test in faults_are_stats others_are_traces histogram_is_of_times json_has_the_same \
	    text_is_well_formed promtool_has_nothing_to_say hostile_names_are_not_told \
	    textfile_is_replaced textfile_that_cannot_be answers_by_http answers_on_ipv6 \
	    listens_at_home bad_addresses_are_told library_is_loaded_on_demand what_is_lost_is_5 \
	    options_go_together rules_are_right shipped_names_are_told units_are_right \
	    alert_has_flight_recorder_write prometheus_scrapes; do
	try "$test" "$test"
done
finish
