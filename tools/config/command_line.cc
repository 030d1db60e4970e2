// A long file: it has all flags of all commands in one place.

#include "tools/config/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tools/config/config.h"
#include "tools/config/nearest_name.h"
#include "tools/config/signal_name.h"
#include "tools/config/version.h"

namespace cpuagg::tools {
namespace {

struct CommandInfo {
  Command command;
  const char* name;
  const char* summary;
};
constexpr std::array<CommandInfo, 8> kCommands = {{
    {Command::kReport, "report", "print who used the CPU, from accounting files or from the store"},
    {Command::kRecords, "records", "print accounting records, one a line"},
    {Command::kSa, "sa", "print what GNU sa prints: -u every record, -m a summary per user"},
    {Command::kCollect, "collect", "add new accounting records to the store"},
    {Command::kSend, "send", "send the period's report from the store to Telegram"},
    {Command::kRun, "run", "collect, then send: the cron job"},
    {Command::kCheck, "check", "check whether everything works, and say how to fix what does not"},
    {Command::kSetup, "setup", "turn on accounting, settings, chats and timers, step by step"},
}};

// The parsed flags of one subcommand before they are checked.
struct RawFlags {
  Flags flags;
  std::string format = "table";
  const CLI::Option* format_flag = nullptr;
  bool csv = false;
  bool json = false;
  std::vector<std::string> users;
  std::vector<std::string> ignored_users;
  const CLI::Option* ignored_users_flag = nullptr;
  std::vector<std::string> by;
  std::optional<std::string> top;
  std::optional<std::string> default_rate;
  std::optional<std::string> threads;
  bool quiet = false;
  bool verbose = false;
  bool sa_user_lines = false;
  bool sa_summary = false;
  bool sa_no_summary_files = false;
};

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

void AddCommonFlags(CLI::App& app, RawFlags& raw, const char* quiet) {
  AddValue(app, "--config", "FILE", raw.flags.config,
           "configuration file, or /dev/stdin (default: ./.env if you own it, else "
           "/etc/cpuagg/cpuagg.env)");
  AddValue(app, "--accounting-file", "FILE", raw.flags.accounting_file,
           "the kernel's accounting file, or a folder of numbered files as atopacctd writes them "
           "(default: "
           "/var/log/account/pacct)");
  AddValue(app, "--passwd", "FILE", raw.flags.passwd,
           "user names from this file instead of this host's accounts");
  app.add_flag("-q,--quiet", raw.quiet, quiet);
  app.add_flag("-v,--verbose", raw.verbose, "print what cpuagg does");
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
           "was sent. Reports from the store also show the change since the period before");
  AddChoiceFlags(app, raw);
  AddList(app, "--by", "NAMES", raw.by,
          "user (default), command, group, tty, hour or day, or several, separated by commas; the "
          "store has no groups and ttys");
  AddValue(app, "-n,--top", "N", raw.top,
           "show N rows, and sum up the others in one line: the first N by --sort, or without it "
           "those with the most CPU time, also of hours and days");
  AddValue(
      app, "-s,--sort", "KEY", raw.flags.sort,
      "cpu (default), user-time, system-time, processes, elapsed, largest (the CPU time of one "
      "process) or memory (the mean of a process): largest first; name, uid or time (default "
      "with --by hour or day): in rising order");
  AddValue(app, "--chart", "FILE", raw.flags.chart,
           "write the chart to this .png or .svg file, to a device or a pipe, or to standard "
           "output (-)");
}

// How accounting files are read; `read_by_default` is what is read without any.
void AddFileFlags(CLI::App& app, RawFlags& raw, const char* read_by_default) {
  const std::string help = absl::StrCat(
      "accounting files, plain or compressed, or folders of them, read as one history; - is "
      "standard input (default: ",
      read_by_default, ")");
  AddValue(app, "FILE", "...", raw.flags.files, help.c_str());
  AddList(app, "--command", "PATTERN", raw.flags.commands,
          "only commands that match this shell pattern; may be given several times");
  app.add_flag("--big-endian-v0", raw.flags.big_endian_version0,
               "treat records of version 0 as big-endian; they do not carry their byte order");
  AddValue(app, "--ahz", "N", raw.default_rate,
           "tick rate of records that do not carry one: versions 0 and 1 (default: 100)");
}

// Flags that choose processes by what the record of each says.
void AddProcessFlags(CLI::App& app, ProcessFlags& flags) {
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
  AddValue(app, "--min-cpu", "TIME", flags.min_cpu,
           "only processes that used at least so much CPU time: 30s, 10m, 1h");
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
  app.add_flag("--dry-run", raw.flags.dry_run, "print what setup would do, and change nothing");
}

void AddFormatFlags(CLI::App& app, RawFlags& raw, const char* names) {
  raw.format_flag = AddValue(app, "--format", "NAME", raw.format, names);
  app.add_flag("--csv", raw.csv, "short for --format csv");
  app.add_flag("--json", raw.json, "short for --format json");
}

void AddFlags(Command command, CLI::App& app, RawFlags& raw) {
  if (command == Command::kSetup) return AddSetupFlags(app, raw);
  if (command == Command::kReport) {
    AddFileFlags(app, raw,
                 "the store if it holds anything, else this host's accounting file with its "
                 "rotated generations");
    AddValue(app, "--threads", "N", raw.threads,
             "read large files with at most N threads (default: one for each processor)");
    AddFormatFlags(app, raw,
                   "table (default), csv (names that look like a formula get an apostrophe before "
                   "them) or json");
  }
  if (command == Command::kRecords) {
    AddFileFlags(app, raw, "this host's accounting file with its rotated generations");
    AddValue(
        app, "--period", "NAME", raw.flags.period,
        "today, this-week and so on, yesterday, last-week and so on, a date: 2026-11-22, 2026-11 "
        "or 2026; or all (default)");
    AddChoiceFlags(app, raw);
    AddProcessFlags(app, raw.flags.processes);
    AddValue(app, "-n,--top", "N", raw.top,
             "show N records: the first by --sort, or without it those with the most CPU time");
    AddValue(app, "-s,--sort", "KEY", raw.flags.sort,
             "cpu, user-time, system-time, elapsed or memory: largest first; time: by the end "
             "(default: as in the files)");
    AddFormatFlags(app, raw,
                   "table (default), csv (names that look like a formula get an apostrophe before "
                   "them) or json, one object a line");
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
                 "send an alert if somebody has passed a limit of ALERT_CPU_HOURS, and no report");
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
    AddValue(app, "--keep", "DAYS", raw.flags.keep,
             "delete data older than DAYS: 400d, 60w, 2y (default: keep everything)");
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
  if (command != Command::kRecords && command != Command::kSa) {
    AddValue(app, "--store", "DIR", raw.flags.store,
             "directory of the snapshots (default: /var/lib/cpuagg)");
  }
  AddCommonFlags(app, raw,
                 command == Command::kCheck ? "show only what is not in order"
                                            : "no warnings and no progress bar");
}

// Parses the number of a flag, if it was given: 1 to `most`.
absl::Status ParseCount(absl::string_view flag, const std::optional<std::string>& text,
                        uint64_t& count, uint64_t most = 1'000'000) {
  if (!text.has_value()) return absl::OkStatus();
  if (absl::SimpleAtoi(*text, &count) && count >= 1 && count <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", *text, "' is not a number from 1 to ", most));
}

// The flags of `send` that replace the report do not allow flags that select its content.
absl::Status CheckInsteadOfReport(const RawFlags& raw) {
  const Flags& flags = raw.flags;
  const char* const instead = flags.alerts    ? "--alerts"
                              : flags.pending ? "--pending"
                              : flags.status  ? "--status"
                              : flags.test    ? "--test"
                                              : nullptr;
  if (instead == nullptr) return absl::OkStatus();
  const std::pair<const char*, bool> choices[] = {
      {"--period", flags.period.has_value()},
      {"--since", flags.since.has_value()},
      {"--until", flags.until.has_value()},
      {"--user", !raw.users.empty()},
      {"--ignore-user", flags.ignored_users.has_value()},
      {"--by", !raw.by.empty()},
      {"--top", raw.top.has_value()},
      {"--sort", flags.sort.has_value()},
      {"--chart", flags.chart.has_value()}};
  for (const auto& [flag, is_given] : choices) {
    if (!is_given) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": applies to a report, and ", instead, " makes none",
                     flags.alerts ? "; alerts go by ALERT_CPU_HOURS and ALERT_PERIOD" : ""));
  }
  return absl::OkStatus();
}

