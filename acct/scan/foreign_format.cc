#include "acct/scan/foreign_format.h"

#include <algorithm>
#include <cstddef>

#include "acct/record/byte_order.h"

namespace cpuagg::acct {
namespace {

using Bytes = absl::Span<const uint8_t>;

// The properties of all records of a format: offsets and lengths in bytes.
struct Format {
  const char* name;
  size_t record_bytes;
  size_t command;
  size_t command_bytes;
  size_t begin_time;
  bool has_wide_time;  // 64 bits
};

constexpr Format kFormats[] = {
    {"OpenBSD", 64, 0, 24, 32, true},          {"NetBSD", 64, 0, 16, 24, true},
    {"FreeBSD (acctv1)", 56, 0, 16, 24, true}, {"FreeBSD (acctv1)", 48, 0, 16, 24, false},
    {"macOS", 40, 0, 10, 16, false},           {"Solaris", 40, 32, 8, 16, false},
};

bool IsCommand(Bytes command) {
  const auto end = std::find(command.begin(), command.end(), 0);
  return end != command.begin() &&
         std::all_of(command.begin(), end, [](uint8_t c) { return c >= ' ' && c < 0x7f; }) &&
         std::all_of(end, command.end(), [](uint8_t c) { return c == 0; });
}

// Between 1990 and 2038.
bool IsTime(const uint8_t* bytes, bool is_wide, ByteOrder order) {
  const uint8_t* const low = is_wide && order == ByteOrder::kBig ? bytes + 4 : bytes;
  const uint8_t* const high = order == ByteOrder::kBig ? bytes : bytes + 4;
  const uint32_t seconds = Load32(low, order);
  return seconds >= 631'152'000 && seconds < uint32_t{1} << 31 &&
         (!is_wide || Load32(high, order) == 0);
}

// Commands end with a zero, except those of 8 letters. The records of the latter begin with flags
// and two zeros.
bool IsFramed(Bytes record, const Format& format) {
  if (format.command == 0) return record[format.command_bytes - 1] == 0;
  return record[0] < 0x40 && record[2] == 0 && record[3] == 0;
}

bool Fits(Bytes bytes, const Format& format, ByteOrder order) {
  // A single record is not enough evidence.
  if (bytes.size() < 2 * format.record_bytes) return false;
  for (; bytes.size() >= format.record_bytes; bytes.remove_prefix(format.record_bytes)) {
    if (!IsFramed(bytes, format) ||
        !IsCommand(bytes.subspan(format.command, format.command_bytes)) ||
        !IsTime(bytes.data() + format.begin_time, format.has_wide_time, order)) {
      return false;
    }
  }
  return true;
}

// Records that begin with a zero, their version and their length, with the command after these.
bool FitsVersioned(Bytes bytes, uint8_t version, ByteOrder order) {
  constexpr size_t kHeadBytes = 4;
  constexpr size_t kCommandBytes = 16;
  constexpr size_t kLeast = 56;
  constexpr size_t kMost = 96;
  const auto has_head = [&] {
    return bytes[0] == 0 && bytes[1] == version &&
           IsCommand(bytes.subspan(kHeadBytes, kCommandBytes));
  };
  if (bytes.size() < kLeast || !has_head()) return false;
  const size_t length = Load16(bytes.data() + 2, order);
  if (length < kLeast || length > kMost || length > bytes.size()) return false;
  while (bytes.size() >= length) {
    if (!has_head() || Load16(bytes.data() + 2, order) != length) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace

const char* ForeignFormat(absl::Span<const uint8_t> bytes) {
  for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
    if (FitsVersioned(bytes, 2, order)) return "FreeBSD (acctv2)";
    if (FitsVersioned(bytes, 3, order)) return "FreeBSD (acctv3)";
    for (const Format& format : kFormats) {
      if (Fits(bytes, format, order)) return format.name;
    }
  }
  return "";
}

}  // namespace cpuagg::acct
