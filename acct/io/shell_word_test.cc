#include "acct/io/shell_word.h"

#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

TEST(ShellWordTest, WordsForAShellAreQuotedWhereTheyHaveToBe) {
  EXPECT_EQ(ShellWord("/var/lib/cpuagg"), "/var/lib/cpuagg");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("a b;c"), "'a b;c'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord("$HOME"), "'$HOME'");
}

}  // namespace
}  // namespace cpuagg::acct
