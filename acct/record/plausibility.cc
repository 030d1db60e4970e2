#include "acct/record/plausibility.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace cpuagg::acct {
namespace {

// As wait(2) gives it.
constexpr uint32_t kMaxExitCode = 0xffff;

bool IsZero(uint8_t c) { return c == 0; }
bool IsPrintable(uint8_t c) { return c >= 0x20 && c < 0x7f; }

// The command, including the seventeenth byte that it has in versions 0 to 2.
absl::Span<const uint8_t> WholeCommand(const RecordView& record) {
  const size_t bytes = kCommandBytes + (record.version() == kVersion3.version ? 0 : 1);
  return absl::MakeConstSpan(record.bytes() + record.layout().command, bytes);
}

// After the zero that ends a command the kernel leaves only zeros. Other writers may fill the whole
// field.
bool IsPlausibleCommand(absl::Span<const uint8_t> command) {
  if (command[0] == 0) return false;
  const auto end = std::find(command.begin(), command.end(), 0);
  if (end != command.end()) return std::all_of(end, command.end(), IsZero);
  return std::all_of(command.begin(), end, IsPrintable);
}

// Whether the record has such a command, which begins with a character and is terminated.
bool IsRegularCommand(const RecordView& record) {
  const absl::Span<const uint8_t> command = WholeCommand(record);
  // Zeros and small numbers resemble version 0, so its letters must be more certain.
  const bool has_letters =
      record.version() != kVersion0.version ||
      std::all_of(command.begin(), std::find(command.begin(), command.end(), 0), IsPrintable);
  return IsPlausibleCommand(command) && command.front() >= ' ' && command.back() == 0 &&
         has_letters;
}

// Versions 1 and 2 store the low halves of the ids twice.
bool HasBothIds(const RecordView& record) {
  const Layout& layout = record.layout();
  const auto half = [&](size_t offset) {
    return Load16(record.bytes() + offset, record.byte_order());
  };
  return half(layout.uid16) == static_cast<uint16_t>(record.uid().value()) &&
         half(layout.gid16) == static_cast<uint16_t>(record.gid().value());
}

// Version 0 has no version byte to recognise it by, so more is required of it.
bool IsPlausibleVersion0(const RecordView& record) {
  const uint8_t* const p = record.bytes();
  const bool narrow_ids = std::all_of(p + kVersion0.uid, p + kRecordBytes, IsZero);
  const bool wide_ids = record.uid().value() == Load32(p + kVersion0.uid, record.byte_order()) &&
                        record.gid().value() == Load32(p + kVersion0.gid, record.byte_order());
  return record.begin_time() >= kEarliestBegin && (narrow_ids || wide_ids);
}

bool HasPossiblePids(const RecordView& record) {
  constexpr uint32_t kPidLimit = uint32_t{1} << 22;  // PID_MAX_LIMIT of linux/threads.h
  return record.pid().value_or(0) <= kPidLimit && record.ppid().value_or(0) <= kPidLimit;
}

// A record of version 3 read in the wrong byte order may look right except for its numbers.
bool HasRegularIds(const RecordView& record) {
  return record.byte_order() == ByteOrder::kLittle || HasPossiblePids(record);
}

// A rate that the record does not state tells nothing about the record.
bool HasRegularRate(const RecordView& record) {
  if (record.version() == kVersion3.version || record.layout().rate == kAbsent) return true;
  const uint16_t rate = Load16(record.bytes() + record.layout().rate, record.byte_order());
  // Version 0 has padding there. Small numbers resemble it, so it may not have them.
  const uint16_t slowest = record.version() == kVersion0.version ? 10 : 1;
  constexpr uint16_t kFastest = 10'000;
  return rate == 0 || (rate >= slowest && rate <= kFastest);
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
  if ((record.flags() & ~kKnownFlags) != 0 || !record.has_valid_elapsed() ||
      !IsPlausibleCommand(WholeCommand(record))) {
    return false;
  }
  switch (record.version()) {
    case 0:
      return record.exit_code() <= kMaxExitCode && IsPlausibleVersion0(record);
    case 3:
      return true;
    default:
      return record.exit_code() <= kMaxExitCode && HasBothIds(record);
  }
}

bool IsRegular(const RecordView& record) {
  return record.begin_time() >= kEarliestBegin && record.exit_code() <= kMaxExitCode &&
         IsRegularCommand(record) && HasRegularRate(record) && HasRegularIds(record) &&
         IsPlausible(record);
}

bool HasPrintableCommand(const RecordView& record) {
  const absl::Span<const uint8_t> command = WholeCommand(record);
  const auto end = std::find(command.begin(), command.end(), 0);
  return end != command.begin() && std::all_of(command.begin(), end, IsPrintable) &&
         std::all_of(end, command.end(), IsZero);
}

bool HasPossibleNumbers(const RecordView& record, const RecordFormat& format) {
  constexpr uint32_t k1990 = 631'152'000;
  return IsRegular(record) && record.begin_time() >= k1990 &&
         record.begin_time() <= format.latest_begin && HasPossiblePids(record);
}

bool StandsAlone(const RecordView& record, const RecordFormat& format) {
  const bool is_plain = HasPossibleNumbers(record, format) && HasPrintableCommand(record);
  if (record.version() != kVersion0.version || !is_plain) return is_plain;
  // A process exits or is killed, never both. Tables of numbers have bytes surrounded by zeros,
  // which look like commands of one character; tables of words have words in place of numbers.
  const uint32_t code = record.exit_code();
  const auto numbers =
      absl::MakeConstSpan(record.bytes() + kVersion0.gid16, kVersion0.elapsed - kVersion0.gid16);
  return ((code & 0xff) == 0 || code <= 0xff) && WholeCommand(record)[1] != 0 &&
         static_cast<size_t>(std::count_if(numbers.begin(), numbers.end(), IsPrintable)) <
             numbers.size() * 2 / 3;
}

uint32_t LatestBegin(absl::Time now) {
  // Clocks of machines differ, by their time zone at most if nobody maintains them.
  const int64_t tomorrow = absl::ToUnixSeconds(now + absl::Hours(24));
  // A clock that was never set does not know today's date.
  constexpr int64_t k2020 = 1'577'836'800;
  constexpr auto kNever = std::numeric_limits<uint32_t>::max();
  return tomorrow < k2020 ? kNever : static_cast<uint32_t>(std::min<int64_t>(tomorrow, kNever));
}

bool MayBeHead(absl::Span<const uint8_t> bytes, const RecordView& other) {
  if (bytes.empty() || (bytes[kFlagOffset] & ~kKnownFlags) != 0) return false;
  if (bytes.size() > kVersionOffset && bytes[kVersionOffset] != other.bytes()[kVersionOffset]) {
    return false;
  }
  if (other.version() != kVersion3.version) return true;
  // The missing fields get values that any regular record could have.
  std::array<uint8_t, kRecordBytes> whole = {};
  std::fill_n(whole.begin() + kVersion3.begin_time, sizeof(uint32_t), uint8_t{0x60});
  whole[kVersionOffset] = other.bytes()[kVersionOffset];
  whole[kVersion3.command] = 'x';
  std::copy(bytes.begin(), bytes.end(), whole.begin());
  return IsRegular(RecordView(whole.data(), kVersion3, other.byte_order()));
}

bool MayBeginRegular(absl::Span<const uint8_t> bytes, const RecordView& other) {
  bytes = bytes.subspan(0, kRecordBytes);
  const uint8_t version_byte = other.bytes()[kVersionOffset];
  if (bytes.empty() || (bytes[kFlagOffset] & ~kKnownFlags) != 0) return false;
  if (bytes.size() > kVersionOffset && bytes[kVersionOffset] != version_byte) return false;
  const Layout& layout = other.layout();
  // The missing fields get values that any regular record could have.
  std::array<uint8_t, kRecordBytes> whole = {};
  std::fill_n(whole.begin() + layout.begin_time, sizeof(uint32_t), uint8_t{0xff});
  whole[kVersionOffset] = version_byte;
  whole[layout.command] = 'x';
  std::copy(bytes.begin(), bytes.end(), whole.begin());
  const RecordView record(whole.data(), layout, other.byte_order());
  if (IsRegular(record) || layout.uid16 == kAbsent) return IsRegular(record);
  // The low halves of the ids come a second time.
  const size_t low = other.byte_order() == ByteOrder::kBig ? sizeof(uint16_t) : 0;
  for (const auto& [half, id] : {std::pair(layout.uid16, layout.uid), {layout.gid16, layout.gid}}) {
    for (size_t i = 0; i < sizeof(uint16_t); ++i) {
      if (id + low + i >= bytes.size()) whole[id + low + i] = whole[half + i];
    }
  }
  return IsRegular(record);
}

bool MayBeginRecord(absl::Span<const uint8_t> bytes) {
  if (!bytes.empty() && (bytes[kFlagOffset] & ~kKnownFlags) != 0) return false;
  if (bytes.size() <= kVersionOffset) return true;
  const uint8_t version = bytes[kVersionOffset] & static_cast<uint8_t>(~kBigEndianBit);
  return version <= kVersion3.version;
}

size_t LengthOf(const RecordView& record, absl::Span<const uint8_t> bytes,
                const RecordFormat& format, bool is_all, size_t usual) {
  if (record.version() != kVersion1.version) return kRecordBytes;
  const auto ends_with = [&](size_t length) { return is_all && bytes.size() == length; };
  const auto is_followed = [&](size_t length) {
    const std::optional<RecordView> next =
        RecordAt(bytes.subspan(std::min(length, bytes.size())), format);
    return next.has_value() && IsRegular(*next);
  };
  const absl::Span<const uint8_t> behind =
      bytes.subspan(kPackedV1Bytes, kRecordBytes - kPackedV1Bytes);
  const bool has_padding = behind.size() == kRecordBytes - kPackedV1Bytes &&
                           std::count(behind.begin(), behind.end(), 0) == 2;
  if (has_padding && (is_followed(kRecordBytes) || ends_with(kRecordBytes))) return kRecordBytes;
  if (is_followed(kPackedV1Bytes)) return kPackedV1Bytes;
  if (usual != 0) return usual;
  return ends_with(kPackedV1Bytes) || MayBeHead(behind, record) ? kPackedV1Bytes : kRecordBytes;
}

bool RecordsBegin(absl::Span<const uint8_t> bytes, const RecordFormat& format, bool is_all) {
  constexpr int kEnough = 3;
  std::optional<RecordView> last;
  size_t length = 0;
  for (int count = 0; count < kEnough; ++count) {
    const std::optional<RecordView> record = RecordAt(bytes, format);
    if (!record.has_value()) {
      // The end of the input, if there are too few bytes for a record.
      if (!is_all || bytes.size() >= kRecordBytes || count == 0) return false;
      return count > 1 || bytes.empty() || (StandsAlone(*last, format) && MayBeHead(bytes, *last));
    }
    // Zeros and small numbers resemble version 0, so a single such record proves nothing.
    if (!IsRegular(*record) || (record->version() == kVersion0.version && count == 0 &&
                                bytes.size() < kEnough * kRecordBytes)) {
      return false;
    }
    length = LengthOf(*record, bytes, format, is_all, length);
    bytes.remove_prefix(std::min(length, bytes.size()));
    last = record;
  }
  return true;
}

}  // namespace cpuagg::acct
