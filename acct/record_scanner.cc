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
