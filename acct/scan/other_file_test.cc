#include "acct/scan/other_file.h"

#include <sys/stat.h>

#include <string>

#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::TempDir;

TEST(OtherFileTest, AFileWithoutARecordIsAnotherOne) {
  const TempDir dir;
  const std::string record = RecordBuilder().Bytes();
  const std::string text = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:\n";
  std::string long_text;
  while (long_text.size() < 100'000) long_text += text;
  const auto holds_no_record = [&](const std::string& bytes) {
    return HoldsNoRecord(dir.Write("file", bytes));
  };
  EXPECT_TRUE(holds_no_record(text));
  EXPECT_TRUE(holds_no_record(long_text));
  EXPECT_TRUE(holds_no_record("r"));
  EXPECT_TRUE(holds_no_record(std::string(1000, '\0')));
  EXPECT_FALSE(holds_no_record(""));
  EXPECT_FALSE(holds_no_record(record));
  EXPECT_FALSE(holds_no_record(record + "root"));
  EXPECT_FALSE(holds_no_record(text + std::string(64 - text.size() % 64, '\0') + record));
  // It may be being written.
  for (size_t length = 1; length < record.size(); ++length) {
    EXPECT_FALSE(holds_no_record(record.substr(0, length))) << length;
  }
}

TEST(OtherFileTest, WhatCannotBeReadIsNotJudged) {
  const TempDir dir;
  EXPECT_FALSE(HoldsNoRecord(dir.Path("none")));
  EXPECT_FALSE(HoldsNoRecord(dir.path()));
  EXPECT_FALSE(HoldsNoRecord("/dev/null"));
  ASSERT_EQ(mkfifo(dir.Path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(HoldsNoRecord(dir.Path("pipe")));
}

}  // namespace
}  // namespace cpuagg::acct
