#!/bin/bash
# run.sh [ours|quick|full]: programs that nobody here wrote, and a few that we did, on the
# drop-in. A program passes when it prints and returns what it does on glibc's malloc.
#
# ours: those that we wrote. quick is part of make check (under 40 s); full is make
# check-programs, which also runs glibc's own malloc tests (glibc.sh). What is not installed is skipped with a word.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build} CC=${CC:-gcc}
library=$PWD/$BUILD/libukmem-malloc.so
programs=$PWD/$BUILD/programs
mode=${1:-quick}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ulimit -c 0
mkdir -p "$programs"

verdict() {
	if [ "$1" = 0 ]; then
		echo "ok $2"
		passed=$((passed + 1))
	else
		echo "FAILED $2: tests/programs/run.sh"
		tail -n 5 "$work/err" 2>/dev/null | sed 's/^/    /'
		failed=$((failed + 1))
	fi
}

needs() {
	command -v "$1" >/dev/null 2>&1 && return
	echo "skipped $1: not installed"
	return 1
}

# on COMMAND...: on the drop-in, which must not complain.
on() {
	LD_PRELOAD=$library timeout 300 "$@" 2>"$work/err"
}

# same NAME COMMAND...: the same output and status on both.
same() {
	local name=$1 status
	shift
	timeout 300 "$@" >"$work/glibc" 2>/dev/null </dev/null
	status=$?
	on "$@" >"$work/ours" </dev/null
	[ $? = $status ] && cmp -s "$work/glibc" "$work/ours" && ! grep -q '^ukmem:' "$work/err"
	verdict $? "$name"
}

# ---- Our own -----------------------------------------------------------------------

build() {
	$CC -std=gnu11 -g -O1 -w -fno-builtin -Iinclude "tests/programs/$1.c" -o "$programs/$2" \
	    "${@:3}" -lpthread 2>"$work/err" || verdict 1 "$2 builds"
}

# An option that is none is complained of, unless the program must not listen.
setuid_program() {
	local asks="options:nonsense"
	build secure secure -static "$BUILD/libukmem-malloc.a"
	UKMEM_OPTIONS=$asks "$programs/secure" 2>&1 | grep -q '^ukmem: '
	verdict $? options_are_read_in_an_ordinary_program
	[ "$(id -u)" = 0 ] && needs setpriv || { echo "skipped a setuid program: not root"; return; }
	chmod 755 "$work" && install -m 4755 -o root "$programs/secure" "$work/secure"
	UKMEM_OPTIONS=$asks UKMEM_SLABINFO=$work/table setpriv --reuid=65534 --clear-groups \
	    "$work/secure" 2>"$work/err"
	case $? in
	0) [ ! -s "$work/err" ] && [ ! -e "$work/table" ]; verdict $? options_are_ignored_in_a_setuid_program ;;
	77) echo "skipped a setuid program: nosuid file system" ;;
	*) verdict 1 options_are_ignored_in_a_setuid_program ;;
	esac
}

jemallocs_calls() {
	build jemalloc jemalloc -L"$BUILD" -l:libukmem-malloc.so -Wl,-rpath,"$PWD/$BUILD"
	"$programs/jemalloc" 2>"$work/err"; verdict $? jemallocs_calls_linked
	UKMEM_OPTIONS=debug:FZP "$programs/jemalloc" 2>"$work/err"; verdict $? jemallocs_calls_with_checks
	build jemalloc jemalloc-static -static "$BUILD/libukmem-malloc.a" -Wl,-u,slabinfo_read
	"$programs/jemalloc-static" 2>"$work/err"; verdict $? jemallocs_calls_linked_statically
	ldconfig -p | grep -q libjemalloc.so.2 || { echo "skipped jemalloc's program: not installed"; return; }
	build jemalloc jemalloc-preloaded -l:libjemalloc.so.2
	on "$programs/jemalloc-preloaded"; verdict $? jemallocs_calls_come_to_the_one_that_is_preloaded
}

