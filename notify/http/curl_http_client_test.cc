// Tests the client with real sockets: what the server receives, and how the client interprets the
// reply. tools/cli_tests/send/telegram_transport_cli_test.cc tests TLS and proxies with the built
// binary.

#include "notify/http/curl_http_client.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "notify/http/curl_library.h"
#include "notify/http/http_client.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify {
namespace {

using testing::CloseAfterReading;
using testing::CloseOnAccept;
using testing::ConnectionServer;
using testing::EndlessBody;
using testing::FakeBotApi;
using testing::FaultAction;
using testing::HttpReply;
using testing::Listener;
using testing::NeverReply;
using testing::RawReply;
using testing::ResetMidUpload;
using testing::TruncatedReply;

constexpr absl::Duration kLong = absl::Seconds(30);  // never reached
constexpr absl::Duration kShort = absl::Milliseconds(300);

class CurlHttpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<FakeBotApi>> api = FakeBotApi::Start();
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
  std::unique_ptr<FakeBotApi> api_;
};

TEST_F(CurlHttpClientTest, AFormArrivesAsItWasGiven) {
  std::string file(size_t{3} << 20, 'x');
  for (size_t i = 0; i < file.size(); ++i) file[i] = static_cast<char>(i * 7);
  options_.user_agent = "cpuagg/1";
  const absl::StatusOr<HttpResponse> response =
      Post({.url = Url(api_->base_url(), "sendDocument"),
            .parts = {{.name = "chat_id", .content = "-1001"},
                      {.name = "caption", .content = "\"a\" & \xC3\xA4\n--"},
                      {.name = "document",
                       .content = file,
                       .file_name = "users.csv",
                       .content_type = "text/csv"}}});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200) << response->body;
  ASSERT_EQ(api_->received().size(), 1u);
  const FakeBotApi::Received received = api_->received()[0];
  EXPECT_EQ(response->body, received.response_body);
  EXPECT_EQ(received.fields.at("chat_id").value, "-1001");
  EXPECT_EQ(received.fields.at("caption").value, "\"a\" & \xC3\xA4\n--");
  EXPECT_TRUE(received.fields.at("document") == (testing::Field{file, "users.csv", "text/csv"}));
  EXPECT_EQ(received.headers.at("user-agent"), "cpuagg/1");
  // Otherwise libcurl waits a second for "100 Continue", which many servers do not send.
  EXPECT_EQ(received.headers.count("expect"), 0u);
}

TEST_F(CurlHttpClientTest, ARequestWithoutPartsHasAnEmptyBody) {
  const absl::StatusOr<HttpResponse> response = Post({.url = Url(api_->base_url(), "getMe")});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200) << response->body;
  ASSERT_EQ(api_->received().size(), 1u);
  EXPECT_EQ(api_->received()[0].headers.at("content-length"), "0");
}

TEST_F(CurlHttpClientTest, RefusalsAreReplies) {
  const HttpReply replies[] = {
      testing::TooManyRequests(7),
      testing::Error(400, "Bad Request: chat not found"),
      testing::Error(500, "Internal Server Error"),
      testing::BadGatewayPage(Url(api_->base_url())),
      {.body = R"({"ok":true,"resu)"},
      {.body = ""},
  };
  for (const HttpReply& reply : replies) {
    api_->Enqueue({reply});
    const absl::StatusOr<HttpResponse> response = Send();
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, reply.status_code);
    EXPECT_EQ(response->body, reply.body);
    EXPECT_EQ(response->retry_after, absl::Seconds(reply.status_code == 429 ? 7 : 0));
  }
}

TEST_F(CurlHttpClientTest, ARedirectIsNotFollowed) {
  absl::StatusOr<std::unique_ptr<FakeBotApi>> other = FakeBotApi::Start();
  ASSERT_TRUE(other.ok()) << other.status();
  api_->Enqueue({testing::Redirect(Url((*other)->base_url()))});
  const absl::StatusOr<HttpResponse> response = Send();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(api_->received().size(), 1u);
  EXPECT_EQ((*other)->connections(), 0);
}

TEST_F(CurlHttpClientTest, ARefusedConnectionSendsNothing) {
  uint16_t port = 0;
  {
    const absl::StatusOr<Listener> listener = Listener::Open();
    ASSERT_TRUE(listener.ok()) << listener.status();
    port = listener->port();
  }
  const absl::Status status = PostTo(Url(absl::StrCat("http://127.0.0.1:", port))).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "127.0.0.1")) << status;
}

TEST_F(CurlHttpClientTest, AHostWithoutAnAddressIsNamed) {
  // This name never has an address (RFC 6761), whether a name server can be reached or not.
  const absl::Status status = PostTo(Url("http://bot-api.invalid")).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "bot-api.invalid")) << status;
}

