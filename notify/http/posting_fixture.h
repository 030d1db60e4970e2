// PostingFixture: a client that posts to a server of the Bot API.

#ifndef CPUAGG_NOTIFY_HTTP_POSTING_FIXTURE_H_
#define CPUAGG_NOTIFY_HTTP_POSTING_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "notify/http/curl_http_client.h"
#include "notify/http/http_client.h"
#include "notify/testing/bot_api/fake_bot_api.h"

namespace cpuagg::notify {

class PostingFixture : public ::testing::Test {
 protected:
  static constexpr absl::Duration kLong = absl::Seconds(30);  // never reached
  static constexpr absl::Duration kShort = absl::Milliseconds(300);

  void SetUp() override {
    absl::StatusOr<std::unique_ptr<testing::FakeBotApi>> api = testing::FakeBotApi::Start();
    ASSERT_TRUE(api.ok()) << api.status();
    api_ = *std::move(api);
  }

  std::string Url(const std::string& base, const std::string& method = "sendMessage") const {
    return absl::StrCat(base, "/bot", api_->token(), "/", method);
  }

  // Posts a message. The token must not be in the error.
  absl::StatusOr<HttpResponse> PostTo(const std::string& url, absl::Duration timeout = kLong) {
    return Post(
        {.url = url,
         .parts = {{.name = "chat_id", .content = "42"}, {.name = "text", .content = "report"}},
         .timeout = timeout});
  }

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) {
    absl::StatusOr<HttpResponse> response = CurlHttpClient(options_).Post(request);
    EXPECT_FALSE(absl::StrContains(response.status().message(), api_->token()))
        << response.status();
    return response;
  }

  absl::StatusOr<HttpResponse> Send(absl::Duration timeout = kLong) {
    return PostTo(Url(api_->base_url()), timeout);
  }

  CurlHttpClient::Options options_ = {.proxy = "", .allow_http = true};
  std::unique_ptr<testing::FakeBotApi> api_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_POSTING_FIXTURE_H_
