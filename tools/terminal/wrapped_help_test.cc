#include "tools/terminal/wrapped_help.h"

#include <string>

#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

TEST(WrappedHelpTest, WhatFitsStaysAsItIs) {
  const std::string help = "Usage: cpuagg\n\n  -q,--quiet   no warnings\n";
  EXPECT_EQ(WrappedHelp(help, 26), help);
  EXPECT_EQ(WrappedHelp("", 80), "");
}

TEST(WrappedHelpTest, ADescriptionContinuesBelowItsBeginning) {
  EXPECT_EQ(WrappedHelp("  --sort KEY   cpu, user-time or system-time: largest first\n", 40),
            "  --sort KEY   cpu, user-time or\n"
            "               system-time: largest\n"
            "               first\n");
}

TEST(WrappedHelpTest, ASentenceContinuesAtItsMargin) {
  EXPECT_EQ(WrappedHelp("one two three four five", 10), "one two\nthree four\nfive");
  EXPECT_EQ(WrappedHelp("  one two three", 10), "  one two\n  three");
}

TEST(WrappedHelpTest, AWordThatDoesNotFitIsNotCut) {
  EXPECT_EQ(WrappedHelp("  -x   /var/log/account/pacct is it", 16),
            "  -x   /var/log/account/pacct\n       is it");
  EXPECT_EQ(WrappedHelp("abcdefghij", 3), "abcdefghij");
}

TEST(WrappedHelpTest, ANarrowTerminalLeavesHalfOfItToDescriptions) {
  EXPECT_EQ(WrappedHelp("  --accounting-file FILE      the file of the kernel", 20),
            "  --accounting-file\n"
            "          FILE\n"
            "          the file\n"
            "          of the\n"
            "          kernel");
}

}  // namespace
}  // namespace cpuagg::tools