our_programs() {
	build names names
	on "$programs/names"; verdict $? names_preloaded
	build names names-linked -L"$BUILD" -l:libukmem-malloc.so -Wl,-rpath,"$PWD/$BUILD"
	"$programs/names-linked" 2>"$work/err"; verdict $? names_linked
	build names names-static -static "$BUILD/libukmem-malloc.a" -Wl,-u,slabinfo_read
	"$programs/names-static" 2>"$work/err"; verdict $? names_linked_statically
	UKMEM_OPTIONS=backend:locked on "$programs/names"; verdict $? names_without_sequences
	GLIBC_TUNABLES=glibc.pthread.rseq=0 on "$programs/names"; verdict $? names_without_rseq
	(ulimit -v 200000; on "$programs/names"); verdict $? names_in_little_address_space
	jemallocs_calls
	build many_threads many_threads
	on "$programs/many_threads"; verdict $? ten_thousand_threads_leave_no_memory
	build limited limited
	on "$programs/limited"; verdict $? a_limit_set_later_leaves_room_to_map
	build vfork vfork
	on "$programs/vfork"; verdict $? children_of_vfork_may_allocate
	build early early
	on "$programs/early"; verdict $? handlers_of_fork_may_allocate_whoever_was_first
	build early early-static -static "$BUILD/libukmem-malloc.a"
	"$programs/early-static" 2>"$work/err"; verdict $? handlers_of_fork_may_allocate_linked_statically
	build late late
	on "$programs/late"; verdict $? destructors_of_threads_may_allocate
	setuid_program
	build dlopen dlopen
	"$programs/dlopen" "$library" 2>"$work/err"; verdict $? a_hundred_rounds_of_dlopen
	build deepbind libdeepbind.so -DPLUGIN -shared -fPIC
	build deepbind deepbind -Wl,-rpath,'$ORIGIN'
	on "$programs/deepbind"; verdict $? libraries_opened_to_bind_to_their_own_share_the_heap
	build shared_heap shared_heap -L"$BUILD" -lukmem -Wl,-rpath,"$PWD/$BUILD"
	on "$programs/shared_heap"; verdict $? typed_caches_and_malloc_share_a_heap
	build shared_heap shared_heap-static -static "$BUILD/libukmem-malloc.a"
	"$programs/shared_heap-static" 2>"$work/err" &&
	    nm "$programs/shared_heap-static" | grep -q ' preload_starts$'
	verdict $? and_do_so_linked_statically_where_kmalloc_comes_first
	build return_memory return_memory
	on "$programs/return_memory"; verdict $? memory_comes_back_in_five_seconds
	build return_scattered return_scattered
	on "$programs/return_scattered"; verdict $? memory_between_live_blocks_comes_back
	needs g++ && g++ -std=c++17 -w -fno-builtin tests/programs/operators.cc -o "$programs/operators" &&
	    { on "$programs/operators"; verdict $? every_form_of_new_and_delete; }
}

# ---- Everybody's ---------------------------------------------------------------------

python_objects='
import json, hashlib, re, collections
rows = [{"id": i, "name": "x" * (i % 97), "tags": list(range(i % 13))} for i in range(20000)]
text = json.dumps(rows)
print(hashlib.sha256(json.dumps(json.loads(text)[::-1]).encode()).hexdigest())
print(len(re.findall("x+", text)), collections.Counter(len(r["tags"]) for r in rows))'

sql_workload() {
	printf '%s\n' 'create table t(a integer primary key, b text);' \
	    'with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000)
	     insert into t select i, hex(i * 7919) || substr("abcdefghijklmnop", 1, i % 16) from n;' \
	    'create index tb on t(b); delete from t where a % 3 = 0;' \
	    'select count(*), sum(length(b)), max(b), min(b) from t;' \
	    'select b, count(*) from t group by substr(b, 1, 2) order by 1 limit 20;'
}

# Redis 8 gets blocks by jemalloc's own mallocx, frees them as malloc's, and asks mallctl.
redis() {
	local socket=$work/redis.sock server keys status
	on redis-server --port 0 --unixsocket "$socket" --save '' --dir "$work" \
	    --enable-debug-command local >"$work/redis.log" &
	server=$!
	for _ in $(seq 200); do [ -S "$socket" ] && break; sleep 0.1; done
	redis-benchmark -s "$socket" -q -n "$1" -r 100000 -t set,get,lpush,lpop,sadd,hset,zadd \
	    >/dev/null 2>&1
	redis-cli -s "$socket" debug reload | grep -q '^OK' &&
	    redis-cli -s "$socket" memory purge | grep -q '^OK' &&
	    redis-cli -s "$socket" info memory | tr -d '\r' | awk -F: '
		/^used_memory:/ { used = $2 }
		/^allocator_allocated:/ { allocated = $2 }
		END { exit !(used > 1000000 && allocated >= used) }'
	status=$?
	keys=$(redis-cli -s "$socket" dbsize)
	verdict $((status || ${keys:-0} < 1000)) "redis, $1 requests of each kind"
	redis-cli -s "$socket" shutdown nosave >/dev/null 2>&1
	wait $server
}

