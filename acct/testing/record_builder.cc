#include "acct/testing/record_builder.h"

#include <bit>

namespace cpuagg::acct::testing {

RecordBuilder::RecordBuilder() : bytes_(64, '\0') {
  VersionByte(3);
  BeginTime(1'700'000'000);
  Command("true");
}

RecordBuilder& RecordBuilder::Put16(size_t offset, uint16_t value) {
  bytes_[offset] = static_cast<char>(value & 0xff);
  bytes_[offset + 1] = static_cast<char>(value >> 8);
  return *this;
}

RecordBuilder& RecordBuilder::Put32(size_t offset, uint32_t value) {
  Put16(offset, static_cast<uint16_t>(value & 0xffff));
  return Put16(offset + 2, static_cast<uint16_t>(value >> 16));
}

RecordBuilder& RecordBuilder::Flags(uint8_t flags) {
  bytes_[0] = static_cast<char>(flags);
  return *this;
}

RecordBuilder& RecordBuilder::VersionByte(uint8_t version_byte) {
  bytes_[1] = static_cast<char>(version_byte);
  return *this;
}

RecordBuilder& RecordBuilder::Uid(uint32_t uid) { return Put32(8, uid); }
RecordBuilder& RecordBuilder::BeginTime(uint32_t seconds) { return Put32(24, seconds); }
RecordBuilder& RecordBuilder::Elapsed(float ticks) {
  return Put32(28, std::bit_cast<uint32_t>(ticks));
}
RecordBuilder& RecordBuilder::UserTime(uint16_t comp_t) { return Put16(32, comp_t); }
RecordBuilder& RecordBuilder::SystemTime(uint16_t comp_t) { return Put16(34, comp_t); }
RecordBuilder& RecordBuilder::Memory(uint16_t comp_t) { return Put16(36, comp_t); }
RecordBuilder& RecordBuilder::Io(uint16_t comp_t) { return Put16(38, comp_t); }
RecordBuilder& RecordBuilder::MinorFaults(uint16_t comp_t) { return Put16(42, comp_t); }
RecordBuilder& RecordBuilder::MajorFaults(uint16_t comp_t) { return Put16(44, comp_t); }

RecordBuilder& RecordBuilder::Command(absl::string_view command) {
  for (size_t i = 0; i < 16; ++i) bytes_[48 + i] = i < command.size() ? command[i] : '\0';
  return *this;
}

std::string Repeat(absl::string_view bytes, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all.append(bytes.data(), bytes.size());
  return all;
}

}  // namespace cpuagg::acct::testing
