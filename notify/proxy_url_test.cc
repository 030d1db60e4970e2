#include "notify/proxy_url.h"

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
  for (const char* url :
       {"proxy:3128", "user:secret@proxy", "ftp://user:secret@proxy", "http:/user:secret@proxy",
        "http://", "http:///", "http://user:secret@", "http://user:secret@:3128",
        "http://user:secret/1@proxy:3128", "http://user:p@secret@proxy", "http://user:p@secret/@x",
        "http://user:secret#1@proxy", "http://user:secret?1@proxy", "http://user:the secret@proxy",
        "http://user:secret@proxy:port", "http://user:secret@proxy:65536",
        "http://user:secret@proxy:", "http://user:secret@proxy/path", "http://proxy\\secret"}) {
    const absl::Status status = CheckProxyUrl(url);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_TRUE(absl::StartsWith(status.message(), "PROXY: ")) << status;
    EXPECT_FALSE(absl::StrContains(status.message(), "secret")) << status;
  }
}

}  // namespace
}  // namespace cpuagg::notify