absl::StatusOr<Flags> Checked(RawFlags raw) {
  static const std::map<std::string, Format> formats = {
      {"table", Format::kTable}, {"csv", Format::kCsv}, {"json", Format::kJson}};
  const bool has_format = raw.format_flag != nullptr && raw.format_flag->count() > 0;
  if (has_format + raw.csv + raw.json > 1) {
    return absl::InvalidArgumentError("--format, --csv and --json exclude each other");
  }
  if (raw.csv) raw.format = "csv";
  if (raw.json) raw.format = "json";
  const auto format = formats.find(raw.format);
  if (format == formats.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--format: '", raw.format, "' is not one of table, csv and json",
                     DidYouMean(raw.format, {"table", "csv", "json"})));
  }
  raw.flags.format = format->second;
  if (raw.flags.period.has_value() &&
      (raw.flags.since.has_value() || raw.flags.until.has_value())) {
    return absl::InvalidArgumentError("--period: cannot be combined with --since or --until");
  }
  raw.flags.users = SplitList(absl::StrJoin(raw.users, ","));
  // For example, from an unset variable. All users are selected by leaving the flag out.
  if (!raw.users.empty() && raw.flags.users.empty()) {
    return absl::InvalidArgumentError("--user: names no user; leave it out to ask for all users");
  }
  if (raw.ignored_users_flag != nullptr && raw.ignored_users_flag->count() > 0) {
    raw.flags.ignored_users = SplitList(absl::StrJoin(raw.ignored_users, ","));
  }
  if (absl::Status status = ParseCount("--top", raw.top, raw.flags.top); !status.ok()) {
    return status;
  }
  if (absl::Status status = ParseCount("--threads", raw.threads, raw.flags.threads); !status.ok()) {
    return status;
  }
  if (absl::Status status = ParseCount("--ahz", raw.default_rate, raw.flags.default_rate, 65'535);
      !status.ok()) {
    return status;
  }
  raw.flags.by = SplitList(absl::StrJoin(raw.by, ","));
  if (raw.flags.command == Command::kSa) {
    if (raw.sa_user_lines && raw.sa_summary) {
      return absl::InvalidArgumentError("sa: takes -u or -m, not both");
    }
    if (!raw.sa_user_lines && !raw.sa_summary) {
      return absl::InvalidArgumentError("sa: needs either -u or -m");
    }
    if (raw.flags.files.size() > 1) {
      return absl::InvalidArgumentError("sa: takes one FILE, as GNU sa does");
    }
    raw.flags.sa_per_record = raw.sa_user_lines;
  }
  if (raw.flags.pending + raw.flags.alerts + raw.flags.status + raw.flags.test > 1 ||
      (raw.flags.dry_run && raw.flags.pending + raw.flags.status + raw.flags.test > 0)) {
    return absl::InvalidArgumentError(
        "--pending, --alerts, --status and --test exclude each other; of these, --dry-run can be "
        "combined with --alerts only");
  }
  if (absl::Status status = CheckInsteadOfReport(raw); !status.ok()) return status;
  if (raw.flags.undo && raw.flags.dry_run) {
    return absl::InvalidArgumentError(
        "--undo: cannot be tried with --dry-run; run cpuagg setup --undo, which says what it takes "
        "back, and without --yes asks before it turns accounting off");
  }
  if (raw.flags.raw && !raw.flags.dry_run) {
    return absl::InvalidArgumentError(
        "--raw: needs --dry-run, and shows the markup of its messages");
  }
  if (raw.quiet && raw.verbose) {
    return absl::InvalidArgumentError("--quiet: cannot be combined with --verbose");
  }
  if (raw.quiet) raw.flags.verbosity = Verbosity::kQuiet;
  if (raw.verbose) raw.flags.verbosity = Verbosity::kVerbose;
  return std::move(raw.flags);
}

