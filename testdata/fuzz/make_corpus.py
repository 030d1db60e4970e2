#!/usr/bin/env python3
"""Makes the corpora that can be made again (README.md), from linux/acct.h and the packers' own formats.

    testdata/fuzz/make_corpus.py     # needs zstd(1)

What a fuzzer found is beside them and stays: nothing is removed.
"""

import bz2
import gzip
import lzma
import pathlib
import struct
import subprocess
import zlib

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parent / "lab"


def write(fuzzer, name, content):
    (HERE / fuzzer).mkdir(exist_ok=True)
    (HERE / fuzzer / name).write_bytes(content)


# ---- accounting files: record_fuzz and fast_path_fuzz

def v3(uid=1000, order="<", flags=2, version=3, tty=0x8801, exitcode=0, gid=100, pid=4242, ppid=1,
       btime=1_795_000_000, etime=150.0, utime=31, stime=7, mem=0x2123, io=0, rw=0, minflt=812, majflt=2,
       swaps=0, comm=b"gcc"):
    bits = etime if isinstance(etime, int) else struct.unpack("<I", struct.pack("<f", etime))[0]
    version |= 0x80 if order == ">" else 0
    return struct.pack(order + "BBHIIIIIII8H16s", flags, version, tty, exitcode, uid, gid, pid, ppid, btime,
                       bits, utime, stime, mem, io, rw, minflt, majflt, swaps, comm)


def older(version, uid=1000, order="<", flags=2, tty=0x8801, exitcode=0, gid=100, btime=1_795_000_000,
          etime=150, utime=31, stime=7, mem=0x2123, io=0, rw=0, minflt=812, majflt=2, swaps=0, ahz=0,
          comm=b"cc1", etime2=0, wide=None):
    version_byte = version | (0x80 if order == ">" and version else 0)
    head = struct.pack(order + "BBHHHI9H", flags, version_byte, uid & 0xffff, gid & 0xffff, tty, btime, utime,
                       stime, etime, mem, io, rw, minflt, majflt, swaps)
    rate = b"" if version == 1 else struct.pack(order + "H", ahz)
    tail = struct.pack(order + "I17sBH", exitcode, comm, etime2 >> 16, etime2 & 0xffff)
    wide_uid = wide if wide is not None else 0 if version == 0 else uid
    wide_gid = 0 if version == 0 else gid
    return head + rate + tail + struct.pack(order + "II", wide_uid, wide_gid)


def busy(first, last, make=v3, **fields):
    commands = [b"sh", b"gcc", b"python3", b"find", b"cat", b"15-letter-names"]
    return b"".join(
        make(uid=1000 + i % 7, utime=i * 37 % 8192, stime=i * 5, btime=1_795_000_000 + i, comm=commands[i % 6],
             minflt=i * 101 % 65536, **fields)
        for i in range(first, last))


def float_bits(bits):
    return busy(0, 2) + v3(etime=bits) + busy(2, 4)


ONES = b"\xff" * 64
ZEROS = bytes(64)
ODD = v3(uid=7, flags=0xc0)
PAD = bytes(2)

