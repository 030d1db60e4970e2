#include "acct/plausibility.h"

#include <algorithm>

namespace cpuagg::acct {
namespace {

bool IsZero(uint8_t c) { return c == 0; }
bool IsPrintable(uint8_t c) { return c >= 0x20 && c < 0x7f; }

// The command, with the seventeenth byte that it has in versions 0 to 2.
absl::Span<const uint8_t> WholeCommand(const RecordView& record) {
  const size_t bytes = kCommandBytes + (record.version() == kVersion3.version ? 0 : 1);
  return absl::MakeConstSpan(record.bytes() + record.layout().command, bytes);
}

// Behind the zero that ends a command the kernel leaves zeros; other writers may fill the whole
// field.
bool IsPlausibleCommand(absl::Span<const uint8_t> command) {
  if (command[0] == 0) return false;
  const auto end = std::find(command.begin(), command.end(), 0);
  if (end != command.end()) return std::all_of(end, command.end(), IsZero);
  return std::all_of(command.begin(), end, IsPrintable);
}

// Of a command as above that begins with a character and ends.
bool IsRegularCommand(const RecordView& record) {
  const absl::Span<const uint8_t> command = WholeCommand(record);
  // Zeros and small numbers come close to version 0, which has to be surer of its letters.
  const bool has_letters =
      record.version() != kVersion0.version ||
      std::all_of(command.begin(), std::find(command.begin(), command.end(), 0), IsPrintable);
  return IsPlausibleCommand(command) && command.front() >= ' ' && command.back() == 0 &&
         has_letters;
}

// Version 0 has no version byte to go by, so that more is asked of it.
bool IsPlausibleVersion0(const RecordView& record) {
  const uint8_t* const p = record.bytes();
  const bool narrow_ids = std::all_of(p + kVersion0.uid, p + kRecordBytes, IsZero);
  const bool wide_ids = record.uid().value() == Load32(p + kVersion0.uid, record.byte_order()) &&
                        record.gid().value() == Load32(p + kVersion0.gid, record.byte_order());
  return record.begin_time() >= kEarliestBegin && (narrow_ids || wide_ids);
}

// A record of version 3 read in the wrong byte order may look fine but for its numbers.
bool HasRegularIds(const RecordView& record) {
  constexpr uint32_t kPidLimit = uint32_t{1} << 22;  // PID_MAX_LIMIT of linux/threads.h
  return record.byte_order() == ByteOrder::kLittle ||
         (record.pid().value_or(0) <= kPidLimit && record.ppid().value_or(0) <= kPidLimit);
}

bool HasRegularRate(const RecordView& record) {
  constexpr uint32_t kSlowest = 10;
  constexpr uint32_t kFastest = 10'000;
  return record.rate() >= kSlowest && record.rate() <= kFastest;
}

}  // namespace

std::optional<RecordView> RecordAt(absl::Span<const uint8_t> bytes, const RecordFormat& format) {
  if (bytes.size() < kPackedV1Bytes) return std::nullopt;
  const uint8_t version_byte = bytes[kVersionOffset];
  const uint8_t version = version_byte & static_cast<uint8_t>(~kBigEndianBit);
  const ByteOrder order =
      (version_byte & kBigEndianBit) != 0 || (version == 0 && format.big_endian_version0)
          ? ByteOrder::kBig
          : ByteOrder::kLittle;
  const Layout* layout = nullptr;
  switch (version) {
    case 0:
      layout = &kVersion0;
      break;
    case 1:
      return RecordView(bytes.data(), kVersion1, order, format.default_rate);
    case 2:
      layout = &kVersion2;
      break;
    case 3:
      layout = &kVersion3;
      break;
    default:
      return std::nullopt;
  }
  if (bytes.size() < kRecordBytes) return std::nullopt;
  return RecordView(bytes.data(), *layout, order, format.default_rate);
}

bool IsPlausible(const RecordView& record) {
  return (record.flags() & ~kKnownFlags) == 0 && record.has_valid_elapsed() &&
         IsPlausibleCommand(WholeCommand(record)) &&
         (record.version() != kVersion0.version || IsPlausibleVersion0(record));
}

bool IsRegular(const RecordView& record) {
  return record.begin_time() >= kEarliestBegin && record.exit_code() <= 0xffff &&
         IsRegularCommand(record) && HasRegularRate(record) && HasRegularIds(record) &&
         IsPlausible(record);
}

size_t LengthOf(const RecordView& record, absl::Span<const uint8_t> bytes,
                const RecordFormat& format, bool is_all) {
  if (record.version() != kVersion1.version || bytes.size() < kRecordBytes) {
    return std::min(kRecordBytes, bytes.size());
  }
  const auto is_good_end = [&](size_t at) {
    if (is_all && bytes.size() == at) return true;
    const std::optional<RecordView> next = RecordAt(bytes.subspan(at), format);
    return next.has_value() && IsRegular(*next);
  };
  if (bytes[kPackedV1Bytes] == 0 && bytes[kPackedV1Bytes + 1] == 0 && is_good_end(kRecordBytes)) {
    return kRecordBytes;
  }
  return is_good_end(kPackedV1Bytes) ? kPackedV1Bytes : kRecordBytes;
}

bool RecordsBegin(absl::Span<const uint8_t> bytes, const RecordFormat& format, bool is_all) {
  constexpr int kEnough = 3;
  for (int count = 0; count < kEnough; ++count) {
    const std::optional<RecordView> record = RecordAt(bytes, format);
    if (!record.has_value()) {
      // The end of the input, if these are too few bytes for a record.
      return is_all && bytes.size() < kRecordBytes && (count == 2 || (count == 1 && bytes.empty()));
    }
    // Zeros and small numbers come close to version 0, so that a single one proves nothing.
    if (!IsRegular(*record) || (record->version() == kVersion0.version && count == 0 &&
                                bytes.size() < kEnough * kRecordBytes)) {
      return false;
    }
    bytes.remove_prefix(LengthOf(*record, bytes, format, is_all));
  }
  return true;
}

}  // namespace cpuagg::acct
