#include "tools/config/typed_flags.h"

#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

TEST(TypedFlagsTest, AMessageBeginsWithTheTypedName) {
  const ShortFlags flags = {{"--top", "-n"}};
  EXPECT_EQ(AsTyped("--top: 'x' is not a number", flags), "-n: 'x' is not a number");
  EXPECT_EQ(AsTyped("--top", flags), "-n");
  EXPECT_EQ(AsTyped("--topmost: x", flags), "--topmost: x");
  EXPECT_EQ(AsTyped("--top-most: x", flags), "--top-most: x");
  EXPECT_EQ(AsTyped("a --top", flags), "a --top");
}

}  // namespace
}  // namespace cpuagg::tools
