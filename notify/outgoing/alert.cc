#include "notify/outgoing/alert.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "notify/words/html_text.h"
#include "notify/words/labels.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;

// Hours as a positive decimal number; nullopt if it is something else, such as 1e2.
std::optional<Ticks> ParseHours(absl::string_view text) {
  constexpr double kMostHours = 1e9;
  double hours = 0;
  if (text.find_first_not_of("0123456789.") != absl::string_view::npos ||
      !absl::SimpleAtod(text, &hours) || !(hours > 0) || hours > kMostHours) {
    return std::nullopt;
  }
  constexpr double kTicksPerHour = 3600 * acct::kTicksPerSecond;
  return Ticks(static_cast<uint64_t>(std::llround(hours * kTicksPerHour)));
}

absl::Status WrongEntry(absl::string_view entry) {
  return absl::InvalidArgumentError(absl::StrCat(
      "ALERT_CPU_HOURS: '", entry,
      "' is not a limit; write hours for everybody, such as 200, and USER=hours or USER=none for "
      "single users, separated by commas"));
}

// Without a comma, "200 alice=500" would be the limit of a user called "200 alice", and nobody else
// would have one. No account has such a name, but one of a Windows domain may have blanks.
absl::Status WrongUser(absl::string_view user) {
  return absl::InvalidArgumentError(
      absl::StrCat("ALERT_CPU_HOURS: '", user,
                   "' is not the name of a user; separate limits by commas, as in 200, alice=500, "
                   "and write the id of a user whose name has a blank"));
}

absl::Status SecondEntry(absl::string_view entry, absl::string_view whose) {
  return absl::InvalidArgumentError(absl::StrCat("ALERT_CPU_HOURS: '", entry,
                                                 "' is a second limit for ", whose,
                                                 "; give one each, with a point in 1.5"));
}

// "  mostly make (1 h 2 min), gcc (5 min)\n": the user's commands with the most CPU time, among
// those with a known name; empty if there are none.
std::string MostUsedBy(const aggregate::ReportRow& user, const aggregate::Report& commands) {
  constexpr size_t kMostCommands = 3;
  constexpr size_t kCommandWidth = 16;
  std::vector<std::string> most;
  for (const aggregate::ReportRow& row : commands.rows) {
    if (most.size() == kMostCommands) break;
    if (row.uid != user.uid || row.user != user.user || row.command.value_or("").empty() ||
        row.usage.cpu_time() == acct::ExactTime()) {
      continue;
    }
    most.push_back(absl::StrCat(Shortened(Printable(*row.command), kCommandWidth), " (",
                                TimeInWords(row.usage.cpu_time()), ")"));
  }
  return most.empty() ? "" : absl::StrCat("  mostly ", absl::StrJoin(most, ", "), "\n");
}

// Whether `told` has `mark`; of a period that is over, with any limit.
bool IsTold(const AlertMark& mark, bool is_over, const std::vector<AlertMark>& told) {
  return std::any_of(told.begin(), told.end(), [&](AlertMark each) {
    if (is_over) each.limit_ticks = mark.limit_ticks;
    return each == mark;
  });
}

// What is counted, if the store does not divide the period of the limit: it has hours of another
// zone, or days.
std::string LongerText(const aggregate::Report& report, const LimitPeriod& checked) {
  const aggregate::Period& counted = report.period;
  if (counted.begin >= checked.period.begin && counted.end <= checked.period.end) return "";
  const auto length = [](const aggregate::Period& period) {
    return TimeInWords(
        Ticks(static_cast<uint64_t>(absl::ToInt64Seconds(period.end - period.begin)) *
              acct::kTicksPerSecond));
  };
  return absl::StrCat("The store has no shorter times here: these are ", length(counted),
                      ", and the limit is for the ", checked.unit, " of ", length(checked.period),
                      "\n");
}

}  // namespace

