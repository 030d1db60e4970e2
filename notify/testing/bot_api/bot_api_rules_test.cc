#include "notify/testing/bot_api/bot_api_rules.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/picture/test_png.h"

namespace cpuagg::notify::testing {
namespace {

constexpr char kToken[] = "123456789:AAtest-token_of-the-fake-bot-api00";
constexpr char kEmoji[] = "\U0001F600";  // two UTF-16 code units

Field Text(const std::string& value) { return {value, {}, ""}; }
Field Png(const std::string& bytes) { return {bytes, "chart.png", "image/png"}; }

std::string Repeat(absl::string_view text, size_t times) {
  std::string repeated;
  for (size_t i = 0; i < times; ++i) absl::StrAppend(&repeated, text);
  return repeated;
}

class BotApiRulesTest : public ::testing::Test {
 protected:
  nlohmann::json Call(const std::string& method, const Fields& fields) {
    result_ = rules_.Handle({kToken, method}, fields);
    return nlohmann::json::parse(result_.reply.body);
  }

  // "" for success.
  std::string Refusal(const std::string& method, const Fields& fields) {
    const nlohmann::json body = Call(method, fields);
    if (body["ok"] == true) return "";
    EXPECT_EQ(body["error_code"], result_.reply.status_code);
    EXPECT_EQ(result_.message_id, 0);
    return body["description"];
  }

