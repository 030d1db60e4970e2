#include "acct/scan/record_scanner.h"

#include "acct/scan/foreign_format.h"

namespace cpuagg::acct {
namespace {

bool IsZeros(absl::Span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t c) { return c == 0; });
}

// Whether only zeros follow the first few fields, as after a write that a power failure
// interrupted. This would be a process of root without a begin time, a name or a process id that
// used nothing.
bool IsHeadBeforeZeros(const RecordView& record) {
  constexpr size_t kHeadBytes = 8;
  return IsZeros(absl::MakeConstSpan(record.bytes() + kHeadBytes, kPackedV1Bytes - kHeadBytes));
}

// Whether the version is 4 or 5, in either byte order.
bool HasReservedVersion(absl::Span<const uint8_t> slot) {
  const uint8_t version = slot[kVersionOffset] & static_cast<uint8_t>(~kBigEndianBit);
  return version == 4 || version == 5;
}

}  // namespace

RecordScanner::Kind RecordScanner::KindOf(const RecordView& record) {
  return record.byte_order() == ByteOrder::kBig ? kBigEndianBit | record.version()
                                                : record.version();
}

RecordScanner::SlotVerdict RecordScanner::Find(absl::Span<const uint8_t> bytes, bool is_all) {
  const std::optional<RecordView> record = RecordAt(bytes, format_);
  // Too few bytes for a record; the caller counts them as trailing.
  if (bytes.size() < kRecordBytes && !record.has_value()) return {};

  if (offset_ == 0) account_.foreign_format = ForeignFormat(bytes.subspan(0, kLookaheadBytes));
  const absl::Span<const uint8_t> slot = bytes.subspan(0, kRecordBytes);
  const size_t length =
      record.has_value() ? LengthOf(*record, bytes, format_, is_all) : slot.size();
  const absl::Span<const uint8_t> rest = bytes.subspan(length);
  const std::optional<RecordView> next = RecordAt(rest, format_);
  const bool is_regular = record.has_value() && IsRegular(*record);
  // All records of an older version may be odd: with a clock that was never set, or a rate of 1.
  const bool is_one_of_two = record.has_value() && record->version() != kVersion3.version &&
                             next.has_value() && KindOf(*next) == KindOf(*record) &&
                             IsPlausible(*record) && IsPlausible(*next);
  const bool before_regular = next.has_value() && IsRegular(*next);
  const bool before_record = is_one_of_two || before_regular;
  const bool is_zeros = IsZeros(slot);

  // Records that begin elsewhere. Not searched for in the middle of a hole, or between two regular
  // records.
  if (!before_record && !(is_regular && is_all && rest.empty()) &&
      !(is_zeros && rest.size() >= kRecordBytes && IsZeros(rest.subspan(0, kRecordBytes)))) {
    for (size_t shift = 1; shift < length; ++shift) {
      if (RecordsBegin(bytes.subspan(shift), format_, is_all)) {
        // A few zeros may be the end of a record. Trailing zeros of a hole belong to the hole, not
        // to the next record.
        const bool is_hole = is_zeros || (EndsInHole() && IsZeros(bytes.subspan(0, shift)));
        return {.bytes = shift,
                .reason = is_hole ? SkipReason::kZeros : SkipReason::kMisaligned,
                .is_shift = true};
      }
    }
  }

  // Among records, there may be a single one between two tears. It must be as credible as a single
  // record can be, and there must be nothing better here.
  if (is_among_records_ && record.has_value() && !is_regular && !before_record) {
    const size_t shift = LoneRecordWithin(bytes, length, IsPlausible(*record));
    if (shift > 0) {
      return {.bytes = shift, .reason = SkipReason::kMisaligned, .is_shift = true};
    }
  }

  const size_t torn_bytes =
      is_all && record.has_value() && !before_record ? TornBeforeHead(*record, bytes, rest) : 0;
  if (torn_bytes > 0) {
    return {.bytes = torn_bytes, .reason = SkipReason::kMisaligned, .is_shift = true};
  }
  const bool is_found_again = is_found_again_ && last_kind_ != kNoKind;
  if (is_regular && (is_among_records_ || is_found_again || IsWitness(*record, bytes, is_all))) {
    return {.bytes = length, .record = record};
  }
  if (record.has_value() && !IsHeadBeforeZeros(*record)) {
    const Kind kind = KindOf(*record);
    const bool at_end = rest.size() < kRecordBytes && !next.has_value();
    const bool is_kin =
        is_regular || kind == last_kind_ || (next.has_value() && kind == KindOf(*next));
    const bool in_company = !after_damage_ && slot[kVersionOffset] != 0 &&
                            (before_record || at_end || HasReservedVersion(rest) ||
                             (next.has_value() && rest[kVersionOffset] != 0));
    // If a new kind of records begins here, and not with a regular one, it is more likely the rest
    // of several torn records.
    const bool begins_kind =
        last_kind_ != kNoKind && kind != last_kind_ && !is_regular && !before_regular;
    if (is_kin && ((in_company && !begins_kind) || IsPlausible(*record))) {
      const Evidence evidence = is_among_records_ ? Evidence::kFound : LookAhead(bytes, is_all);
      if (evidence == Evidence::kUnknown) return {};
      if (evidence == Evidence::kFound) return {.bytes = length, .record = record};
    }
  }
  return {.bytes = length,
          .reason = ReasonFor(slot),
          .is_known = HasReservedVersion(slot) && !after_damage_};
}

