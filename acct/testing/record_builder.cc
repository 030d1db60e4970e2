#include "acct/testing/record_builder.h"

#include <array>
#include <bit>

namespace cpuagg::acct::testing {

RecordBuilder::RecordBuilder(int version, Order order)
    : version_(version), order_(order), bytes_(version == 1 ? 62 : 64, '\0') {
  if (version > 0) VersionByte(static_cast<uint8_t>(version | (order == kBigEndian ? 0x80 : 0)));
  BeginTime(1'700'000'000);
  Command("true");
}

RecordBuilder& RecordBuilder::Put16(size_t offset, uint16_t value) {
  const bool big = order_ == kBigEndian;
  bytes_[offset] = static_cast<char>(big ? value >> 8 : value & 0xff);
  bytes_[offset + 1] = static_cast<char>(big ? value & 0xff : value >> 8);
  return *this;
}

RecordBuilder& RecordBuilder::Put32(size_t offset, uint32_t value) {
  const auto low = static_cast<uint16_t>(value & 0xffff);
  const auto high = static_cast<uint16_t>(value >> 16);
  Put16(offset, order_ == kBigEndian ? high : low);
  return Put16(offset + 2, order_ == kBigEndian ? low : high);
}

RecordBuilder& RecordBuilder::Put16(int v0, int v1, int v2, int v3, uint16_t value) {
  const int offset = std::array{v0, v1, v2, v3}[static_cast<size_t>(version_)];
  return offset < 0 ? *this : Put16(static_cast<size_t>(offset), value);
}

RecordBuilder& RecordBuilder::Put32(int v0, int v1, int v2, int v3, uint32_t value) {
  const int offset = std::array{v0, v1, v2, v3}[static_cast<size_t>(version_)];
  return offset < 0 ? *this : Put32(static_cast<size_t>(offset), value);
}

RecordBuilder& RecordBuilder::Flags(uint8_t flags) {
  bytes_[0] = static_cast<char>(flags);
  return *this;
}

RecordBuilder& RecordBuilder::VersionByte(uint8_t version_byte) {
  bytes_[1] = static_cast<char>(version_byte);
  return *this;
}

RecordBuilder& RecordBuilder::Tty(uint16_t tty) { return Put16(6, 6, 6, 2, tty); }
RecordBuilder& RecordBuilder::ExitCode(uint32_t code) { return Put32(32, 30, 32, 4, code); }
RecordBuilder& RecordBuilder::Uid(uint32_t uid) {
  Put16(2, 2, 2, -1, static_cast<uint16_t>(uid & 0xffff));
  return Put32(-1, 54, 56, 8, uid);
}
RecordBuilder& RecordBuilder::Gid(uint32_t gid) {
  Put16(4, 4, 4, -1, static_cast<uint16_t>(gid & 0xffff));
  return Put32(-1, 58, 60, 12, gid);
}
RecordBuilder& RecordBuilder::Pid(uint32_t pid) { return Put32(-1, -1, -1, 16, pid); }
RecordBuilder& RecordBuilder::ParentPid(uint32_t pid) { return Put32(-1, -1, -1, 20, pid); }
RecordBuilder& RecordBuilder::BeginTime(uint32_t seconds) { return Put32(8, 8, 8, 24, seconds); }
RecordBuilder& RecordBuilder::Elapsed(float ticks) {
  if (version_ == 3) return Put32(28, std::bit_cast<uint32_t>(ticks));
  return Put16(16, static_cast<uint16_t>(ticks));
}
RecordBuilder& RecordBuilder::LongElapsed(uint32_t comp2_t) {
  if (version_ != 1 && version_ != 2) return *this;
  bytes_[version_ == 1 ? 51 : 53] = static_cast<char>(comp2_t >> 16);
  return Put16(-1, 52, 54, -1, static_cast<uint16_t>(comp2_t & 0xffff));
}
RecordBuilder& RecordBuilder::Rate(uint16_t rate) { return Put16(-1, -1, 30, -1, rate); }
RecordBuilder& RecordBuilder::UserTime(uint16_t c) { return Put16(12, 12, 12, 32, c); }
RecordBuilder& RecordBuilder::SystemTime(uint16_t c) { return Put16(14, 14, 14, 34, c); }
RecordBuilder& RecordBuilder::Memory(uint16_t c) { return Put16(18, 18, 18, 36, c); }
RecordBuilder& RecordBuilder::Io(uint16_t c) { return Put16(20, 20, 20, 38, c); }
RecordBuilder& RecordBuilder::Blocks(uint16_t c) { return Put16(22, 22, 22, 40, c); }
RecordBuilder& RecordBuilder::MinorFaults(uint16_t c) { return Put16(24, 24, 24, 42, c); }
RecordBuilder& RecordBuilder::MajorFaults(uint16_t c) { return Put16(26, 26, 26, 44, c); }
RecordBuilder& RecordBuilder::Swaps(uint16_t c) { return Put16(28, 28, 28, 46, c); }

RecordBuilder& RecordBuilder::Command(absl::string_view command) {
  const size_t offset = std::array{36u, 34u, 36u, 48u}[static_cast<size_t>(version_)];
  for (size_t i = 0; i < 16; ++i) bytes_[offset + i] = i < command.size() ? command[i] : '\0';
  return *this;
}

std::string Repeat(absl::string_view bytes, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all.append(bytes.data(), bytes.size());
  return all;
}

}  // namespace cpuagg::acct::testing
