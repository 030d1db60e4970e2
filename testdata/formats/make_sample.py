#!/usr/bin/env python3
"""Makes the sample of a release: a store and an outbox as that release writes them, and what it prints.

    bazel build //tools:cpuagg //tools/testing:libaccounts_of_file.so //tools/testing:libshifted_clock.so
    testdata/formats/make_sample.py VERSION     # of the program that was built; makes testdata/formats/VERSION

README.md says what is in it. A sample that is there is never made again: it is what was released.
"""

import gzip
import http.server
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BIN = ROOT / "bazel-bin"
TOKEN = "123456789:AAE-the-token-of-the-samples"

BOOT = "2026-10-01 00:00:00"
# The commands whose output is kept, and the name of each output.
COMMANDS = {
    "report.json": "report --format json",
    "report_by_user_and_day.json": "report --by user,day --format json",
    "report_by_hour.json": "report --by hour --top 3 --format json",
    "report_by_command.json": "report --by command --format json",
    "report_of_a_user.json": "report --user bob --format json",
    "report_of_a_day.json": "report --since 2026-10-02 --until 2026-10-03 --format json",
    "report_with_the_day_before.json": "report --since 2026-10-05 --format json",
    "report_of_files.json": "report --passwd passwd --format json accounting/pacct.1.gz accounting/pacct",
    "report.csv": "report --format csv",
    "records.json": "records --passwd passwd --format json accounting/pacct.1.gz accounting/pacct",
    "records.csv": "records --passwd passwd --format csv accounting/pacct.1.gz accounting/pacct",
    "check.json": "check --json accounting/pacct.1.gz accounting/pacct",
    "sa.txt": "sa --passwd passwd -m history.pacct",
    "send_status.txt": "send --status",
}

# A process that runs during most of the time: its id, and its start in ticks since boot.
JOB, JOB_START = 4242, 360_000


