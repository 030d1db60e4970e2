// Builds acct_v3 records byte by byte from linux/acct.h, without the code under test.
//
//   std::string file = RecordBuilder().Uid(1001).UserTime(258).Command("gcc").Bytes();

#ifndef CPUAGG_ACCT_TESTING_RECORD_BUILDER_H_
#define CPUAGG_ACCT_TESTING_RECORD_BUILDER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::acct::testing {

class RecordBuilder {
 public:
  RecordBuilder();

  RecordBuilder& Flags(uint8_t flags);
  RecordBuilder& VersionByte(uint8_t version_byte);
  RecordBuilder& Uid(uint32_t uid);
  RecordBuilder& BeginTime(uint32_t seconds);
  RecordBuilder& Elapsed(float ticks);
  // The comp_t fields take bit patterns; up to 8191 a pattern is its own value.
  RecordBuilder& UserTime(uint16_t comp_t);
  RecordBuilder& SystemTime(uint16_t comp_t);
  RecordBuilder& Memory(uint16_t comp_t);
  RecordBuilder& Io(uint16_t comp_t);
  RecordBuilder& MinorFaults(uint16_t comp_t);
  RecordBuilder& MajorFaults(uint16_t comp_t);
  // At most 16 bytes; the rest is filled with zeros.
  RecordBuilder& Command(absl::string_view command);

  // The 64 bytes of the record.
  const std::string& Bytes() const { return bytes_; }

 private:
  RecordBuilder& Put16(size_t offset, uint16_t value);
  RecordBuilder& Put32(size_t offset, uint32_t value);

  std::string bytes_;
};

// `count` copies of `bytes`, one behind another.
std::string Repeat(absl::string_view bytes, int count);

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_RECORD_BUILDER_H_
