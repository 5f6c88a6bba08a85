#!/bin/bash
# mutants.sh [WORD...]: break a copy of the library in one place at a time; a test must go red.
#
# Each mutant is a line "FILE: SED-EXPRESSION: WHAT". Prints "ok" and the first program
# that saw it, or "FAILED" for one that lives; ends with "N passed, N failed".
# WORD: only mutants whose line contains one of them. Not part of make check: minutes, not seconds.
cd "$(dirname "$0")/.." || exit 1
copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
passed=0 failed=0
ulimit -c 0
cp -r Makefile src include tests scripts tools bench side man "$copy" && cd "$copy" || exit 1
cp -r src pristine

# built PROGRAM...: with what is in src/ now.
built() {
	make -s -j2 "$@" >log 2>&1
}

# in_programs PROGRAM...: each on both back-ends.
in_programs() {
	local program
	for program; do
		for backend in rseq locked; do
			UKMEM_OPTIONS=backend:$backend timeout 150 "$program" >out 2>/dev/null && continue
			echo "${program#build/tests/} $backend: $(grep -m 1 FAILED out | cut -c 8-80)"
			return 1
		done
	done
}

in_scripts() {
	local script
	for script in misuse/checked.sh sanitizers/run.sh misuse/run.sh misuse/attacks.sh; do
		tests/$script >out 2>&1 && continue
		echo "$script: $(grep -m 1 FAILED out | cut -c 8-80)"
		return 1
	done
}

# programs PATTERN...: what is built of tests/PATTERN_test.c.
programs() {
	local source
	for source in $(printf 'tests/%s_test.c ' "$@"); do
		[ -f "$source" ] && echo "build/${source%.c}"
	done
}

# seen FILE: who sees what is wrong in FILE, or "nobody". Those likeliest to see it are built and
# run first: the file's own, by folder and name. Fails where the library does not build.
seen() {
	local name group
	name=$(basename "$1" .c)
	case $1 in
	debug/*) set -- "unit/debug/* story/*$name*" scripts 'story/*' 'unit/*/*' ;;
	*) set -- "unit/${1%/*}/* story/*$name*" 'story/*' 'unit/*/*' ;;
	esac
	for group in "$@" 'refuse/* misuse/* compat/* model/*' scripts; do
		if [ "$group" = scripts ]; then
			built lib tests RACE_PROGRAMS= || return
			in_scripts || return 0
		else
			# shellcheck disable=SC2046,SC2086
			set -- $(programs $group)
			built build/libukmem.a "$@" || return
			in_programs "$@" || return 0
		fi
	done
	echo nobody
}

try() {
	local file=src/$1 expression=$2 what=$3 start=$SECONDS who
	sed -i "$expression" "$file"
	if cmp -s "$file" "pristine/$1"; then
		verdict FAILED "$what: nothing to change in $1"
		return
	fi
	if ! who=$(seen "$1"); then
		verdict FAILED "$what: does not build: $(grep -m 1 error: log)"
	elif [ "$who" = nobody ]; then
		verdict FAILED "$what: lives ($((SECONDS - start)) s)"
	else
		verdict ok "$what (seen by $who; $((SECONDS - start)) s)"
	fi
	cp "pristine/$1" "$file"
}

verdict() {
	echo "$1 $2"
	[ "$1" = ok ] && passed=$((passed + 1)) || failed=$((failed + 1))
}

built lib tests RACE_PROGRAMS= || { tail -n 5 log; exit 1; }
# What is red without a mutant sees none.
if [ $# -eq 0 ]; then
	who=$(seen node/node.c)
	[ "$who" = nobody ] || { echo "FAILED none: seen by $who"; exit 1; }
fi
while IFS='%' read -r file expression what; do
	case $file in '' | '#'*) continue ;; esac
	for word in "${@:-}"; do
		case "$file $expression $what" in *"$word"*) ;; *) continue ;; esac
		try "$file" "$expression" "$what"
		break
	done