std::string Overview() {
  std::string text =
      "cpuagg reports who used the CPU of this machine, from the kernel's process accounting.\n\n"
      "usage: cpuagg COMMAND [FLAGS]\n\n";
  for (const CommandInfo& info : kCommands) {
    absl::StrAppend(&text, "  ", info.name,
                    std::string(9 - absl::string_view(info.name).size(), ' '), info.summary, "\n");
  }
  return text +
         "\n`cpuagg help COMMAND` lists the flags of a command, `cpuagg --version` the version;\n"
         "`man cpuagg` explains them, and has examples.\n"
         "Exit status: 0 done, 1 failed, 2 wrong usage, 3 done but damaged input was skipped,\n"
         "75 not delivered yet and kept for the next run, 141 nobody reads the output any more;\n"
         "of check: 0 ok, 1 warning, 2 critical, 3 unknown, as in monitoring plugins.\n";
}

const CommandInfo* FindCommand(absl::string_view name) {
  for (const CommandInfo& info : kCommands) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

absl::Status NoCommand(absl::string_view name) {
  std::vector<absl::string_view> names;
  names.reserve(kCommands.size());
  for (const CommandInfo& known : kCommands) names.emplace_back(known.name);
  const std::string commands = absl::StrJoin(names, ", ");
  names.insert(names.end(), {"help", "--help", "--version"});
  return absl::InvalidArgumentError(
      absl::StrCat(name.empty() ? std::string("a command is missing")
                                : absl::StrCat("'", name, "' is not a command"),
                   "; it must be one of ", commands, ", and flags come after it; see cpuagg --help",
                   DidYouMean(name, names)));
}

// The other commands that have the flag.
std::vector<std::string> CommandsWith(const std::string& flag) {
  std::vector<std::string> commands;
  for (const CommandInfo& info : kCommands) {
    CLI::App app;
    RawFlags raw;
    AddFlags(info.command, app, raw);
    if (app.get_option_no_throw(flag) != nullptr) commands.emplace_back(info.name);
  }
  return commands;
}

// What the first flag that does not exist was meant to be.
std::string DidYouMeanFlag(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back(name);
  }
  for (const std::string& argument : app.remaining()) {
    absl::string_view flag = absl::string_view(argument).substr(0, argument.find('='));
    if (!absl::StartsWith(flag, "-")) continue;
    if (const std::vector<std::string> commands = CommandsWith(std::string(flag));
        !commands.empty()) {
      return absl::StrCat("; ", flag, " is a flag of ", absl::StrJoin(commands, ", "));
    }
    if (!absl::ConsumePrefix(&flag, "--")) continue;
    const absl::string_view nearest =
        NearestName(flag, std::vector<absl::string_view>(flags.begin(), flags.end()));
    return nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?");
  }
  return "";
}