TEST_F(CurlHttpClientTest, ARequestIsNeverRepeated) {
  for (int posts = 1; posts <= 3; ++posts) {
    api_->Enqueue({.action = CloseAfterReading{}, .deliver = true});
    const absl::Status status = Send().status();
    EXPECT_TRUE(absl::IsUnknown(status)) << status;
    EXPECT_EQ(api_->received().size(), static_cast<size_t>(posts));
    EXPECT_EQ(api_->connections(), posts);
  }
  // Nor over a connection that the server would have kept open.
  for (int posts = 4; posts <= 5; ++posts) {
    EXPECT_TRUE(Send().ok());
    EXPECT_EQ(api_->received().size(), static_cast<size_t>(posts));
    EXPECT_EQ(api_->connections(), posts);
  }
}

TEST_F(CurlHttpClientTest, AConnectionThatBreaksMayHaveCarriedTheRequest) {
  const FaultAction actions[] = {ResetMidUpload{1}, ResetMidUpload{size_t{1} << 20},
                                 ResetMidUpload{size_t{64} << 20}, CloseOnAccept{}};
  for (const FaultAction& action : actions) {
    api_->Enqueue({action});
    const absl::Status status = Post({.url = Url(api_->base_url(), "sendDocument"),
                                      .parts = {{.name = "chat_id", .content = "42"},
                                                {.name = "document",
                                                 .content = std::string(size_t{8} << 20, 'x'),
                                                 .file_name = "users.csv",
                                                 .content_type = "text/csv"}}})
                                    .status();
    EXPECT_TRUE(absl::IsUnknown(status)) << action.index() << ": " << status;
  }
  EXPECT_EQ(api_->connections(), 4);
  EXPECT_TRUE(api_->received().empty());
  EXPECT_TRUE(api_->faults_consumed());
}

TEST_F(CurlHttpClientTest, AServerThatNeverRepliesIsLeftInTime) {
  api_->Enqueue({NeverReply{}});
  const absl::Time begin = absl::Now();
  const absl::Status status = Send(kShort).status();
  EXPECT_LT(absl::Now() - begin, kLong);
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
  EXPECT_EQ(api_->received().size(), 1u);
}

TEST_F(CurlHttpClientTest, NoTimeIsNotAllTheTime) {
  for (const absl::Duration timeout : {absl::ZeroDuration(), -absl::Seconds(1)}) {
    api_->Enqueue({NeverReply{}});
    EXPECT_FALSE(Send(timeout).ok());
  }
}

TEST_F(CurlHttpClientTest, ABrokenReplyLeavesUnknownWhatBecameOfTheRequest) {
  const struct {
    const char* what;
    FaultAction action;
  } cases[] = {
      {"ends before its Content-Length", TruncatedReply{R"({"ok":true})", 5}},
      {"ends within a chunk",
       RawReply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"ok\":true"}},
      {"ends before the last chunk",
       RawReply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"}},
      {"has a chunk without a size",
       RawReply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n"}},
      {"has an invalid length", RawReply{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"}},
      {"is of another protocol", RawReply{"SSH-2.0-OpenSSH_9.2\r\n"}},
      {"is HTTP/0.9", RawReply{"{\"ok\":true,\"result\":{\"message_id\":1}}"}},
      {"is of an unknown version", RawReply{"HTTP/7.3 200 OK\r\nContent-Length: 2\r\n\r\n{}"}},
      {"is empty", RawReply{""}},
  };
  size_t posts = 0;
  for (const auto& c : cases) {
    api_->Enqueue({.action = c.action, .deliver = true});
    const absl::Status status = Send().status();
    EXPECT_TRUE(absl::IsUnknown(status)) << c.what << ": " << status;
    EXPECT_EQ(api_->received().size(), ++posts) << c.what;
  }
}

TEST_F(CurlHttpClientTest, AReplyThatEndsWithinItsHeadersHasNoBody) {
  // libcurl takes it for complete; the caller must notice that nothing confirms the message.
  api_->Enqueue({RawReply{"HTTP/1.1 200 OK\r\nContent-Le"}});
  const absl::StatusOr<HttpResponse> response = Send();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "");
}

TEST_F(CurlHttpClientTest, AReplyMayHaveAMebibyte) {
  constexpr size_t kMebibyte = size_t{1} << 20;
  api_->Enqueue({HttpReply{.body = std::string(kMebibyte, 'x')}});
  const absl::StatusOr<HttpResponse> response = Send();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body.size(), kMebibyte);

  api_->Enqueue({HttpReply{.body = std::string(kMebibyte + 1, 'x')}});
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "longer than 1 MiB")) << status;
}

