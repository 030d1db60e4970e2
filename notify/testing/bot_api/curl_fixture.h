// FakeBotApiTest: the fake server, and a client that knows nothing of it: libcurl.
//
//   EXPECT_EQ(Send("sendMessage", {{"chat_id", Text("42")}, {"text", Text("hi")}}), CURLE_OK);
//   EXPECT_EQ(Json()["result"]["text"], "hi");

#ifndef CPUAGG_NOTIFY_TESTING_BOT_API_CURL_FIXTURE_H_
#define CPUAGG_NOTIFY_TESTING_BOT_API_CURL_FIXTURE_H_

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

inline Field Text(const std::string& value) { return {value, {}, ""}; }

class FakeBotApiTest : public ::testing::Test {
 protected:
  static constexpr char kMessage[] = "chat_id=42&text=report";

  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  FakeBotApiTest() { Start({}); }
  ~FakeBotApiTest() override { curl_easy_cleanup(curl_); }

  // In place of the one before.
  void Start(FakeBotApi::Options options) { api_ = FakeBotApi::Start(std::move(options)).value(); }

  std::string Path(const std::string& method) const {
    return absl::StrCat("/bot", api_->token(), "/", method);
  }

  // As multipart/form-data, which cpuagg uses.
  CURLcode Send(const std::string& method, const Fields& fields) {
    curl_mime* const mime = curl_mime_init(curl_);
    for (const auto& [name, field] : fields) {
      curl_mimepart* const part = curl_mime_addpart(mime);
      curl_mime_name(part, name.c_str());
      curl_mime_data(part, field.value.data(), field.value.size());
      if (field.is_file()) curl_mime_filename(part, field.filename->c_str());
      if (!field.content_type.empty()) curl_mime_type(part, field.content_type.c_str());
    }
    curl_easy_setopt(curl_, CURLOPT_MIMEPOST, mime);
    const CURLcode code = Perform(Path(method));
    curl_easy_setopt(curl_, CURLOPT_MIMEPOST, nullptr);
    curl_mime_free(mime);
    return code;
  }

  // A body of this type, or a GET without one.
  CURLcode SendBody(const std::string& path, const std::string& body,
                    const std::string& type = "application/x-www-form-urlencoded") {
    curl_slist* const headers = curl_slist_append(nullptr, ("Content-Type: " + type).c_str());
    curl_easy_setopt(curl_, body.empty() ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
    if (!body.empty()) curl_easy_setopt(curl_, CURLOPT_COPYPOSTFIELDS, body.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    const CURLcode code = Perform(path);
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, nullptr);
    curl_slist_free_all(headers);
    return code;
  }

  // A message of "report" to 42 over a connection of its own, since over a kept one libcurl would
  // repeat the request by itself.
  CURLcode SendMessage(const std::string& form = kMessage) {
    curl_easy_setopt(curl_, CURLOPT_FORBID_REUSE, 1L);
    return SendBody(Path("sendMessage"), form);
  }

  nlohmann::json Json() const { return nlohmann::json::parse(body_, nullptr, false); }

  std::unique_ptr<FakeBotApi> api_;
  CURL* curl_ = curl_easy_init();
  long timeout_ms_ = 30000;
  // Of the last reply; 0 and empty if there was none.
  long status_ = 0;
  std::string body_;

 private:
  CURLcode Perform(const std::string& path) {
    body_.clear();
    curl_easy_setopt(curl_, CURLOPT_URL, (api_->base_url() + path).c_str());
    curl_easy_setopt(curl_, CURLOPT_PROXY, "");
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, timeout_ms_);
    curl_easy_setopt(
        curl_, CURLOPT_WRITEFUNCTION, +[](char* data, size_t size, size_t count, void* body) {
          static_cast<std::string*>(body)->append(data, size * count);
          return size * count;
        });
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &body_);
    const CURLcode code = curl_easy_perform(curl_);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status_);
    return code;
  }
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_BOT_API_CURL_FIXTURE_H_
