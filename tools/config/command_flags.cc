// A long file: it has all flags of all commands in one place.

#include "tools/config/command_flags.h"

#include <CLI/CLI.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace cpuagg::tools {
namespace {

// Adds a flag with one value, named `value` in the help, which may be empty.
template <typename T>
CLI::Option* AddAnyValue(CLI::App& app, const char* flag, const char* value, T& target,
                         const char* help) {
  return app.add_option(flag, target, help)->type_name(value)->option_text(value);
}

// The same for a value that must not be empty: that of an unset shell variable would mean
// everything.
template <typename T>
CLI::Option* AddValue(CLI::App& app, const char* flag, const char* value, T& target,
                      const char* help) {
  return AddAnyValue(app, flag, value, target, help)
      ->check(CLI::Validator(
          [](const std::string& text) {
            return text.empty() ? std::string("is empty; give a value, or leave the flag out")
                                : std::string();
          },
          ""));
}

// The same, but the flag may be given several times. It takes only one word each time, so that
// files may follow it.
template <typename T>
void AddList(CLI::App& app, const char* flag, const char* value, T& target, const char* help) {
  AddValue(app, flag, value, target, help)->allow_extra_args(false);
}

void AddConfigFlag(CLI::App& app, RawFlags& raw) {
  AddValue(app, "--config", "FILE", raw.flags.config,
           "configuration file, or /dev/stdin (default: ./.env if you own it, else "
           "/etc/cpuagg/cpuagg.env)");
}

void AddStoreFlag(CLI::App& app, RawFlags& raw) {
  AddValue(app, "--store", "DIR", raw.flags.store,
           "directory of the snapshots (default: /var/lib/cpuagg)");
}

void AddOutputFlags(CLI::App& app, RawFlags& raw, const char* quiet) {
  app.add_flag("-q,--quiet", raw.quiet, quiet);
  app.add_flag("-v,--verbose", raw.verbose, "print what cpuagg does");
}

void AddCommonFlags(CLI::App& app, RawFlags& raw, const char* quiet) {
  AddConfigFlag(app, raw);
  AddValue(app, "--accounting-file", "FILE", raw.flags.accounting_file,
           "the kernel's accounting file, or a folder of numbered files as atopacctd writes them "
           "(default: "
           "/var/log/account/pacct)");
  AddValue(app, "--passwd", "FILE", raw.flags.passwd,
           "user names from this file instead of this host's accounts");
  AddOutputFlags(app, raw, quiet);
}

// Adds the flags that select what to report.
void AddChoiceFlags(CLI::App& app, RawFlags& raw) {
  AddValue(app, "--since", "TIME", raw.flags.since,
           "only processes that ended at or after TIME: 14:00, today, monday, \"yesterday 14:00\", "
           "2026-11-22, \"2026-11-22 14:00\", 2026-11, 36h, 7d, \"3 weeks ago\"");
  AddValue(app, "--until", "TIME", raw.flags.until, "only processes that ended before TIME");
  AddAnyValue(app, "-u,--user", "NAMES", raw.users,
              "only these users: names or ids, separated by commas")
      ->allow_extra_args(false);
  // Unlike others, these two may be empty.
  raw.ignored_users_flag = AddAnyValue(app, "--ignore-user", "NAMES", raw.ignored_users,
                                       "leave these users out; \"\" leaves out nobody")
                               ->allow_extra_args(false);
}

void AddReportFlags(CLI::App& app, RawFlags& raw) {
  AddValue(app, "--period", "NAME", raw.flags.period,
           "today, this-hour, this-week, this-month or this-year: so far; yesterday, last-hour, "
           "last-week, last-month or last-year: the last complete one; a date: 2026-11-22, 2026-11 "
           "or 2026; all (default); or since-last: what was collected since the last such report "
           "was queued. Reports from the store also show the change since the period before");
  AddChoiceFlags(app, raw);
  AddList(app, "--by", "NAMES", raw.by,
          "user (default), command, group, department (of --group-file), tty, signal (that ended "
          "the process), host, hour, day, week (from Monday) or month, or several, separated by "
          "commas; the store has no groups, ttys and signals, and a fleet's "
          "engine no commands either");
  AddValue(app, "--group-file", "FILE", raw.flags.group_file,
           "for --by department: a line for each user, with the name or id and the department: "
           "alice Physics");
  AddValue(app, "-n,--top", "N", raw.top,
           "show N rows, and sum up the others in one line: the first N by --sort, or without it "
           "those with the most CPU time, also of hours, days and so on");
  AddValue(
      app, "-s,--sort", "KEY", raw.flags.sort,
      "cpu (default), user-time, system-time, processes, elapsed, largest (the CPU time of one "
      "process), mean (the CPU time of a process), memory (the mean of a process), major-faults or "
      "change (of the CPU time since the period before, in hours and not in percent): largest "
      "first; name, uid or time (default with --by hour, day, week or month): in rising order");
  AddValue(app, "--chart", "FILE", raw.flags.chart,
           "write the chart to this .png or .svg file, to a device or a pipe, or to standard "
           "output (-)");
}

// How accounting files are read; `read_by_default` is what is read without any, and `of_hosts` how
// those of several hosts are named.
void AddFileFlags(CLI::App& app, RawFlags& raw, const char* read_by_default,
                  const char* of_hosts = "") {
  const std::string help = absl::StrCat(
      "accounting files, plain or compressed, or folders of them, read as one history; - is "
      "standard input",
      of_hosts, " (default: ", read_by_default, ")");
  AddValue(app, "FILE", "...", raw.flags.files, help.c_str());
  app.add_flag("--utc", raw.flags.utc, "times are of UTC, not of the local zone");
  AddList(app, "--command", "PATTERN", raw.flags.commands,
          "only commands that match this shell pattern; may be given several times");
  app.add_flag("--big-endian-v0", raw.flags.big_endian_version0,
               "treat records of version 0 as big-endian; they do not carry their byte order");
  AddValue(app, "--ahz", "N", raw.default_rate,
           "tick rate of records that do not carry one: versions 0 and 1 (default: 100)");
}

// Flags that choose processes by what the record of each says; `min_cpu` is the help of that flag.
void AddProcessFlags(CLI::App& app, RawFlags& raw, const char* min_cpu) {
  ProcessFlags& flags = raw.flags.processes;
  app.add_flag("--people", raw.flags.people,
               "leave out accounts of the system: ids below 1000, nobody, and those that systemd "
               "gives to services");
  AddList(app, "--group", "NAMES", raw.groups,
          "only processes of these groups: names or ids, separated by commas");
  AddValue(app, "--pid", "N", flags.pid, "only the process with this id; ids are used again");
  AddValue(app, "--parent", "N", flags.parent, "only children of the process with this id");
  AddValue(app, "--tty", "NAME", flags.tty, "only processes of this terminal: pts/3, tty1 or none");
  app.add_flag("--failed", flags.failed,
               "only processes that a signal ended, or with a status not 0");
  AddValue(app, "--status", "N", flags.status, "only processes that returned this status");
  AddValue(app, "--signal", "[NAME]", flags.signal,
           "only processes that this signal ended: SEGV, SIGKILL or 9; or any signal");
  app.add_flag("--core", flags.core, "only processes that left a core dump");
  app.add_flag("--su", flags.su, "only processes that used the rights of root");
  app.add_flag("--fork", flags.fork, "only processes that executed no other program");
  AddValue(app, "--min-cpu", "TIME", flags.min_cpu, min_cpu);
  AddValue(app, "--min-elapsed", "TIME", flags.min_elapsed,
           "only processes that ran for at least so long: 10m, 1h, 1d");
  AddValue(app, "--min-memory", "SIZE", flags.min_memory,
           "only processes whose address space was at least so large: 300K, 512M, 4G");
  AddValue(app, "--at", "TIME", flags.at,
           "only processes that had begun by TIME, and did not end before it");
}

// `setup` works on the host's own paths, and has none of the common flags.
void AddSetupFlags(CLI::App& app, RawFlags& raw) {
  app.add_flag(
      "--yes", raw.flags.yes,
      "ask nothing: use the settings of the environment and /etc/cpuagg, and agree to the rest");
  app.add_flag("--undo", raw.flags.undo,
               "turn off the timers, and accounting if setup turned it on; store, configuration "
               "and token are kept");
  app.add_flag("--dry-run", raw.flags.dry_run,
               "print what setup would do and what is done already, and change nothing");
}

// `forget` reads nothing but the store.
void AddForgetFlags(CLI::App& app, RawFlags& raw) {
  AddAnyValue(app, "-u,--user", "NAMES", raw.users,
              "delete what these users used: names or ids, separated by commas")
      ->allow_extra_args(false);
  AddValue(app, "--before", "TIME", raw.flags.before,
           "delete only what ended before TIME: 2026-01-01, 400d; without --user, of everybody");
  app.add_flag("--dry-run", raw.flags.dry_run, "print what would be deleted, and delete nothing");
  app.add_flag("--yes", raw.flags.yes, "delete it, for good");
  AddStoreFlag(app, raw);
  AddConfigFlag(app, raw);
  AddOutputFlags(app, raw, "no warnings");
}

// `export` and `push` read nothing but the store.
void AddFleetFlags(Command command, CLI::App& app, RawFlags& raw) {
  if (command == Command::kExport) {
    AddValue(app, "--format", "NAME", raw.flags.export_format,
             "prometheus (default): counters in its text format, for node_exporter's textfile "
             "collector; jsonl or csv: a row for each hour and user, for databases");
    AddValue(app, "--since", "TIME", raw.flags.since,
             "only hours from TIME on: today, 2026-11-22, \"2026-11-22 14:00\", 7d");
    AddValue(app, "--until", "TIME", raw.flags.until, "only hours before TIME");
  } else {
    AddValue(app, "--url", "URL", raw.flags.url,
             "the receiver with its whole path, such as http://127.0.0.1:8428/api/v1/write "
             "(default: PUSH_URL)");
    app.add_flag("--check", raw.flags.check_pushed,
                 "push nothing: ask the receiver for the hours that it was sent last, and compare "
                 "them");
  }
  AddStoreFlag(app, raw);
  AddConfigFlag(app, raw);
  AddOutputFlags(app, raw, "no warnings");
}

// `wide` explains the table with all columns.
void AddFormatFlags(CLI::App& app, RawFlags& raw, const char* names, const char* wide) {
  raw.format_flag = AddValue(app, "--format", "NAME", raw.format, names);
  app.add_flag("--csv", raw.csv, "short for --format csv");
  app.add_flag("--json", raw.json, "short for --format json");
  app.add_flag("--wide", raw.flags.wide, wide);
  AddList(
      app, "--columns", "NAMES", raw.columns,
      "exactly these columns, in this order, separated by commas: names of docs/columns.md, as in "
      "the first line of CSV; JSON always has all of them");
  AddValue(app, "--color", "WHEN", raw.flags.color,
           "color what failed, is damaged or missing: auto (default: in a terminal, unless "
           "NO_COLOR is set or TERM is dumb), always or never");
}

}  // namespace