TEST_F(CurlHttpClientTest, AnEndlessReplyTakesBoundedMemory) {
  const auto peak_kib = [] {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const long before = peak_kib();
  api_->Enqueue({EndlessBody{}});
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
  EXPECT_LT(peak_kib() - before, 64 << 10);
  EXPECT_EQ(api_->received().size(), 1u);
}

TEST_F(CurlHttpClientTest, PlainHttpIsSpokenOnlyWhenAllowed) {
  options_.allow_http = false;
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(api_->connections(), 0);
}

// Like libcurl before 7.85, which has only bit masks of protocols.
decltype(curl_easy_setopt) newer_setopt = nullptr;
CURLcode OldSetopt(CURL* easy, CURLoption option, ...) {
  if (option == CURLOPT_PROTOCOLS_STR) return CURLE_UNKNOWN_OPTION;
  std::va_list values;
  va_start(values, option);
  // Values of all types are passed as one word.
  void* const value = va_arg(values, void*);
  va_end(values);
  return newer_setopt(easy, option, value);
}

TEST_F(CurlHttpClientTest, AnOldLibcurlSpeaksPlainHttpOnlyWhenAllowedToo) {
  ASSERT_TRUE(CurlHttpClient::Load().ok());
  newer_setopt = std::exchange(curl_easy_setopt, &OldSetopt);
  const absl::Cleanup restore = [] { curl_easy_setopt = newer_setopt; };
  EXPECT_TRUE(Send().ok()) << Send().status();
  const int connections = api_->connections();
  options_.allow_http = false;
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(api_->connections(), connections);
}

// In place of libcurl's network: what each attempt comes to, and the address that it is made to.
struct FakeAttempt {
  CURLcode code;
  const char* address;
};

// A libcurl whose attempts are of a list. Notes some of the options that it is given.
class FakeNetworkTest : public CurlHttpClientTest {
 protected:
  void SetUp() override {
    CurlHttpClientTest::SetUp();
    ASSERT_TRUE(CurlHttpClient::Load().ok());
    attempts_.clear();
    noted_.clear();
    setopt_ = std::exchange(curl_easy_setopt, &Setopt);
    getinfo_ = std::exchange(curl_easy_getinfo, &Getinfo);
    perform_ = std::exchange(curl_easy_perform, &Perform);
  }
  void TearDown() override {
    curl_easy_setopt = setopt_;
    curl_easy_getinfo = getinfo_;
    curl_easy_perform = perform_;
  }

  static inline std::deque<FakeAttempt> attempts_;  // those to come
  static inline std::vector<std::string> noted_;    // the options, in order

 private:
  // Values of all types are passed as one word.
  static CURLcode Setopt(CURL* easy, CURLoption option, ...) {
    std::va_list values;
    va_start(values, option);
    void* const value = va_arg(values, void*);
    va_end(values);
    const char* const text = value == nullptr ? "none" : static_cast<const char*>(value);
    if (option == CURLOPT_CAINFO) noted_.push_back(absl::StrCat("CAINFO ", text));
    if (option == CURLOPT_CAPATH) noted_.push_back(absl::StrCat("CAPATH ", text));
    if (option == CURLOPT_IPRESOLVE) {
      noted_.push_back(value == nullptr ? "any IP" : "one version of IP");
    }
    return setopt_(easy, option, value);
  }
  static CURLcode Perform(CURL*) {
    EXPECT_FALSE(attempts_.empty()) << "more attempts than expected";
    if (attempts_.empty()) return CURLE_FAILED_INIT;
    address_ = attempts_.front().address;
    const CURLcode code = attempts_.front().code;
    attempts_.pop_front();
    return code;
  }
  static CURLcode Getinfo(CURL* easy, CURLINFO info, ...) {
    std::va_list values;
    va_start(values, info);
    void* const value = va_arg(values, void*);
    va_end(values);
    if (info != CURLINFO_PRIMARY_IP) return getinfo_(easy, info, value);
    *static_cast<const char**>(value) = address_;
    return CURLE_OK;
  }

  static inline const char* address_ = "";  // of the last attempt
  static inline decltype(curl_easy_setopt) setopt_ = nullptr;
  static inline decltype(curl_easy_getinfo) getinfo_ = nullptr;
  static inline decltype(curl_easy_perform) perform_ = nullptr;
};

TEST_F(FakeNetworkTest, WhereIpv6HangsIpv4IsTried) {
  attempts_ = {{CURLE_OPERATION_TIMEDOUT, "2001:db8::1"}, {CURLE_OK, "192.0.2.1"}};
  const absl::StatusOr<HttpResponse> response = Send();
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(attempts_.empty());
  EXPECT_EQ(noted_, (std::vector<std::string>{"any IP", "one version of IP"}));
}

TEST_F(FakeNetworkTest, WhereBothHangTheLastFailureIsSaid) {
  attempts_ = {{CURLE_OPERATION_TIMEDOUT, "2001:db8::1"}, {CURLE_COULDNT_CONNECT, "192.0.2.1"}};
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), curl_easy_strerror(CURLE_COULDNT_CONNECT)))
      << status;
}

