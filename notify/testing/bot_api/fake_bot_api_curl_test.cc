// The server as libcurl sees it: a client that was not written together with it.

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/certificates.h"
#include "notify/testing/net/form_fields.h"
#include "notify/testing/picture/test_png.h"

namespace cpuagg::notify::testing {
namespace {

size_t Append(const char* data, size_t size, size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

class FakeBotApiCurlTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void SetUp() override {
    auto api = FakeBotApi::Start();
    ASSERT_TRUE(api.ok()) << api.status();
    api_ = *std::move(api);
  }

  ~FakeBotApiCurlTest() override {
    curl_mime_free(mime_);
    curl_easy_cleanup(curl_);
  }

  // Performs the request that was prepared on `curl_`.
  CURLcode Perform(const std::string& method) {
    body_.clear();
    const std::string url = absl::StrCat(api_->base_url(), "/bot", api_->token(), "/", method);
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_PROXY, "");
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Append);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &body_);
    return curl_easy_perform(curl_);
  }

  void AddPart(const char* name, absl::string_view value, const char* filename = nullptr,
               const char* type = nullptr) {
    if (mime_ == nullptr) mime_ = curl_mime_init(curl_);
    curl_mimepart* part = curl_mime_addpart(mime_);
    curl_mime_name(part, name);
    curl_mime_data(part, value.data(), value.size());
    if (filename != nullptr) curl_mime_filename(part, filename);
    if (type != nullptr) curl_mime_type(part, type);
    curl_easy_setopt(curl_, CURLOPT_MIMEPOST, mime_);
  }

  long ResponseCode() const {
    long code = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  nlohmann::json Body() const { return nlohmann::json::parse(body_, nullptr, false); }

  std::unique_ptr<FakeBotApi> api_;
  CURL* curl_ = curl_easy_init();
  curl_mime* mime_ = nullptr;
  std::string body_;
};

TEST_F(FakeBotApiCurlTest, SendsAUrlEncodedMessageOverOneConnection) {
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, "chat_id=42&text=%3Cb%3Ehi%3C/b%3E&parse_mode=HTML");
  for (int i = 1; i <= 2; ++i) {
    ASSERT_EQ(Perform("sendMessage"), CURLE_OK);
    EXPECT_EQ(ResponseCode(), 200);
    EXPECT_EQ(Body()["result"]["text"], "hi");
    EXPECT_EQ(Body()["result"]["message_id"], i);
  }
  EXPECT_EQ(api_->connections(), 1);
}

TEST_F(FakeBotApiCurlTest, UploadsAPhotoByteForByte) {
  const std::string png = MakePng(1280, 720);
  AddPart("chat_id", "-1001234567890");
  AddPart("caption", "h\u00E9llo \U0001F600");
  AddPart("photo", png, "week \"47\".png", "image/png");
  ASSERT_EQ(Perform("sendPhoto"), CURLE_OK);
  EXPECT_EQ(ResponseCode(), 200) << body_;
  EXPECT_EQ(Body()["result"]["photo"].back()["width"], 1280);
  const FakeBotApi::Received received = api_->received().back();
  EXPECT_EQ(received.fields.at("photo").value, png);
  EXPECT_EQ(received.fields.at("photo").content_type, "image/png");
  EXPECT_EQ(received.visible_text, "h\u00E9llo \U0001F600");
}

TEST_F(FakeBotApiCurlTest, UploadsADocumentThatAsksToContinueFirst) {
  // libcurl sends "Expect: 100-continue" with bodies of more than a mebibyte.
  const std::string csv(size_t{3} << 20, 'x');
  AddPart("chat_id", "42");
  AddPart("document", csv, "users.csv", "text/csv");
  ASSERT_EQ(Perform("sendDocument"), CURLE_OK);
  EXPECT_EQ(ResponseCode(), 200) << body_;
  EXPECT_EQ(api_->received().back().headers.count("expect"), 1u);
  EXPECT_EQ(api_->received().back().fields.at("document").value.size(), csv.size());
}

