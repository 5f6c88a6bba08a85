#!/bin/bash
# export_test.sh: ukmem export over HTTP.
. "$(dirname "$0")/inspect.sh"

# Nothing is reaped meanwhile: its table stays as it was.
UKMEM_OPTIONS=reap_ms:1000000 start
subject=$pid

get() {
	python3 - "$url/$1" "${2:-GET}" <<-'END'
		import sys, urllib.request, urllib.error
		try:
		    with urllib.request.urlopen(urllib.request.Request(sys.argv[1], method=sys.argv[2])) as r:
		        print(r.status, r.headers["Content-Type"])
		        print(r.read().decode(), end="")
		except urllib.error.HTTPError as error:
		    print(error.code)
	END
}

"$BUILD/ukmem" export --port 0 "$subject" >"$work/url" 2>"$work/err" &
exporter=$!
started+=("$exporter")
within 20 test -s "$work/url"
url=$(sed 's|/metrics$||' "$work/url")
[[ $url =~ ^http://127\.0\.0\.1:[0-9]+$ ]]
ok $? "export tells where it serves, and that is loopback"
get metrics >"$work/metrics"
grep -q '^200 application/openmetrics-text; version=1.0.0' "$work/metrics" &&
    [ "$(tail -n 1 "$work/metrics")" = '# EOF' ] &&
    grep -q '^ukmem_cache_live_objects{cache="subject-small"} 700$' "$work/metrics"
ok $? "/metrics is OpenMetrics"
get slabinfo | tail -n +2 | diff - <(told_slabinfo) >/dev/null
ok $? "/slabinfo is the program's slabinfo"
get json | tail -n +2 | python3 -c 'import json, sys; assert json.load(sys.stdin)["caches"]'
ok $? "/json is JSON"
[ "$(get debug/pprof/heap)" = 404 ]
ok $? "a program without samples has no heap profile"
[ "$(get nosuch)" = 404 ] && [ "$(get metrics POST)" = 405 ]
ok $? "what is not there, and what is not asked for by GET, is refused"
for _ in {1..8}; do get metrics >"$work/many.$_" & jobs+=($!); done
wait "${jobs[@]}"
[ "$(grep -l '^# EOF' "$work"/many.* | wc -l)" = 8 ]
ok $? "several may ask at once"
if has prometheus "a scrape by Prometheus"; then
	mkdir "$work/prometheus"
	printf 'scrape_configs:\n- job_name: ukmem\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  static_configs:\n  - targets: ["%s"]\n' \
	    "${url#http://}" >"$work/prometheus.yml"
	port=$((20000 + $$ % 20000))
	prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
	    --web.listen-address="127.0.0.1:$port" >"$work/prometheus.log" 2>&1 &
	started+=($!)
	scraped() {
		url=http://127.0.0.1:$port get 'api/v1/query?query=ukmem_cache_live_objects' >"$work/query" 2>/dev/null
		grep -q '"subject-small"' "$work/query"
	}
	within 30 scraped
	grep -Eq '"cache":"subject-small"[^]]*"700"' "$work/query"
	ok $? "Prometheus scrapes it and knows the live objects"
fi

# The port is taken now.
refuses 'Address already in use' export --port "${url##*:}" "$subject"
refuses 'from 0 to 65535' export --port 65536 "$subject"
refuses 'an IPv4 address' export --address nosuch "$subject"
refuses 'one PID' export
kill -TERM "$exporter"
wait "$exporter"
ok $? "a signal ends it, with status 0"

rm "$work/url"
"$BUILD/ukmem" export --port 0 "$subject" >"$work/url" 2>"$work/err" &
exporter=$!
within 20 test -s "$work/url"
stop "$subject"
wait "$exporter"
[ $? = 2 ] && grep -q "^ukmem: process $subject ended" "$work/err"
ok $? "when the program ends, export says so and ends with status 2"

SUBJECT=holder UKMEM_OPTIONS=heap_sample:4096 start
rm "$work/url"
"$BUILD/ukmem" export --port 0 "$pid" >"$work/url" 2>"$work/err" &
started+=($!)
within 20 test -s "$work/url"
python3 -c 'import gzip, sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as answer:
    sys.exit(b"hold_much" not in gzip.decompress(answer.read()))' \
    "$(sed 's|/metrics$|/debug/pprof/heap|' "$work/url")"
ok $? "/debug/pprof/heap is a profile with the names of who allocated"
exit $failed