FILES = {
    "empty": b"",
    "one_byte": b"\x03",
    "v3_busy": busy(0, 12),
    "v3_many": busy(0, 60),
    "v3_lab": (LAB / "pacct").read_bytes()[:12 * 64],
    "v3_big_endian": busy(0, 6, order=">"),
    "v3_both_byte_orders": busy(0, 3) + busy(3, 6, order=">") + busy(6, 9),
    "v3_torn_end": busy(0, 5) + v3()[:40],
    "v3_torn_middle": busy(0, 5) + v3()[:40] + busy(5, 10),
    "v3_torn_twice": busy(0, 4) + v3()[:63] + busy(4, 6) + v3()[:1] + busy(6, 10),
    "v3_torn_before_the_last": busy(0, 4) + v3()[:20] + v3(),
    "v3_begins_in_the_middle": busy(0, 8)[17:],
    "v3_stray_bytes_in_front": b"stray" + busy(0, 6),
    "v3_stray_bytes_behind": busy(0, 6) + b"stray",
    "v3_damage_in_the_second_half": busy(0, 8) + ONES[:50] + busy(8, 16) + ONES[:7] + busy(16, 24),
    "v3_three_in_a_row_in_damage": ONES[:30] + busy(0, 3) + ONES + ONES + busy(3, 6) + ONES[:31] + busy(6, 12),
    "v3_within_v3": busy(0, 2) + v3(comm=b"\x02\x03") + v3()[16:] + busy(2, 6),
    "v3_odd_flags": busy(0, 2) + ODD + busy(2, 4),
    "v3_odd_beside_damage": busy(0, 2) + ODD + ONES + ODD + busy(2, 4),
    "v3_odd_alone": ODD,
    "v3_ids_largest": v3(uid=0xffffffff, gid=0xffffffff, pid=0xffffffff) + v3(uid=0xfffffffe) + v3(uid=65535),
    "v3_counters_largest": v3(utime=0xffff, stime=0xffff, mem=0xffff, io=0xffff, minflt=0xffff, majflt=0xffff) * 4,
    "v3_counters_not_normal": busy(0, 2) + v3(utime=0xe001, stime=0x2000, mem=0xe000, io=0x4007) + busy(2, 4),
    "v3_begin_before_1978": busy(0, 2) + v3(btime=0x0fffffff) + v3(btime=0x10000000) + v3(btime=0) + busy(2, 4),
    "v3_begin_in_2106": busy(0, 2) + v3(btime=0xffffffff, etime=1e9) + busy(2, 4),
    "v3_exit_code_above_16_bits": busy(0, 2) + v3(exitcode=0x10000) + v3(exitcode=0xffff) + busy(2, 4),
    "v3_command_fills_its_field": busy(0, 2) + v3(comm=b"0123456789abcdef") + busy(2, 4),
    "v3_command_behind_its_end": busy(0, 2) + v3(comm=b"a\0b") + v3(comm=b"abcdefg\0h") + v3(comm=b"abcdefgh\0i") + busy(2, 4),
    "v3_command_of_other_bytes": busy(0, 2) + v3(comm=b"\xff\xfe\x80") + v3(comm=b"\x1f") + v3(comm=b"") + busy(2, 4),
    "elapsed_nan": float_bits(0x7fc00000),
    "elapsed_infinite": float_bits(0x7f800000),
    "elapsed_negative": float_bits(0xc3160000),
    "elapsed_minus_zero": float_bits(0x80000000),
    "elapsed_at_the_limit": float_bits(0x52800000),
    "elapsed_below_the_limit": float_bits(0x527fffff),
    "elapsed_denormal": float_bits(0x00000001),
    "elapsed_fraction": float_bits(0x3f7fffff),
    "hole_aligned": busy(0, 4) + ZEROS * 5 + busy(4, 8),
    "hole_misaligned": busy(0, 4)[:-20] + ZEROS * 3 + bytes(7) + busy(4, 8)[13:],
    "zeros": ZEROS * 5,
    "ones": ONES * 5,
    "text": b"root:x:0:0:root:/root:/bin/bash\n" * 12,
    "reserved_version": busy(0, 2) + v3(version=4) + v3(version=5, order=">") + ODD + busy(2, 4),
    "unknown_version": busy(0, 2) + v3(version=6) + v3(version=127) + busy(2, 4),
    "v2": busy(0, 6, older, version=2),
    "v2_big_endian": busy(0, 6, older, version=2, order=">"),
    "v2_rates": b"".join(older(2, ahz=rate) for rate in (100, 1024, 10, 9, 10_000, 10_001, 1, 0, 65535)),
    "v2_long_elapsed": b"".join(older(2, etime=1, etime2=bits) for bits in (1, 0x7ffff, 0x80000, 0xfffff, 0x900000, 0xffffff)),
    "v1_packed": busy(0, 6, older, version=1),
    "v1_packed_big_endian": busy(0, 6, older, version=1, order=">"),
    "v1_padded": b"".join(older(1, uid=i) + PAD for i in range(6)),
    "v1_packed_then_padded": b"".join(older(1, uid=i) for i in range(3)) + b"".join(older(1, uid=i) + PAD for i in range(3)),
    "v1_torn": busy(0, 4, older, version=1) + older(1)[:33] + busy(4, 8, older, version=1),
    "v0": busy(0, 6, older, version=0),
    "v0_big_endian": busy(0, 6, older, version=0, order=">"),
    "v0_rates": b"".join(older(0, ahz=rate) for rate in (0, 100, 1024, 1)),
    "v0_wide_ids": b"".join(older(0, uid=0x12345, gid=0, wide=wide) for wide in (0x12345, 0x2345, 0x1, 0)),
    "v2_odd_behind_v3": older(2) + busy(0, 6) + older(2, flags=0xc0) + busy(6, 9),
    # Also regular at an offset of 16 bytes: there the process id is a version, and the flags begin
    # a command.
    "v3_fits_at_two_places": v3(uid=0, gid=0, flags=0x22, tty=0, pid=0x302, minflt=0x6b00) * 24,
    "all_versions": b"".join(
        older(2, order=o) + older(1, order=o) + PAD + v3(order=o) + older(0, order="<") for o in "<>"),
}

