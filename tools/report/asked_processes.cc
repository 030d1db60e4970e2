#include "tools/report/asked_processes.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "acct/record/exit_code.h"
#include "notify/words/process_names.h"
#include "tools/config/signal_name.h"
#include "tools/config/time_argument.h"
#include "tools/report/asked_groups.h"

namespace cpuagg::tools {
namespace {

using Text = std::optional<std::string>;

absl::StatusOr<std::optional<uint32_t>> ParseNumber(absl::string_view flag, const Text& text,
                                                    uint32_t most) {
  if (!text.has_value()) return std::optional<uint32_t>();
  uint32_t number;
  if (absl::SimpleAtoi(*text, &number) && number <= most) return std::optional(number);
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", *text, "' is not a number from 0 to ", most));
}

absl::StatusOr<absl::Duration> ParseLeast(absl::string_view flag, const Text& text) {
  if (!text.has_value()) return absl::ZeroDuration();
  return ParseLength(flag, *text);
}

// "4G", "512MiB", "300k": a size in KiB, rounded up. Units are powers of 1,024.
absl::StatusOr<uint64_t> ParseKib(absl::string_view flag, const Text& text) {
  if (!text.has_value()) return 0;
  std::string number = absl::AsciiStrToLower(*text);
  absl::string_view digits = number;
  if (!absl::ConsumeSuffix(&digits, "ib")) absl::ConsumeSuffix(&digits, "b");
  constexpr std::array<std::pair<absl::string_view, uint64_t>, 4> kUnits = {
      {{"k", 1}, {"m", 1 << 10}, {"g", 1 << 20}, {"t", 1 << 30}}};
  for (const auto& [unit, kib] : kUnits) {
    uint64_t count;
    absl::string_view of_unit = digits;
    if (absl::ConsumeSuffix(&of_unit, unit) && absl::SimpleAtoi(of_unit, &count) &&
        count <= std::numeric_limits<uint64_t>::max() / kib) {
      return count * kib;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", *text, "' is not a size; write 300K, 512M or 4G"));
}

// "pts/3", "tty1", "none", or major and minor number as in "4:1".
absl::StatusOr<std::optional<uint16_t>> ParseTty(absl::string_view flag, const Text& text) {
  if (!text.has_value()) return std::optional<uint16_t>();
  if (*text == "none") return std::optional<uint16_t>(0);
  absl::string_view name = *text;
  absl::ConsumePrefix(&name, "/dev/");
  for (uint32_t device = 1; device <= std::numeric_limits<uint16_t>::max(); ++device) {
    if (notify::TtyName(device) == name) return std::optional(static_cast<uint16_t>(device));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", *text, "' is not a terminal; write pts/3, tty1, ttyS0 or none"));
}

absl::StatusOr<std::optional<uint32_t>> ParseSignal(const Text& text) {
  if (!text.has_value()) return std::optional<uint32_t>();
  if (*text == kAnySignal) return std::optional(aggregate::ProcessChoice::kAnySignal);
  if (const std::optional<uint32_t> number = SignalNumber(*text)) return number;
  return absl::InvalidArgumentError(absl::StrCat(
      "--signal: '", *text, "' is not a signal; write SEGV, SIGKILL or 9, or nothing for any"));
}

// Whether --min-cpu does.
bool ChoosesRows(const Flags& flags) { return flags.command == Command::kReport; }

}  // namespace

absl::StatusOr<aggregate::ProcessChoice> AskedProcesses(const CommandContext& context) {
  const ProcessFlags& flags = context.flags.processes;
  constexpr uint32_t kMostPid = std::numeric_limits<int32_t>::max();
  constexpr uint32_t kMostStatus = 255;
  const auto pid = ParseNumber("--pid", flags.pid, kMostPid);
  const auto parent = ParseNumber("--parent", flags.parent, kMostPid);
  const auto status = ParseNumber("--status", flags.status, kMostStatus);
  const auto signal = ParseSignal(flags.signal);
  const auto tty = ParseTty("--tty", flags.tty);
  const auto min_cpu =
      ChoosesRows(context.flags) ? absl::ZeroDuration() : AskedMinCpu(context.flags);
  const auto min_elapsed = ParseLeast("--min-elapsed", flags.min_elapsed);
  const auto min_memory = ParseKib("--min-memory", flags.min_memory);
  for (const absl::Status& problem :
       {pid.status(), parent.status(), status.status(), signal.status(), tty.status(),
        min_cpu.status(), min_elapsed.status(), min_memory.status()}) {
    if (!problem.ok()) return problem;
  }
  const auto groups = AskedGroups(context);
  if (!groups.ok()) return groups.status();
  aggregate::ProcessChoice choice{.pid = *pid,
                                  .parent = *parent,
                                  .groups = *groups,
                                  .tty = *tty,
                                  .status = *status,
                                  .signal = *signal,
                                  .has_failed = flags.failed,
                                  .min_cpu = *min_cpu,
                                  .min_elapsed = *min_elapsed,
                                  .min_memory_kib = *min_memory};
  if (flags.fork) choice.flags |= acct::kForkFlag;
  if (flags.su) choice.flags |= acct::kSuperuserFlag;
  if (flags.core) choice.flags |= acct::kCoreFlag;
  if (flags.at.has_value()) {
    const absl::StatusOr<absl::Time> at = ParseTime("--at", *flags.at, context.now, context.zone);
    if (!at.ok()) return at.status();
    choice.at = *at;
  }
  return choice;
}

absl::StatusOr<absl::Duration> AskedMinCpu(const Flags& flags) {
  return ParseLeast("--min-cpu", flags.processes.min_cpu);
}

std::string GivenFlags(const Flags& all_flags) {
  const ProcessFlags& flags = all_flags.processes;
  std::vector<std::string> given;
  if (!all_flags.groups.empty()) {
    given.push_back(absl::StrCat("--group=", absl::StrJoin(all_flags.groups, ",")));
  }
  const Text min_cpu = ChoosesRows(all_flags) ? std::nullopt : flags.min_cpu;
  const std::pair<const char*, const Text&> values[] = {{"--pid", flags.pid},
                                                        {"--parent", flags.parent},
                                                        {"--tty", flags.tty},
                                                        {"--status", flags.status},
                                                        {"--signal", flags.signal},
                                                        {"--min-cpu", min_cpu},
                                                        {"--min-elapsed", flags.min_elapsed},
                                                        {"--min-memory", flags.min_memory},
                                                        {"--at", flags.at}};
  for (const auto& [flag, value] : values) {
    if (value.has_value()) given.push_back(absl::StrCat(flag, "=", *value));
  }
  const std::pair<const char*, bool> switches[] = {{"--failed", flags.failed},
                                                   {"--core", flags.core},
                                                   {"--su", flags.su},
                                                   {"--fork", flags.fork}};
  for (const auto& [flag, is_given] : switches) {
    if (is_given) given.emplace_back(flag);
  }
  return absl::StrJoin(given, ", ");
}

}  // namespace cpuagg::tools
