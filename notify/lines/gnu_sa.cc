#include "notify/lines/gnu_sa.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <tuple>
#include <utility>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "acct/record/byte_order.h"
#include "acct/record/comp_t.h"
#include "acct/record/exit_code.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/units.h"
#include "acct/scan/record_scanner.h"
#include "aggregate/usage/grouping.h"
#include "notify/lines/line_writer.h"

namespace cpuagg::notify {
namespace {

// Uses printf, not a newer formatter: sa's output is defined by printf, including its rounding of
// ties. Returns the length.
template <size_t kBytes, typename... Arguments>
size_t Format(std::array<char, kBytes>& text, const char* format, Arguments... arguments) {
  return static_cast<size_t>(std::snprintf(text.data(), text.size(), format, arguments...));
}

std::string SaName(aggregate::UserDirectory& names, acct::Uid uid) {
  // Like getpwuid(), which sa calls: does not distinguish a failure from a missing user.
  return names.NameOf(uid)
      .value_or(std::nullopt)
      .value_or(std::to_string(static_cast<int32_t>(uid.value())));
}

uint64_t PageKib() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 1024; }

// For numbers that a double represents exactly. Processors convert signed integers in one
// instruction.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline double Exactly(uint64_t count) {
  return static_cast<double>(static_cast<int64_t>(count));
}

uint64_t RoundedToEven(uint64_t quotient, uint64_t remainder, uint64_t divisor) {
  // A tie rounds up if the quotient is odd.
  return quotient + (remainder * 2 + quotient % 2 > divisor ? 1 : 0);
}

