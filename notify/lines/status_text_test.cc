#include "notify/lines/status_text.h"

#include <cstdint>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(StatusTextTest, OnlySuccessReadsLikeSuccess) {
  struct Case {
    uint32_t code;
    bool left_core;
    const char* text;
  };
  for (const Case& c :
       {Case{0, false, "ok"}, Case{1 << 8, false, "exit 1"}, Case{255 << 8, false, "exit 255"},
        Case{9, false, "KILL"}, Case{11, true, "SEGV (core)"}, Case{0x80 | 11, false, "SEGV"},
        Case{34, false, "signal 34"}, Case{1 << 8 | 9, false, "KILL, exit 1"},
        Case{0, true, "exit 0 (core)"}}) {
    EXPECT_EQ(StatusText(c.code, c.left_core), c.text) << c.code;
  }
}

TEST(StatusTextTest, DifferentEndsHaveDifferentTexts) {
  std::set<std::string> texts;
  for (uint32_t status = 0; status < 256; ++status) {
    for (uint32_t signal = 0; signal < 128; ++signal) {
      for (const bool left_core : {false, true}) {
        texts.insert(StatusText(status << 8 | signal, left_core));
      }
    }
  }
  EXPECT_EQ(texts.size(), 256u * 128 * 2);
}

}  // namespace
}  // namespace cpuagg::notify
