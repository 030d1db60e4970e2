#include "acct/record_scanner.h"

namespace cpuagg::acct {
namespace {

bool IsZeros(absl::Span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t c) { return c == 0; });
}

// Version 4 and 5, in either byte order.
bool HasReservedVersion(absl::Span<const uint8_t> slot) {
  const uint8_t version = slot[kVersionOffset] & static_cast<uint8_t>(~kBigEndianBit);
  return version == 4 || version == 5;
}

}  // namespace

RecordScanner::Kind RecordScanner::KindOf(const RecordView& record) {
  return record.byte_order() == ByteOrder::kBig ? kBigEndianBit | record.version()
                                                : record.version();
}

RecordScanner::Finding RecordScanner::Find(absl::Span<const uint8_t> bytes, bool is_all) const {
  const std::optional<RecordView> record = RecordAt(bytes, format_);
  if (record.has_value() && IsRegular(*record)) {
    return {.bytes = LengthOf(*record, bytes, format_, is_all), .record = record};
  }
  // Too few bytes for a record: the caller's to call trailing.
  if (bytes.size() < kRecordBytes && !record.has_value()) return {};

  const absl::Span<const uint8_t> slot = bytes.subspan(0, kRecordBytes);
  const size_t length =
      record.has_value() ? LengthOf(*record, bytes, format_, is_all) : slot.size();
  const absl::Span<const uint8_t> rest = bytes.subspan(length);
  const std::optional<RecordView> next = RecordAt(rest, format_);
  // Records of older versions may well be odd all alike: a clock that was never set, a rate of 1.
  const bool is_one_of_two = record.has_value() && record->version() != kVersion3.version &&
                             next.has_value() && KindOf(*next) == KindOf(*record) &&
                             IsPlausible(*record) && IsPlausible(*next);
  const bool before_record = is_one_of_two || (next.has_value() && IsRegular(*next));
  const bool is_zeros = IsZeros(slot);

  // Records that begin elsewhere. Not looked for in the middle of a hole.
  if (!before_record &&
      !(is_zeros && rest.size() >= kRecordBytes && IsZeros(rest.subspan(0, kRecordBytes)))) {
    for (size_t shift = 1; shift < length; ++shift) {
      if (RecordsBegin(bytes.subspan(shift), format_, is_all)) {
        // A few zeros may be the end of a record; the last ones of a hole are its.
        const bool is_hole = is_zeros || (EndsInHole() && IsZeros(bytes.subspan(0, shift)));
        return {.bytes = shift, .reason = is_hole ? SkipReason::kZeros : SkipReason::kMisaligned};
      }
    }
  }

  if (record.has_value() && !is_zeros) {
    const Kind kind = KindOf(*record);
    const bool at_end = rest.size() < kPackedV1Bytes;
    const bool is_kin = kind == last_kind_ || (next.has_value() && kind == KindOf(*next)) ||
                        (last_kind_ == kNoKind && at_end);
    const bool in_company = !after_damage_ && slot[kVersionOffset] != 0 &&
                            (before_record || at_end || HasReservedVersion(rest) ||
                             (next.has_value() && rest[kVersionOffset] != 0));
    if (is_kin && (in_company || IsPlausible(*record))) return {.bytes = length, .record = record};
  }
  return {.bytes = length,
          .reason = ReasonFor(slot),
          .is_known = HasReservedVersion(slot) && !after_damage_};
}

bool RecordScanner::EndsInHole() const {
  return !account_.skipped.empty() && account_.skipped.back().end == offset_ &&
         account_.skipped.back().reason == SkipReason::kZeros;
}

SkipReason RecordScanner::ReasonFor(absl::Span<const uint8_t> slot) const {
  if (IsZeros(slot)) return SkipReason::kZeros;
  if (HasReservedVersion(slot)) return SkipReason::kReservedVersion;
  if (slot[kVersionOffset] == 0 &&
      IsPlausible(RecordView(slot.data(), kVersion0, ByteOrder::kBig))) {
    return SkipReason::kBigEndianVersion0;
  }
  return RecordAt(slot, format_).has_value() ? SkipReason::kImplausible : SkipReason::kNoRecord;
}

void RecordScanner::Take(const Finding& finding) {
  if (finding.record.has_value()) {
    ++account_.records;
    last_kind_ = KindOf(*finding.record);
  } else {
    account_.AddSkipped(offset_, offset_ + finding.bytes, finding.reason);
  }
  after_damage_ = !finding.record.has_value() && !finding.is_known;
  account_.bytes += finding.bytes;
  offset_ += finding.bytes;
}

void RecordScanner::FinishWhole(absl::Span<const uint8_t> input, size_t reached) {
  account_.trailing_bytes = input.size() - reached;
  account_.bytes += account_.trailing_bytes;
}

size_t RecordScanner::FindRecord(absl::Span<const uint8_t> input, size_t at) {
  // Three in a row, so that damage has little chance to look like one. Where none are found soon,
  // there is a lot of damage.
  constexpr size_t kWithin = size_t{64} << 10;
  constexpr size_t kNeeded = 3 * kRecordBytes;
  const size_t end = std::min(input.size(), at + kWithin);
  for (; at + kNeeded <= end; ++at) {
    const uint8_t* const p = input.data() + at;
    if (RecordV3View(p).IsRegular() && RecordV3View(p + kRecordBytes).IsRegular() &&
        RecordV3View(p + 2 * kRecordBytes).IsRegular()) {
      return at;
    }
  }
  return input.size();
}

}  // namespace cpuagg::acct
