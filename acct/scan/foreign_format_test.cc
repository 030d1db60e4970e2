#include "acct/scan/foreign_format.h"

#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

std::string NameOf(const std::string& bytes) {
  return ForeignFormat({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

// A number with a length of `bytes` bytes.
std::string Number(uint64_t value, size_t bytes, bool is_big_endian) {
  std::string number;
  for (size_t i = 0; i < bytes; ++i) {
    const size_t place = is_big_endian ? bytes - 1 - i : i;
    number += static_cast<char>(value >> (8 * place));
  }
  return number;
}

// Two records of `record_bytes` bytes with the fields that identify the format.
std::string File(size_t record_bytes, size_t command, size_t time, size_t time_bytes,
                 bool is_big_endian, const std::string& head = "") {
  std::string file;
  for (const std::string name : {"sh", "cc1plus"}) {
    std::string record(record_bytes, '\0');
    record.replace(0, head.size(), head);
    record.replace(command, name.size(), name);
    record.replace(time, time_bytes, Number(1'490'000'000, time_bytes, is_big_endian));
    file += record;
  }
  return file;
}

TEST(ForeignFormatTest, EachIsNamedInBothByteOrders) {
  for (const bool big : {false, true}) {
    EXPECT_EQ(NameOf(File(64, 0, 32, 8, big)), "OpenBSD");
    EXPECT_EQ(NameOf(File(64, 0, 24, 8, big)), "NetBSD");
    EXPECT_EQ(NameOf(File(56, 0, 24, 8, big)), "FreeBSD (acctv1)");
    EXPECT_EQ(NameOf(File(48, 0, 24, 4, big)), "FreeBSD (acctv1)");
    EXPECT_EQ(NameOf(File(40, 0, 16, 4, big)), "macOS");
    EXPECT_EQ(NameOf(File(40, 32, 16, 4, big)), "Solaris");
    const std::string zero(1, '\0');
    EXPECT_EQ(NameOf(File(64, 4, 32, 8, big, zero + '\2' + Number(64, 2, big))),
              "FreeBSD (acctv2)");
    EXPECT_EQ(NameOf(File(72, 4, 32, 8, big, zero + '\3' + Number(72, 2, big))),
              "FreeBSD (acctv3)");
  }
}

TEST(ForeignFormatTest, NothingElseIs) {
  EXPECT_EQ(NameOf(""), "");
  EXPECT_EQ(NameOf(std::string(384, '\0')), "");
  EXPECT_EQ(NameOf(std::string(384, 'x')), "");
  EXPECT_EQ(NameOf(std::string(384, '\xff')), "");
  for (int version = 0; version <= 3; ++version) {
    EXPECT_EQ(NameOf(testing::Repeat(testing::RecordBuilder(version).Bytes(), 6)), "");
  }
}

TEST(ForeignFormatTest, ATimeOf64BitsIsBefore2038) {
  for (const bool big : {false, true}) {
    std::string file = File(64, 0, 32, 8, big);
    // A bit of the upper half.
    file[big ? 35 : 36] = 1;
    EXPECT_EQ(NameOf(file), "");
  }
}

TEST(ForeignFormatTest, RecordsThatSayTheirLengthAllSayTheSame) {
  for (const bool big : {false, true}) {
    std::string file = File(72, 4, 32, 8, big, std::string("\0\3", 2) + Number(72, 2, big));
    ASSERT_EQ(NameOf(file), "FreeBSD (acctv3)");
    file.replace(72 + 2, 2, Number(80, 2, big));
    EXPECT_EQ(NameOf(file), "");
  }
}

}  // namespace
}  // namespace cpuagg::acct
