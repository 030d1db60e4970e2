#include "notify/fleet/fleet_rows.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/record/units.h"
#include "aggregate/usage/calendar.h"
#include "notify/fleet/fleet_counters.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::ReportRow;

// The labels by which `question` groups, except those of users.
std::vector<std::string> LabelsOf(const FleetQuestion& question) {
  std::vector<std::string> labels;
  if (Has(question.by, Dimension::kHost)) labels.emplace_back("instance");
  labels.emplace_back("mode");
  return labels;
}

// The query for the rows of some hosts, where `amounts` makes an expression of some choices.
std::string RowsQuery(const FleetQuestion& question, const Conditions& hosts,
                      const std::function<std::string(const std::vector<Conditions>&)>& amounts) {
  const std::vector<Conditions> all = EachWith(question.choices, hosts);
  const std::vector<std::string> labels = LabelsOf(question);
  const auto sum = [&](std::vector<std::string> more, const std::vector<Conditions>& choices) {
    more.insert(more.end(), labels.begin(), labels.end());
    return SumBy(more, amounts(choices));
  };
  if (!Has(question.by, Dimension::kUser)) return sum({}, all);
  if (question.is_of_one_host) return sum({"user", "uid"}, all);
  // Users are the same on all hosts by their name. Those without one are the same by their id.
  return absl::StrCat(sum({"user"}, EachWith(all, {"user!=\"\""})), " or ",
                      sum({"uid"}, EachWith(all, {"user=\"\""})));
}

// Adds answers up.
class RowTable {
 public:
  explicit RowTable(const FleetQuestion& question)
      : question_(question),
        has_time_(HasTime(question.by)),
        units_(BucketUnit(question.by), question.time_zone) {}

  absl::Status Add(const EngineAnswer& answer) {
    for (const EngineSeries& series : answer.series) {
      if (absl::Status status = Add(series); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  FleetRows Finish() && {
    FleetRows result{.detail = detail_};
    result.rows.reserve(rows_.size());
    for (auto& [key, row] : rows_) {
      if (row.usage.cpu_time() > acct::ExactTime()) result.rows.push_back(std::move(row));
    }
    return result;
  }

 private:
  using Key = std::tuple<std::optional<std::string>, uint32_t, std::string, int64_t>;

  absl::Status Add(const EngineSeries& series) {
    ReportRow row;
    if (Has(question_.by, Dimension::kUser)) SetUser(series, row);
    if (Has(question_.by, Dimension::kHost)) row.host = HostOfInstance(series.Label("instance"));
    const std::string mode = series.Label("mode");
    if (mode != "user" && mode != "system") detail_ = aggregate::Detail::kCpuTime;
    for (const EnginePoint& point : series.points) {
      const absl::StatusOr<acct::Ticks> ticks = TicksOfSeconds(point.value);
      if (!ticks.ok()) return ticks.status();
      if (has_time_) {
        constexpr int64_t kHourSeconds = 3600;
        row.begin = units_.BeginOf(LocalHourIn(point.time - kHourSeconds, question_.time_zone));
      }
      ReportRow& sum =
          rows_.try_emplace(Key(row.user, row.uid.value(), row.host, row.begin), row).first->second;
      uint64_t& of_mode = mode == "system" ? sum.usage.ticks.system : sum.usage.ticks.user;
      of_mode = acct::SaturatingAdd(of_mode, ticks->count());
    }
    return absl::OkStatus();
  }

  void SetUser(const EngineSeries& series, ReportRow& row) const {
    const std::string user = series.Label("user");
    std::string uid = series.Label("uid");
    // The id stands for the name of a user without one, also where users are added up by name.
    const bool has_name = !user.empty() && !IsUserId(user);
    if (has_name) {
      row.user = user;
    } else if (uid.empty()) {
      uid = user;
    }
    uint32_t id = kNoId;
    row.has_several_uids = !absl::SimpleAtoi(uid, &id);
    if (row.has_several_uids) id = kNoId;
    row.uid = acct::Uid(id);
  }

  const FleetQuestion& question_;
  bool has_time_;
  aggregate::CalendarBuckets units_;
  std::map<Key, ReportRow> rows_;
  aggregate::Detail detail_ = aggregate::Detail::kModes;
};

}  // namespace

absl::StatusOr<FleetRows> AskFleetRows(Engine& engine, QuestionParts& parts,
                                       const FleetQuestion& question,
                                       std::vector<std::string>& damage) {
  RowTable table(question);
  const absl::Status status = parts.Ask(question.hours, [&](const QuestionPart& part) {
    const bool is_series = HasTime(question.by);
    const auto amounts = [&](const std::vector<Conditions>& choices) {
      const std::string of_hour = HourAmounts(choices);
      return is_series ? of_hour : SumOverHours(of_hour, part.hours.count());
    };
    const std::string query = RowsQuery(question, part.hosts, amounts);
    const absl::StatusOr<EngineAnswer> answer =
        is_series ? engine.AskOver(query, part.hours.begin + absl::Hours(1), part.hours.end,
                                   absl::Hours(1))
                  : engine.AskAt(query, part.hours.end);
    if (!answer.ok()) return answer.status();
    AddDamage(answer->damage, damage);
    return table.Add(*answer);
  });
  if (!status.ok()) return status;
  return std::move(table).Finish();
}

std::string HostOfInstance(const std::string& instance) {
  const size_t colon = instance.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == instance.size()) return instance;
  const absl::string_view port = absl::string_view(instance).substr(colon + 1);
  const bool is_port =
      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  // An IPv6 address without brackets has no port.
  const bool is_bare = instance.find(':') == colon || instance[colon - 1] == ']';
  return is_port && is_bare ? instance.substr(0, colon) : instance;
}

void AddDamage(const std::vector<std::string>& more, std::vector<std::string>& damage) {
  for (const std::string& text : more) {
    if (std::find(damage.begin(), damage.end(), text) == damage.end()) damage.push_back(text);
  }
}

int64_t LocalHourIn(int64_t utc_hour, absl::TimeZone zone) {
  constexpr int64_t kLastSecond = 3599;
  const absl::Time last = absl::FromUnixSeconds(utc_hour + kLastSecond);
  return std::max(utc_hour,
                  absl::ToUnixSeconds(PeriodOf(aggregate::CalendarUnit::kHour, last, zone).begin));
}

}  // namespace cpuagg::notify
