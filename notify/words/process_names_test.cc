#include "notify/words/process_names.h"

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(ProcessNamesTest, TerminalsAreCalledWhatTheirDevicesAre) {
  EXPECT_EQ(TtyName(0), "");
  EXPECT_EQ(TtyName(0x0401), "tty1");
  EXPECT_EQ(TtyName(0x0440), "ttyS0");
  EXPECT_EQ(TtyName(0x8800), "pts/0");
  EXPECT_EQ(TtyName(0x8901), "pts/257");
  EXPECT_EQ(TtyName(0x0501), "5:1");
}

TEST(ProcessNamesTest, SignalsHaveTheNamesOfTheSystem) {
  EXPECT_EQ(SignalName(0), "");
  EXPECT_EQ(SignalName(9), "KILL");
  EXPECT_EQ(SignalName(11), "SEGV");
  EXPECT_EQ(SignalName(40), "40") << "a real-time signal";
  EXPECT_EQ(SignalName(127), "127");
}

}  // namespace
}  // namespace cpuagg::notify
