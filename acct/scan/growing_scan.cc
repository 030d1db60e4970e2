// How RecordScanner goes on in a file that grows: what is certain at its end, and how a later scan
// begins.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_scanner.h"
#include "acct/scan/record_slot.h"

namespace cpuagg::acct {
namespace {

// The record that ends where `before` ends, provided that it certainly counts: it is regular, or
// one of two with the same version and byte order. Version 0 shows neither, and the length of an
// odd record of version 1 is unknown.
std::optional<RecordView> LastRecord(absl::Span<const uint8_t> before, const RecordFormat& format) {
  const auto at = [&](size_t bytes) -> std::optional<RecordView> {
    if (before.size() < bytes) return std::nullopt;
    return RecordAt(before.last(bytes), format);
  };
  const std::optional<RecordView> packed = at(kPackedV1Bytes);
  if (packed.has_value() && packed->version() == kVersion1.version && IsRegular(*packed)) {
    return packed;
  }
  const std::optional<RecordView> last = at(kRecordBytes);
  if (!last.has_value()) return std::nullopt;
  if (IsRegular(*last)) return last;
  const std::optional<RecordView> other = at(2 * kRecordBytes);
  const bool is_in_row = other.has_value() && last->version() >= kVersion2.version &&
                         other->version() == last->version() &&
                         other->byte_order() == last->byte_order();
  return is_in_row ? last : std::nullopt;
}

}  // namespace

RecordScanner::SlotVerdict RecordScanner::FindCertain(absl::Span<const uint8_t> bytes) {
  if (bytes.size() < kRecordBytes && !RecordAt(bytes, format_).has_value()) return {};
  const Slot slot = SlotAt(bytes, /*is_all=*/false);
  if (slot.length > bytes.size()) return {};
  // The first record of version 0 needs six.
  const bool needs_more =
      slot.is_regular && slot.record->version() == kVersion0.version && last_kind_ == kNoKind;
  // Three records show that they begin somewhere in the slot, and that none begin before that.
  constexpr size_t kThree = 3 * kRecordBytes;
  if (!needs_more && bytes.size() >= kThree) {
    const size_t shift = RecordsWithin(slot);
    if (bytes.size() >= kThree + (shift > 0 ? shift : kRecordBytes)) {
      return Find(bytes, /*is_all=*/false);
    }
  }
  if (!slot.record.has_value() || !HasCertainLength(slot)) return {};
  // Among records, one that a regular one follows is decided by these two.
  if (is_among_records_ && slot.is_before_regular) return Find(bytes, /*is_all=*/false);
  if (!slot.is_regular || needs_more || !IsRegularThatCounts(slot)) return {};
  const SlotVerdict verdict = {.bytes = slot.length, .record = slot.record};
  if (slot.is_before_regular || !MayBeShifted(slot)) return verdict;
  return {};
}

bool RecordScanner::HasCertainLength(const Slot& slot) const {
  if (slot.record->version() != kVersion1.version) return true;
  const absl::Span<const uint8_t> behind = slot.bytes.subspan(kPackedV1Bytes);
  const bool may_be_padding = AreZeros(behind.subspan(0, kRecordBytes - kPackedV1Bytes));
  if (slot.length == kRecordBytes) {
    return may_be_padding && (slot.is_before_regular || version_1_bytes_ != 0);
  }
  return slot.is_before_regular ? !may_be_padding || slot.rest.size() >= kRecordBytes + 2
                                : version_1_bytes_ != 0;
}

// One of version 3 that stands alone is not two halves: what a record has where the other has its
// command is not text, or is followed by more than zeros. Only the last zero may belong to another
// record. It is also the end of every file without damage, which need not wait for that.
bool RecordScanner::MayBeShifted(const Slot& slot) const {
  const bool is_certain =
      slot.record->version() == kVersion3.version && StandsAlone(*slot.record, format_);
  for (size_t shift = is_certain ? slot.length - 1 : 1; shift < slot.length; ++shift) {
    const absl::Span<const uint8_t> bytes = slot.bytes.subspan(shift);
    if (AreZeros(bytes)) break;
    if (MayBeginRegular(bytes, *slot.record)) return true;
  }
  return !is_certain && !slot.rest.empty() && !MayBeginRegular(slot.rest, *slot.record);
}

void RecordScanner::GoOnBehind(absl::Span<const uint8_t> before) {
  if (const std::optional<RecordView> last = LastRecord(before, format_); last.has_value()) {
    is_among_records_ = true;
    last_kind_ = KindOf(*last);
    const auto bytes = static_cast<size_t>(before.data() + before.size() - last->bytes());
    version_1_bytes_ = last->version() == kVersion1.version ? bytes : 0;
    record_end_ = offset_;
    return;
  }
  RecordScanner earlier(offset_ - before.size(), format_);
  earlier.is_among_records_ = earlier.offset_ > 0;
  const auto ignore = [](const auto&, uint64_t) {};
  if (earlier.ScanWhole(before, 0, before.size(), ignore) != before.size()) return;
  after_damage_ = earlier.after_damage_;
  is_among_records_ = earlier.is_among_records_;
  last_kind_ = earlier.last_kind_;
  version_1_bytes_ = earlier.version_1_bytes_;
}

void RecordScanner::CopyState(const RecordScanner& other) {
  after_damage_ = other.after_damage_;
  is_among_records_ = other.is_among_records_;
  is_found_again_ = other.is_found_again_;
  last_kind_ = other.last_kind_;
  version_1_bytes_ = other.version_1_bytes_;
  looked_ahead_to_ = other.looked_ahead_to_;
  record_end_ = other.record_end_;
  // The rules ask whether something was skipped.
  if (other.account_.skipped_bytes > 0) account_.skipped_bytes = 1;
}

void RecordScanner::LookAtHeld(absl::Span<const uint8_t> rest) {
  RecordScanner whole(offset_, format_);
  whole.CopyState(*this);
  const uint64_t skipped = whole.account_.skipped_bytes;
  const auto ignore = [](const auto&, uint64_t) {};
  whole.Advance(rest, 0, rest.size(), /*is_all=*/true, ignore);
  if (offset_ == 0) account_.foreign_format = whole.account_.foreign_format;
  // The first records of a machine whose clock is not set are not damage: they count once a regular
  // one follows.
  const bool only_lacks_evidence =
      !is_among_records_ && !after_damage_ && whole.account_.records == 0 &&
      *whole.account_.foreign_format == '\0' &&
      std::all_of(
          whole.account_.skipped.begin(), whole.account_.skipped.end(),
          [](const SkippedRegion& region) { return region.reason == SkipReason::kImplausible; });
  if (whole.account_.skipped_bytes > skipped && !only_lacks_evidence) {
    account_.held = {.bytes = rest.size(),
                     .records = whole.account_.records,
                     .skipped = std::move(whole.account_.skipped)};
  }
}

}  // namespace cpuagg::acct
