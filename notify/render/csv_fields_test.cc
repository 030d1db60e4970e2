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

TEST(CsvFieldsTest, OfTsvAQuoteIsALetter) {
  EXPECT_EQ(FieldsOf("a\t\"b\tc,d\n", '\t'), (Fields{"a", "\"b", "c,d"}));
  const CsvFields fields("uid\tuser\n", {"user", "uid"}, '\t');
  std::string text;
  fields.Append("1\t\"\n", text);
  EXPECT_EQ(text, "\"\t1\n");
}

TEST(CsvFieldsTest, AnEmptyFieldAloneIsQuoted) {
  std::string text;
  CsvFields("tty,pid\n", {"tty"}).Append(",1\npts/3,2\n", text);
  EXPECT_EQ(text, "\"\"\npts/3\n");
}

TEST(CsvFieldsTest, LinesHaveTheChosenFieldsInTheirOrder) {
  const CsvFields fields("uid,user,share\n", {"share", "user", "share"});
  std::string text;
  fields.Append("uid,user,share\n1,\"x,y\",0.5\n2,,1\n", text);
  EXPECT_EQ(text, "share,user,share\n0.5,\"x,y\",0.5\n1,,1\n");
}

}  // namespace
}  // namespace cpuagg::notify
