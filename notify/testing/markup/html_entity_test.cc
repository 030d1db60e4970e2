#include "notify/testing/markup/html_entity.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {
namespace {

struct Case {
  absl::string_view text;
  size_t bytes;  // 0: left alone
  absl::string_view decoded;
};

class HtmlEntityTest : public ::testing::TestWithParam<Case> {};

TEST_P(HtmlEntityTest, IsDecodedOrLeftAlone) {
  std::string out = "before ";
  EXPECT_EQ(DecodeHtmlEntity(GetParam().text, out), GetParam().bytes) << GetParam().text;
  EXPECT_EQ(out, "before " + std::string(GetParam().decoded)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, HtmlEntityTest,
    ::testing::Values(Case{"&lt;b", 4, "<"}, Case{"&gt;", 4, ">"}, Case{"&amp;lt;", 5, "&"},
                      Case{"&quot;", 6, "\""},
                      // The semicolon is optional.
                      Case{"&lt", 3, "<"}, Case{"&amp ", 4, "&"}, Case{"&#65;", 5, "A"},
                      Case{"&#65 ", 4, "A"}, Case{"&#x41;", 6, "A"},
                      Case{"&#x1F600;", 9, "\U0001F600"}, Case{"&#128512;", 9, "\U0001F600"},
                      // Unknown names are text.
                      Case{"&nbsp;", 0, ""}, Case{"&apos;", 0, ""}, Case{"&LT;", 0, ""},
                      Case{"&ltx;", 0, ""}, Case{"&", 0, ""}, Case{"& ", 0, ""}, Case{"&;", 0, ""},
                      // So are numbers of no character.
                      Case{"&#;", 0, ""}, Case{"&#x;", 0, ""}, Case{"&#0;", 0, ""},
                      Case{"&#X41;", 0, ""}, Case{"&#1114111;", 0, ""}, Case{"&#12345678;", 0, ""},
                      Case{"&#x0000041;", 0, ""}, Case{"&#99999999999999999999;", 0, ""}));

}  // namespace
}  // namespace cpuagg::notify::testing
