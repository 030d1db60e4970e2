#include "notify/testing/markup/message_text.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/testing/markup/formatted_text.h"
#include "notify/testing/markup/telegram_html.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

absl::StatusOr<FormattedText> ReadText(const Fields& fields, absl::string_view name) {
  FormattedText text;
  if (const Field* field = FindField(fields, name)) text.text = field->value;
  if (text.text.size() > kMaxRawTextBytes) return absl::InvalidArgumentError("text is too long");

  const Field* parse_mode = FindField(fields, "parse_mode");
  const std::string style = parse_mode == nullptr ? "" : absl::AsciiStrToLower(parse_mode->value);
  if (style == "html") {
    absl::StatusOr<FormattedText> parsed = ParseTelegramHtml(text.text);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("can't parse entities: ", parsed.status().message()));
    }
    text = *std::move(parsed);
  } else if (!style.empty()) {
    return absl::InvalidArgumentError("unsupported parse_mode");
  }
  text = CleanText(text);
  if (text.entities.size() > kMaxEntities) text.entities.resize(kMaxEntities);
  return text;
}

nlohmann::json ToJson(const std::vector<TextEntity>& entities) {
  nlohmann::json array = nlohmann::json::array();
  for (const TextEntity& entity : entities) {
    nlohmann::json object = {
        {"type", entity.type}, {"offset", entity.offset}, {"length", entity.length}};
    if (entity.type == "text_link") {
      object["url"] = entity.argument;
    } else if (entity.type == "pre" && !entity.argument.empty()) {
      object["language"] = entity.argument;
    } else if (entity.type == "custom_emoji") {
      object["custom_emoji_id"] = entity.argument;
    } else if (entity.type == "text_mention") {
      int64_t id = 0;
      if (!absl::SimpleAtoi(entity.argument, &id)) continue;
      object["user"] = {{"id", id}, {"is_bot", false}, {"first_name", "Reader"}};
    }
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace cpuagg::notify::testing
