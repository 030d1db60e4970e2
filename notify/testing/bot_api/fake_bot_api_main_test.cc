// Runs the built server and talks to it.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "notify/testing/net/http_reply.h"
#include "notify/testing/net/test_http_client.h"

namespace cpuagg::notify::testing {
namespace {

constexpr char kProgram[] = "notify/testing/bot_api/fake_bot_api_main";  // in the runfiles
constexpr char kToken[] = "77:AAanother-token-0123456789_abcdefgh";

std::string ReadLine(FILE* file) {
  std::string line;
  for (int c = std::fgetc(file); c != EOF && c != '\n'; c = std::fgetc(file)) {
    line += static_cast<char>(c);
  }
  return line;
}

TEST(FakeBotApiMainTest, PrintsItsUrlThenEachRequestThenEnds) {
  FILE* output =
      popen(absl::StrCat("FAKE_BOT_TOKEN=", kToken, " ", kProgram, " --seconds 3").c_str(), "r");
  ASSERT_NE(output, nullptr);
  const std::string first = ReadLine(output);
  absl::string_view url = first;
  int32_t port = 0;
  ASSERT_TRUE(absl::ConsumePrefix(&url, "http://127.0.0.1:") && absl::SimpleAtoi(url, &port))
      << first;

  const absl::StatusOr<HttpReply> reply = Exchange(
      static_cast<uint16_t>(port),
      PostRequest(absl::StrCat("/bot", kToken, "/sendMessage"), kMultipartType,
                  MultipartBody({MultipartPart("chat_id", "42"), MultipartPart("text", "a\tb"),
                                 MultipartFile("extra", "x.txt", "text/plain", "12345")})));
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status_code, 200);

  const nlohmann::json line = nlohmann::json::parse(ReadLine(output), nullptr, false);
  EXPECT_EQ(line["method"], "sendMessage");
  EXPECT_EQ(line["fields"]["text"], "a\tb");
  EXPECT_EQ(line["fields"]["extra"]["bytes"], 5);
  EXPECT_EQ(line["visible_text"], "a b");
  EXPECT_EQ(line["status_code"], 200);
  EXPECT_EQ(line["message_id"], 1);

  EXPECT_EQ(ReadLine(output), "");
  EXPECT_EQ(pclose(output), 0);
}

TEST(FakeBotApiMainTest, WrongArgumentsAreUsageErrors) {
  for (const char* arguments : {"--help", "--seconds", "--seconds 0", "--seconds x", "60",
                                "--fault", "--fault earthquake", "--fault retry-after=x"}) {
    const int status = std::system(absl::StrCat(kProgram, " ", arguments, " 2>/dev/null").c_str());
    EXPECT_EQ(WEXITSTATUS(status), 2) << arguments;
  }
}

}  // namespace
}  // namespace cpuagg::notify::testing