size_t RecordScanner::LoneRecordWithin(absl::Span<const uint8_t> bytes, size_t length,
                                       bool is_plausible) const {
  for (size_t shift = 1; shift < length; ++shift) {
    const std::optional<RecordView> record = RecordAt(bytes.subspan(shift), format_);
    if (record.has_value() && record->version() != kVersion0.version &&
        (is_plausible ? StandsAlone(*record, format_) : HasPossibleNumbers(*record, format_))) {
      return shift;
    }
  }
  return 0;
}

bool RecordScanner::IsWitness(const RecordView& record, absl::Span<const uint8_t> bytes,
                              bool is_all) const {
  const bool stands_alone = StandsAlone(record, format_);
  if (record.version() != kVersion0.version) {
    if (stands_alone) return true;
    const std::optional<RecordView> next =
        RecordAt(bytes.subspan(LengthOf(record, bytes, format_, is_all)), format_);
    return next.has_value() && next->version() != kVersion0.version && IsRegular(*next);
  }
  // In a file of records one is enough; otherwise there must be three among the next.
  if (!stands_alone || last_kind_ != kNoKind) return stands_alone;
  constexpr int kEnough = 3;
  int count = 0;
  for (size_t at = 0; at < kLookaheadBytes; at += kRecordBytes) {
    // A file of nothing else may have fewer.
    if (is_all && bytes.size() < at + kRecordBytes) return account_.skipped_bytes == 0;
    const std::optional<RecordView> next = RecordAt(bytes.subspan(at), format_);
    if (!next.has_value() || KindOf(*next) != KindOf(record) || !IsPlausible(*next)) return false;
    if (StandsAlone(*next, format_) && ++count == kEnough) return true;
  }
  return false;
}

RecordScanner::Evidence RecordScanner::LookAhead(absl::Span<const uint8_t> bytes, bool is_all) {
  // Skips what was already checked for the records before.
  size_t at = looked_ahead_to_ > offset_ ? static_cast<size_t>(looked_ahead_to_ - offset_) : 0;
  while (at < kEvidenceBytes) {
    looked_ahead_to_ = offset_ + at;
    const absl::Span<const uint8_t> rest = bytes.subspan(std::min(at, bytes.size()));
    if (!is_all && rest.size() < kLookaheadBytes) return Evidence::kUnknown;
    const std::optional<RecordView> record = RecordAt(rest, format_);
    if (!record.has_value()) return Evidence::kNone;
    if (IsRegular(*record)) {
      if (IsWitness(*record, rest, is_all)) return Evidence::kFound;
    } else if (rest[kVersionOffset] == 0 && !IsPlausible(*record)) {
      return Evidence::kNone;
    }
    at += LengthOf(*record, rest, format_, is_all);
  }
  return Evidence::kNone;
}

size_t RecordScanner::TornBeforeHead(const RecordView& record, absl::Span<const uint8_t> bytes,
                                     absl::Span<const uint8_t> rest) const {
  // Only the beginning of version 3 has enough fields to decide.
  if (!is_among_records_ || record.version() != kVersion3.version ||
      bytes.size() >= 2 * kRecordBytes) {
    return 0;
  }
  // A record that looks whole may still lack the zero at its end.
  const bool looks_whole = record.begin_time() >= kEarliestBegin &&
                           (HasPrintableCommand(record) || IsZeros(record.raw_command()));
  // A single byte proves little.
  if (IsRegular(record) && (looks_whole || rest.size() > 1) && MayBeHead(rest, record)) return 0;
  const size_t end = std::min(kRecordBytes, bytes.size() - 1);
  for (size_t shift = looks_whole ? kRecordBytes - 1 : bytes.size() - kRecordBytes + 1; shift < end;
       ++shift) {
    if (MayBeHead(bytes.subspan(shift), record)) return shift;
  }
  return 0;
}

void RecordScanner::GoOnBehind(absl::Span<const uint8_t> before) {
  RecordScanner earlier(offset_ - before.size(), format_);
  earlier.is_among_records_ = earlier.offset_ > 0;
  const auto ignore = [](const auto&, uint64_t) {};
  if (earlier.ScanWhole(before, 0, before.size(), ignore) != before.size()) return;
  after_damage_ = earlier.after_damage_;
  is_among_records_ = earlier.is_among_records_;
  last_kind_ = earlier.last_kind_;
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

void RecordScanner::Apply(const SlotVerdict& verdict) {
  if (verdict.record.has_value()) {
    ++account_.records;
    last_kind_ = KindOf(*verdict.record);
    is_among_records_ = true;
  } else {
    account_.AddSkipped(offset_, offset_ + verdict.bytes, verdict.reason);
    is_among_records_ = is_among_records_ && verdict.is_known;
  }
  is_found_again_ = verdict.is_shift;
  if (verdict.is_shift) looked_ahead_to_ = 0;
  after_damage_ = !verdict.record.has_value() && !verdict.is_known;
  account_.bytes += verdict.bytes;
  offset_ += verdict.bytes;
}

void RecordScanner::FinishWhole(absl::Span<const uint8_t> input, size_t reached) {
  account_.trailing_bytes = input.size() - reached;
  account_.bytes += account_.trailing_bytes;
}

size_t RecordScanner::FindRecord(absl::Span<const uint8_t> input, size_t at) {
  // Three in a row, so that damage is unlikely to look like records. If none are found soon, there
  // is a lot of damage.
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