// It says nothing about the network that the host has no address of IPv4.
TEST_F(FakeNetworkTest, WhereThereIsNoIpv4TheFailureOfIpv6IsSaid) {
  attempts_ = {{CURLE_OPERATION_TIMEDOUT, "2001:db8::1"}, {CURLE_COULDNT_RESOLVE_HOST, ""}};
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), curl_easy_strerror(CURLE_OPERATION_TIMEDOUT)))
      << status;
  EXPECT_TRUE(attempts_.empty());
}

TEST_F(FakeNetworkTest, OverIpv4OrWithAWrongCertificateThereIsOneAttempt) {
  for (const FakeAttempt& attempt : {FakeAttempt{CURLE_OPERATION_TIMEDOUT, "192.0.2.1"},
                                     {CURLE_PEER_FAILED_VERIFICATION, "2001:db8::1"}}) {
    attempts_ = {attempt};
    EXPECT_FALSE(Send().ok());
    EXPECT_TRUE(attempts_.empty());
  }
}

// The system's folder of certificates would be trusted beside the file.
TEST_F(FakeNetworkTest, WithAFileOfAuthoritiesNoOthersAreTrusted) {
  const acct::testing::TempDir dir;
  options_.ca_file = dir.Write("ca.pem", "certificates");
  attempts_ = {{CURLE_OK, "192.0.2.1"}};
  EXPECT_TRUE(Send().ok());
  EXPECT_EQ(noted_, (std::vector<std::string>{"any IP", absl::StrCat("CAINFO ", options_.ca_file),
                                              "CAPATH none"}));
  // Without such a file, those of the system are.
  options_.ca_file.clear();
  noted_.clear();
  attempts_ = {{CURLE_OK, "192.0.2.1"}};
  EXPECT_TRUE(Send().ok());
  EXPECT_EQ(noted_, std::vector<std::string>{"any IP"});
}

TEST_F(CurlHttpClientTest, WithoutTheFileOfAuthoritiesNothingIsSent) {
  const acct::testing::TempDir dir;
  options_.ca_file = dir.Path("ca.pem");
  absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(), absl::StrCat("CA_FILE ", options_.ca_file,
                                           " cannot be read: No such file or directory"));
  dir.Write("ca.pem", "");
  status = Send().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(),
            absl::StrCat("CA_FILE ", options_.ca_file, " cannot be read: it is empty"));
  EXPECT_EQ(api_->connections(), 0);
}

TEST_F(CurlHttpClientTest, TheEnvironmentMakesNoExceptionFromAProxyThatIsConfigured) {
  setenv("no_proxy", "*", /*overwrite=*/1);
  const absl::Cleanup restore = [] { unsetenv("no_proxy"); };
  // Closes what it has accepted.
  ConnectionServer proxy(Listener::Open().value(), [](testing::Connection&) {});
  options_.proxy = absl::StrCat("http://127.0.0.1:", proxy.port());
  EXPECT_FALSE(Send().ok());
  EXPECT_EQ(proxy.connections(), 1);
  EXPECT_EQ(api_->connections(), 0);
}

TEST_F(CurlHttpClientTest, WhatIsNoUrlIsRefusedWithoutBeingQuoted) {
  const std::string urls[] = {
      "",
      api_->token(),
      absl::StrCat("https://bot", api_->token(), "/sendMessage"),
      absl::StrCat("https://127.0.0.1:99999/bot", api_->token()),
      absl::StrCat("https:// /bot", api_->token()),
      absl::StrCat("ftp://127.0.0.1/bot", api_->token()),
      absl::StrCat("file:///bot", api_->token()),
  };
  for (const std::string& url : urls) {
    const absl::Status status = PostTo(url).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << url << ": " << status;
  }
}

TEST_F(CurlHttpClientTest, AServerThatSpeaksNoTlsIsSentNothing) {
  const absl::Status status =
      PostTo(Url(absl::StrCat("https://127.0.0.1:", api_->port()))).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "127.0.0.1")) << status;
  EXPECT_EQ(api_->connections(), 1);
  EXPECT_TRUE(api_->received().empty());
}

TEST_F(CurlHttpClientTest, AServerThatIsSilentBeforeTlsIsLeftInTime) {
  options_.connect_timeout = kShort;
  ConnectionServer silent(Listener::Open().value(),
                          [](testing::Connection& peer) { peer.Drain(); });
  const absl::Status status =
      PostTo(Url(absl::StrCat("https://127.0.0.1:", silent.port())), kLong).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  // IPv4 has already been tried, so another attempt would be useless.
  EXPECT_EQ(silent.connections(), 1);
}

}  // namespace
}  // namespace cpuagg::notify