# Uses every option in turn.
for i, (name, content) in enumerate(FILES.items()):
    big_endian_version0 = name == "v0_big_endian"
    rate = i % 4 if name.startswith(("v0", "v1", "v2")) else 0
    write("record_fuzz", name,
          bytes([big_endian_version0 | rate << 1 | 8 | i % 4 << 4, i * 41 % 256, i * 67 % 256, i * 29 % 256]) + content)
    write("fast_path_fuzz", name,
          bytes([big_endian_version0 | rate << 1 | (i % 3 == 0) << 3, i * 53 % 255, i * 31 % 256, i * 7 % 64]) + content)
# Read by two threads, with the beginning of the second one's part inside the file.
for name in ("v3_torn_middle", "v3_fits_at_two_places"):
    write("fast_path_fuzz", name + "_by_two_threads", b"\xf0\x00\x00\x00" + FILES[name])

# ---- compressed files: decompress_fuzz

def zstd(content, *arguments):
    return subprocess.run(["zstd", "-qc", *arguments], input=content, stdout=subprocess.PIPE, check=True).stdout


def patched(content, at, byte):
    return content[:at] + bytes([byte]) + content[at + 1:]


PACKERS = {
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "xz": lambda content: lzma.compress(content, check=lzma.CHECK_CRC32),
    "zstd": lambda content: zstd(content, "--no-check"),
    "bzip2": lambda content: bz2.compress(content, 1),
}


def xz_of_dictionary(size_code):
    """A stream whose one block says that it needs a dictionary of another size."""
    stream = lzma.compress(b"a", check=lzma.CHECK_CRC32)
    header = stream[12:20]
    assert header[2:4] == b"\x21\x01"  # LZMA2, with one byte that tells the size
    header = patched(header, 4, size_code)
    return stream[:12] + header + struct.pack("<I", zlib.crc32(header)) + stream[24:]


AS_IT_IS, BEHIND_MAGIC, PACKED, IN_MEMBERS, CUT, FLIPPED, BEHIND_MEMBER = range(7)
RECORDS = busy(0, 3)


def shape(kind, what):
    return bytes([what * 4 + list(PACKERS).index(kind)])