void AddFlags(Command command, CLI::App& app, RawFlags& raw) {
  if (command == Command::kSetup) return AddSetupFlags(app, raw);
  if (command == Command::kForget) return AddForgetFlags(app, raw);
  if (command == Command::kExport || command == Command::kPush) {
    return AddFleetFlags(command, app, raw);
  }
  if (command == Command::kReport) {
    AddFileFlags(
        app, raw,
        "the store if it holds anything; else, and for flags that choose single processes, "
        "this host's accounting file with its rotated generations",
        "; HOST=FILE for each, if they are of several hosts");
    AddValue(app, "--host", "NAME", raw.flags.host,
             "the machine in the heading (default: this one; none for files from elsewhere); of "
             "stores, or of HOST=FILE: only these hosts, separated by commas; with --from, the "
             "only one to report");
    AddValue(
        app, "--from", "URL", raw.flags.from,
        "ask a fleet's engine, to which hosts push what they count: the base of its query API, "
        "as http://127.0.0.1:8428 or https://mimir.example/prometheus");
    app.add_flag(
        "--running", raw.flags.running,
        "the processes that run now, with what they have used since they began, instead of "
        "those that ended");
    app.add_flag("--compare", raw.flags.compare,
                 "compare with the period before of the same length, as reports from the store do; "
                 "needs --period or --since");
    AddProcessFlags(
        app, raw,
        "only rows with at least so much CPU time: 30s, 10m, 10h; the others are summed "
        "in one line");
    AddValue(app, "--threads", "N", raw.threads,
             "read large files, files of hosts and several stores with at most N threads (default: "
             "one for each processor)");
    AddFormatFlags(app, raw,
                   "table (default), csv (names that look like a formula get an apostrophe before "
                   "them), tsv, json, jsonl (a row a line), markdown or html (a page with the "
                   "chart)",
                   "a table with all columns, however wide it is, and whole names");
  }
  if (command == Command::kRecords) {
    AddFileFlags(app, raw, "this host's accounting file with its rotated generations");
    AddValue(
        app, "--period", "NAME", raw.flags.period,
        "today, this-week and so on, yesterday, last-week and so on, a date: 2026-11-22, 2026-11 "
        "or 2026; or all (default)");
    AddChoiceFlags(app, raw);
    AddProcessFlags(app, raw, "only processes that used at least so much CPU time: 30s, 10m, 1h");
    AddValue(app, "-n,--top", "N", raw.top,
             "show only the first N records: by --sort, or without it as in the files");
    AddValue(app, "-s,--sort", "KEY", raw.flags.sort,
             "cpu, user-time, system-time, elapsed or memory: largest first; time: by the end "
             "(default: as in the files)");
    AddFormatFlags(
        app, raw,
        "table (default), csv (names that look like a formula get an apostrophe before "
        "them), tsv, json or jsonl (both one object a line), markdown or proto (protobuf "
        "messages)",
        "a table with all columns, however wide it is. FLAGS: fork executed no other "
        "program, su used the rights of root, core left a core dump, signal was killed");
  }
  if (command == Command::kSa) {
    AddValue(app, "FILE", "", raw.flags.files,
             "accounting file; - is standard input (default: the accounting file of this host)");
    app.add_flag("-u", raw.sa_user_lines, "every record, as `sa -u`");
    app.add_flag("-m", raw.sa_summary, "a summary per user, as `sa -m -i`");
    app.add_flag("-i", raw.sa_no_summary_files, "implied: summary files are never read");
  }
  if (command == Command::kReport || command == Command::kSend || command == Command::kRun) {
    AddReportFlags(app, raw);
  }
  if (command == Command::kSend || command == Command::kRun) {
    app.add_flag(
        "--dry-run", raw.flags.dry_run,
        "print the message as its readers would see it. Does not collect, queue, write or send "
        "anything, except the chart of --chart, and needs no token");
    app.add_flag("--raw", raw.flags.raw, "with --dry-run: print the markup that would be sent");
  }
  if (command == Command::kSend) {
    app.add_flag("--pending", raw.flags.pending, "deliver what is queued, and build no new report");
    app.add_flag("--alerts", raw.flags.alerts,
                 "send an alert if somebody has passed a limit of ALERT_CPU_HOURS, and no report; "
                 "with --pending also if no limit is set, which is for a schedule");
    app.add_flag("--status", raw.flags.status, "list what is queued, and send nothing");
    app.add_flag("--test", raw.flags.test,
                 "send a short greeting to every chat, and say what to fix if that fails");
  }
  if (command == Command::kCollect || command == Command::kRun) {
    app.add_flag("--no-running", raw.flags.no_running,
                 "do not count running processes, and do not read /proc");
    AddValue(app, "--proc", "DIR", raw.flags.proc,
             "the /proc of the processes that the accounting file records, such as the host's in "
             "a container (default: /proc, if the kernel writes to the file)");
    AddValue(
        app, "--keep", "DAYS", raw.flags.keep,
        "delete usage older than DAYS (400d, 60w, 2y), a day or a month at a time, once the run "
        "that read it is as old (default: keep everything)");
    AddValue(app, "--keep-hours", "DAYS", raw.flags.keep_hours,
             "keep usage by hour for DAYS, and older usage by day (default: 35d)");
  }
  if (command == Command::kCheck) {
    AddValue(app, "FILE", "...", raw.flags.files,
             "check whether these accounting files, plain or compressed, are whole; - is standard "
             "input (default: check everything that cpuagg needs on this host)");
    app.add_flag("--online", raw.flags.online, "also ask the server about the bot and every chat");
    app.add_flag("--json", raw.flags.json, "print JSON (docs/check.md)");
    AddValue(app, "--proc", "DIR", raw.flags.proc,
             "the /proc of the processes that the accounting file records (default: /proc)");
  }
  if (command != Command::kSa && command != Command::kSend) {
    AddList(app, "--rotated-dir", "DIR", raw.flags.rotated_directories,
            "another folder with rotated generations of the accounting file (logrotate's olddir, "
            "savelog -r); may be given several times");
  }
  if (command == Command::kReport) {
    AddList(app, "--store", "DIR", raw.flags.stores,
            "directory of the snapshots (default: /var/lib/cpuagg), or a folder with such a "
            "directory for each host; may be given several times");
  } else if (command != Command::kRecords && command != Command::kSa) {
    AddStoreFlag(app, raw);
  }
  AddCommonFlags(app, raw,
                 command == Command::kCheck ? "show only what is not in order"
                                            : "no warnings and no progress bar");
}

}  // namespace cpuagg::tools
