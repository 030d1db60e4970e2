#include "aggregate/gnu_sa.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <tuple>
#include <utility>
#include <vector>

#include "acct/byte_order.h"
#include "acct/comp_t.h"
#include "acct/units.h"

namespace cpuagg::aggregate {
namespace {

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

double SaMemory(const acct::RecordView& record) {
  static const double page_kib = static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
  return static_cast<double>(record.memory_kib()) / page_kib;
}

double PerTick(uint64_t count, const acct::RecordView& record) {
  return static_cast<double>(count) / record.rate();
}

// In ticks.
double SaElapsed(const acct::RecordView& record) {
  const uint8_t* const p = record.bytes();
  const acct::Layout& layout = record.layout();
  if (layout.version == acct::kVersion3.version) return record.raw_elapsed();
  if (layout.version == acct::kVersion2.version) {
    const uint8_t* const high = p + layout.elapsed_high;
    return static_cast<double>(
        acct::DecodeComp2T(uint32_t{*high} << 16 | acct::Load16(high + 1, record.byte_order())));
  }
  return static_cast<double>(
      acct::DecodeCompT(acct::Load16(p + layout.elapsed, record.byte_order())));
}

}  // namespace

std::optional<acct::RecordView> SaRecords::RecordIn(const uint8_t* slot) {
  const uint8_t version_byte = slot[acct::kVersionOffset];
  const acct::ByteOrder order =
      (version_byte & acct::kBigEndianBit) != 0 ? acct::ByteOrder::kBig : acct::ByteOrder::kLittle;
  switch (version_byte & ~acct::kBigEndianBit) {
    case 0:
      return acct::RecordView(slot, acct::kVersion0, order);
    case 1:
      return acct::RecordView(slot, acct::kVersion1, order);
    case 2:
      return acct::RecordView(slot, acct::kVersion2, order);
    case 3:
    case 4:
      return acct::RecordView(slot, acct::kVersion3, order);
    default:
      return std::nullopt;
  }
}

void SaUserLines::Append(const acct::RecordView& record, std::string& text) {
  const absl::Span<const uint8_t> raw = record.raw_command();
  const std::string command(raw.begin(), std::find(raw.begin(), raw.end(), 0));
  AppendFormat(text, "%-8.8s %6.2f cpu %8.0fk mem %6.0f io %-16.16s%s\n",
               SaName(names_, record.uid()).c_str(),
               PerTick(record.user_ticks(), record) + PerTick(record.system_ticks(), record),
               SaMemory(record), PerTick(record.io(), record), command.c_str(),
               (record.flags() & kForkedWithoutExec) != 0 ? "*" : "");
}

void SaUserSummary::Sums::Add(const acct::RecordView& record) {
  ++calls;
  user_seconds += PerTick(record.user_ticks(), record);
  system_seconds += PerTick(record.system_ticks(), record);
  // Of two that are no number a processor keeps either, as the compiler has it; sa's keeps the
  // first.
  if (!std::isnan(elapsed_seconds)) elapsed_seconds += SaElapsed(record) / record.rate();
  io += PerTick(record.io(), record);
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

void SaUserSummary::Add(const acct::RecordView& record) {
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
