#include "notify/fleet/push_check.h"

#include <map>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "notify/fleet/engine_answer.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

constexpr int64_t kHour = 3600;

// The ticks of each hour of UTC, by its end.
using TicksByHour = std::map<int64_t, uint64_t>;

std::string UrlEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return encoded;
}

std::string Selector(absl::string_view name, absl::string_view host) {
  return absl::StrCat(
      name, "{instance=\"",
      absl::StrReplaceAll(Printable(host), {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
      "\",job=\"cpuagg\"}");
}

// The sum of all series of an answer; nullopt if it is not one. `warning` is why it may lack
// something.
std::optional<TicksByHour> ParseAnswer(const std::string& body, const Receiver& asked,
                                       std::string& warning) {
  const absl::StatusOr<EngineAnswer> answer = ParseEngineAnswer(body);
  if (!answer.ok()) return std::nullopt;
  if (!answer->damage.empty()) warning = AnswerText(answer->damage.front(), asked.secrets);
  TicksByHour ticks;
  for (const EngineSeries& series : answer->series) {
    for (const EnginePoint& point : series.points) {
      const absl::StatusOr<acct::Ticks> amount = TicksOfSeconds(point.value);
      if (!amount.ok()) return std::nullopt;
      uint64_t& sum = ticks[point.time];
      sum = acct::SaturatingAdd(sum, amount->count());
    }
  }
  return ticks;
}

absl::StatusOr<TicksByHour> Ask(const std::string& selector, int64_t first, int64_t last,
                                const Receiver& asked, HttpClient& http, std::string& warning) {
  HttpRequest request{
      .url = absl::StrCat(asked.url, "/api/v1/query_range"),
      .body = absl::StrCat(
          "query=", UrlEncoded(absl::StrCat("sum(last_over_time(", selector, "[1h]))")),
          "&start=", first, "&end=", last, "&step=", kHour, "&nocache=1"),
      .headers = asked.headers};
  const absl::StatusOr<HttpResponse> response = http.Post(request);
  if (!response.ok()) return response.status();
  std::optional<TicksByHour> ticks = ParseAnswer(response->body, asked, warning);
  if (response->status == 200 && ticks.has_value()) return *std::move(ticks);
  const std::string text = AnswerText(response->body, asked.secrets);
  return absl::FailedPreconditionError(absl::StrCat(
      "no answer to a query: HTTP status ", response->status, text.empty() ? "" : ", ", text));
}

std::string SecondsOf(uint64_t ticks) { return ExactSeconds(acct::Ticks(ticks)); }

}  // namespace

absl::StatusOr<PushCheck> CheckPushed(const PushState& state, const Receiver& asked,
                                      HttpClient& http) {
  constexpr size_t kMostHours = 168;  // a week
  PushCheck check;
  TicksByHour pushed;
  std::string host;
  for (auto entry = state.hours.rbegin(); entry != state.hours.rend(); ++entry) {
    const auto& [begin, hour] = *entry;
    if (pushed.size() == kMostHours) break;
    if (hour.unaccepted_since.has_value()) continue;
    if (hour.was_refused) {
      ++check.set_aside;
      continue;
    }
    if (host.empty()) host = hour.host;
    if (hour.host != host) break;
    const int64_t stamp = begin + absl::ToInt64Seconds(hour.stamp);
    pushed[stamp - stamp % kHour + kHour] += hour.ticks;
  }
  if (pushed.empty()) return check;
  const int64_t first = pushed.begin()->first;
  const int64_t last = pushed.rbegin()->first;
  absl::StatusOr<TicksByHour> by_user = Ask(Selector("cpuagg_user_cpu_hourly_seconds", host), first,
                                            last, asked, http, check.warning);
  if (!by_user.ok()) return by_user.status();
  absl::StatusOr<TicksByHour> by_host = Ask(Selector("cpuagg_host_cpu_hourly_seconds", host), first,
                                            last, asked, http, check.warning);
  if (!by_host.ok()) return by_host.status();
  for (const auto& [end, ticks] : pushed) {
    ++check.hours;
    if ((*by_user)[end] == ticks && (*by_host)[end] == ticks) continue;
    check.differences.push_back(absl::StrCat(
        absl::FormatTime("%Y-%m-%dT%H:%MZ", absl::FromUnixSeconds(end - kHour),
                         absl::UTCTimeZone()),
        ": pushed ", SecondsOf(ticks), " s, and the receiver has ", SecondsOf((*by_user)[end]),
        " s of users and ", SecondsOf((*by_host)[end]), " s of the machine"));
  }
  return check;
}

}  // namespace cpuagg::notify
