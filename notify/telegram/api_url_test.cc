#include "notify/telegram/api_url.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(CheckApiUrlTest, TakesWhatIsSafe) {
  for (const char* url : {"https://api.telegram.org", "https://example.org:8443/prefix",
                          "http://127.0.0.1:8081", "http://localhost", "http://[::1]:8081"}) {
    EXPECT_EQ(*CheckApiUrl(url), url);
  }
  EXPECT_EQ(*CheckApiUrl("https://api.telegram.org//"), "https://api.telegram.org");
}

TEST(CheckApiUrlTest, RefusesTheRestWithoutShowingIt) {
  for (const char* url : {"",
                          "api.telegram.org",
                          "ftp://x",
                          "http://example.org",
                          "http://127.0.0.1.example.org",
                          "http://localhost.example.org",
                          "https://",
                          "https:///x",
                          "https://user@example.org",
                          "https://example.org?x",
                          "https://example.org#x",
                          "https://exa mple.org",
                          "https://example.org/path?x",
                          "https://example.org/path#x",
                          "https://example.org/user@path",
                          "https://example.org/a path",
                          "https://example.org/path\t",
                          "https://example.org/path\r\n",
                          "https://example.org/a\\path",
                          "http://127.0.0.1:80@example.org",
                          "https://example.org:",
                          "https://example.org:0",
                          "https://example.org:65536",
                          "https://example.org:port/x",
                          "https://[::1",
                          "https://[x]",
                          "https://[::1]x",
                          "https://::1"}) {
    const absl::Status status = CheckApiUrl(url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_NE(status.message().find("TELEGRAM_API_URL"), std::string::npos) << status;
  }
  const absl::Status status = CheckApiUrl("https://x/bot123456789:AAE-secret?").status();
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.message().find("AAE"), std::string::npos) << status;
}

TEST(CheckApiUrlTest, PlainHttpElsewhereIsForWhoAllowsIt) {
  EXPECT_EQ(*CheckApiUrl("http://bot-api.example.org:8081/", /*allow_insecure=*/true),
            "http://bot-api.example.org:8081");
  EXPECT_FALSE(CheckApiUrl("ftp://bot-api.example.org", /*allow_insecure=*/true).ok());
}

}  // namespace
}  // namespace cpuagg::notify
