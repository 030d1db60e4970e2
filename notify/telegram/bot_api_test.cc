#include "notify/telegram/bot_api.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"
#include "notify/telegram/bot_api_reply.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

constexpr char kToken[] = "123456789:AAE-secret-secret-secret-secret";

// Gives the same answer to every request, and keeps the last request.
class OneAnswer : public HttpClient {
 public:
  explicit OneAnswer(absl::StatusOr<HttpResponse> answer) : answer_(std::move(answer)) {}
  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    last = request;
    return answer_;
  }
  HttpRequest last;

 private:
  absl::StatusOr<HttpResponse> answer_;
};

std::string FieldsOf(const HttpRequest& request) {
  std::string fields;
  for (const FormPart& part : request.parts) {
    absl::StrAppend(&fields, part.name, "=", part.content,
                    part.file_name.empty() ? "" : "@" + part.file_name, ";");
  }
  return fields;
}

const char kSent[] = R"({"ok":true,"result":{"message_id":5,
    "photo":[{"file_id":"small"},{"file_id":"large"}]}})";

class BotApiTest : public ::testing::Test {
 protected:
  OneAnswer http_{HttpResponse{.status = 200, .body = kSent}};
  BotApi api_{http_, "https://example.org/prefix", Secret(kToken)};
};

TEST_F(BotApiTest, ARequestHasItsAddressAndFields) {
  const SendResult result =
      api_.SendPhoto({.id = "-100", .thread = "7"}, {.html = "caption", .is_silent = true},
                     {.name = "a.png", .content_type = "image/png", .content = "png"});
  EXPECT_EQ(result.outcome, Outcome::kDone);
  EXPECT_EQ(result.message_id, 5);
  EXPECT_EQ(result.file_id, "large");
  EXPECT_EQ(http_.last.url, std::string("https://example.org/prefix/bot") + kToken + "/sendPhoto");
  EXPECT_EQ(FieldsOf(http_.last),
            "photo=png@a.png;caption=caption;chat_id=-100;message_thread_id=7;parse_mode=HTML;"
            "disable_notification=true;");
}

TEST_F(BotApiTest, AFileThatTheServerHasIsNotSentAgain) {
  api_.SendDocument({.id = "1"}, {.html = "x"}, {.name = "a", .content = "a", .file_id = "known"});
  EXPECT_EQ(FieldsOf(http_.last), "document=known;caption=x;chat_id=1;parse_mode=HTML;");
}

TEST_F(BotApiTest, ATextMayBePlainAndAReply) {
  api_.SendMessage({.id = "1"}, {.html = "a<b", .is_plain = true, .reply_to = 9});
  EXPECT_EQ(FieldsOf(http_.last),
            "text=a<b;link_preview_options={\"is_disabled\":true};chat_id=1;reply_parameters="
            "{\"allow_sending_without_reply\":true,\"message_id\":9};");
}

TEST(BotApiAnswersTest, SuccessWithoutAMessageIsNoSuccess) {
  for (const char* result : {"true", "{}", "[]", R"({"message_id":"5"})", "null"}) {
    OneAnswer http(
        HttpResponse{.status = 200, .body = std::string(R"({"ok":true,"result":)") + result + "}"});
    BotApi api(http, "https://example.org", Secret(kToken));
    EXPECT_EQ(api.SendMessage({.id = "1"}, {}).outcome, Outcome::kUnconfirmed) << result;
  }
}

// Ids of files are written to disk.
TEST(BotApiAnswersTest, AnIdOfAFileThatHasTheTokenIsNotKept) {
  for (const std::string& file_id : {std::string(kToken), absl::StrCat("file-of-", kToken, "-1")}) {
    OneAnswer http(HttpResponse{
        .status = 200,
        .body = absl::StrCat(R"({"ok":true,"result":{"message_id":5,"document":{"file_id":")",
                             file_id, R"("}}})")});
    const SendResult result = BotApi(http, "https://example.org", Secret(kToken))
                                  .SendDocument({.id = "1"}, {}, {.name = "a", .content = "a"});
    EXPECT_EQ(result.outcome, Outcome::kDone);
    EXPECT_EQ(result.message_id, 5);
    EXPECT_EQ(result.file_id, "");
  }
}

TEST(BotApiAnswersTest, TheBotAndChatsAreLookedUp) {
  OneAnswer http(HttpResponse{
      .status = 200,
      .body = R"({"ok":true,"result":{"username":"lab_bot","title":"Lab\n","type":"group"}})"});
  BotApi api(http, "https://example.org", Secret(kToken));
  EXPECT_EQ(api.GetMe().name, "@lab_bot");
  EXPECT_TRUE(http.last.parts.empty());
  const LookupResult chat = api.GetChat({.id = "-5", .thread = "3"});
  EXPECT_EQ(chat.name, "Lab\\n");
  EXPECT_EQ(chat.kind, "group");
  EXPECT_EQ(FieldsOf(http.last), "chat_id=-5;");
}

TEST(BotApiAnswersTest, UpdatesAreLookedAtAndLeftForOthers) {
  OneAnswer http(HttpResponse{
      .status = 200,
      .body = std::string(R"({"ok":true,"result":[{"update_id":7,"message":{"chat":{"id":-5,)") +
              R"("type":"group","title":"Lab\n )" + kToken + R"("}}}]})"});
  BotApi api(http, "https://example.org", Secret(kToken));
  const UpdatesResult updates = api.GetUpdates();
  EXPECT_EQ(updates.outcome, Outcome::kDone);
  ASSERT_EQ(updates.chats.size(), 1u);
  EXPECT_EQ(updates.chats[0].chat.id, "-5");
  EXPECT_EQ(updates.chats[0].name, "Lab\\n <token>");
  // An offset would confirm the updates, and allowed_updates would be remembered.
  EXPECT_EQ(FieldsOf(http.last), "limit=100;");
}

TEST(BotApiAnswersTest, UpdatesThatAnotherProgramGetsAreSaidTo) {
  for (const char* words : {"can't use getUpdates method while webhook is active",
                            "terminated by other getUpdates request"}) {
    OneAnswer http(HttpResponse{
        .status = 409,
        .body = std::string(R"({"ok":false,"error_code":409,"description":"Conflict: )") + words +
                R"("})"});
    const UpdatesResult updates = BotApi(http, "https://example.org", Secret(kToken)).GetUpdates();
    EXPECT_NE(updates.outcome, Outcome::kDone);
    EXPECT_TRUE(updates.is_for_another);
    EXPECT_NE(updates.detail.find(words), std::string::npos) << updates.detail;
  }
}

TEST(BotApiAnswersTest, TheTokenIsInNoDetail) {
  const std::string page = std::string(180, 'x') + " /bot" + kToken + "/sendMessage";
  for (const absl::StatusOr<HttpResponse>& answer :
       {absl::StatusOr<HttpResponse>(HttpResponse{.status = 502, .body = page}),
        absl::StatusOr<HttpResponse>(absl::UnknownError(page))}) {
    OneAnswer http(answer);
    const SendResult result =
        BotApi(http, "https://example.org", Secret(kToken)).SendMessage({.id = "42"}, {});
    for (size_t length = 8; length < sizeof kToken; ++length) {
      ASSERT_EQ(result.detail.find(std::string(kToken, length)), std::string::npos)
          << result.detail;
    }
    EXPECT_LE(result.detail.size(), 210u);
  }
}

}  // namespace
}  // namespace cpuagg::notify
