#include "tools/config/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "aggregate/usage/named_period.h"
#include "tools/config/command_flags.h"
#include "tools/config/command_help.h"
#include "tools/config/config.h"
#include "tools/config/nearest_name.h"
#include "tools/config/output_format.h"
#include "tools/config/signal_name.h"
#include "tools/config/typed_flags.h"
#include "tools/config/version.h"

namespace cpuagg::tools {
namespace {

struct CommandInfo {
  Command command;
  const char* name;
  const char* summary;
};
constexpr std::array<CommandInfo, 11> kCommands = {{
    {Command::kReport, "report", "print who used the CPU, from accounting files or from the store"},
    {Command::kRecords, "records", "print accounting records, one a line"},
    {Command::kSa, "sa", "print what GNU sa prints: -u every record, -m a summary per user"},
    {Command::kCollect, "collect", "add new accounting records to the store"},
    {Command::kSend, "send", "send the period's report from the store to Telegram"},
    {Command::kRun, "run", "collect, then send: the cron job"},
    {Command::kExport, "export", "print the store for machines: counters, or a row for each hour"},
    {Command::kPush, "push", "send the hours of the store to a Prometheus remote-write receiver"},
    {Command::kForget, "forget", "delete a user, or what is older, from the store"},
    {Command::kCheck, "check", "check whether everything works, and say how to fix what does not"},
    {Command::kSetup, "setup", "turn on accounting, settings, chats and timers, step by step"},
}};

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
      {"--group-file", flags.group_file.has_value()},
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

// The entries of all lists, each once.
std::vector<std::string> EachOnce(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (std::string& name : SplitList(absl::StrJoin(lists, ","))) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    names.push_back(std::move(name));
  }
  return names;
}

absl::StatusOr<Flags> Checked(RawFlags raw) {
  const bool has_format = raw.format_flag != nullptr && raw.format_flag->count() > 0;
  if (has_format + raw.csv + raw.json > 1) {
    return absl::InvalidArgumentError("--format, --csv and --json exclude each other");
  }
  if (raw.csv) raw.format = "csv";
  if (raw.json) raw.format = "json";
  const absl::StatusOr<Format> format = raw.flags.command == Command::kRecords
                                            ? ParseRecordFormat(raw.format)
                                            : ParseFormat(raw.format);
  if (!format.ok()) return format.status();
  raw.flags.format = *format;
  if (raw.flags.period.has_value() &&
      (raw.flags.since.has_value() || raw.flags.until.has_value())) {
    return absl::InvalidArgumentError("--period: cannot be combined with --since or --until");
  }
  raw.flags.users = EachOnce(raw.users);
  // For example, from an unset variable. All users are selected by leaving the flag out.
  if (!raw.users.empty() && raw.flags.users.empty()) {
    return absl::InvalidArgumentError("--user: names no user; leave it out to ask for all users");
  }
  if (raw.ignored_users_flag != nullptr && raw.ignored_users_flag->count() > 0) {
    raw.flags.ignored_users = EachOnce(raw.ignored_users);
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
  if (!raw.flags.stores.empty()) raw.flags.store = raw.flags.stores.front();
  raw.flags.by = SplitList(absl::StrJoin(raw.by, ","));
  raw.flags.groups = EachOnce(raw.groups);
  if (!raw.groups.empty() && raw.flags.groups.empty()) {
    return absl::InvalidArgumentError("--group: names no group; leave it out to ask for all");
  }
  raw.flags.columns = EachOnce(raw.columns);
  if (!raw.columns.empty() && raw.flags.columns.empty()) {
    return absl::InvalidArgumentError(
        "--columns: names no column; leave it out for the usual ones");
  }
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
  if ((raw.flags.pending || raw.flags.alerts) + raw.flags.status + raw.flags.test > 1 ||
      (raw.flags.dry_run && raw.flags.pending + raw.flags.status + raw.flags.test > 0)) {
    return absl::InvalidArgumentError(
        "--status and --test exclude each other, and exclude --pending and --alerts; of these "
        "four, "
        "--dry-run can be combined with --alerts only");
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
                   name == "-v" ? "; did you mean --version?" : DidYouMean(name, names)));
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
    if (app.get_option_no_throw("--period") != nullptr) {
      if (flag == "date") return "; did you mean --period 2026-11-22?";
      if (aggregate::UnitOfPeriod(flag).has_value()) {
        return absl::StrCat("; did you mean --period ", flag, "?");
      }
    }
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
  const std::string flag = text.substr(0, at);
  return absl::StrCat(flag, ": may be given only once",
                      flag == "--store" ? "; only cpuagg report reads several stores" : "");
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

// The flags that only have their short name in `arguments`.
ShortFlags TypedShort(const CLI::App& app, const std::vector<std::string>& arguments) {
  ShortFlags typed;
  for (const CLI::Option* const option : app.get_options()) {
    if (option->get_snames().empty() || option->get_lnames().empty()) continue;
    const std::string short_name = absl::StrCat("-", option->get_snames().front());
    const std::string long_name = absl::StrCat("--", option->get_lnames().front());
    bool is_short = false;
    bool is_long = false;
    for (const std::string& argument : arguments) {
      if (argument == "--") break;
      is_short |= absl::StartsWith(argument, short_name);
      is_long |= argument == long_name || absl::StartsWith(argument, long_name + "=");
    }
    if (is_short && !is_long) typed.emplace_back(long_name, short_name);
  }
  return typed;
}

absl::StatusOr<std::variant<Flags, Information>> ParseCommand(const CommandInfo& info, int argc,
                                                              const char* const* argv) {
  CLI::App app(info.summary, absl::StrCat("cpuagg ", info.name));
  app.set_help_flag("-h,--help", "print this help");
  RawFlags raw;
  raw.flags.command = info.command;
  AddFlags(info.command, app, raw);
  SetHelp(info.command, app);
  std::vector<std::string> arguments = Arguments(app, argc, argv);
  raw.flags.typed_short = TypedShort(app, arguments);
  const ShortFlags typed_short = raw.flags.typed_short;
  try {
    // CLI11 takes them from the end.
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return Information{app.help()};
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(AsTyped(ProblemText(app, error), typed_short),
                                                   "; see cpuagg ", info.name, " --help",
                                                   DidYouMeanFlag(app)));
  }
  absl::StatusOr<Flags> flags = Checked(std::move(raw));
  if (!flags.ok()) {
    return absl::Status(flags.status().code(), AsTyped(flags.status().message(), typed_short));
  }
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