// CLI11's text, except where it is not a sentence, or in the wrong order.
std::string ProblemText(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> extra = app.remaining();
    const bool are_files = !extra.empty() && !absl::StartsWith(extra[0], "-") &&
                           app.get_option_no_throw("--accounting-file") != nullptr;
    return absl::StrCat("The following argument", extra.size() == 1 ? " was" : "s were",
                        " not expected: ", absl::StrJoin(extra, " "),
                        are_files ? "; an accounting file is named with --accounting-file" : "");
  }
  const size_t at = text.find(": At Most 1 required but received ");
  if (at == std::string::npos) return text;
  return absl::StrCat(text.substr(0, at), ": may be given only once");
}

// Whether the word after --signal is its value. Otherwise it is a flag or a file.
bool IsSignal(const std::string& word) {
  if (word.empty() || word == kAnySignal || SignalNumber(word).has_value()) return true;
  std::error_code ignored;
  return word[0] != '-' && !std::filesystem::exists(word, ignored);
}

// The arguments in the form of CLI11, which would take the next word for the value of "--since=",
// and for that of --signal, which needs none.
std::vector<std::string> Arguments(const CLI::App& app, int argc, const char* const* argv) {
  const auto takes_value = [&](const std::string& flag) {
    const CLI::Option* const option = app.get_option_no_throw(flag);
    return option != nullptr && option->get_items_expected_max() > 0;
  };
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") {
      arguments.insert(arguments.end(), argv + i, argv + argc);
      break;
    }
    const std::string flag = argument.substr(0, argument.find('='));
    if (absl::StartsWith(argument, "--") && argument.size() == flag.size() + 1 &&
        takes_value(flag)) {
      arguments.push_back(flag);
      arguments.emplace_back();
    } else if (argument == "--signal" && takes_value(flag) &&
               (i + 1 == argc || !IsSignal(argv[i + 1]))) {
      arguments.push_back(absl::StrCat("--signal=", kAnySignal));
    } else {
      arguments.push_back(argument);
    }
  }
  return arguments;
}

absl::StatusOr<std::variant<Flags, Information>> ParseCommand(const CommandInfo& info, int argc,
                                                              const char* const* argv) {
  CLI::App app(info.summary, absl::StrCat("cpuagg ", info.name));
  app.set_help_flag("-h,--help", "print this help");
  RawFlags raw;
  raw.flags.command = info.command;
  AddFlags(info.command, app, raw);
  try {
    std::vector<std::string> arguments = Arguments(app, argc, argv);
    // CLI11 takes them from the end.
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return Information{app.help()};
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(ProblemText(app, error), "; see cpuagg ",
                                                   info.name, " --help", DidYouMeanFlag(app)));
  }
  absl::StatusOr<Flags> flags = Checked(std::move(raw));
  if (!flags.ok()) return flags.status();
  return *std::move(flags);
}

}  // namespace

absl::StatusOr<std::variant<Flags, Information>> ParseCommandLine(int argc,
                                                                  const char* const* argv) {
  const absl::string_view first = argc > 1 ? argv[1] : "";
  if (first == "--version" || first == "-V" || first == "version") {
    return Information{absl::StrCat("cpuagg ", kVersion, "\n")};
  }
  if (first == "--help" || first == "-h" || first == "help") {
    if (first != "help" || argc < 3) return Information{Overview()};
    const absl::string_view name = argv[2];
    if (name == "help" || name == "--help" || name == "-h") return Information{Overview()};
    const CommandInfo* const asked = FindCommand(name);
    if (asked == nullptr) return NoCommand(name);
    if (argc > 3) return absl::InvalidArgumentError("help: takes one command");
    const std::array help = {asked->name, "--help"};
    return ParseCommand(*asked, static_cast<int>(help.size()), help.data());
  }
  const CommandInfo* const info = FindCommand(first);
  if (info != nullptr) return ParseCommand(*info, argc - 1, argv + 1);
  return NoCommand(first);
}

}  // namespace cpuagg::tools
