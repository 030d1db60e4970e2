#include "notify/fleet/hour_rows.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "notify/words/json_string.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

std::string UtcTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string Quoted(absl::string_view bytes) {
  std::string text = Printable(bytes);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

bool IsComplete(const aggregate::HourAmounts& hours, const aggregate::HourAmount& amount) {
  return hours.known.has_value() && amount.time.end <= hours.known->end;
}

}  // namespace

std::string HoursAsCsv(const aggregate::HourAmounts& hours) {
  std::string text = "host,begin,end,uid,user,processes,user_seconds,system_seconds,complete\n";
  const std::string host = Quoted(hours.host);
  for (const aggregate::HourAmount& each : hours.amounts) {
    absl::StrAppend(&text, host, ",", UtcTime(each.time.begin), ",", UtcTime(each.time.end), ",",
                    each.uid.value(), ",", Quoted(each.user.value_or("")), ",", each.processes, ",",
                    ExactSeconds(each.user_time));
    absl::StrAppend(&text, ",", ExactSeconds(each.system_time), ",",
                    IsComplete(hours, each) ? "true" : "false", "\n");
  }
  return text;
}

std::string HoursAsJsonLines(const aggregate::HourAmounts& hours) {
  std::string text;
  const std::string host = JsonString(hours.host);
  for (const aggregate::HourAmount& each : hours.amounts) {
    absl::StrAppend(&text, "{\"host\":", host, ",\"begin\":\"", UtcTime(each.time.begin),
                    "\",\"end\":\"", UtcTime(each.time.end), "\",\"uid\":", each.uid.value());
    absl::StrAppend(&text, ",\"user\":", each.user.has_value() ? JsonString(*each.user) : "null",
                    ",\"processes\":", each.processes,
                    ",\"user_seconds\":", ExactSeconds(each.user_time));
    absl::StrAppend(&text, ",\"system_seconds\":", ExactSeconds(each.system_time),
                    ",\"complete\":", IsComplete(hours, each) ? "true" : "false", "}\n");
  }
  return text;
}

}  // namespace cpuagg::notify
