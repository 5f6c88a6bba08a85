#!/usr/bin/env python3
"""broken_traces.py DIR: write a sound little trace, and one file for each way to break it.

The sound ones are sound*.kmt; all others must be refused. What a file's complaint must
say stands in the file of the same name with .says: a regular expression, all of it after
"ukmem: FILE: ".
"""
import os
import struct
import subprocess
import sys

HEADER = ['kmtrace 1', 'events 6', 'slots 2', 'cpus 2', 'entries 2',
          '0 cache inode 616 624 2', '1 kmalloc - 100 128 1', 'data', '']
RECORDS = [(0, 0, 0, 0), (1, 1, 1, 2), (0, 0, 1, 1), (0, 0, 0, 0), (1, 1, 0, 3), (0, 0, 0, 1)]
START = len('\n'.join(HEADER))       # where record 0 is


def header(**lines):
    """The header with other lines: events='events 7'; None leaves the line out."""
    names = ['magic', 'events', 'slots', 'cpus', 'entries', 'cache', 'kmalloc', 'data', 'end']
    kept = [lines.get(name, line) for name, line in zip(names, HEADER)]
    return '\n'.join(line for line in kept if line is not None).encode()


def records(*changes):
    """The records, with record INDEX made (SLOT, ENTRY, CPU, OP) for each (INDEX, RECORD)."""
    all_records = list(RECORDS)
    for index, record in changes:
        all_records[index] = record
    return b''.join(struct.pack('<IHBB', *record) for record in all_records)


