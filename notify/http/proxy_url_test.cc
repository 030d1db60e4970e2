#include "notify/http/proxy_url.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(CheckProxyUrlTest, TakesAProxyOrNone) {
  for (const char* url :
       {"", "http://proxy:3128", "http://proxy", "http://proxy:3128/", "https://proxy.example.org",
        "socks5://127.0.0.1:1080", "socks5h://user@proxy", "socks5h://user:pass%40word@proxy:1080",
        "http://[::1]:3128", "http://[::1]", "http://:password@proxy", "http://user:pa:ss@proxy"}) {
    EXPECT_TRUE(CheckProxyUrl(url).ok()) << url << ": " << CheckProxyUrl(url);
  }
}

TEST(CheckProxyUrlTest, RefusesTheRestWithoutShowingIt) {
  for (const char* url : {"proxy:3128",
                          "user:secret@proxy",
                          "ftp://user:secret@proxy",
                          "http:/user:secret@proxy",
                          "http://",
                          "http:///",
                          "http://user:secret@",
                          "http://user:secret@:3128",
                          "http://user:secret/1@proxy:3128",
                          "http://user:p@secret@proxy",
                          "http://user:p@secret/@x",
                          "http://user:secret#1@proxy",
                          "http://user:secret?1@proxy",
                          "http://user:the secret@proxy",
                          "http://user:secret@proxy:port",
                          "http://user:secret@proxy:65536",
                          "http://user:secret@proxy:",
                          "http://user:secret@proxy/path",
                          "http://proxy\\secret",
                          "http://user:secret@proxy:0",
                          "http://user:secret@[::1",
                          "http://user:secret@[proxy]",
                          "http://user:secret@::1"}) {
    const absl::Status status = CheckProxyUrl(url);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_TRUE(absl::StartsWith(status.message(), "PROXY: ")) << status;
    EXPECT_FALSE(absl::StrContains(status.message(), "secret")) << status;
  }
}

// The password is valid for the proxy, so the error says how to write it in a URL.
TEST(CheckProxyUrlTest, SaysHowACharacterIsWrittenInAPassword) {
  struct Case {
    const char* url;
    const char* says;
  };
  for (const Case& c : {Case{"http://user:pass#word@proxy", "has a '#' "},
                        {"http://user:pass#word@proxy", "write %23)"},
                        {"http://user:pass/word@proxy", "write %2F)"},
                        {"http://user:pass@word@proxy", "write %40)"},
                        {"http://user:pass?word@proxy", "write %3F)"},
                        {"http://user:pass\\word@proxy", "write %5C)"},
                        {"http://user:pass word@proxy", "has a blank "},
                        {"http://user:pass word@proxy", "write %20)"}}) {
    const absl::Status status = CheckProxyUrl(c.url);
    EXPECT_TRUE(absl::StrContains(status.message(), c.says)) << c.url << ": " << status;
  }
  EXPECT_TRUE(CheckProxyUrl("http://user:pass%23%2F%40%3F%5C%20word@proxy").ok());
}

}  // namespace
}  // namespace cpuagg::notify
