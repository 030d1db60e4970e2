#include "notify/fleet/engine_answer.h"

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using nlohmann::json;

// An answer has seven levels. Functions of the library recurse once for each.
constexpr int kMostAnswerLevels = 16;

// Null if it is not JSON, or has more levels.
json ParseJson(absl::string_view body) {
  bool is_too_deep = false;
  json parsed = json::parse(
      body.begin(), body.end(),
      [&](int depth, json::parse_event_t, const json&) {
        is_too_deep |= depth > kMostAnswerLevels;
        return !is_too_deep;
      },
      /*allow_exceptions=*/false);
  return is_too_deep || parsed.is_discarded() ? json() : parsed;
}

const json& MemberOf(const json& object, const char* key) {
  static const json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string TextIn(const json& object, const char* key) {
  const json& member = MemberOf(object, key);
  return member.is_string() ? member.get<std::string>() : "";
}

absl::Status NotAnAnswer(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the answer is not one of a query: ", what));
}

// [1795564800,"368715.24"]. A time may have fractions, which are cut off.
absl::StatusOr<EnginePoint> ParsePoint(const json& pair) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number() || !pair[1].is_string()) {
    return NotAnAnswer("a value is not a pair of a time and a number");
  }
  const double time = pair[0].get<double>();
  constexpr double kLatest = 1e12;
  if (!(time >= 0 && time < kLatest)) return NotAnAnswer("a time is out of range");
  EnginePoint point{.time = static_cast<int64_t>(time)};
  const std::string& text = pair[1].get_ref<const std::string&>();
  if (!absl::SimpleAtod(text, &point.value) || !std::isfinite(point.value)) {
    return NotAnAnswer(absl::StrCat("'", CutOff(Printable(text), 32), "' is not a number"));
  }
  return point;
}

absl::StatusOr<EngineSeries> ParseSeries(const json& element) {
  EngineSeries series;
  const json& labels = MemberOf(element, "metric");
  if (!labels.is_object()) return NotAnAnswer("a series has no labels");
  for (const auto& [name, value] : labels.items()) {
    if (!value.is_string()) return NotAnAnswer("a label is not a text");
    series.labels[name] = value.get<std::string>();
  }
  const json& one = MemberOf(element, "value");
  const json& many = MemberOf(element, "values");
  if (one.is_null() == many.is_null() || (!many.is_null() && !many.is_array())) {
    return NotAnAnswer("a series has no values");
  }
  const size_t count = many.is_null() ? 1 : many.size();
  series.points.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const absl::StatusOr<EnginePoint> point = ParsePoint(many.is_null() ? one : many[i]);
    if (!point.ok()) return point.status();
    series.points.push_back(*point);
  }
  return series;
}

void ReadDamage(const json& answer, EngineAnswer& parsed) {
  const json& partial = MemberOf(answer, "isPartial");
  if (partial.is_boolean() && partial.get<bool>()) {
    parsed.damage.emplace_back("not all of its storage nodes answered");
  }
  const json& warnings = MemberOf(answer, "warnings");
  if (!warnings.is_array()) return;
  constexpr size_t kMostWarnings = 3;
  constexpr size_t kWidth = 200;
  for (size_t i = 0; i < warnings.size() && i < kMostWarnings; ++i) {
    parsed.damage.push_back(CutOff(
        Printable(warnings[i].is_string() ? warnings[i].get<std::string>() : "a warning"), kWidth));
  }
}

}  // namespace

std::string EngineSeries::Label(const char* name) const {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

absl::StatusOr<EngineAnswer> ParseEngineAnswer(const std::string& body) {
  const json answer = ParseJson(body);
  if (TextIn(answer, "status") != "success") {
    const std::string why = TextIn(answer, "error");
    return NotAnAnswer(why.empty()
                           ? "it does not say success"
                           : absl::StrCat("the engine says: ", ParseEngineError(body).text));
  }
  const json& data = MemberOf(answer, "data");
  const std::string type = TextIn(data, "resultType");
  const json& result = MemberOf(data, "result");
  if (type != "vector" && type != "matrix") return NotAnAnswer("neither a vector nor a matrix");
  EngineAnswer parsed;
  // Some servers write null for an empty list.
  if (!result.is_array() && !result.is_null()) return NotAnAnswer("the result is not a list");
  parsed.series.reserve(result.size());
  for (const json& element : result) {
    absl::StatusOr<EngineSeries> series = ParseSeries(element);
    if (!series.ok()) return series.status();
    parsed.series.push_back(*std::move(series));
  }
  ReadDamage(answer, parsed);
  return parsed;
}

EngineError ParseEngineError(absl::string_view body) {
  constexpr size_t kMostBytes = 4096;
  constexpr size_t kWidth = 240;
  const json answer = ParseJson(body);
  EngineError error = {.type = TextIn(answer, "errorType"), .text = TextIn(answer, "error")};
  if (error.type.empty() && error.text.empty())
    error.text = std::string(body.substr(0, kMostBytes));
  while (!error.text.empty() && (error.text.back() == '\n' || error.text.back() == '\r')) {
    error.text.pop_back();
  }
  error.is_about_series = absl::StrContains(error.text, "series");
  // The reason of VictoriaMetrics is at the end, behind the query.
  error.text = Shortened(Printable(error.text), kWidth);
  return error;
}

absl::StatusOr<acct::Ticks> TicksOfSeconds(double seconds) {
  constexpr double kMostTicks = 9007199254740992;  // 2^53
  const double ticks = std::round(seconds * static_cast<double>(acct::kTicksPerSecond));
  if (!(ticks > -1 && ticks < kMostTicks)) {
    return absl::OutOfRangeError(absl::StrCat(seconds, " s is not an amount of CPU time"));
  }
  return acct::Ticks(static_cast<uint64_t>(ticks));
}

}  // namespace cpuagg::notify
