#include "acct/rotation/generation_name.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

TEST(GenerationNameTest, NamesOfEverySchemeAreInOrder) {
  const std::vector<std::vector<std::string>> schemes = {
      {"", ".0", ".1.gz", ".2.gz", ".10.gz"},
      {"", ".1", ".2.xz", ".9.zst", ".11.bz2"},
      {"", "-20261123", "-20261122.gz", "-20251231.gz"},
      {"", "-20261123-1795392000", "-20261123-1795388400.gz"},
      {"", ".20261123", ".20261122.gz"}};
  for (const std::vector<std::string>& names : schemes) {
    for (size_t i = 1; i < names.size(); ++i) {
      ASSERT_TRUE(AgeByName(names[i]).has_value()) << names[i];
      EXPECT_LT(AgeByName(names[i - 1]), AgeByName(names[i])) << names[i];
    }
  }
  for (const char* name :
       {".old", "2", "-1", ".1.txt", "_2", ".gz.1", ".", "..", ".1.", ".99999999999999999999",
        "x.1", "-2026-11-25", "-20261125T1842", ".20261125.backup"}) {
    EXPECT_FALSE(AgeByName(name).has_value()) << name;
  }
}

TEST(GenerationNameTest, AnUnknownEndingIsToldFromANote) {
  for (const char* suffix : {".1.lz4", "-20261122.Z", ".2.gz.enc", ".3.lzma"}) {
    EXPECT_TRUE(HasUnknownEnding(suffix)) << suffix;
  }
  for (const char* suffix : {"", ".1", ".1.gz", ".note", "-old", "s.1.lz4"}) {
    EXPECT_FALSE(HasUnknownEnding(suffix)) << suffix;
  }
}

TEST(GenerationNameTest, NumbersThatGoUpwardsAreNewer) {
  EXPECT_LT(AgeByNumber("0000000010.paf"), AgeByNumber("0000000009.paf"));
  EXPECT_LT(AgeByNumber("10"), AgeByNumber("9.gz"));
  for (const char* name : {"current", "", ".paf", "1x.paf", "99999999999999999999"}) {
    EXPECT_FALSE(AgeByNumber(name).has_value()) << name;
  }
}

TEST(GenerationNameTest, ACompressedFileIsNamedAfterItsSource) {
  EXPECT_EQ(WithoutCompression("/a/pacct.1.gz"), "/a/pacct.1");
  EXPECT_EQ(WithoutCompression("pacct.bz2"), "pacct");
  EXPECT_EQ(WithoutCompression("pacct.1"), std::nullopt);
}

}  // namespace
}  // namespace cpuagg::acct