done <<'END'
node/node.c%s/slab->active == n->layout->num) {/slab->active + 1 == n->layout->num) {/%a slab counts as full one object early
node/node.c%s/n->free_objects -= taken;/(void)taken;/%free objects are not counted down
node/node.c%s/n->free_objects > n->free_limit/n->free_objects > n->free_limit + 64/%free_limit is 64 too large
node/node.c%s/list_add_tail(&n->slabs_partial, &slab->list);/list_add_head(\&n->slabs_partial, \&slab->list);/%a used slab goes to the head
node/node.c%s/struct list \*oldest = n->slabs_free.prev/struct list *oldest = n->slabs_free.next/%the youngest free slab leaves first
node/node.c%s/n->colour_next >= n->layout->colour/n->colour_next > n->layout->colour/%one colour too many
node/node.c%s/n->free_touched = true;/;/%free_touched is never set
node/alien.c%s/if (home->shared != NULL)/if (0)/%aliens pass the shared array by
node/alien.c%s/array->avail == array->limit/array->avail >= array->limit - 1/%the alien cache spills one early
node/shared.c%s/shared->idle = 0;/;/%a shared array that served is not touched
node/reap.c%s/(array->limit + 4) \/ 5/array->limit \/ 4/%a reap takes a quarter
node/meta.c%s/if (window_node(window) == (int)node)/if (window_node(window) >= 0)/%arrays take objects of all nodes
cpu/flush.c%s/flush_oldest(cpu, n, buffer, batch, /flush_oldest(cpu, n, buffer, batch - 1, /%a flush is one short
cpu/flush.c%s/tickets_return(cpu, thread_slot(), (int)held - (int)stored);/(void)held; (void)stored;/%a flush keeps its tickets
cpu/drain.c%s/tickets_return(cpu, slot, (int)(before - array->avail));/(void)slot; (void)before;/%a drain keeps its tickets
cpu/drain.c%s/array->mark = (uint16_t)array->avail;/(void)0;/%what a drain takes counts as hits
cpu/refill.c%s/tickets_take(cpu, count), stored/count, stored/%objects enter an array without tickets
cpu/watch.c%s/now > 0 ? now : 0/now + 1/%tickets multiply
cpu/flush.c%s/buffer + flushed, count - flushed/buffer + flushed, count - flushed - 1/%a flush loses an object
cpu/flush.c%s/if (slab->layout != cpu->layout)/if (0)/%objects of other caches are taken
cpu/refill.c%s/BATCHREFILL_LIMIT = 16/BATCHREFILL_LIMIT = 32/%an untouched array gets 32
cpu/refill.c%s/object = buffer\[taken - 1\];/object = buffer[0];/%a refill hands one object out twice
cpu/refill.c%s/memset(object, 0, cpu->layout->object_size)/memset(object, 0, cpu->layout->object_size - 1)/%the last byte is not cleared
cpu/drain.c%s/__atomic_store_n(&array->idle, 1, __ATOMIC_RELAXED);/;/%a reap never marks an array idle
slab/slab.h%s/slab->active--;/slab->active -= (slab->active > 1);/%the last object back is not counted
slab/slab.h%s/colour \* layout->colour_off/colour * 8/%colours are 8 bytes apart
slab/grow.c%s/layout->source->give(slab->freelist);/;/%off-slab lists are never given back
slab/layout.c%s/e->left_over \* 8 <=/e->left_over * 4 <=/%a quarter may be wasted
slab/layout.c%s/e->num <= request->size;/e->num <= 2 * request->size;/%a list overflows its object
slab/random.c%s/random_below(layout->num)/0/%every slab starts at the same place
pages/buddy.c%s/zone->free_pages -= count;/zone->free_pages -= 1;/%free pages are counted wrongly
pages/buddy.c%s/dirty = dirty || buddy->dirty;/;/%a merged run forgets that half of it is dirty
pages/buddy.c%s/if (!can_merge(zone, buddy, order))/if (1)/%runs never merge
pages/pages.c%s/forget_tails(page);/;/%free pages name heads that are gone
pages/purge.c%s/(page->dirty || zone->from != NULL) \&\& now_ms/now_ms/%clean pages are purged again
pages/purge.c%s/catch->count = kept;/;/%what went to its source is free as well
pages/source.c%s/^\t\tput_away(zone, run, run->order);/\t\t;/%a run that its source refuses is lost
pages/source.c%s/order_of(source->unit)/0/%a source is asked for less than its unit
pages/source.c%s/list_init(&zone->free\[order\]);/if (!zone->from->closed) list_init(\&zone->free[order]);/%a fork child takes pages of its parent
cpu/flush.c%s/zone_is_closed(cpu->layout->zone)/false/%a fork child frees objects of its parent
node/meta.c%s/max_size(first, 1)/first/%NULL is an object of low memory
cache/registry.c%s/ cache->layout.zone != flags_zone(cache->flags) ||//%others share a cache in a source
pages/purge.c%s/os_ops.purge(page_address_in(zone, page), count << PAGE_SHIFT)/0 * (int)count/%a purge gives nothing back
pages/reserve.c%s/if (!commit_pages(zone, count)) {/if (commit_pages(zone, count), 0) {/%a refused commit counts as done
cache/registry.c%s/< sizeof(void \*)/<= sizeof(void *)/%a whole pointer may be wasted by a merge
cache/registry.c%s/oldest = cache;/return cache;/%the youngest match wins
cache/create.c%s/layout_forget_random(&cache->layout);/;/%a random order is leaked
cache/create.c%s/array_delete(n->shared);/;/%a shared array is leaked
cache/create.c%s/--cache->refcount == 0/--cache->refcount <= 1/%the first of two users destroys
cache/create.c%s/request->size > cache->layout.object_size/0/%a merge does not widen the object
cache/tune.c%s/return 54;/return 56;/%a wrong default limit
cache/tune.c%s/delete_all(arrays, topology.nodes);/;/%a refused tune leaks shared arrays
cache/shrink.c%s/drain_aliens(cache);/;/%shrink forgets the alien caches
cache/growth.c%s/node_reap(cache_nodes(cache)\[node\]);/;/%who grows takes new memory only
slab/holes.c%s/low = (unsigned)(start >> PAGE_SHIFT)/low = (unsigned)((start + layout->size - 1) >> PAGE_SHIFT)/%half of an object that lies in two pages goes
node/holes.c%s/n->free_objects += held->count;/;/%held objects are not counted again
cache/hotplug.c%s/cpu_drain_slot(&cache->cpu, cpu);/;/%a CPU that goes keeps its objects
cache/hotplug.c%s/n->free_limit -= cache->cpu.batchcount;/;/%free_limit stays when a CPU goes
cache/boot.c%s/errno = kept_errno;/;/%booting changes errno
malloc/derived.c%s/return size <= old;/return size <= old + 1;/%a sampled object stays one byte too long
malloc/derived.c%s/: size <= old;/: size <= old + 1;/%krealloc stays one byte too long
malloc/size_class.h%s/size > 64 \&\& size <= 96/size > 64 \&\& size <= 97/%97 bytes go to kmalloc-96
malloc/kvmalloc.c%s/align_up(size, PAGE_BYTES) + PAGE_BYTES/align_up(size, PAGE_BYTES)/%a mapping is a page short
observe/slabinfo.c%s/n->total_slabs - n->free_slabs/n->total_slabs/%free slabs count as active
cpu/refill.c%s/keep_in_node(n, objects + stored, count - stored)/keep_in_node(n, objects + stored, count - stored - (count > stored))/%what an atomic refill can't store is one less
pages/exact.c%s/give_pages(zone, first, count, /give_pages(zone, first, count + 1, /%a page behind an exact run is lost
malloc/resize.c%s/memcpy(moved, block, min_size(usable, size));/memcpy(moved, block, min_size(usable, size) - 1);/%a block that moves loses its last byte
malloc/resize.c%s/return size <= usable \&\&/return size <= usable + 8 \&\&/%a block stays that has outgrown its class
malloc/heap.c%s/bool zeroed = false;/bool zeroed = true;/%calloc hands out what others left
malloc/mapping.c%s/bytes + align - PAGE_BYTES : bytes/bytes : bytes/%an aligned mapping ends in what is not its own
malloc/mapping.c%s/\*at = mapping->next;/*at = NULL;/%a freed mapping takes others out of the table
contract/mempool.c%s/element = pool->elements\[pool->curr_nr\];/element = pool->elements[0];/%a pool hands its first element out again
contract/sheaf.c%s/(\*old)->count \* sizeof(void \*)/((*old)->count - 1) * sizeof(void *)/%a larger sheaf lacks an object
account/stock.c%s/stock->bytes -= bytes;/;/%a group's stock is never used up
debug/check.c%s/bad = zones_check(object, size, RED_ACTIVE)/bad = NULL/%zones of live objects are not looked at
debug/check.c%s/bad = first_other(object->start, layout->object_size, POISON_FREE)/bad = NULL/%poison is not looked at
debug/check.c%s/if (!entry_seize(object.entry, OBJECT_LIVE, \&word)) {/if (!entry_seize(object.entry, OBJECT_LIVE, \&word) \&\& 0) {/%a double free passes
debug/check.c%s/if (object->start == (const char \*)address)/if (1)/%an interior pointer passes
debug/check.c%s/if (slab->layout != layout) {/if (0) {/%a wrong cache passes
debug/check.c%s/shadow->freed(address, layout->size);/;/%no tool is told of a free
debug/check.c%s/shadow->allocated(object->start, size);/shadow->allocated(object->start, object->layout->object_size);/%a tool is told the size of the object, not what was asked for
debug/check.c%s/shadow->written(object->start, size);/;/%a tool is not told what the constructor wrote
debug/check.c%s/shadow_old_slab(layout, slab);/;/%a released slab stays nobody's to a tool
debug/shadow.c%s/shadow->nobodys(start, bytes);/;/%a new slab is anybody's to a tool
debug/shadow.c%s/size_t kept = min_size(from, to);/size_t kept = to;/%MSan is not told what a resize added
debug/shadow.c%s/VALGRIND_RESIZEINPLACE_BLOCK(start, from, to, 0);/;/%Memcheck is not told of a resize
debug/shadow.c%s/^\t\t__lsan_register_root_region(start, bytes);/\t\t;/%LSan does not look into objects
debug/shadow.c%s/asan_poison(start, room);/;/%ASan is not told of a smaller size
debug/quarantine.c%s/put_youngest((struct held){ object, layout });/;/%the quarantine loses what it holds
debug/track.c%s/ || frame\[place\] != pc)/ || (frame[place] != pc \&\& 0))/%a remembered stack is believed whatever stands there
debug/strict.c%s/found\[0\] == seal \&\& found\[1\] == seal/found[0] == seal/%half of a seal is not looked at
debug/strict.c%s/first_other(objects\[i\], layout->object_size, 0) != NULL/0/%strict: a write after free passes
debug/strict.c%s/memset(object, 0, layout->object_size);/;/%strict: a freed object is not cleared
debug/strict.c%s/layout->ctor == NULL \&\& !layout->late_readers/true/%strict: what was constructed is cleared
slab/grow.c%s/slab != NULL \&\& !zeroed/0/%strict: pages come with what others left
cpu/slots.c%s/cpu->layout->seal != 0/0/%strict: arrays take frees
cpu/flush.c%s/^\tstrict_check(cpu->layout, object);/\t;/%strict: nothing is looked at
debug/check.c%/^void check_old_slab/,/^}/s/free_is_intact(&object, NULL);/(void)object;/%nobody looks at a slab that goes
debug/guard.c%s/left - 1, memory_order/left, memory_order/%one miss is sampled, and no more
slab/apart.c%s/return false;/return false; return false;/;s/if (layout->type == 0 ||/if (1 ||/%types are not kept apart
slab/random.c%s/objects\[i\] = block\[order\[i\]\];/objects[i] = block[i];/%batches are not shuffled
os/options.c%s/if (n > max)/if (n > max + 1)/%a number may be one too large
END
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
