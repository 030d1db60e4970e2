#include "aggregate/gnu_sa.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "acct/layout.h"
#include "acct/units.h"

namespace cpuagg::aggregate {
namespace {

constexpr double kRate = acct::kTicksPerSecond;

// AFORK of linux/acct.h.
constexpr uint8_t kForkedWithoutExec = 1;

// printf and not a newer formatter: the output is defined by it, down to its rounding of ties.
template <typename... Arguments>
void AppendFormat(std::string& text, const char* format, Arguments... arguments) {
  // A %f of the largest comp_t and three %s with limits fit; a NaN is shorter.
  std::array<char, 512> line;
  const int length = std::snprintf(line.data(), line.size(), format, arguments...);
  text.append(line.data(), static_cast<size_t>(length));
}

std::string SaName(UserDirectory& names, acct::Uid uid) {
  return names.NameOf(uid).value_or(std::to_string(static_cast<int32_t>(uid.value())));
}

double SaMemory(acct::RecordV3View record) {
  static const double page_kib = static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
  return static_cast<double>(record.memory_kib()) / page_kib;
}

double Seconds(acct::Ticks ticks) { return static_cast<double>(ticks.count()) / kRate; }

}  // namespace

void SaUserLines::Append(acct::RecordV3View record, std::string& text) {
  const absl::Span<const uint8_t> raw = record.raw_command();
  const std::string command(raw.begin(), std::find(raw.begin(), raw.end(), 0));
  AppendFormat(text, "%-8.8s %6.2f cpu %8.0fk mem %6.0f io %-16.16s%s\n",
               SaName(names_, record.uid()).c_str(),
               Seconds(record.user_time()) + Seconds(record.system_time()), SaMemory(record),
               static_cast<double>(record.io()) / kRate, command.c_str(),
               (record.flags() & kForkedWithoutExec) != 0 ? "*" : "");
}

void SaUserSummary::Sums::Add(acct::RecordV3View record) {
  ++calls;
  user_seconds += Seconds(record.user_time());
  system_seconds += Seconds(record.system_time());
  elapsed_seconds += static_cast<double>(record.raw_elapsed()) / kRate;
  io += static_cast<double>(record.io()) / kRate;
  memory += SaMemory(record);
}

std::string SaUserSummary::Sums::Line(const std::string& name) const {
  std::string line;
  const auto count = static_cast<double>(calls);
  AppendFormat(line, "%-32.32s %8ld %10.2fre %10.2fcp%10.0favio %9.0fk\n", name.c_str(),
               static_cast<long>(calls), elapsed_seconds / 60, (user_seconds + system_seconds) / 60,
               io / count, memory / count);
  return line;
}

void SaUserSummary::Add(acct::RecordV3View record) {
  all_.Add(record);
  users_[SaName(names_, record.uid()).substr(0, 32)].Add(record);
}

std::string SaUserSummary::Render() const {
  std::vector<std::pair<std::string, Sums>> rows(users_.begin(), users_.end());
  const auto key = [](const Sums& sums) {
    return std::tuple(sums.user_seconds + sums.system_seconds, sums.calls, sums.user_seconds,
                      sums.system_seconds, sums.elapsed_seconds, sums.io, sums.memory);
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const auto& a, const auto& b) { return key(a.second) > key(b.second); });
  std::string text = all_.Line("");
  for (const auto& [name, sums] : rows) text += sums.Line(name);
  return text;
}

}  // namespace cpuagg::aggregate