def compress(data):
    return subprocess.run(['zstd', '-qc', '--check'], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


def at_record(index, what):
    return f'byte {START + 8 * index}: record {index}: .*{what}'


def broken():
    """Yields name, bytes, what the complaint says."""
    sound, zipped = header() + records(), compress(header() + records())
    byte = 'byte [0-9]+: '

    yield 'empty', b'', 'byte 0: .*ends early'
    yield 'text', b'To whom it may concern\n', 'byte 0: .*kmtrace'
    yield 'binary', bytes(range(128, 256)) * 99, 'byte 0: .*header'
    yield 'endless_line', b'kmtrace 1' + b'1' * 100000, byte + '.*header'
    yield 'header_cut', sound[:40], 'byte 40: .*ends early'
    yield 'header_cut_before_data', header()[:-5], byte + '.*ends early'
    yield 'other_version', header(magic='kmtrace 2') + records(), 'byte 0: .*kmtrace 1'
    yield 'events_missing', header(events=None) + records(), 'byte 10: .*events'
    yield 'events_no_number', header(events='events many') + records(), 'byte 17: events'
    yield 'events_negative', header(events='events -6') + records(), 'byte 17: events'
    yield 'events_hex', header(events='events 0x6') + records(), 'byte 17: events'
    yield 'events_huge', header(events='events 18446744073709551615') + records(), 'byte 17: events'
    yield 'events_overflow', header(events='events 18446744073709551622') + records(), 'byte 17: '
    yield 'events_4_billion', header(events='events 4294967295') + records(), byte + '.*ends in'
    yield 'slots_huge', header(slots='slots 4294967295') + records(), byte + 'slots'
    yield 'cpus_zero', header(cpus='cpus 0') + records(), byte + 'cpus'
    yield 'cpus_huge', header(cpus='cpus 257') + records(), byte + 'cpus'
    yield 'entries_huge', header(entries='entries 65537') + records(), byte + 'entries'
    yield 'entries_too_many', header(entries='entries 65536') + records(), byte + 'entry'
    yield 'entry_number', header(kmalloc='2 kmalloc - 100 128 1') + records(), byte + 'entry'
    yield 'entry_kind', header(kmalloc='1 calloc - 100 128 1') + records(), byte + '.*kind'
    yield 'entry_name', header(cache='0 cache ' + 'x' * 99 + ' 616 624 2') + records(), byte
    yield 'entry_name_escape', header(cache='0 cache \033[31m 616 624 2') + records(), byte
    yield 'entry_kmalloc_name', header(kmalloc='1 kmalloc x 100 128 1') + records(), byte + '.*name'
    yield 'entry_size_zero', header(cache='0 cache inode 0 624 2') + records(), byte + 'bytes asked'
    yield 'entry_size_huge', header(cache='0 cache inode 4194305 4194305 2') + records(), byte
    yield 'entry_short', header(cache='0 cache inode 616') + records(), byte
    yield 'entry_long', header(cache='0 cache inode 616 624 2 3') + records(), byte + '.*words'
    yield 'entry_count', header(cache='0 cache inode 616 624 3') + records(), byte + '.*announces 3'
    yield 'slot_range', header() + records((3, (2, 0, 0, 0))), at_record(3, 'slot')
    yield 'entry_range', header() + records((3, (0, 2, 0, 0))), at_record(3, 'entry')
    yield 'cpu_range', header() + records((3, (0, 0, 2, 0))), at_record(3, 'cpu')
    yield 'op_range', header() + records((3, (0, 0, 0, 4))), at_record(3, 'operation')
    yield 'kind_of_alloc', header() + records((3, (0, 0, 0, 2))), at_record(3, 'kind')
    yield 'kind_of_free', header() + records((4, (1, 1, 0, 1))), at_record(4, 'kind')
    yield 'alloc_twice', header() + records((1, (0, 0, 1, 0))), at_record(1, 'in use')
    yield 'free_unused', header() + records((0, (0, 0, 0, 1))), at_record(0, 'empty')
    yield 'free_twice', header() + records((3, (0, 0, 0, 1))), at_record(3, 'empty')
    yield 'free_as_other', header() + records((2, (0, 1, 1, 3))), at_record(2, 'another entry')
    yield 'records_missing', header(), f'byte {START}: .*record 0 of 6'
    yield 'records_cut', sound[:-8], f'byte {START + 40}: .*record 5 of 6'
    yield 'record_cut', sound[:-3], f'byte {START + 45}: .*record 5 of 6'
    yield 'trailing_byte', sound + b'\n', f'byte {START + 48}: more data'
    yield 'trailing_record', sound + records(), f'byte {START + 48}: more data'
    yield 'zstd_trailing_record', compress(sound + b'1'), f'byte {START + 48}: more data'
    yield 'zstd_trailing_junk', zipped + b'junk', 'byte .* of the compressed file: '
    yield 'zstd_cut', zipped[:-9], 'byte .* of the compressed file: .*ends early'
    yield 'zstd_only_magic', zipped[:4], 'byte 4 of the compressed file: .*ends early'
    yield 'zstd_corrupt', flipped(zipped, len(zipped) // 2), 'byte .*'
    yield 'zstd_checksum', flipped(zipped, len(zipped) - 1), 'byte .* of the compressed file: '
    yield 'zstd_empty', compress(b''), 'byte 0: .*ends early'
    yield 'zstd_text', compress(b'To whom it may concern\n'), 'byte 0: .*kmtrace'


def hopping(cpus):
    """One slot whose every event happens on another CPU than the one before."""
    lines = ['kmtrace 1', f'events {2 * cpus}', 'slots 1', f'cpus {cpus}', 'entries 1',
             f'0 cache inode 616 624 {cpus}', 'data', '']
    return '\n'.join(lines).encode() + b''.join(
        struct.pack('<IHBB', 0, 0, 7 * event % cpus, event % 2) for event in range(2 * cpus))


def sound():
    data = header() + records()
    yield 'sound.kmt', data
    yield 'sound_zstd.kmt', compress(data)
    yield 'sound_two_frames.kmt', compress(data[:70]) + compress(data[70:])
    yield 'sound_hopping.kmt', hopping(9)
    yield 'sound_256_cpus.kmt', hopping(256)
    yield 'sound_no_events.kmt', b'kmtrace 1\nevents 0\nslots 0\ncpus 1\nentries 0\ndata\n'


def main(folder):
    for name, data in sound():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)
    for name, data, says in broken():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)
        with open(os.path.join(folder, name + '.says'), 'w', encoding='ascii') as file:
            file.write(says + '\n')


if __name__ == '__main__':
    main(sys.argv[1])
