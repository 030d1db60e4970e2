#include "notify/telegram/secret.h"

#include <string>

#include "absl/strings/str_cat.h"
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
  const std::string shorter = "7:" + std::string(19, 'a');
  EXPECT_EQ(secret.Redact(shorter), shorter);
  EXPECT_EQ(secret.Redact(shorter + "a"), "<token>");
}

TEST(SecretTest, TheSecretHalfAloneIsTakenOut) {
  const Secret secret("42:a-secret_half");
  EXPECT_EQ(secret.Redact("token a-secret_half, id 42"), "token <token>, id 42");
  EXPECT_EQ(secret.Redact("A-SECRET_HALF"), "<token>");
  EXPECT_EQ(Secret("42:short").Redact("a short one"), "a short one");
}

TEST(SecretTest, WhatIsLeftOfATokenThatWasCutOffIsTakenOut) {
  const Secret secret("42:a-secret_half");
  EXPECT_EQ(secret.Redact("POST /bot42:a-se"), "POST /bot<token>");
  EXPECT_EQ(secret.Redact("POST /bot42:a"), "POST /bot<token>");
  EXPECT_EQ(secret.Redact("in 42: nothing"), "in 42: nothing");
}

TEST(SecretTest, EncodedFormsAreTakenOut) {
  const Secret secret("42:a-secret_half");
  for (const char* form : {"42%3Aa-secret_half",
                           "42%3aa-secret_half",
                           "42%253Aa-secret_half",
                           "42&#58;a-secret_half",
                           "42&#058;a-secret_half",
                           "42&#0000000000000058;a-secret_half",
                           "42&#x00000000003a;a-secret_half",
                           "42&#x3a;a-secret_half",
                           "42&#X3A;a-secret_half",
                           "42&colon;a-secret_half",
                           "42&amp;#58;a-secret_half",
                           "42\\u003aa-secret_half",
                           "42\\u003Aa-secret_half",
                           "42\\\\u003aa-secret_half",
                           "42\\x3aa-secret_half",
                           "4%32:%61-secret_half",
                           "\\u0034\\u0032:\\u0061-secret&lowbar;half",
                           "42:A-Secret_HALF",
                           "&#97;-secret_half",
                           "a%2Dsecret%5Fhalf"}) {
    EXPECT_EQ(secret.Redact(absl::StrCat("(", form, ")")), "(<token>)") << form;
  }
  EXPECT_EQ(RedactTokens("bot123456789%3AAAE-abcdefghijklmnopqrst_uvwx/getMe"), "bot<token>/getMe");
}

// "%2a" may be an encoded asterisk.
TEST(SecretTest, WhatLooksEncodedMayBeTheTokenAsItStands) {
  EXPECT_EQ(Secret("42:abc-secret_half").Redact("%2abc-secret_half"), "%2<token>");
  EXPECT_EQ(Secret("42:abc-secret_half").Redact("42%3%41bc-secret_half"), "<token>");
}

TEST(SecretTest, OfOtherEncodedTextNothingIsChanged) {
  const Secret secret("42:a-secret_half");
  for (const char* text : {"100%", "%", "%%3", "a%20b%3A%zz", "&", "&amp;lt; &#38;", "&#;", "&#x;",
                           "\\", "\\u00", "\\u00e9", "\\ud83d\\ude00", "C:\\x", "50%25",
                           "caf\xc3\xa9 &#233;", "%00", "&#0;", "&#xcccccccccccc;"}) {
    EXPECT_EQ(secret.Redact(text), text);
  }
}

// A server can answer with a megabyte of anything.
TEST(SecretTest, LongAnswersTakeNoLongerForWhatTheyAreMadeOf) {
  const Secret secret("1111:11111111111111111111");
  for (const char* piece : {"1", "1:", "%25", "&amp;", "42:a", "%2525", "\\u0031", "a"}) {
    std::string text;
    while (text.size() < (size_t{1} << 20)) text += piece;
    EXPECT_LE(secret.Redact(text).size(), text.size()) << piece;
  }
}

TEST(SecretTest, ATokenIsKnownByItsShape) {
  EXPECT_TRUE(HasToken("https://api.telegram.org/bot123456789:AAE-abcdefghijklmnopqrst_uvwx"));
  EXPECT_FALSE(HasToken("http://user:password@proxy:3128"));
  EXPECT_FALSE(HasToken("-1001234567890/42, @lab_news"));
}

TEST(SecretTest, TimesAndPortsStay) {
  const Secret secret;
  for (const char* text : {"", "at 12:34:56", "127.0.0.1:8081", "12345:tooshort", "99999"}) {
    EXPECT_EQ(secret.Redact(text), text);
  }
}

}  // namespace
}  // namespace cpuagg::notify