quick_programs() {
	needs python3 && same python3 python3 -S -c "$python_objects"
	needs perl && same perl perl -e 'srand 1; my %h; $h{int rand 1e6} .= "x" x ($_ % 50) for 1..200000;
	    my $n = 0; $n += length for values %h; print "$n ", scalar(keys %h), "\n";'
	sql_workload >"$work/sql"
	needs sqlite3 && same sqlite3 sqlite3 :memory: ".read $work/sql"
	needs git && git rev-parse -q --verify HEAD >/dev/null && same git git log --stat -30 &&
	    same git_grep git grep -c kmem
	same gcc $CC -std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc -O2 -S src/malloc/heap.c -o -
	seq 200000 | sort -R --random-source=/bin/ls >"$work/lines"
	same sort_with_threads sort --parallel=4 -S 1M -n "$work/lines"
	needs redis-server && needs redis-benchmark && redis 20000
}

# ---- make check-programs --------------------------------------------------------------

postgres_bench() {
	local data=$work/pg bin who=
	bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
	[ -x "$bin/initdb" ] || { echo "skipped postgres: not installed"; return; }
	[ "$(id -u)" != 0 ] || who="setpriv --reuid=postgres --regid=postgres --clear-groups"
	mkdir "$data" && chmod 755 "$work" && chown "$([ -z "$who" ] || echo postgres)" "$data" 2>/dev/null
	$who "$bin/initdb" -D "$data" -A trust >/dev/null 2>"$work/err" || { verdict 1 postgres; return; }
	LD_PRELOAD=$library $who "$bin/postgres" -D "$data" -k "$data" -c listen_addresses= \
	    >"$work/pg.log" 2>&1 &
	local server=$!
	for _ in $(seq 200); do [ -S "$data/.s.PGSQL.5432" ] && break; sleep 0.2; done
	$who "$bin/pgbench" -h "$data" -i -s 2 postgres >/dev/null 2>"$work/err" &&
	    $who "$bin/pgbench" -h "$data" -c 4 -j 2 -T 10 postgres >"$work/pgbench" 2>"$work/err" &&
	    grep -q 'number of failed transactions: 0 ' "$work/pgbench" &&
	    ! grep -q 'ukmem:\|terminated by signal' "$work/pg.log"
	verdict $? "postgres with pgbench"
	kill -INT $server
	wait $server 2>/dev/null
}

nginx_wrk() {
	needs nginx && needs wrk || return
	mkdir -p "$work/www" && seq 1000 >"$work/www/index.html"
	cat >"$work/nginx.conf" <<-END
		daemon off; worker_processes 2; pid $work/nginx.pid; error_log $work/nginx.log;
		events { worker_connections 512; }
		http { access_log off; client_body_temp_path $work/b; proxy_temp_path $work/p;
		fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
		gzip on; gzip_types text/html;
		server { listen 127.0.0.1:18080; root $work/www; } }
	END
	chmod 755 "$work"
	on nginx -c "$work/nginx.conf" -p "$work" &
	local server=$!
	sleep 1
	wrk -t 2 -c 50 -d 10 -H 'Accept-Encoding: gzip' http://127.0.0.1:18080/ >"$work/wrk" 2>&1
	grep -q 'Requests/sec' "$work/wrk" && ! grep -q 'Non-2xx\|Socket errors' "$work/wrk"
	verdict $? "nginx with wrk"
	kill "$(cat "$work/nginx.pid")"
	wait $server
}

# Threads, forks, extensions that PHP opens with RTLD_DEEPBIND, an image of a heap (emacs).
interpreters() {
	needs ruby && same ruby ruby -e 'require "json"
	    text = JSON.generate((0...20000).map { |i| { "id" => i, "name" => "x" * (i % 97) } })
	    puts JSON.parse(text).sum { |row| row["name"].size }, text.scan(/x+/).size
	    puts 4.times.map { |k| Thread.new { 20000.times.sum { |i| "#{k}-#{i}".size } } }.map(&:value)
	    fork { exit((0..9999).map(&:to_s).size % 7) }
	    Process.wait; puts $?.exitstatus'
	needs php && same php php -r 'for ($i = 0; $i < 20000; $i++)
		$a[] = ["id" => $i, "name" => str_repeat("x", $i % 97), "tags" => range(0, $i % 13)];
	    $text = json_encode($a);
	    echo md5(json_encode(array_reverse(json_decode($text, true)))), preg_match_all("/x+/", $text);'
	needs lua5.4 && same lua lua5.4 -e 'local t, n = {}, 0
	    for i = 1, 200000 do t["k" .. i * 7919 % 100003] = ("x"):rep(i % 50) end
	    for _, v in pairs(t) do n = n + #v end print(n)'
	needs node && same node node -e 'const { Worker } = require("worker_threads"); let sum = 0
	    for (let i = 0; i < 4; i++) new Worker(`let z = require("zlib"), b = Buffer.alloc(1 << 20, 7), n = 0
		for (let i = 0; i < 10; i++) n += z.gunzipSync(z.gzipSync(b)).length
		require("worker_threads").parentPort.postMessage(n)`, { eval: true }).on("message", n => sum += n)
	    process.on("exit", () => console.log(sum))'
	needs emacs && same emacs emacs -Q --batch --eval '(let ((h (make-hash-table :test (quote equal))))
	    (dotimes (i 50000) (puthash (number-to-string (% (* i 7919) 10007)) (make-string (% i 50) ?x) h))
	    (garbage-collect) (princ (hash-table-count h)))'
}