def seconds(text):
    return int(time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S")))


def comp_t(ticks):
    exponent = 0
    while ticks > 8191:
        assert ticks % 8 == 0, ticks
        ticks, exponent = ticks // 8, exponent + 1
    return exponent << 13 | ticks


def record(end, uid, command, user, system=0, elapsed=100, pid=1000, rate=None):
    """linux/acct.h: acct_v3, or with a rate acct_v2, little-endian."""
    begin = seconds(end) - elapsed // (rate or 100)
    user, system = comp_t(user), comp_t(system)
    if rate is not None:
        return struct.pack("<BBHHHI9HHI17sBHII", 0, 2, uid, 100, 0, begin, user, system, elapsed, 800, 0, 0, 9, 1, 0,
                           rate, 0, command.encode(), 0, 0, uid, 100)
    return struct.pack("<BBHIIIIIIf8H16s", 0, 3, 0, 0, uid, 100, pid, 1, begin, elapsed, user, system, 800, 0, 0, 9,
                       1, 0, command.encode())


def write_proc(root, now, user=None, system=0):
    """What there is to be read in /proc then (proc(5)), with the job if that runs."""
    shutil.rmtree(root, ignore_errors=True)
    files = {"sys/kernel/random/boot_id": "00000000-1111-2222-3333-444444444444\n",
             "stat": f"cpu  1 2 3\nbtime {seconds(BOOT)}\n",
             "uptime": f"{seconds(now) - seconds(BOOT)}.00 0.00\n"}
    processes = [(1, "init", 0, 0, 0, 1)]
    if user is not None:
        processes.append((JOB, "simulate", 1001, user, system, JOB_START))
    for pid, command, uid, utime, stime, start in processes:
        files[f"{pid}/stat"] = f"{pid} ({command}) S 1 1 1 0 -1 0 0 0 0 0 {utime} {stime} 0 0 20 0 1 0 {start} 0 0\n"
        files[f"{pid}/status"] = f"Name:\t{command}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


class Sample:
    def __init__(self, directory):
        self.directory = directory
        self.work_directory = pathlib.Path(tempfile.mkdtemp())
        (directory / "accounting").mkdir(parents=True)
        (directory / "expected").mkdir()
        self.pacct = directory / "accounting" / "pacct"
        self.pacct.write_bytes(b"")
        self.users(root=0, alice=1000, bob=1001, carol=1003)

    def users(self, **uids):
        lines = [f"{name}:x:{uid}:100::/:/bin/sh\n" for name, uid in uids.items()]
        (self.directory / "passwd").write_text("".join(lines))

    def work(self, content, counts=True):
        with self.pacct.open("ab") as file:
            file.write(content)
        if counts:
            with (self.directory / "history.pacct").open("ab") as file:
                file.write(content)

    def proc(self, now, user=None, system=0):
        write_proc(self.work_directory / "proc", now, user, system)

    def cpuagg(self, now, *arguments, **environment):
        shift = (seconds(now) + 0.3 - time.time()) * 1e9
        testing = BIN / "tools/testing"
        run = subprocess.run(
            [BIN / "tools/cpuagg", *arguments], cwd=self.directory, capture_output=True, check=False,
            env={"TZ": "UTC", "CPUAGG_HOST_NAME": "lab01", "CPUAGG_STORE": "store",
                 "CPUAGG_ACCOUNTING_FILE": "accounting/pacct",
                 "LD_PRELOAD": f"{testing}/libshifted_clock.so {testing}/libaccounts_of_file.so",
                 "CLOCK_SHIFT": str(int(shift)), "ACCOUNTS_FILE": "passwd", **environment})
        print(f"{now}: cpuagg {' '.join(arguments)}: {run.returncode}\n{run.stderr.decode()}", end="")
        return run

    def collect(self, now):
        run = self.cpuagg(now, "collect", "--proc", str(self.work_directory / "proc"))
        assert run.returncode in (0, 3), run

    def rotate(self):
        packed = gzip.compress(self.pacct.read_bytes(), mtime=0)
        (self.directory / "accounting" / "pacct.1.gz").write_bytes(packed)
        self.pacct.write_bytes(b"")

    def print_as(self, name, now, *arguments):
        """Keeps what the command prints, and the command."""
        run = self.cpuagg(now, *arguments)
        (self.directory / "expected" / name).write_bytes(run.stdout)
        with (self.directory / "expected" / "commands").open("a") as commands:
            commands.write(f"{name} {run.returncode} {seconds(now)} {' '.join(arguments)}\n")


def make_store(sample):
    # A day of three runs, which becomes one snapshot two days later.
    for hour, minute in ((12, 0), (12, 15), (12, 30)):
        now = f"2026-10-01 {hour}:{minute:02}:00"
        sample.proc(now)
        for i in range(5):
            end = f"2026-10-01 {hour}:{minute:02}:00"
            sample.work(record(end, (1000, 1001, 1002)[i % 3], ("gcc", "make", "cc1")[i % 3], 310 + i, 7 + minute,
                               pid=100 + minute + i))
        sample.collect(now)
    # Another day: a job that runs, records of another tick rate, and bytes that are not a record.
    sample.proc("2026-10-02 09:00:00", user=50_000, system=300)
    sample.work(record("2026-10-02 08:30:00", 1003, "python3", 4000, 250, pid=300))
    sample.work(b"stray bytes", counts=False)
    sample.work(record("2026-10-02 08:31:00", 1000, "gcc", 700, 20, pid=301))
    sample.collect("2026-10-02 09:00:00")
    sample.work(record("2026-10-02 09:10:00", 1000, "alpha", 2048, 1024, elapsed=4096, rate=1024))
    sample.work(record("2026-10-02 09:11:00", 1000, "alpha", 512, 1, elapsed=4096, rate=1024))
    sample.work(record("2026-10-02 09:12:00", 1000, "alpha", 100, 3, elapsed=4096, rate=1024))
    sample.collect("2026-10-02 09:15:00")
    # A generation that disappears before it has been read to its end.
    sample.work(record("2026-10-02 23:00:00", 1001, "lost", 999, pid=400), counts=False)
    sample.pacct.unlink()
    sample.pacct.write_bytes(b"")
    # carol has been renamed.
    sample.users(root=0, alice=1000, bob=1001, caroline=1003)
    sample.proc("2026-10-04 10:00:00", user=90_000, system=400)
    sample.work(record("2026-10-04 09:40:00", 1003, "python3", 1234, 5, pid=500))
    sample.collect("2026-10-04 10:00:00")
    sample.rotate()
    sample.proc("2026-10-05 08:00:00", user=120_000, system=600)
    for i in range(12):
        sample.work(record("2026-10-05 07:59:00", 1000, f"command{i}", 10 + i, 1, pid=600 + i))
    sample.collect("2026-10-05 08:00:00")


class Chats(http.server.BaseHTTPRequestHandler):
    """A Bot API server to which each chat is something else."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode(errors="replace")
        chat = re.search(r'chat_id(?:"\s+|=)(-?[0-9]+)', body).group(1)
        status, answer = {
            "42": (200, {"ok": True, "result": {"message_id": 7}}),
            "-1001": (403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was kicked"}),
            "-1002": (429, {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 3600",
                            "parameters": {"retry_after": 3600}}),
            "-1003": (400, {"ok": False, "error_code": 400,
                            "description": "Bad Request: group chat was upgraded to a supergroup chat",
                            "parameters": {"migrate_to_chat_id": -1001234567890}}),
            "-1001234567890": (200, {"ok": True, "result": {"message_id": 8}}),
        }[chat]
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def make_outbox(sample, now):
    server = http.server.HTTPServer(("127.0.0.1", 0), Chats)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    run = sample.cpuagg(now, "send", "--period", "since-last", "--top", "3", CHAT_ID="42, -1001, -1002, -1003",
                        BOT_TOKEN=TOKEN, CPUAGG_TELEGRAM_API_URL=f"http://127.0.0.1:{server.server_port}",
                        CPUAGG_INCLUDE_UNKNOWN_USERS="yes", CPUAGG_ALERT_CPU_HOURS="0.05", CPUAGG_SEND_AS="text",
                        CPUAGG_FULL_TABLE="csv", CPUAGG_SEND_WITHIN="10s")
    server.shutdown()
    assert run.returncode == 1, run


def make_older_outbox(sample):
    """The same in format version 2, which no release has written: it has another number, and no checksum."""
    older = sample.directory / "outbox_of_version_2"
    older.mkdir()
    for path in (sample.directory / "store" / "outbox").iterdir():
        content = path.read_bytes()
        if path.suffix == ".pb" or path.name == "memory":
            assert content[:2] == b"\x08\x03" and content[-5] == 0x7d, path
            (older / path.name).write_bytes(b"\x08\x02" + content[2:-5])


def make_next(sample):
    """What the next run finds: the job has ended, after it had used some more, and somebody else's as well."""
    now = "2026-10-05 09:00:00"
    following = sample.directory / "next"
    following.mkdir()
    (following / "pacct").write_bytes(
        record(now, 1001, "simulate", 129_984, 640, pid=JOB,
               elapsed=(seconds(now) - seconds(BOOT)) * 100 - JOB_START) +
        record(now, 1000, "make", 77, 3, pid=700))
    write_proc(following / "proc", now)


def main():
    os.environ["TZ"] = "UTC"
    time.tzset()
    sample = Sample(HERE / sys.argv[1])
    make_store(sample)
    now = "2026-10-05 08:05:00"
    make_outbox(sample, now)
    make_older_outbox(sample)
    for name, arguments in COMMANDS.items():
        sample.print_as(name, now, *arguments.split())
    make_next(sample)
    for lock in ("lock", "outbox/lock", "outbox/queue.lock"):
        (sample.directory / "store" / lock).unlink()
    shutil.rmtree(sample.work_directory)


if __name__ == "__main__":
    main()