  BotApiRules rules_{{.token = kToken,
                      .known_chats = {"-1001234567890", "42", "@reports"},
                      .clock = [] { return absl::FromUnixSeconds(1800000000); }}};
  CallResult result_;
};

TEST_F(BotApiRulesTest, TargetsAreTakenApart) {
  const struct {
    std::string target;
    std::string token;
    std::string method;
  } cases[] = {
      {"/bot1:A/getMe", "1:A", "getMe"},
      {"/bot1:A/a/b", "1:A", "a/b"},
      {"/bot1:A", "", ""},
      {"/robot1:A/getMe", "", ""},
      {"/", "", ""},
      {"", "", ""},
  };
  for (const auto& c : cases) {
    const CallTarget target = CallTarget::Parse(c.target);
    EXPECT_EQ(target.token, c.token) << c.target;
    EXPECT_EQ(target.method, c.method) << c.target;
  }
}

TEST_F(BotApiRulesTest, TokensAndMethodsAreCheckedFirst) {
  const struct {
    std::string token;
    std::string method;
    int code;
    std::string description;
  } cases[] = {
      {kToken, "getMe", 200, ""},
      {kToken, "GETME", 200, ""},
      {kToken, "getUpdate", 404, "Not Found: method not found"},
      {kToken, "", 404, "Not Found: method not found"},
      {"123456789:AAtest-token_of-the-fake-bot-api01", "getMe", 401, "Unauthorized"},
      {"", "getMe", 404, "Not Found"},
      {"123456789", "getMe", 404, "Not Found"},
      {"123456789:", "getMe", 404, "Not Found"},
      {"123456789:short", "getMe", 404, "Not Found"},
      {"123456789:AAtest token of the fake bot", "getMe", 404, "Not Found"},
      {":AAtest-token_of-the-fake-bot-api00", "getMe", 404, "Not Found"},
      {"0:AAtest-token_of-the-fake-bot-api00", "getMe", 404, "Not Found"},
      {"-1:AAtest-token_of-the-fake-bot-api00", "getMe", 404, "Not Found"},
      {"+1:AAtest-token_of-the-fake-bot-api00", "getMe", 404, "Not Found"},
      {"x:AAtest-token_of-the-fake-bot-api00", "getMe", 404, "Not Found"},
  };
  for (const auto& c : cases) {
    const CallResult result = rules_.Handle({c.token, c.method}, Fields{});
    EXPECT_EQ(result.reply.status_code, c.code) << c.token << " " << c.method;
    const nlohmann::json body = nlohmann::json::parse(result.reply.body);
    EXPECT_EQ(body.value("description", ""), c.description) << c.token << " " << c.method;
  }
}

TEST_F(BotApiRulesTest, FieldsThatCouldNotBeParsedAreABadRequest) {
  const CallResult result =
      rules_.Handle({kToken, "getMe"}, absl::InvalidArgumentError("boundary not found"));
  EXPECT_EQ(result.reply.status_code, 400);
  EXPECT_EQ(nlohmann::json::parse(result.reply.body)["description"],
            "Bad Request: boundary not found");
}

TEST_F(BotApiRulesTest, GetMeDescribesTheBot) {
  const nlohmann::json me = Call("getMe", {})["result"];
  EXPECT_EQ(me["id"], 123456789);
  EXPECT_EQ(me["is_bot"], true);
  EXPECT_EQ(me["username"], "fake_cpuagg_bot");
}

TEST_F(BotApiRulesTest, GetChatDescribesAKnownChat) {
  EXPECT_EQ(Call("getChat", {{"chat_id", Text("42")}})["result"]["type"], "private");
  EXPECT_EQ(Call("getChat", {{"chat_id", Text("@reports")}})["result"]["username"], "reports");
  EXPECT_EQ(Refusal("getChat", {{"chat_id", Text("43")}}), "Bad Request: chat not found");
  EXPECT_EQ(Refusal("getChat", {}), "Bad Request: chat_id is empty");
}

TEST_F(BotApiRulesTest, AMessageIsReturnedAsTheChatShowsIt) {
  const nlohmann::json message = Call("sendMessage", {{"chat_id", Text("-1001234567890")},
                                                      {"text", Text(" <b>a</b> &lt;\n")},
                                                      {"parse_mode", Text("HTML")}})["result"];
  EXPECT_EQ(message["message_id"], 1);
  EXPECT_EQ(message["date"], 1800000000);
  EXPECT_EQ(message["chat"]["id"], -1001234567890);
  EXPECT_EQ(message["chat"]["type"], "supergroup");
  EXPECT_EQ(message["from"]["id"], 123456789);
  EXPECT_EQ(message["text"], "a <");
  EXPECT_EQ(message["entities"],
            nlohmann::json::parse(R"([{"type":"bold","offset":0,"length":1}])"));
  EXPECT_EQ(result_.visible_text, "a <");
  EXPECT_EQ(result_.message_id, 1);

  const nlohmann::json second =
      Call("sendMessage", {{"chat_id", Text("42")}, {"text", Text("b")}})["result"];
  EXPECT_EQ(second["message_id"], 2);
  EXPECT_EQ(second.count("entities"), 0u);
}

TEST_F(BotApiRulesTest, MessagesAreRefusedInTheServersWords) {
  const struct {
    std::string name;
    std::string value;
    std::string description;
  } cases[] = {
      {"text", "b", ""},
      {"text", "", "message text is empty"},
      {"text", " \r\n\t", "message text is empty"},
      {"text", "\u200B", "message text is empty"},
      {"text", "\xFF", "strings must be encoded in UTF-8"},
      {"anything", "\xFF", "strings must be encoded in UTF-8"},
      {"text", Repeat("a", 4096), ""},
      {"text", Repeat("a", 4097), "message is too long"},
      {"text", Repeat("a", 4096) + " \n", ""},
      {"text", Repeat(kEmoji, 2048), ""},
      {"text", Repeat(kEmoji, 2048) + "a", "message is too long"},
      {"text", Repeat("a", 32769), "text is too long"},
      {"chat_id", "", "chat_id is empty"},
      {"chat_id", "reports", "chat not found"},
      {"chat_id", "-42", "chat not found"},
      {"chat_id", "@reports", ""},
      {"parse_mode", "Markdown", "unsupported parse_mode"},
      {"parse_mode", "null", "unsupported parse_mode"},
      {"link_preview_options", R"({"is_disabled":true})", ""},
      {"link_preview_options", "{", "can't parse link preview options JSON object"},
      {"link_preview_options", "[]", "object expected as link preview options"},
      {"reply_parameters", "x", "can't parse reply parameters JSON object"},
      {"reply_parameters", "5", "object expected as reply parameters"},
      {"reply_parameters", R"({"message_id":"x"})", "field \"message_id\" must be of type Number"},
      {"reply_parameters", R"({"message_id":9,"allow_sending_without_reply":1})",
       "field \"allow_sending_without_reply\" must be of type Boolean"},
      {"reply_parameters", R"({"message_id":999})", "message to be replied not found"},
      {"reply_parameters", R"({})", "message to be replied not found"},
      {"reply_parameters", R"({"message_id":999,"allow_sending_without_reply":true})", ""},
      {"message_thread_id", "7", ""},
      {"message_thread_id", "1", "message thread not found"},
      {"message_thread_id", "x", "invalid message thread identifier specified"},
      {"message_thread_id", "-2", "invalid message thread identifier specified"},
  };
  for (const auto& c : cases) {
    Fields fields = {{"chat_id", Text("42")}, {"text", Text("a")}};
    fields[c.name] = Text(c.value);
    EXPECT_EQ(Refusal("sendMessage", fields),
              c.description.empty() ? "" : absl::StrCat("Bad Request: ", c.description))
        << c.name << " " << c.value.substr(0, 40);
  }
}

TEST_F(BotApiRulesTest, TagsDoNotCountTowardsTheLength) {
  const std::string rest = Repeat("a", 4095);
  for (const std::string end : {"", "a"}) {
    EXPECT_EQ(Refusal("sendMessage", {{"chat_id", Text("42")},
                                      {"text", Text("<b>&lt;</b>" + rest + end)},
                                      {"parse_mode", Text("HTML")}}),
              end.empty() ? "" : "Bad Request: message is too long");
  }
}

TEST_F(BotApiRulesTest, AReplyNeedsItsMessageInTheSameChat) {
  ASSERT_EQ(Refusal("sendMessage", {{"chat_id", Text("42")}, {"text", Text("a")}}), "");
  const Fields reply = {
      {"text", Text("b")},
      {"reply_parameters", Text(absl::StrCat("{\"message_id\":", result_.message_id, "}"))}};
  Fields same = reply;
  same["chat_id"] = Text("42");
  EXPECT_EQ(Refusal("sendMessage", same), "");
  Fields other = reply;
  other["chat_id"] = Text("@reports");
  EXPECT_EQ(Refusal("sendMessage", other), "Bad Request: message to be replied not found");
}

TEST_F(BotApiRulesTest, APhotoIsReturnedWithItsCaption) {
  const nlohmann::json message = Call("sendPhoto", {{"chat_id", Text("42")},
                                                    {"photo", Png(MakePng(1280, 720))},
                                                    {"caption", Text("<i>week</i> 47")},
                                                    {"parse_mode", Text("HTML")}})["result"];
  EXPECT_EQ(message["photo"].size(), 2u);
  EXPECT_EQ(message["caption"], "week 47");
  EXPECT_EQ(message["caption_entities"][0]["type"], "italic");
  EXPECT_EQ(result_.visible_text, "week 47");

  const nlohmann::json again = Call("sendPhoto", {{"chat_id", Text("@reports")},
                                                  {"photo", Text(message["photo"][1]["file_id"])}});
  EXPECT_EQ(again["result"]["photo"], message["photo"]);
  EXPECT_EQ(again["result"].count("caption"), 0u);
}

TEST_F(BotApiRulesTest, ADocumentIsReturnedWithItsName) {
  const nlohmann::json message =
      Call("sendDocument", {{"chat_id", Text("42")},
                            {"document", {"user,seconds\n", "users.csv", "text/csv"}}})["result"];
  EXPECT_EQ(message["document"]["file_name"], "users.csv");
  EXPECT_EQ(message["document"]["file_size"], 13);
}

TEST_F(BotApiRulesTest, FilesAreRefusedInTheServersWords) {
  const Field png = Png(MakePng(4, 4));
  const struct {
    std::string method;
    std::string name;
    Field field;
    std::string description;
  } cases[] = {
      {"sendPhoto", "photo", png, ""},
      {"sendPhoto", "photo", Png("x"), "IMAGE_PROCESS_FAILED"},
      {"sendPhoto", "photo", Png(""), "file must be non-empty"},
      {"sendPhoto", "photo", Png(MakePng(9999, 2)), "PHOTO_INVALID_DIMENSIONS"},
      {"sendPhoto", "photo", Text("AgAC"), "wrong file identifier/HTTP URL specified"},
      {"sendPhoto", "photo", Text(""), "there is no photo in the request"},
      {"sendPhoto", "caption", Text(Repeat("a", 1024)), ""},
      {"sendPhoto", "caption", Text(Repeat("a", 1025)), "message caption is too long"},
      {"sendPhoto", "caption", Text(Repeat(kEmoji, 512)), ""},
      {"sendPhoto", "caption", Text(Repeat(kEmoji, 512) + "a"), "message caption is too long"},
      {"sendPhoto", "caption", Text("\xC3"), "strings must be encoded in UTF-8"},
      {"sendPhoto", "chat_id", Text("7"), "chat not found"},
      {"sendPhoto", "message_thread_id", Text("1"), "message thread not found"},
      {"sendDocument", "document", png, ""},
      {"sendDocument", "document", Png(""), "file must be non-empty"},
      {"sendDocument", "photo", png, "there is no document in the request"},
  };
  for (const auto& c : cases) {
    Fields fields = {{"chat_id", Text("42")}};
    if (c.method == "sendPhoto") fields["photo"] = png;
    fields[c.name] = c.field;
    EXPECT_EQ(Refusal(c.method, fields),
              c.description.empty() ? "" : absl::StrCat("Bad Request: ", c.description))
        << c.method << " " << c.name;
  }
}

TEST_F(BotApiRulesTest, FieldsThatAreNotFilesMayHaveOneMebibyteTogether) {
  const size_t names = 7 + 4 + 5;  // chat_id, text, extra
  Fields fields = {{"chat_id", Text("42")}, {"text", Text("a")}};
  fields["extra"] = Text(std::string(kMaxFieldBytes - names - 3, 'x'));
  EXPECT_EQ(Refusal("sendMessage", fields), "");
  fields["extra"].value += 'x';
  EXPECT_EQ(Refusal("sendMessage", fields), "Request Entity Too Large");
  fields["extra"].filename = "extra";
  EXPECT_EQ(Refusal("sendMessage", fields), "");
}

TEST_F(BotApiRulesTest, UpdatesWaitUntilAnOffsetConfirmsThem) {
  for (int id = 1; id <= 150; ++id) rules_.AddUpdate({{"update_id", id}});
  EXPECT_EQ(Call("getUpdates", {})["result"].size(), 100u);
  EXPECT_EQ(Call("getUpdates", {{"limit", Text("3")}})["result"].size(), 3u);
  EXPECT_EQ(Call("getUpdates", {})["result"][0]["update_id"], 1);
  EXPECT_EQ(Call("getUpdates", {{"offset", Text("149")}})["result"].size(), 2u);
  EXPECT_EQ(Call("getUpdates", {})["result"][0]["update_id"], 149);
}

TEST_F(BotApiRulesTest, ARefusedTextIsStillReportedAsItWouldBeSeen) {
  Call("sendMessage", {{"chat_id", Text("42")},
                       {"text", Text("<b>" + Repeat("a", 4097) + "</b>")},
                       {"parse_mode", Text("HTML")}});
  EXPECT_EQ(result_.visible_text.size(), 4097u);
  EXPECT_EQ(result_.message_id, 0);
}

}  // namespace
}  // namespace cpuagg::notify::testing
