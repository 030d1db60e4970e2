#include "acct/record_scanner.h"

#include <algorithm>

namespace cpuagg::acct {
namespace {

bool IsPrintableAscii(uint8_t c) { return c >= 0x20 && c < 0x7f; }

// The kernel ends a command with a zero and leaves zeros behind it; other writers may fill all 16
// bytes.
bool IsPlausibleCommand(absl::Span<const uint8_t> command) {
  const auto zero = std::find(command.begin(), command.end(), 0);
  if (zero == command.end()) return std::all_of(command.begin(), command.end(), IsPrintableAscii);
  return std::all_of(zero, command.end(), [](uint8_t c) { return c == 0; });
}

}  // namespace

bool RecordScanner::IsPlausible(RecordV3View record) {
  return (record.flags() & ~kKnownFlags) == 0 && record.has_valid_elapsed() &&
         IsPlausibleCommand(record.raw_command());
}

std::vector<absl::Span<const uint8_t>> RecordScanner::Divide(absl::Span<const uint8_t> block,
                                                             size_t parts) {
  // Between a record that counts in any company and another one, a scanner knows nothing that
  // matters for what follows. Where there is no such place, there is a lot of damage, and one part
  // less is no loss.
  const auto can_divide_at = [&](size_t at) {
    const uint8_t* const next = block.data() + at;
    const uint8_t* const last = next - kRecordBytes;
    return HasVersion3(last) && IsPlausible(RecordV3View(last)) && HasVersion3(next);
  };
  constexpr size_t kMaxTries = 1000;
  std::vector<absl::Span<const uint8_t>> divided;
  const size_t records = block.size() / kRecordBytes;
  size_t begin = 0;
  for (size_t part = 1; part < parts; ++part) {
    const size_t target = records * part / parts * kRecordBytes;
    for (size_t at = target, tries = 0; tries < kMaxTries; ++tries, at += kRecordBytes) {
      if (at <= begin || at + kRecordBytes > block.size()) break;
      if (!can_divide_at(at)) continue;
      divided.push_back(block.subspan(begin, at - begin));
      begin = at;
      break;
    }
  }
  divided.push_back(block.subspan(begin));
  return divided;
}

SkipReason RecordScanner::ReasonFor(const uint8_t* p) {
  const uint8_t version_byte = p[kVersionOffset];
  if (std::all_of(p, p + kRecordBytes, [](uint8_t c) { return c == 0; })) return SkipReason::kZeros;
  if (version_byte == kVersion3) return SkipReason::kImplausible;
  const uint8_t version = version_byte & static_cast<uint8_t>(~kBigEndianBit);
  if (version > 5) return SkipReason::kNoRecord;
  return version == kVersion3 ? SkipReason::kBigEndian : SkipReason::kOtherVersion;
}

void RecordScanner::Skip(const uint8_t* p, uint64_t offset) {
  account_.AddSkipped(offset, offset + kRecordBytes, ReasonFor(p));
  after_skip_ = true;
}

}  // namespace cpuagg::acct