TEST_F(FakeBotApiCurlTest, SendsAChunkedBody) {
  struct curl_slist* headers = curl_slist_append(nullptr, "Transfer-Encoding: chunked");
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
  AddPart("chat_id", "42");
  AddPart("text", "chunked");
  ASSERT_EQ(Perform("sendMessage"), CURLE_OK);
  curl_slist_free_all(headers);
  EXPECT_EQ(ResponseCode(), 200) << body_;
  EXPECT_EQ(api_->received().back().headers.count("content-length"), 0u);
  EXPECT_EQ(api_->received().back().visible_text, "chunked");
}

TEST_F(FakeBotApiCurlTest, SpeaksTlsToWhoAcceptsItsCertificate) {
  const CertificateAuthority authority("the test's authority");
  auto api = FakeBotApi::Start({.tls_identity = authority.Issue({.host = "127.0.0.1"})});
  ASSERT_TRUE(api.ok()) << api.status();
  api_ = *std::move(api);
  const std::string csv(size_t{3} << 20, 'x');
  AddPart("chat_id", "42");
  AddPart("document", csv, "users.csv", "text/csv");
  EXPECT_EQ(Perform("sendDocument"), CURLE_PEER_FAILED_VERIFICATION);
  EXPECT_EQ(api_->bytes_received(), 0u);

  const std::string pem = authority.certificate_pem();
  curl_blob trusted = {.data = const_cast<char*>(pem.data()), .len = pem.size(), .flags = 0};
  curl_easy_setopt(curl_, CURLOPT_CAINFO_BLOB, &trusted);
  ASSERT_EQ(Perform("sendDocument"), CURLE_OK);
  EXPECT_EQ(ResponseCode(), 200) << body_;
  EXPECT_EQ(api_->received().back().fields.at("document").value, csv);
  EXPECT_EQ(api_->connections(), 2);
}

TEST_F(FakeBotApiCurlTest, FaultsAreTheErrorsOfLibcurl) {
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, "chat_id=42&text=a");
  // Over a kept connection libcurl would repeat the request by itself.
  curl_easy_setopt(curl_, CURLOPT_FORBID_REUSE, 1L);
  const struct {
    FaultAction action;
    CURLcode error;
    long code;
  } cases[] = {
      {TooManyRequests(1), CURLE_OK, 429},
      {Redirect("http://127.0.0.1:1/"), CURLE_OK, 302},
      {CloseAfterReading{}, CURLE_GOT_NOTHING, 0},
      {ResetMidUpload{1}, CURLE_RECV_ERROR, 0},
      {TruncatedReply{{.body = "{}"}, 3}, CURLE_PARTIAL_FILE, 200},
      {EndlessBody{100}, CURLE_OK, 200},
  };
  for (const auto& c : cases) {
    api_->Enqueue({c.action});
    EXPECT_EQ(Perform("sendMessage"), c.error) << c.action.index();
    EXPECT_EQ(ResponseCode(), c.code) << c.action.index();
  }
  // The client may have sent its request before it learns that nobody reads it.
  api_->Enqueue({CloseOnAccept{}});
  const CURLcode error = Perform("sendMessage");
  EXPECT_TRUE(error == CURLE_GOT_NOTHING || error == CURLE_RECV_ERROR || error == CURLE_SEND_ERROR)
      << error;

  api_->Enqueue({NeverReply{}});
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, "chat_id=42&text=a");
  const std::string url = absl::StrCat(api_->base_url(), "/bot", api_->token(), "/sendMessage");
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, 100L);
  EXPECT_EQ(curl_easy_perform(curl_), CURLE_OPERATION_TIMEDOUT);
  EXPECT_TRUE(api_->faults_consumed());
}

}  // namespace
}  // namespace cpuagg::notify::testing