for kind, pack in PACKERS.items():
    whole = pack(RECORDS)
    cases = {
        "file": shape(kind, AS_IT_IS) + whole,
        "file_of_nothing": shape(kind, AS_IT_IS) + pack(b""),
        "file_of_members": shape(kind, AS_IT_IS) + pack(b"first") + pack(b"second"),
        "file_cut": shape(kind, AS_IT_IS) + whole[:len(whole) * 2 // 3],
        "file_damaged": shape(kind, AS_IT_IS) + patched(whole, len(whole) // 2, 0x5a),
        "file_then_zeros": shape(kind, AS_IT_IS) + whole + bytes(64),
        "file_then_text": shape(kind, AS_IT_IS) + whole + b"text",
        "magic_then_zeros": shape(kind, BEHIND_MAGIC) + bytes(40),
        "packed": shape(kind, PACKED) + RECORDS,
        "packed_in_members": shape(kind, IN_MEMBERS) + RECORDS[:183],
        "packed_and_cut": shape(kind, CUT) + b"\xa0" + RECORDS[:64],
        "packed_and_flipped": shape(kind, FLIPPED) + b"\x80\x10" + RECORDS[:64],
        "member_then_member": shape(kind, BEHIND_MEMBER) + pack(b"second"),
    }
    for name, content in cases.items():
        write("decompress_fuzz", kind + "_" + name, content)

as_it_is = shape("gzip", AS_IT_IS)
write("decompress_fuzz", "plain", as_it_is + RECORDS)
write("decompress_fuzz", "gzip_with_name", as_it_is + bytes.fromhex("1f8b0808000000000003") + b"pacct\0" + gzip.compress(b"a")[10:])
write("decompress_fuzz", "gzip_zeros_of_two_blocks", as_it_is + gzip.compress(bytes(1_100_000), mtime=0))
write("decompress_fuzz", "bzip2_zeros_of_two_blocks", as_it_is + bz2.compress(bytes(1_100_000)))
write("decompress_fuzz", "xz_of_too_much_memory", as_it_is + xz_of_dictionary(40))
write("decompress_fuzz", "zstd_window_of_256_mib", as_it_is + bytes.fromhex("28b52ffd00900900000a"))
write("decompress_fuzz", "zstd_window_of_512_mib", as_it_is + bytes.fromhex("28b52ffd0098090000") + b"a")
write("decompress_fuzz", "zstd_with_checksum", as_it_is + zstd(RECORDS, "--check"))

# ---- passwd files: passwd_fuzz

for name, content in {
    "lab": (LAB / "passwd").read_bytes(),
    "empty": b"",
    "one": b"root:x:0:0:root:/root:/bin/bash\n",
    "no_end_of_line": b"a:x:1:1::/:/bin/sh",
    "twice_the_same_id": b"first:x:1000:1::/:\nsecond:x:1000:1::/:\n",
    "leading_zeros": b"a:x:0001000:1::/:\nb:x:1000:1::/:\n",
    "largest_id": b"a:x:4294967295:1\nb:x:4294967296:1\nc:x:99999999999999999999:1\n",
    "signs_and_blanks": b"a:x:+1:1:\nb:x:-1:1:\nc:x: 1:1:\nd:x:1 :1:\ne:x:0x1:1:\nf:x:\xb9:1:\n",
    "too_few_fields": b"a:x:1\nb:x:1:\n:x:1:1\nc\n:::\n\n",
    "nis_entries": b"+::::::\n-user::::::\n+@group:x:5:5\n",
    "zero_bytes": b"a\0b:x:1:1\n\0:x:2:2\nc:x:3\0:3\n",
    "carriage_returns": b"a:x:1:1::/:\r\nb:x:2:2::/:\r\n",
    "names_of_other_bytes": b"\xff\xfe:x:1:1\n\xe4\xbd\xa0:x:2:2\na b\t:x:3:3\n",
}.items():
    write("passwd_fuzz", name, content)

# ---- snapshots: snapshot_fuzz (aggregate/snapshot/snapshot.proto)

def varint(value):
    value &= 2**64 - 1
    encoded = b""
    while value >= 0x80:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def signed(value):
    return value << 1 ^ value >> 63


def piece(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def packed(field, *values):
    return piece(field, b"".join(varint(value) for value in values))


def snapshot(header, body=b""):
    return struct.pack("<H", len(header)) + header + body


RUNS = number(1, 1) + number(2, 3)
ACCOUNTS = piece(6, number(1, 1001) + piece(2, b"alice")) + piece(6, number(1, 1001) + piece(2, b"bob")) + piece(
    6, number(1, 2**32 - 1))
COLUMNS = packed(1, 3, 2**64 - 1) + packed(2, 0, 31) + packed(11, signed(-7) & 2**64 - 1, signed(2**62))
RATES = piece(13, number(1, 1) + number(2, 1024) + number(3, 5))
HOUR = 1_795_000_000 // 3600 * 3600
USERS = piece(1, number(1, signed(HOUR)) + packed(2, 0, 2) + piece(3, COLUMNS + RATES))
COMMANDS = piece(2, number(1, signed(HOUR)) + packed(2, 0, 1) + packed(3, 0, 1) + piece(4, COLUMNS)) + piece(3, b"gcc")
for name, content in {
    "runs_alone": snapshot(RUNS),
    "no_runs": snapshot(b""),
    "runs_the_wrong_way": snapshot(number(1, 3) + number(2, 1)),
    "whole": snapshot(
        RUNS + number(3, 1) + piece(4, b"lab\xff") + varint(5 << 3 | 1) + struct.pack("<q", HOUR * 10**9) + ACCOUNTS +
        piece(7, varint(1 << 3 | 1) + struct.pack("<q", -2**63) + piece(3, b"gone")) + number(8, signed(HOUR)) +
        number(9, signed(HOUR + 5)), USERS + COMMANDS +
        piece(4, piece(1, b"pacct") + number(2, 640) + piece(6, number(1, 64) + number(2, 128) + number(3, 1))) +
        piece(5, number(1, 64) + piece(2, b"h" * 64) + piece(3, b"t" * 64)) +
        piece(6, piece(1, b"boot") + piece(3, number(1, 7) + number(4, 9)))),
    "users": snapshot(RUNS + ACCOUNTS, USERS),
    "unresolved_users": snapshot(
        RUNS + piece(6, number(1, 1001) + number(3, 1)) + ACCOUNTS + piece(6, number(1, 7) + number(3, 1)), USERS),
    "unresolved_user_with_a_name": snapshot(RUNS + piece(6, number(1, 7) + piece(2, b"zoe") + number(3, 1)), b""),
    "account_that_is_not_there": snapshot(RUNS, USERS),
    "columns_of_other_lengths": snapshot(RUNS + ACCOUNTS, piece(1, packed(2, 0, 1, 2) + piece(3, COLUMNS))),
    "rate_of_zero": snapshot(RUNS + ACCOUNTS, piece(1, packed(2, 0) + piece(3, piece(13, number(3, 5))))),
    "rate_of_no_row": snapshot(RUNS + ACCOUNTS, piece(1, packed(2, 0) + piece(3, RATES))),
    "time_of_no_calendar": snapshot(RUNS + ACCOUNTS, piece(1, number(1, signed(2**62)) + packed(2, 0))),
    "commands": snapshot(RUNS + ACCOUNTS, COMMANDS),
    "command_that_is_not_there": snapshot(RUNS + ACCOUNTS, piece(2, packed(2, 0) + packed(3, 9))),
    "command_of_17_bytes": snapshot(RUNS, piece(3, b"x" * 17)),
    "many_commands": snapshot(
        RUNS + ACCOUNTS, piece(2, packed(2, *[0] * 14) + packed(3, *range(14)) + piece(4, packed(2, *range(14)))) +
        b"".join(piece(3, bytes([97 + i])) for i in range(13))),
    "same_bucket_twice": snapshot(RUNS + ACCOUNTS, USERS + USERS),
}.items():
    write("snapshot_fuzz", name, content)

# ---- the memory of names: names_fuzz


def name(uid, asked_at, text=None):
    return piece(1, number(1, uid) + (b"" if text is None else piece(2, text)) + number(3, signed(asked_at)))


for title, content in {
    "nothing": b"",
    "names": name(0, HOUR, b"root") + name(1001, HOUR - 3599, b"alice") + name(65_534, HOUR),
    "too_old_and_too_new": name(1, HOUR - 7200, b"a") + name(2, HOUR + 7200, b"b"),
    "times_of_no_calendar": name(1, 2**62, b"a") + name(2, -2**62),
    "no_names": name(1, HOUR, b"") + name(2, HOUR, b"a\0b"),
    "same_id_twice": name(1, HOUR, b"a") + name(1, HOUR, b"b"),
    "not_utf_8": name(1, HOUR, b"b\xf6se"),
}.items():
    write("names_fuzz", title, content)

# ---- accounting files of other systems: foreign_format_fuzz


def foreign(size, *fields):
    """Two records of `size` bytes with fields (offset, bytes)."""
    record = bytearray(size)
    for offset, content in fields:
        record[offset:offset + len(content)] = content
    return bytes(record) * 2


def seconds(order, length, value=1_490_000_000):
    return struct.pack(order + ("Q" if length == 8 else "I"), value)


for order, suffix in ("<", ""), (">", "_big_endian"):
    for title, content in {
        "openbsd": foreign(64, (0, b"cc1plus"), (32, seconds(order, 8))),
        "netbsd": foreign(64, (0, b"cc1plus"), (24, seconds(order, 8))),
        "freebsd_1": foreign(56, (0, b"cc1plus"), (24, seconds(order, 8))),
        "freebsd_1_of_32_bits": foreign(48, (0, b"cc1plus"), (24, seconds(order, 4))),
        "freebsd_2": foreign(64, (1, b"\2"), (2, struct.pack(order + "H", 64)), (4, b"cc1plus")),
        "freebsd_3": foreign(96, (1, b"\3"), (2, struct.pack(order + "H", 96)), (4, b"cc1plus")),
        "freebsd_3_of_no_length": foreign(96, (1, b"\3"), (4, b"cc1plus")),
        "macos": foreign(40, (0, b"cc1plus"), (16, seconds(order, 4))),
        "solaris": foreign(40, (16, seconds(order, 4)), (32, b"cc1plus")),
        "linux": busy(0, 3, order=order),
    }.items():
        write("foreign_format_fuzz", title + suffix, content)
write("foreign_format_fuzz", "nothing", b"")

# ---- times: time_fuzz

TIMES = {
    "now": "now", "today": "today", "yesterday": "yesterday", "hour": "hour", "day": "day", "week": "week",
    "month": "month", "all": "all", "nothing": "", "minutes_ago": "90m", "hours_ago": "36h", "days_ago": "7d",
    "weeks_ago": "2w", "date": "2026-11-22", "date_and_minute": "2026-11-22 14:00",
    "date_and_second": "2026-11-22 14:00:05", "with_t": "2026-11-22T14:00:05", "in_utc": "2026-11-22T14:00:05Z",
    "with_offset": "2026-11-22T14:00+05:30", "seconds": "@1795000000", "seconds_before_1970": "@-1",
    "seconds_largest": "@9223372036854775807", "seconds_too_large": "@9223372036854775808",
    "seconds_smallest": "@-9223372036854775808", "ago_too_long": "9223372036854775807w",
    "ago_longer_than_time": "99999999999999999999d", "hour_that_comes_twice": "2026-10-25 02:30",
    "hour_that_never_was": "2026-03-29 02:30", "day_that_never_was": "2011-12-30", "leap_day": "2028-02-29",
    "no_leap_day": "2026-02-29", "leap_second": "2016-12-31 23:59:60", "year_zero": "0000-01-01",
    "year_negative": "-0001-01-01", "year_of_many_digits": "292277026596-12-04 15:30:07",
    "year_largest": "9223372036854775807-12-31", "infinite_future": "infinite-future",
    "infinite_past": "infinite-past", "blanks": " 2026-11-22 ", "zero_byte": "now\0",
    "year_before_records": "1969-12-31", "year_of_five_digits": "10000-01-01",
    "last_hour": "last-hour", "last_day": "last-day", "last_week": "last-week", "last_month": "last-month",
    "clock": "18:00", "day_and_clock": "yesterday 18:00:30", "weekday": "monday", "weekday_short": "Fri 22:15",
    "hour_of_date": "2026-11-22 14", "month_of_year": "2026-10", "year": "2025", "ago_in_words": "3 weeks ago",
    "months_ago": "1 month ago", "years_ago": "2 years ago", "months_too_many": "99999999999999999999 months ago",
    "this_week": "this-week", "last_year": "last-year", "year_of_skipped_day": "2011",
}
for i, (name, text) in enumerate(TIMES.items()):
    write("time_fuzz", name, bytes([i % 6 * 8 + i % 5]) + text.encode())

# ---- replies of a Bot API server: the status by its number in bot_api_reply_fuzz.cc, and the body

TOKEN = b"123456789:AAE-secret-secret-secret-secret"
for name, status, body in [
    ("sent", 0, b'{"ok":true,"result":{"message_id":5,"photo":[{"file_id":"small"},{"file_id":"large"}]}}'),
    ("document", 0, b'{"ok":true,"result":{"message_id":6,"document":{"file_id":"table"}}}'),
    ("bot", 0, b'{"ok":true,"result":{"id":1,"username":"lab_bot","title":"Lab\\n","type":"group"}}'),
    ("updates", 0, b'{"ok":true,"result":[{"update_id":1,"message":{"chat":{"id":-1001234567890,"type":"supergroup",'
                   b'"title":"Lab\\n"},"is_topic_message":true,"message_thread_id":7,"reply_to_message":'
                   b'{"forum_topic_created":{"name":"' + TOKEN + b'"}}}},{"update_id":2,"my_chat_member":{"chat":'
                   b'{"id":42,"type":"private","first_name":"A"},"new_chat_member":{"status":"member"}}}]}'),
    ("done_without_result", 0, b'{"ok":true}'),
    ("no_object", 0, b'[true]'),
    ("migrated", 1, b'{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a '
                    b'supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}}'),
    ("too_long", 1, b'{"ok":false,"error_code":400,"description":"Bad Request: MEDIA_CAPTION_TOO_LONG"}'),
    ("wait", 4, b'{"ok":false,"error_code":429,"parameters":{"retry_after":18446744073709551615}}'),
    ("error_in_200", 0, b'{"ok":false,"error_code":403,"description":"Forbidden"}'),
    ("token_in_page", 5, b"<html>no such file: /bot" + TOKEN + b"/getMe</html>"),
    ("deep_objects", 0, b'{"ok":true,"result":' + b'{"a":' * 600),
    ("deep_arrays", 0, b'{"ok":true,"result":' + b"[" * 1000 + b"]" * 1000 + b"}"),
    ("deep_parameters", 1, b'{"ok":false,"parameters":' + b'{"a":' * 200 + b"1" + b"}" * 201),
    ("not_utf8", 1, b'{"ok":false,"description":"\xff\xfe\x1b[2J"}'),
]:
    write("bot_api_reply_fuzz", name, bytes([status]) + body)

# ---- answers of an engine: the status by its number in engine_answer_fuzz.cc, and the body

def engine_answer(result, kind=b"vector", more=b""):
    return b'{"status":"success"' + more + b',"data":{"resultType":"' + kind + b'","result":' + result + b"}}"


AT = b"1795561200"
for name, status, body in [
    ("empty", 0, engine_answer(b"[]")),
    ("null", 0, engine_answer(b"null")),
    ("users", 0, engine_answer(b'[{"metric":{"user":"alice","uid":"1001","mode":"user","instance":"a"},"value":['
                               + AT + b',"368715.24"]},{"metric":{"uid":"1002","mode":"system","instance":"b:9100"},'
                               b'"value":[' + AT + b',"9.5e+2"]}]')),
    ("hours", 0, engine_answer(b'[{"metric":{"instance":"n\\u00fc\\"1"},"values":[[' + AT + b',"1"],[1795564800.5,"2"]]}]',
                               b"matrix")),
    ("many_hosts", 0, engine_answer(b"[" + b",".join(b'{"metric":{"instance":"node%d.lab"},"value":[1,"2"]}' % i
                                                     for i in range(40)) + b"]")),
    ("long_instances", 0, engine_answer(b"[" + b",".join(b'{"metric":{"instance":"' + b"x" * 600 + b"%d" % i
                                                         + b'"},"value":[1,"2"]}' for i in range(3)) + b"]")),
    ("zero_in_instance", 0, engine_answer(b'[{"metric":{"instance":"\\u0000"},"value":[1,"2"]},'
                                          b'{"metric":{"instance":"\\u0000\\n"},"value":[1,"2"]}]')),
    ("largest_values", 0, engine_answer(b'[{"metric":{"user":"a","mode":"user"},"value":[999999999999,'
                                        b'"90071992547409.9"]},{"metric":{"user":"a","mode":"user"},"value":[1,"1e308"]}]')),
    ("sums_beyond_64_bits", 0, engine_answer(b"[" + b",".join(
        [b'{"metric":{"user":"a","mode":"user"},"value":[1795561200,"90071992547409"]}'] * 60) + b"]")),
    ("negative", 0, engine_answer(b'[{"metric":{},"value":[1,"-5"]}]')),
    ("not_a_number", 0, engine_answer(b'[{"metric":{},"value":[1,"NaN"]}]')),
    ("partial", 0, engine_answer(b"[]", more=b',"isPartial":true,"warnings":["fleet-secret-secret-secret\\n",1]')),
    ("deep_arrays", 0, engine_answer(b"[" * 1000 + b"]" * 1000)),
    ("deep_labels", 0, engine_answer(b'[{"metric":' + b'{"a":' * 600)),
    ("not_utf8", 0, engine_answer(b'[{"metric":{"user":"\xff\xfe"},"value":[1,"2"]}]')),
    ("page", 3, b"<html>fleet-secret-secret-secret</html>\n"),
    ("too_many_series", 4, b'{"status":"error","errorType":"422","error":"timeseries exceeds 300000"}'),
    ("timeout", 6, b'{"status":"error","errorType":"timeout","error":"query timed out"}'),
    ("control_characters", 1, b'{"error":"\\u001b[2J\\u202e"}'),
    ("cut_off", 0, engine_answer(b'[{"metric":{"user":"alice"},"value":[1,"2"')[:-2]),
]:
    write("engine_answer_fuzz", name, bytes([status]) + body)

# ---- configuration files: env_fuzz

for name, content in {
    "empty": b"",
    "every_way": b"# c\n\nA=1\n B = two words \nC=\"q # n\"  # c\nD='single'\nexport E=x\nF=\nG=a#b # c\nH=a=b\r\nI=last",
    "byte_order_mark": b"\xef\xbb\xbfA=1\n",
    "utf16": "A=1\n".encode("utf-16"),
    "zero_byte": b"A=1\x00\n",
    "control_character": b"A=\x1b[2J\n",
    "open_quote": b"A=\"one\ntwo\"\n",
    "behind_a_quote": b"A='one' two\n",
    "escaped_quote": b"A=\"one\\\"two\"\n",
    "continued": b"A=one \\\ntwo\n",
    "variable": b"A=${B}\nC='${B}'\nD=$(x)\n",
    "no_entry": b"A: 1\n",
    "odd_keys": b"1A=1\n=1\nA B=1\n",
    "password": b"PROXY=http://u:p#$w@h:1\n",
}.items():
    write("env_fuzz", name, content)

# ---- texts of servers: secret_fuzz

OTHER_TOKEN = b"123456789:AAE-the_secret-half_of-the-token_12"
for name, content in {
    "empty": b"",
    "token": b"POST /bot" + OTHER_TOKEN + b"/getMe",
    "half": b"the token " + OTHER_TOKEN[10:].upper(),
    "cut_off": b"POST /bot" + OTHER_TOKEN[:20],
    "another": b"bot987654321:BBE-another_token_of-another-bot/x",
    "percent": OTHER_TOKEN.replace(b":", b"%3A"),
    "percent_twice": OTHER_TOKEN.replace(b":", b"%253a"),
    "all_percent": b"".join(b"%%%02x" % c for c in OTHER_TOKEN),
    "decimal": OTHER_TOKEN.replace(b":", b"&#0058;"),
    "hexadecimal": OTHER_TOKEN.replace(b":", b"&#X3a"),
    "named": OTHER_TOKEN.replace(b":", b"&colon;").replace(b"_", b"&lowbar;"),
    "json": OTHER_TOKEN.replace(b":", b"\\u003a"),
    "json_twice": OTHER_TOKEN.replace(b":", b"\\\\u003A"),
    "no_escapes": b"100% & \\ %% &; &#; &#x; \\u \\x %zz &amp;lt;",
    "escape_by_chance": b"%2" + OTHER_TOKEN[10:],
    "times": b"12:34:56 127.0.0.1:8081 12345:short",
}.items():
    write("secret_fuzz", name, content)
