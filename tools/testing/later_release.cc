#include "tools/testing/later_release.h"

#include <zlib.h>

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace cpuagg::tools::testing {
namespace {

// In protobuf's encoding.
std::string Fixed32(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i, value >>= 8) bytes.push_back(static_cast<char>(value & 0xff));
  return bytes;
}

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

std::string Crc32(const std::string& bytes) {
  return Fixed32(static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size())));
}

// The field 1000 with the value 1.
std::string UnknownField() { return Varint(1000 << 3) + "\x01"; }

// SnapshotFile of aggregate/snapshot/snapshot.proto. Only this file has a fixed32 as its second
// field, the checksum of its header.
constexpr char kHeaderCrc32Tag = 4 << 3 | 5;
bool IsSnapshot(const std::string& file) { return file.at(2) == kHeaderCrc32Tag; }

struct Snapshot {
  uint32_t version;
  std::string header;
  std::string body;
};

Snapshot ReadSnapshot(const std::string& file) {
  // The version and the header's checksum with their tags are followed by the header and the body.
  size_t at = 7;
  const auto next = [&] {
    ++at;
    uint64_t size = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(file.at(at++));
      size |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    at += size;
    return file.substr(at - size, size);
  };
  Snapshot snapshot{.version = FormatVersionOf(file)};
  snapshot.header = next();
  snapshot.body = next();
  return snapshot;
}

std::string Bytes(const Snapshot& snapshot) {
  return absl::StrCat("\x08", Varint(snapshot.version), "\x25",
                      Crc32(absl::StrCat(snapshot.version, ":", snapshot.header)), "\x2a",
                      Varint(snapshot.header.size()), snapshot.header, "\x32",
                      Varint(snapshot.body.size()), snapshot.body);
}

// For a file of the outbox: its checksum is the last field, with 5 bytes and the number 15.
std::string WithoutChecksum(const std::string& file) { return file.substr(0, file.size() - 5); }
std::string WithChecksum(const std::string& bytes) {
  return absl::StrCat(bytes, "\x7d", Crc32(bytes));
}

}  // namespace

uint32_t FormatVersionOf(const std::string& file) { return static_cast<unsigned char>(file.at(1)); }

std::string OfNextVersion(const std::string& file) {
  if (IsSnapshot(file)) {
    Snapshot snapshot = ReadSnapshot(file);
    ++snapshot.version;
    return Bytes(snapshot);
  }
  std::string bytes = WithoutChecksum(file);
  ++bytes[1];
  return WithChecksum(bytes);
}

std::string WithUnknownFields(const std::string& file) {
  if (!IsSnapshot(file)) return WithChecksum(WithoutChecksum(file) + UnknownField());
  Snapshot snapshot = ReadSnapshot(file);
  snapshot.body += UnknownField();
  // Repeats Header.body_crc32: if a field occurs twice, the last one counts.
  constexpr uint64_t kBodyCrc32Tag = 16 << 3 | 5;
  snapshot.header += UnknownField() + Varint(kBodyCrc32Tag) + Crc32(snapshot.body);
  return Bytes(snapshot);
}

}  // namespace cpuagg::tools::testing
