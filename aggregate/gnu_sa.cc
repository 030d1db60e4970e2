#include "aggregate/gnu_sa.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

// A power of two.
uint64_t PageKib() {
  static const auto page_kib = static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
  return page_kib;
}

double SaMemory(const acct::RecordView& record) {
  return static_cast<double>(record.memory_kib()) / static_cast<double>(PageKib());
}

uint64_t RoundedToEven(uint64_t count, uint64_t divisor) {
  const uint64_t quotient = count / divisor;
  const uint64_t twice = count % divisor * 2;
  return quotient + (twice > divisor || (twice == divisor && quotient % 2 == 1) ? 1 : 0);
}

// As %*ju.
void AppendNumber(uint64_t number, size_t width, std::string& text) {
  const absl::AlphaNum digits(number);
  if (digits.size() < width) text.append(width - digits.size(), ' ');
  text.append(digits.data(), digits.size());
}

// As %*.2f of a hundredth of `hundredths`; `width` is at least 3.
void AppendHundredths(uint64_t hundredths, size_t width, std::string& text) {
  AppendNumber(hundredths / 100, width - 3, text);
  text += '.';
  text += static_cast<char>('0' + hundredths % 100 / 10);
  text += static_cast<char>('0' + hundredths % 10);
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

const std::string& SaUserLines::NameCell(acct::Uid uid) {
  const auto [place, is_new] = name_cells_.try_emplace(uid);
  if (is_new) AppendFormat(place->second, "%-8.8s ", SaName(names_, uid).c_str());
  return place->second;
}

void SaUserLines::Append(const acct::RecordView& record, std::string& text) {
  const absl::Span<const uint8_t> raw = record.raw_command();
  const absl::string_view command(
      reinterpret_cast<const char*>(raw.data()),
      static_cast<size_t>(std::find(raw.begin(), raw.end(), 0) - raw.begin()));
  const uint64_t user = record.user_ticks();
  const uint64_t system = record.system_ticks();
  const char* const mark = (record.flags() & kForkedWithoutExec) != 0 ? "*" : "";
  text += NameCell(record.uid());
  if (record.rate() == acct::kTicksPerSecond) {
    // What printf makes of the quotients below: hundredths are printed as they are, since a double
    // is much nearer to them than half of one; and a tie, which a double has exactly, is rounded to
    // the even number.
    AppendHundredths(user + system, 6, text);
    text += " cpu ";
    AppendNumber(RoundedToEven(record.memory_kib(), PageKib()), 8, text);
    text += "k mem ";
    AppendNumber(RoundedToEven(record.io(), acct::kTicksPerSecond), 6, text);
    text += " io ";
  } else {
    AppendFormat(text, "%6.2f cpu %8.0fk mem %6.0f io ",
                 PerTick(user, record) + PerTick(system, record), SaMemory(record),
                 PerTick(record.io(), record));
  }
  text.append(command.data(), command.size());
  text.append(acct::kCommandBytes - command.size(), ' ');
  text += mark;
  text += '\n';
}

SaUserSummary::Sums SaUserSummary::Sums::Of(const acct::RecordView& record) {
  return {.calls = 1,
          .user_seconds = PerTick(record.user_ticks(), record),
          .system_seconds = PerTick(record.system_ticks(), record),
          .elapsed_seconds = SaElapsed(record) / record.rate(),
          .io = PerTick(record.io(), record),
          .memory = SaMemory(record)};
}

void SaUserSummary::Sums::Add(const Sums& process) {
  calls += process.calls;
  user_seconds += process.user_seconds;
  system_seconds += process.system_seconds;
  // Of two that are no number a processor keeps either, as the compiler has it; sa's keeps the
  // first.
  if (!std::isnan(elapsed_seconds)) elapsed_seconds += process.elapsed_seconds;
  io += process.io;
  memory += process.memory;
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
  Sums*& user = users_by_uid_[record.uid()];
  if (user == nullptr) user = &users_[SaName(names_, record.uid()).substr(0, 32)];
  const Sums process = Sums::Of(record);
  all_.Add(process);
  user->Add(process);
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
