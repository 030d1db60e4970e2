#include "tools/config/signal_name.h"

#include <csignal>

#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

TEST(SignalNumberTest, KnowsNamesAndNumbers) {
  for (const char* name : {"SEGV", "SIGSEGV", "segv", "SigSegv", "11"}) {
    EXPECT_EQ(SignalNumber(name), SIGSEGV) << name;
  }
  EXPECT_EQ(SignalNumber("KILL"), SIGKILL);
  EXPECT_EQ(SignalNumber("TERM"), SIGTERM);
  EXPECT_EQ(SignalNumber("XCPU"), SIGXCPU);
  EXPECT_EQ(SignalNumber("1"), SIGHUP);
  EXPECT_EQ(SignalNumber("64"), 64u);
}

TEST(SignalNumberTest, NothingElseIsASignal) {
  for (const char* name : {"", "SIG", "0", "65", "-9", "KIL", "SEGVX", "SIGSIGSEGV", "any", "pacct",
                           "011", "+9", " 9"}) {
    EXPECT_FALSE(SignalNumber(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace cpuagg::tools