template <typename Record>
ABSL_ATTRIBUTE_ALWAYS_INLINE inline double PerTick(uint64_t count, const Record& record) {
  return Exactly(count) / record.rate();
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

SaUserLines::SaUserLines(aggregate::UserDirectory& names)
    : names_(names), page_kib_bits_(std::countr_zero(PageKib())) {}

SaUserLines::NameCell SaUserLines::NameCellOf(acct::Uid uid) const {
  NameCell cell = {};
  Format(cell, "%-8.8s ", SaName(names_, uid).c_str());
  return cell;
}

template <typename Record>
void SaUserLines::Append(const Record& record, std::string& text) {
  constexpr size_t kNameBytes = 9;
  // Name, command and words take at most 64 bytes, and each of the three numbers fewer than 32.
  std::array<char, 160 + LineWriter::kOverhang> room;
  LineWriter line(absl::MakeSpan(room));
  const acct::Uid uid = record.uid();
  const uint64_t user = record.user_ticks();
  const uint64_t system = record.system_ticks();
  line.Text(name_cells_.Get(uid.value(), [&] { return NameCellOf(uid); }), kNameBytes);
  if (record.rate() == acct::kTicksPerSecond) {
    // Gives the same digits as printf for the quotients below. Hundredths are printed exactly,
    // since a double is much closer to them than half a hundredth. A tie, which a double represents
    // exactly, is rounded to even.
    constexpr uint64_t kRate = acct::kTicksPerSecond;
    const uint64_t memory = record.memory_kib();
    const int bits = page_kib_bits_;
    const uint64_t page_kib = uint64_t{1} << bits;
    line.Hundredths<6>(user + system);
    line.Literal(" cpu ");
    line.Number<8>(RoundedToEven(memory >> bits, memory & (page_kib - 1), page_kib));
    line.Literal("k mem ");
    line.Number<6>(RoundedToEven(record.io() / kRate, record.io() % kRate, kRate));
    line.Literal(" io ");
  } else {
    std::array<char, 128> numbers;
    line.Text({numbers.data(), Format(numbers, "%6.2f cpu %8.0fk mem %6.0f io ",
                                      PerTick(user, record) + PerTick(system, record),
                                      Exactly(record.memory_kib()) / static_cast<double>(PageKib()),
                                      PerTick(record.io(), record))});
  }
  line.PaddedCommand(aggregate::CommandBitsOf(record.raw_command()));
  if ((record.flags() & acct::kForkFlag) != 0) line.Char('*');
  line.Char('\n');
  line.AppendTo(text);
}
template void SaUserLines::Append(const acct::RecordView& record, std::string& text);
template void SaUserLines::Append(const acct::RecordV3View& record, std::string& text);

SaUserSummary::SaUserSummary(aggregate::UserDirectory& names)
    : names_(names), page_kib_(static_cast<double>(PageKib())) {}

SaUserSummary::Sums SaUserSummary::Sums::Of(const acct::RecordView& record, double page_kib) {
  return {.calls = 1,
          .user_seconds = PerTick(record.user_ticks(), record),
          .system_seconds = PerTick(record.system_ticks(), record),
          .memory = Exactly(record.memory_kib()) / page_kib,
          .io = PerTick(record.io(), record),
          .elapsed_seconds = SaElapsed(record) / record.rate()};
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline SaUserSummary::Sums SaUserSummary::Sums::OfRegular(
    acct::RecordV3View record, double page_kib) {
#if defined(__SSE2__)
  // The same quotients, two at once. The four comp_t fields are adjacent.
  static_assert(acct::kVersion3.system_time == acct::kVersion3.user_time + 2 &&
                acct::kVersion3.memory == acct::kVersion3.user_time + 4 &&
                acct::kVersion3.io == acct::kVersion3.user_time + 6);
  const __m128i fields = _mm_unpacklo_epi16(
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(record.bytes() + acct::kVersion3.user_time)),
      _mm_setzero_si128());
  const __m128i mantissas = _mm_and_si128(fields, _mm_set1_epi32(0x1fff));
  // Eight to the power of the exponents: doubles whose own exponent, from bit 52 on, is three times
  // as large. These are the upper halves.
  const __m128i exponents = _mm_srli_epi32(fields, 13);
  const __m128i tripled = _mm_add_epi32(exponents, _mm_add_epi32(exponents, exponents));
  const __m128i powers = _mm_slli_epi32(_mm_add_epi32(tripled, _mm_set1_epi32(1023)), 20);
  const __m128d times =
      _mm_mul_pd(_mm_cvtepi32_pd(mantissas),
                 _mm_castsi128_pd(_mm_unpacklo_epi32(_mm_setzero_si128(), powers)));
  const __m128d counts =
      _mm_mul_pd(_mm_cvtepi32_pd(_mm_unpackhi_epi64(mantissas, mantissas)),
                 _mm_castsi128_pd(_mm_unpackhi_epi32(_mm_setzero_si128(), powers)));
  constexpr double kRate = acct::kTicksPerSecond;
  Sums sums = {.calls = 1, .elapsed_seconds = record.raw_elapsed() / kRate};
  _mm_storeu_pd(&sums.user_seconds, _mm_div_pd(times, _mm_set1_pd(kRate)));
  static_assert(offsetof(Sums, system_seconds) == offsetof(Sums, user_seconds) + sizeof(double));
  _mm_storeu_pd(&sums.memory, _mm_div_pd(counts, _mm_setr_pd(page_kib, kRate)));
  static_assert(offsetof(Sums, io) == offsetof(Sums, memory) + sizeof(double));
  return sums;
#else
  return Of(record.view(), page_kib);
#endif
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void SaUserSummary::Sums::Add(const Sums& process) {
  calls += process.calls;
  user_seconds += process.user_seconds;
  system_seconds += process.system_seconds;
  memory += process.memory;
  io += process.io;
  elapsed_seconds += process.elapsed_seconds;
}

std::string SaUserSummary::Sums::Line(const std::string& name) const {
  const auto count = static_cast<double>(calls);
  // Room for four numbers of the largest size, and 32 bytes of the name.
  std::array<char, 512> line;
  return {line.data(), Format(line, "%-32.32s %8ld %10.2fre %10.2fcp%10.0favio %9.0fk\n",
                              name.c_str(), static_cast<long>(calls), elapsed_seconds / 60,
                              (user_seconds + system_seconds) / 60, io / count, memory / count)};
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline SaUserSummary::Sums* SaUserSummary::SumsOf(acct::Uid uid) {
  return users_by_uid_.Get(uid.value(), [&] { return &users_[SaName(names_, uid).substr(0, 32)]; });
}

void SaUserSummary::Add(const acct::RecordView& record) {
  const Sums process = Sums::Of(record, page_kib_);
  for (Sums* const sums : {&all_, SumsOf(record.uid())}) {
    // NaN + NaN keeps either operand, depending on code generation; sa keeps the first.
    const double elapsed = sums->elapsed_seconds;
    sums->Add(process);
    if (std::isnan(elapsed)) sums->elapsed_seconds = elapsed;
  }
}

size_t SaUserSummary::AddRegular(const uint8_t* begin, const uint8_t* end) {
  const uint8_t* at = begin;
  // Copies in registers, because each sum depends on the one before it.
  Sums all = all_;
  const double page_kib = page_kib_;
  for (; at < end && acct::RecordV3View(at).IsFollowedByRegular(); at += acct::kRecordBytes) {
    __builtin_prefetch(at + acct::kPrefetchBytes);
    const acct::RecordV3View record(at);
    const Sums process = Sums::OfRegular(record, page_kib);
    all.Add(process);
    SumsOf(record.uid())->Add(process);
  }
  all_ = all;
  return static_cast<size_t>(at - begin);
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

}  // namespace cpuagg::notify
