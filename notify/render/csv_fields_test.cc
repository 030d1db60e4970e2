#include "notify/render/csv_fields.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using Fields = std::vector<absl::string_view>;

TEST(CsvFieldsTest, QuotesHideCommas) {
  EXPECT_EQ(FieldsOf("a,,\"b,\"\"c\",d\n"), (Fields{"a", "", "\"b,\"\"c\"", "d"}));
  EXPECT_EQ(FieldsOf(""), (Fields{""}));
}

TEST(CsvFieldsTest, LinesHaveTheChosenFieldsInTheirOrder) {
  const CsvFields fields("uid,user,share\n", {"share", "user", "share"});
  std::string text;
  fields.Append("uid,user,share\n1,\"x,y\",0.5\n2,,1\n", text);
  EXPECT_EQ(text, "share,user,share\n0.5,\"x,y\",0.5\n1,,1\n");
}

}  // namespace
}  // namespace cpuagg::notify
