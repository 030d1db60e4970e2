#include "notify/secret.h"

#include <string>

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(SecretTest, IsTakenOutOfEveryText) {
  const Secret secret("42:short");
  EXPECT_EQ(secret.Redact("POST /bot42:short/sendPhoto, 42:short"),
            "POST /bot<token>/sendPhoto, <token>");
}

TEST(SecretTest, AnythingShapedLikeATokenIsTakenOutToo) {
  const Secret secret;
  EXPECT_EQ(secret.Redact("bot123456789:AAE-abcdefghijklmnopqrst_uvwx/getMe"), "bot<token>/getMe");
  EXPECT_EQ(secret.Redact("7:aaaaaaaaaaaaaaaaaaaaa 8:bbbbbbbbbbbbbbbbbbbbb"), "<token> <token>");
}

TEST(SecretTest, TimesAndPortsStay) {
  const Secret secret;
  for (const char* text : {"", "at 12:34:56", "127.0.0.1:8081", "12345:tooshort", "99999"}) {
    EXPECT_EQ(secret.Redact(text), text);
  }
}

}  // namespace
}  // namespace cpuagg::notify
