// RecordBuilder: builds accounting records of every version byte by byte from linux/acct.h,
// independently of the code under test.
//
//   std::string file = RecordBuilder().Uid(1001).UserTime(258).Command("gcc").Bytes();
//   std::string old = RecordBuilder(2, RecordBuilder::kBigEndian).Uid(1001).Rate(1024).Bytes();

#ifndef CPUAGG_ACCT_TESTING_RECORD_BUILDER_H_
#define CPUAGG_ACCT_TESTING_RECORD_BUILDER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::acct::testing {

class RecordBuilder {
 public:
  enum Order { kLittleEndian, kBigEndian };

  // A record of `version` 0 to 3: a process of root that began in 2023 and used nothing. Version 1
  // is packed: 62 bytes. Version 0 has no version byte, so its byte order does not show.
  explicit RecordBuilder(int version = 3, Order order = kLittleEndian);

  RecordBuilder& Flags(uint8_t flags);
  RecordBuilder& VersionByte(uint8_t version_byte);
  RecordBuilder& Tty(uint16_t tty);
  RecordBuilder& ExitCode(uint32_t code);
  // Version 0 keeps the low 16 bits.
  RecordBuilder& Uid(uint32_t uid);
  RecordBuilder& Gid(uint32_t gid);
  // Only in version 3.
  RecordBuilder& Pid(uint32_t pid);
  RecordBuilder& ParentPid(uint32_t pid);
  RecordBuilder& BeginTime(uint32_t seconds);
  // In ticks: a float in version 3, else an integer up to 8191.
  RecordBuilder& Elapsed(float ticks);
  // The 24-bit elapsed time that versions 1 and 2 have in addition.
  RecordBuilder& LongElapsed(uint32_t comp2_t);
  // Ticks per second; only in version 2.
  RecordBuilder& Rate(uint16_t rate);
  // The comp_t fields take bit patterns. A pattern up to 8191 is its own value.
  RecordBuilder& UserTime(uint16_t comp_t);
  RecordBuilder& SystemTime(uint16_t comp_t);
  RecordBuilder& Memory(uint16_t comp_t);
  RecordBuilder& Io(uint16_t comp_t);
  RecordBuilder& Blocks(uint16_t comp_t);
  RecordBuilder& MinorFaults(uint16_t comp_t);
  RecordBuilder& MajorFaults(uint16_t comp_t);
  RecordBuilder& Swaps(uint16_t comp_t);
  // At most 16 bytes; the rest is filled with zeros.
  RecordBuilder& Command(absl::string_view command);

  // The bytes of the record.
  const std::string& Bytes() const { return bytes_; }

 private:
  RecordBuilder& Put16(size_t offset, uint16_t value);
  RecordBuilder& Put32(size_t offset, uint32_t value);
  // Writes at the offset for this builder's version; -1 if the version has no such field.
  RecordBuilder& Put16(int v0, int v1, int v2, int v3, uint16_t value);
  RecordBuilder& Put32(int v0, int v1, int v2, int v3, uint32_t value);

  int version_;
  Order order_;
  std::string bytes_;
};

// `count` copies of `bytes`, one after another.
std::string Repeat(absl::string_view bytes, int count);

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_RECORD_BUILDER_H_
