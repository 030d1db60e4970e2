#include "acct/scan/record_scanner.h"

#include "acct/scan/foreign_format.h"
#include "acct/scan/record_slot.h"

namespace cpuagg::acct {
namespace {

// Whether only zeros follow the first few fields, as after a write that a power failure
// interrupted. This would be a process of root without a begin time, a name or a process id that
// used nothing.
bool IsHeadBeforeZeros(const RecordView& record) {
  constexpr size_t kHeadBytes = 8;
  return AreZeros(absl::MakeConstSpan(record.bytes() + kHeadBytes, kPackedV1Bytes - kHeadBytes));
}

// Whether the version is 4 or 5, in either byte order.
bool HasReservedVersion(absl::Span<const uint8_t> slot) {
  const uint8_t version = slot[kVersionOffset] & static_cast<uint8_t>(~kBigEndianBit);
  return version == 4 || version == 5;
}

}  // namespace

RecordScanner::Slot RecordScanner::SlotAt(absl::Span<const uint8_t> bytes, bool is_all) const {
  Slot slot = {.bytes = bytes, .is_all = is_all, .record = RecordAt(bytes, format_)};
  slot.length =
      slot.record.has_value() ? LengthIn(bytes, *slot.record, is_all) : slot.own_bytes().size();
  slot.rest = bytes.subspan(std::min(slot.length, bytes.size()));
  slot.next = RecordAt(slot.rest, format_);
  slot.is_regular = slot.record.has_value() && IsRegular(*slot.record);
  slot.is_before_regular = slot.next.has_value() && IsRegular(*slot.next);
  // All records of an older version may be odd: with a clock that was never set, or a rate of
  // 65535.
  const bool is_one_of_two = slot.record.has_value() &&
                             slot.record->version() != kVersion3.version && slot.next.has_value() &&
                             KindOf(*slot.next) == KindOf(*slot.record) &&
                             IsPlausible(*slot.record) && IsPlausible(*slot.next);
  slot.is_before_record = is_one_of_two || slot.is_before_regular;
  return slot;
}

size_t RecordScanner::LengthIn(absl::Span<const uint8_t> bytes, const RecordView& record,
                               bool is_all) const {
  return LengthOf(record, bytes, format_, is_all, version_1_bytes_);
}

RecordScanner::Kind RecordScanner::KindOf(const RecordView& record) {
  return record.byte_order() == ByteOrder::kBig ? kBigEndianBit | record.version()
                                                : record.version();
}

RecordScanner::SlotVerdict RecordScanner::Find(absl::Span<const uint8_t> bytes, bool is_all) {
  // Too few bytes for a record; the caller counts them as trailing.
  if (bytes.size() < kRecordBytes && !RecordAt(bytes, format_).has_value()) return {};
  if (offset_ == 0) account_.foreign_format = ForeignFormat(bytes.subspan(0, kLookaheadBytes));

  const Slot slot = SlotAt(bytes, is_all);
  // Its padding is still to be written.
  if (slot.length > bytes.size()) return {};
  if (const size_t shift = RecordsWithin(slot); shift > 0) {
    // A few zeros may be the end of a record. Trailing zeros of a hole belong to the hole, not to
    // the next record.
    const bool is_hole =
        AreZeros(slot.own_bytes()) || (EndsInHole() && AreZeros(bytes.subspan(0, shift)));
    return {.bytes = shift,
            .reason = is_hole ? SkipReason::kZeros : SkipReason::kMisaligned,
            .is_shift = true};
  }
  if (const size_t shift = LoneRecordWithin(slot); shift > 0) {
    return {.bytes = shift, .reason = SkipReason::kMisaligned, .is_shift = true};
  }
  if (const size_t torn_bytes = TornBeforeHead(slot); torn_bytes > 0) {
    return {.bytes = torn_bytes, .reason = SkipReason::kMisaligned, .is_shift = true};
  }
  if (IsRegularThatCounts(slot)) return {.bytes = slot.length, .record = slot.record};
  switch (CountsAmongRecords(slot)) {
    case Evidence::kFound:
      return {.bytes = slot.length, .record = slot.record};
    case Evidence::kUnknown:
      return {};
    case Evidence::kNone:
      break;
  }
  return {.bytes = slot.length,
          .reason = ReasonFor(slot.own_bytes()),
          .is_known = HasReservedVersion(bytes) && !after_damage_};
}

// Rule 1. "If regular records begin within the slot of a record, and not where it ends, the bytes
// before them are skipped."
size_t RecordScanner::RecordsWithin(const Slot& slot) const {
  if (slot.is_before_record) return 0;
  const bool is_last = slot.is_regular && slot.is_all && slot.rest.empty();
  const bool is_in_hole = AreZeros(slot.own_bytes()) && slot.rest.size() >= kRecordBytes &&
                          AreZeros(slot.rest.subspan(0, kRecordBytes));
  if (is_last || is_in_hole) return 0;
  for (size_t shift = 1; shift < slot.length; ++shift) {
    if (RecordsBegin(slot.bytes.subspan(shift), format_, slot.is_all)) return shift;
  }
  return 0;
}

// Rule 2. "Among records, a single record within the slot is enough. It has to show all that one
// record can show."
size_t RecordScanner::LoneRecordWithin(const Slot& slot) const {
  if (!is_among_records_ || !slot.record.has_value() || slot.is_regular || slot.is_before_record) {
    return 0;
  }
  const bool is_plausible = IsPlausible(*slot.record);
  for (size_t shift = 1; shift < slot.length; ++shift) {
    const std::optional<RecordView> record = RecordAt(slot.bytes.subspan(shift), format_);
    if (record.has_value() && record->version() != kVersion0.version &&
        (is_plausible ? StandsAlone(*record, format_) : HasPossibleNumbers(*record, format_))) {
      return shift;
    }
  }
  return 0;
}

// Rule 3. "At the very end, the bytes before the beginning of a record that is cut off are a torn
// record."
size_t RecordScanner::TornBeforeHead(const Slot& slot) const {
  if (!slot.is_all || !slot.record.has_value() || slot.is_before_record) return 0;
  const RecordView& record = *slot.record;
  const absl::Span<const uint8_t> bytes = slot.bytes;
  // Only the beginning of version 3 has enough fields to decide.
  if (!is_among_records_ || record.version() != kVersion3.version ||
      bytes.size() >= 2 * kRecordBytes) {
    return 0;
  }
  // A record that looks whole may still lack the zero at its end.
  const bool looks_whole = record.begin_time() >= kEarliestBegin &&
                           (HasPrintableCommand(record) || AreZeros(record.raw_command()));
  // A single byte proves little.
  if (slot.is_regular && (looks_whole || slot.rest.size() > 1) && MayBeHead(slot.rest, record)) {
    return 0;
  }
  const size_t end = std::min(kRecordBytes, bytes.size() - 1);
  for (size_t shift = looks_whole ? kRecordBytes - 1 : bytes.size() - kRecordBytes + 1; shift < end;
       ++shift) {
    if (MayBeHead(bytes.subspan(shift), record)) return shift;
  }
  return 0;
}

// Rule 4. "A regular record counts if another record precedes it, or if it is a witness."
bool RecordScanner::IsRegularThatCounts(const Slot& slot) const {
  if (!slot.is_regular) return false;
  const bool is_found_again = is_found_again_ && last_kind_ != kNoKind;
  return is_among_records_ || is_found_again || IsWitness(*slot.record, slot.bytes, slot.is_all);
}

// Rules 5 to 7.
RecordScanner::Evidence RecordScanner::CountsAmongRecords(const Slot& slot) {
  if (!slot.record.has_value()) return Evidence::kNone;
  // Rule 7. "Zeros are never records. Neither are up to eight bytes with zeros after them."
  if (IsHeadBeforeZeros(*slot.record) || !HasKin(slot)) return Evidence::kNone;
  if (!IsInCompany(slot) && !IsPlausible(*slot.record)) return Evidence::kNone;
  return is_among_records_ ? Evidence::kFound : LookAhead(slot.bytes, slot.is_all);
}

// Rule 5. "Odd records in a row count [...] if a neighbour has the same version and byte order, and
// if one record of the row is a witness."
bool RecordScanner::HasKin(const Slot& slot) const {
  const Kind kind = KindOf(*slot.record);
  return slot.is_regular || kind == last_kind_ ||
         (slot.next.has_value() && kind == KindOf(*slot.next));
}

// Rule 6. "Next to skipped bytes, an odd record must be plausible as well. So must the first record
// of another version, and each record of version 0."
bool RecordScanner::IsInCompany(const Slot& slot) const {
  // Zeros and small numbers come close to version 0.
  if (after_damage_ || slot.bytes[kVersionOffset] == 0) return false;
  const Kind kind = KindOf(*slot.record);
  const bool begins_kind =
      last_kind_ != kNoKind && kind != last_kind_ && !slot.is_regular && !slot.is_before_regular;
  if (begins_kind) return false;
  const bool is_at_end = slot.rest.size() < kRecordBytes && !slot.next.has_value();
  return slot.is_before_record || is_at_end || HasReservedVersion(slot.rest) ||
         (slot.next.has_value() && slot.rest[kVersionOffset] != 0);
}

// Rule 4. "A witness is followed by a regular record, or stands alone."
bool RecordScanner::IsWitness(const RecordView& record, absl::Span<const uint8_t> bytes,
                              bool is_all) const {
  if (record.version() == kVersion0.version) return IsWitnessOfVersion0(record, bytes, is_all);
  if (StandsAlone(record, format_)) return true;
  const std::optional<RecordView> next =
      RecordAt(bytes.subspan(std::min(LengthIn(bytes, record, is_all), bytes.size())), format_);
  return next.has_value() && next->version() != kVersion0.version && IsRegular(*next);
}

// Rule 4. "Version 0 has few fields to check, so three of six records have to stand alone, unless
// they are the whole file."
bool RecordScanner::IsWitnessOfVersion0(const RecordView& record, absl::Span<const uint8_t> bytes,
                                        bool is_all) const {
  if (!StandsAlone(record, format_)) return false;
  // Among records one is enough.
  if (last_kind_ != kNoKind) return true;
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

// Rule 5. "The witness may come up to 1,024 records later."
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
    at += LengthIn(rest, *record, is_all);
  }
  return Evidence::kNone;
}