# Its memory is jemalloc's mallocx and sdallocx. The same answers and zone on both.
bind_zone() {
	local data=$work/bind which
	needs named && needs dig || return
	mkdir "$data" && cat >"$data/named.conf" <<-END
		options { directory "$data"; listen-on port 18053 { 127.0.0.1; }; listen-on-v6 { none; };
		pid-file "$data/pid"; session-keyfile "$data/key"; managed-keys-directory "$data";
		allow-transfer { any; }; recursion no; dnssec-validation no; };
		controls { }; zone "example.org" { type primary; file "zone"; };
	END
	{
		printf '$TTL 300\n@ SOA ns admin 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1\n'
		seq 20000 | awk '{ printf "host%d A 10.1.%d.%d\n", $1, $1 / 250, $1 % 250 }'
	} >"$data/zone"
	seq 500 | sed 's/.*/host&.example.org A/' >"$data/questions"
	for which in glibc ours; do
		ask_bind "$data" "$([ $which = glibc ] || echo "$library")" >"$data/$which" 2>"$work/err" || break
	done
	[ "$(wc -l <"$data/ours")" = 20505 ] && cmp "$data/glibc" "$data/ours" >"$work/err" &&
	    ! grep -q 'ukmem:' "$data/log"
	verdict $? "bind with dig"
}

# ask_bind DIRECTORY LIBRARY: 500 answers, the whole zone, the server's status.
ask_bind() {
	local ask="dig @127.0.0.1 -p 18053" server
	LD_PRELOAD=$2 named -g -c "$1/named.conf" >"$1/log" 2>&1 &
	server=$!
	for _ in $(seq 100); do $ask +short +tries=1 ns.example.org | grep -q '^127' && break; sleep 0.1; done
	$ask +short -f "$1/questions"
	$ask +noall +answer axfr example.org
	kill "$server"
	wait "$server"
	echo "$?"
}

mariadb_bench() {
	local data=$work/mariadb server
	needs mariadbd && needs mariadb-slap || return
	[ "$(id -u)" = 0 ] || { echo "skipped mariadb: not root"; return; }
	mkdir "$data" && chmod 755 "$work" && chown mysql "$data"
	mariadb-install-db --no-defaults --user=mysql --datadir="$data" \
	    --auth-root-authentication-method=normal >/dev/null 2>"$work/err" || { verdict 1 mariadb; return; }
	LD_PRELOAD=$library mariadbd --no-defaults --user=mysql --datadir="$data" --skip-networking \
	    --socket="$data/socket" --pid-file="$data/pid" >"$work/mariadb.log" 2>&1 &
	server=$!
	for _ in $(seq 200); do [ -S "$data/socket" ] && break; sleep 0.2; done
	mariadb-slap --no-defaults -S "$data/socket" -u root --concurrency=8 --number-of-queries=4000 \
	    --auto-generate-sql --auto-generate-sql-load-type=mixed >/dev/null 2>"$work/err" &&
	    kill "$server" && wait "$server" && ! grep -q 'ukmem:\|got signal' "$work/mariadb.log"
	verdict $? "mariadb with mariadb-slap"
}

full_programs() {
	for module in test_json test_dict test_list test_re test_threading test_subprocess \
	    test_zlib test_gc test_bytes test_sqlite3; do
		needs python3 && python3 -c "import test.$module" 2>/dev/null || continue
		if on python3 -m test -q "$module" >"$work/out" </dev/null; then
			verdict 0 "python3 -m test $module"
		elif python3 -m test -q "$module" >/dev/null 2>&1 </dev/null; then
			verdict 1 "python3 -m test $module"
		else
			echo "skipped python3 -m test $module: fails on glibc's malloc too"
		fi
	done
	needs redis-server && redis 200000
	interpreters
	postgres_bench
	mariadb_bench
	bind_zone
	nginx_wrk
	tests/programs/glibc.sh >"$work/glibc.log"
	verdict $? "glibc's malloc tests: $(tail -n 1 "$work/glibc.log")"
	grep '^FAILED\|^skipped' "$work/glibc.log" | sed 's/^/    /'
}

our_programs
[ "$mode" = ours ] || quick_programs
[ "$mode" != full ] || full_programs
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
