#include "acct/scan/byte_account.h"

namespace cpuagg::acct {

const char* SkipReasonText(SkipReason reason) {
  switch (reason) {
    case SkipReason::kZeros:
      return "zeros where records should be";
    case SkipReason::kReservedVersion:
      return "records of version 4 or 5, which are reserved and not defined";
    case SkipReason::kBigEndianVersion0:
      return "looks like big-endian records of version 0; report --big-endian-v0 FILE reads "
             "them";
    case SkipReason::kMisaligned:
      return "a torn record or stray bytes; reading resumed at the next record";
    case SkipReason::kNoRecord:
      return "not an accounting record";
    case SkipReason::kImplausible:
      return "an implausible record next to damaged data";
  }
  return "unknown";
}

const char* SkipReasonName(SkipReason reason) {
  switch (reason) {
    case SkipReason::kZeros:
      return "zeros";
    case SkipReason::kReservedVersion:
      return "reserved_version";
    case SkipReason::kBigEndianVersion0:
      return "big_endian_version_0";
    case SkipReason::kMisaligned:
      return "misaligned";
    case SkipReason::kNoRecord:
      return "no_record";
    case SkipReason::kImplausible:
      return "implausible";
  }
  return "unknown";
}

std::ostream& operator<<(std::ostream& os, const SkippedRegion& region) {
  return os << "[" << region.begin << ", " << region.end << ") " << SkipReasonName(region.reason);
}

void ByteAccount::AddSkipped(uint64_t begin, uint64_t end, SkipReason reason) {
  skipped_bytes += end - begin;
  if (!skipped.empty() && regions == skipped.size() && skipped.back().end == begin &&
      skipped.back().reason == reason) {
    skipped.back().end = end;
    return;
  }
  ++regions;
  if (skipped.size() < kMaxListed) skipped.push_back({begin, end, reason});
}

void ByteAccount::Add(const ByteAccount& other) {
  begins_otherwise = bytes == 0 ? other.begins_otherwise : begins_otherwise && other.bytes == 0;
  bytes += other.bytes;
  records += other.records;
  skipped_bytes += other.skipped_bytes;
  trailing_bytes += other.trailing_bytes;
  regions += other.regions;
  invalid_elapsed += other.invalid_elapsed;
  if (*foreign_format == '\0') foreign_format = other.foreign_format;
  if (held.bytes == 0) held = other.held;
  if (cut_short.empty()) cut_short = other.cut_short;
  for (const SkippedRegion& region : other.skipped) {
    if (skipped.size() >= kMaxListed) break;
    skipped.push_back(region);
  }
}

}  // namespace cpuagg::acct