bool RecordScanner::EndsInHole() const {
  return !account_.skipped.empty() && account_.skipped.back().end == offset_ &&
         account_.skipped.back().reason == SkipReason::kZeros;
}

SkipReason RecordScanner::ReasonFor(absl::Span<const uint8_t> slot) const {
  if (AreZeros(slot)) return SkipReason::kZeros;
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
    const Kind kind = KindOf(*verdict.record);
    // See LastRecord().
    const bool is_in_row = record_end_ == offset_ && kind == last_kind_ &&
                           verdict.record->version() >= kVersion2.version;
    record_end_ = offset_ + verdict.bytes;
    if (is_in_row || IsRegular(*verdict.record)) clear_end_ = record_end_;
    last_kind_ = kind;
    is_among_records_ = true;
    version_1_bytes_ = verdict.record->version() == kVersion1.version ? verdict.bytes : 0;
  } else {
    account_.AddSkipped(offset_, offset_ + verdict.bytes, verdict.reason);
    is_among_records_ = is_among_records_ && verdict.is_known;
    version_1_bytes_ = 0;
  }
  is_found_again_ = verdict.is_shift;
  if (verdict.is_shift) looked_ahead_to_ = 0;
  after_damage_ = !verdict.record.has_value() && !verdict.is_known;
  account_.bytes += verdict.bytes;
  offset_ += verdict.bytes;
}

void RecordScanner::FinishWhole(absl::Span<const uint8_t> input, size_t reached) {
  account_.trailing_bytes = input.size() - reached;
  account_.begins_otherwise = offset_ == 0 && !MayBeginRecord(input.subspan(reached));
  account_.bytes += account_.trailing_bytes;
  if (may_grow_ && account_.trailing_bytes > 0) LookAtHeld(input.subspan(reached));
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
