// The proxy as libcurl sees it: a client that was not written together with it.

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/net/fake_proxy.h"

namespace cpuagg::notify::testing {
namespace {

class FakeProxyCurlTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void SetUp() override {
    auto api = FakeBotApi::Start();
    ASSERT_TRUE(api.ok()) << api.status();
    api_ = *std::move(api);
    server_ = absl::StrCat("bot-api.test:", api_->port());
    StartProxy({});
  }

  void StartProxy(FakeProxy::Options options) {
    auto proxy = FakeProxy::Start(std::move(options));
    ASSERT_TRUE(proxy.ok()) << proxy.status();
    proxy_ = *std::move(proxy);
  }

  // A message of `text` to bot-api.test, which only the proxy knows.
  CURLcode Send(const std::string& scheme, const std::string& user = "",
                const std::string& text = "hi") {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                   curl_easy_cleanup);
    const std::string url = absl::StrCat(server_, "/bot", api_->token(), "/sendMessage");
    const std::string proxy =
        absl::StrCat(scheme, "://", user, user.empty() ? "" : "@", proxy_->address());
    const std::string json = absl::StrCat("{\"chat_id\":42,\"text\":\"", text, "\"}");
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
        curl_slist_append(nullptr, "Content-Type: application/json"), curl_slist_free_all);
    curl_easy_setopt(curl.get(), CURLOPT_URL, absl::StrCat("http://", url).c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, proxy.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTPPROXYTUNNEL, tunnel_);
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, json.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(
        curl.get(), CURLOPT_WRITEFUNCTION,
        +[](char*, size_t size, size_t count, void*) { return size * count; });
    const CURLcode code = curl_easy_perform(curl.get());
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status_);
    curl_easy_getinfo(curl.get(), CURLINFO_HTTP_CONNECTCODE, &connect_status_);
    long proxy_error = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_PROXY_ERROR, &proxy_error);
    proxy_error_ = static_cast<CURLproxycode>(proxy_error);
    return code;
  }

  std::unique_ptr<FakeBotApi> api_;
  std::unique_ptr<FakeProxy> proxy_;
  std::string server_;
  long tunnel_ = 1;
  long status_ = 0;
  long connect_status_ = 0;
  CURLproxycode proxy_error_ = CURLPX_OK;
};

TEST_F(FakeProxyCurlTest, EveryNameIsThisMachines) {
  EXPECT_EQ(Send("http"), CURLE_OK);
  EXPECT_EQ(Send("socks5h"), CURLE_OK);
  EXPECT_EQ(proxy_->asked(), (std::vector<std::string>{absl::StrCat("CONNECT ", server_),
                                                       absl::StrCat("SOCKS5 ", server_)}));
  EXPECT_EQ(api_->received().size(), 2u);
  EXPECT_TRUE(absl::StrContains(proxy_->heard(), api_->token())) << "nothing is encrypted here";
}

TEST_F(FakeProxyCurlTest, LargeRequestsGoThroughWhole) {
  const std::string text(size_t{1} << 20, 'x');
  for (const char* scheme : {"http", "socks5h"}) {
    EXPECT_EQ(Send(scheme, "", text), CURLE_OK);
    EXPECT_EQ(api_->received().back().fields.at("text").value, text);
  }
}

TEST_F(FakeProxyCurlTest, OnlyItsUserIsServed) {
  StartProxy({.user = "user", .password = "secret"});
  EXPECT_EQ(Send("http", "user:secret"), CURLE_OK);
  EXPECT_EQ(Send("socks5h", "user:secret"), CURLE_OK);
  EXPECT_EQ(api_->received().size(), 2u);
  for (const char* user : {"", "user:wrong", "wrong:secret"}) {
    EXPECT_NE(Send("http", user), CURLE_OK);
    EXPECT_EQ(connect_status_, 407) << user;
    EXPECT_EQ(Send("socks5h", user), CURLE_PROXY);
    EXPECT_EQ(proxy_error_, *user == '\0' ? CURLPX_NO_AUTH : CURLPX_USER_REJECTED) << user;
  }
  EXPECT_EQ(api_->connections(), 2);
  EXPECT_EQ(proxy_->asked().size(), 2u);
}

TEST_F(FakeProxyCurlTest, AServerThatIsNotThereIsSaidToBeSo) {
  server_ = "bot-api.test:1";
  EXPECT_NE(Send("http"), CURLE_OK);
  EXPECT_EQ(connect_status_, 502);
  EXPECT_EQ(Send("socks5h"), CURLE_PROXY);
  EXPECT_EQ(proxy_error_, CURLPX_REPLY_CONNECTION_REFUSED);
}

TEST_F(FakeProxyCurlTest, ARequestThatIsForNoTunnelIsRefused) {
  tunnel_ = 0;
  EXPECT_EQ(Send("http"), CURLE_OK);
  EXPECT_EQ(status_, 405);
  EXPECT_TRUE(proxy_->asked().empty());
  EXPECT_EQ(api_->connections(), 0);
}

}  // namespace
}  // namespace cpuagg::notify::testing
