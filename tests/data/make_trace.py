#!/usr/bin/env python3
"""make_trace.py: cut the first events of a kmtrace 1 file into a small trace of its own.

    make_trace.py IN.kmt.zst EVENTS OUT.kmt.zst

Slots are numbered anew, densely, in the order of their first use (a slot that was freed
is used again, the latest first), so the small trace needs few of them. Entries that
no event uses are left out, and the counts are those of the part that is kept.

compile.kmt.zst here is the first 200,000 events of a recorded compilation:
    make_trace.py compile-git-files.kmt.zst 200000 compile.kmt.zst
"""
import struct
import subprocess
import sys

RECORD = struct.Struct('<IHBB')      # slot, entry, cpu, op
OP_CACHE_FREE, OP_KFREE = 1, 3


def read_trace(path):
    """Returns the entries, as lists of words, and an iterator over the records."""
    data = subprocess.run(['zstd', '-dc', path], stdout=subprocess.PIPE, check=True).stdout
    end = data.index(b'\ndata\n') + len(b'\ndata\n')
    header = data[:end].decode().splitlines()
    assert header[0] == 'kmtrace 1'
    return [line.split() for line in header[5:-1]], RECORD.iter_unpack(data[end:])


class Slots:
    """New numbers for slots; a number is given again after its object was freed."""

    def __init__(self):
        self.new_of, self.unused, self.count = {}, [], 0

    def take(self, old):
        if not self.unused:
            self.unused.append(self.count)
            self.count += 1
        self.new_of[old] = self.unused.pop()
        return self.new_of[old]

    def give(self, old):
        new = self.new_of.pop(old)
        self.unused.append(new)
        return new


def cut(records, events):
    """Returns the first records with new slots and entries; how many slots; allocations by entry."""
    slots, entry_of, allocs, kept = Slots(), {}, {}, []
    for _, (slot, entry, cpu, op) in zip(range(events), records):
        is_free = op in (OP_CACHE_FREE, OP_KFREE)
        new_slot = slots.give(slot) if is_free else slots.take(slot)
        allocs[entry] = allocs.get(entry, 0) + (not is_free)
        kept.append((new_slot, entry_of.setdefault(entry, len(entry_of)), cpu, op))
    return kept, slots.count, allocs


def header(kept, slots, entries, allocs):
    cpus = 1 + max(cpu for _, _, cpu, _ in kept)
    lines = ['kmtrace 1', f'events {len(kept)}', f'slots {slots}', f'cpus {cpus}',
             f'entries {len(allocs)}']
    for new, (old, count) in enumerate(allocs.items()):      # in the order of first use
        lines.append(' '.join([str(new), *entries[old][1:5], str(count)]))
    return '\n'.join(lines + ['data', '']).encode()


def main(source, events, target):
    entries, records = read_trace(source)
    kept, slots, allocs = cut(records, int(events))
    data = header(kept, slots, entries, allocs) + b''.join(RECORD.pack(*r) for r in kept)
    subprocess.run(['zstd', '-q', '-f', '-19', '-o', target], input=data, check=True)


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit('usage: make_trace.py IN.kmt.zst EVENTS OUT.kmt.zst')
    main(*sys.argv[1:])
