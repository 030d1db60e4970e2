#include "notify/testing/markup/telegram_link.h"

#include <gtest/gtest.h>

#include <string>

namespace cpuagg::notify::testing {
namespace {

TEST(TelegramLinkTest, LinksAreCompletedOrDropped) {
  const struct {
    std::string url;
    std::string link;  // empty: dropped
  } cases[] = {
      {"https://example.org/a?b#c", "https://example.org/a?b#c"},
      {"HTTP://example.org", "HTTP://example.org/"},
      {"https://example.org?x=1", "https://example.org/?x=1"},
      {"example.org", "http://example.org/"},
      {" example.org/report ", "http://example.org/report"},
      {"tg://resolve?domain=x", "tg://resolve?domain=x"},
      {"ton://transfer/x", "ton://transfer/x"},
      {"ftp://example.org", ""},
      {"javascript://example.org", ""},
      {"https://localhost", ""},
      {"https://.org", ""},
      {"https://example.", ""},
      {"not a.link", ""},
      {"word", ""},
      {"https://", ""},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(CheckedLink(c.url), c.link) << c.url;
}

}  // namespace
}  // namespace cpuagg::notify::testing