std::optional<Ticks> AlertLimits::For(const aggregate::ReportRow& row) const {
  auto found = users.end();
  if (row.user.has_value()) found = users.find(*row.user);
  if (found == users.end()) found = users.find(absl::StrCat(row.uid.value()));
  return found != users.end() ? found->second : everybody;
}

absl::StatusOr<AlertLimits> ParseAlertLimits(absl::string_view text) {
  AlertLimits limits;
  for (absl::string_view entry : absl::StrSplit(text, ',')) {
    entry = absl::StripAsciiWhitespace(entry);
    if (entry.empty()) continue;
    const size_t equals = entry.rfind('=');
    if (equals == absl::string_view::npos) {
      // "1,5" is two limits, and not one and a half.
      if (limits.everybody.has_value()) return SecondEntry(entry, "everybody");
      limits.everybody = ParseHours(entry);
      if (!limits.everybody.has_value()) return WrongEntry(entry);
      continue;
    }
    const absl::string_view user = absl::StripAsciiWhitespace(entry.substr(0, equals));
    const absl::string_view value = absl::StripAsciiWhitespace(entry.substr(equals + 1));
    const std::optional<Ticks> limit = ParseHours(value);
    // "alice=1 bob=1" lacks a comma.
    if (user.empty() || absl::StrContains(user, '=') || (!limit.has_value() && value != "none")) {
      return WrongEntry(entry);
    }
    if (user.find_first_of(" \t;:") != absl::string_view::npos) return WrongUser(user);
    if (!limits.users.emplace(std::string(user), limit).second) return SecondEntry(entry, user);
  }
  return limits;
}

std::vector<PassedLimit> FindPassedLimits(const aggregate::Report& report,
                                          const AlertLimits& limits, const LimitPeriod& checked,
                                          const std::vector<AlertMark>& told) {
  std::vector<PassedLimit> passed;
  for (const aggregate::ReportRow& row : report.rows) {
    const std::optional<Ticks> limit = limits.For(row);
    if (!limit.has_value() || row.usage.cpu_time() <= acct::ExactTime(*limit)) continue;
    const AlertMark mark = {.uid = row.uid.value(),
                            .user = row.user.value_or(""),
                            .period = checked.unit,
                            .begin = absl::ToUnixSeconds(checked.period.begin),
                            .limit_ticks = limit->count()};
    if (!IsTold(mark, checked.is_over(), told)) passed.push_back({mark, row});
  }
  return passed;
}

std::string RenderAlert(const aggregate::Report& report, const LimitPeriod& checked,
                        const std::vector<PassedLimit>& passed, const aggregate::Report& commands) {
  // As many users as fit; the rest in one line.
  constexpr size_t kMostUsers = 20;
  constexpr size_t kNameWidth = 32;
  std::string lines;
  for (size_t i = 0; i < std::min(passed.size(), kMostUsers); ++i) {
    const auto& [mark, row] = passed[i];
    absl::StrAppend(&lines, Shortened(RowLabel(row, report), kNameWidth), ": ",
                    TimeInWords(row.usage.cpu_time()), ", limit ",
                    TimeInWords(Ticks(mark.limit_ticks)), "\n", MostUsedBy(row, commands));
  }
  if (passed.size() > kMostUsers) {
    absl::StrAppend(&lines, "and ", Pluralize(passed.size() - kMostUsers, "more user"), "\n");
  }
  return absl::StrCat("<b>", EscapeHtml(OneLine(report.host)), "</b> · ⚠ CPU limit of ",
                      checked.Name(), " passed\n", PeriodName(report.period, report.time_zone),
                      "\n", LongerText(report, checked), EscapeHtml(lines),
                      EscapeHtml(OneLine(report.id)));
}

void ForgetPast(absl::string_view period, int64_t begin, std::vector<AlertMark>& marks) {
  marks.erase(std::remove_if(marks.begin(), marks.end(),
                             [&](const AlertMark& mark) {
                               return mark.period == period && mark.begin < begin;
                             }),
              marks.end());
}

}  // namespace cpuagg::notify
