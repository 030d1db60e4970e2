#include "notify/fleet/prometheus_text.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "acct/record/units.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

constexpr absl::string_view kCpu = "cpuagg_user_cpu_seconds_total";
constexpr absl::string_view kProcesses = "cpuagg_user_processes_total";
constexpr absl::string_view kCollected = "cpuagg_last_collect_timestamp_seconds";
constexpr absl::string_view kGaps = "cpuagg_store_gaps_total";
constexpr absl::string_view kSkipped = "cpuagg_skipped_bytes_total";
constexpr absl::string_view kBuild = "cpuagg_build_info";

std::string Head(absl::string_view name, absl::string_view help, absl::string_view type) {
  return absl::StrCat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
}

using Labels = std::map<std::string, std::string>;

// A sample of the text: a name, labels and a value. Only what PrometheusText() writes.
struct Sample {
  std::string name;
  Labels labels;
  std::string value;
};

// Takes `name="value"` from the beginning of `text`.
bool TakeLabel(absl::string_view& text, Labels& labels) {
  const size_t equals = text.find("=\"");
  if (equals == absl::string_view::npos) return false;
  const std::string name(text.substr(0, equals));
  text.remove_prefix(equals + 2);
  std::string value;
  while (!text.empty() && text[0] != '"') {
    if (text[0] == '\\' && text.size() > 1) {
      text.remove_prefix(1);
      value += text[0] == 'n' ? '\n' : text[0];
    } else {
      value += text[0];
    }
    text.remove_prefix(1);
  }
  labels[name] = std::move(value);
  return absl::ConsumePrefix(&text, "\"");
}

bool TakeSample(absl::string_view line, Sample& sample) {
  const size_t end = line.find_first_of("{ ");
  if (end == absl::string_view::npos) return false;
  sample.name = std::string(line.substr(0, end));
  line.remove_prefix(end);
  if (absl::ConsumePrefix(&line, "{")) {
    do {
      if (!TakeLabel(line, sample.labels)) return false;
    } while (absl::ConsumePrefix(&line, ","));
    if (!absl::ConsumePrefix(&line, "}")) return false;
  }
  if (!absl::ConsumePrefix(&line, " ")) return false;
  sample.value = std::string(line);
  return true;
}

bool ParseSeconds(absl::string_view text, uint64_t& ticks) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, '.');
  uint64_t seconds = 0;
  uint64_t hundredths = 0;
  if (parts.second.size() != 2 || !absl::SimpleAtoi(parts.first, &seconds) ||
      !absl::SimpleAtoi(parts.second, &hundredths)) {
    return false;
  }
  ticks = seconds * acct::kTicksPerSecond + hundredths;
  return true;
}

bool AddSample(Sample& sample, FleetCounters& counters) {
  if (sample.name == kBuild) return true;
  if (sample.name == kGaps) return absl::SimpleAtoi(sample.value, &counters.gaps);
  if (sample.name == kSkipped) return absl::SimpleAtoi(sample.value, &counters.skipped_bytes);
  if (sample.name == kCollected) {
    return absl::SimpleAtoi(sample.value, &counters.last_collect.emplace());
  }
  uint32_t uid = 0;
  if (!absl::SimpleAtoi(sample.labels["uid"], &uid)) return false;
  CounterValues& values = counters.users[{uid, sample.labels["user"]}];
  if (sample.name == kProcesses) return absl::SimpleAtoi(sample.value, &values.processes);
  if (sample.name != kCpu) return false;
  const std::string& mode = sample.labels["mode"];
  if (mode == "user") return ParseSeconds(sample.value, values.user_ticks);
  return mode == "system" && ParseSeconds(sample.value, values.system_ticks);
}

}  // namespace

std::string PrometheusText(const FleetCounters& counters, absl::string_view version) {
  std::string text = Head(kCpu, "CPU time that the processes of a user have used.", "counter");
  for (const auto& [user, values] : counters.users) {
    for (const auto& [mode, ticks] :
         {std::pair("user", values.user_ticks), std::pair("system", values.system_ticks)}) {
      absl::StrAppend(&text, kCpu, "{mode=\"", mode, "\",uid=\"", user.first, "\",user=\"",
                      Escaped(user.second), "\"} ", ExactSeconds(acct::Ticks(ticks)), "\n");
    }
  }
  absl::StrAppend(&text, Head(kProcesses, "Processes of a user that have ended.", "counter"));
  for (const auto& [user, values] : counters.users) {
    absl::StrAppend(&text, kProcesses, "{uid=\"", user.first, "\",user=\"", Escaped(user.second),
                    "\"} ", values.processes, "\n");
  }
  if (counters.last_collect.has_value()) {
    absl::StrAppend(
        &text, Head(kCollected, "When the last run of cpuagg collect added something.", "gauge"),
        kCollected, " ", *counters.last_collect, "\n");
  }
  absl::StrAppend(
      &text,
      Head(kGaps, "Times of which records may be missing in the store of cpuagg.", "counter"),
      kGaps, " ", counters.gaps, "\n",
      Head(kSkipped, "Bytes of the accounting file that were skipped because they are not records.",
           "counter"),
      kSkipped, " ", counters.skipped_bytes, "\n", Head(kBuild, "The version of cpuagg.", "gauge"),
      kBuild, "{version=\"", Escaped(version), "\"} 1\n");
  return text;
}

absl::StatusOr<FleetCounters> ParsePrometheusText(absl::string_view text) {
  FleetCounters counters;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    Sample sample;
    if (!TakeSample(line, sample) || !AddSample(sample, counters)) {
      return absl::InvalidArgumentError("holds something else than the counters of cpuagg");
    }
  }
  return counters;
}

}  // namespace cpuagg::notify
