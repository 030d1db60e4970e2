// The text of a message, or the caption of a file, from the parameters of a call.

#ifndef CPUAGG_NOTIFY_TESTING_MARKUP_MESSAGE_TEXT_H_
#define CPUAGG_NOTIFY_TESTING_MARKUP_MESSAGE_TEXT_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/testing/markup/formatted_text.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {

// Limits after entities are parsed (core.telegram.org/bots/api#sendmessage, #sendphoto). The
// documentation counts "characters"; TDLib counts code points. This double counts UTF-16 code
// units, which are never fewer: what it accepts, the server accepts.
inline constexpr size_t kMaxTextUnits = 4096;
inline constexpr size_t kMaxCaptionUnits = 1024;

// The limit of a text with its tags and entities, in bytes (telegram-bot-api's Client.cpp).
inline constexpr size_t kMaxRawTextBytes = size_t{1} << 15;

// The server silently drops entities after the hundredth.
inline constexpr size_t kMaxEntities = 100;

// Reads field `name` with the style of `parse_mode`: none, or "HTML" in any case. An absent field
// is an empty text. The Markdown styles of the real server are not supported here.
//
// InvalidArgument with the server's words: "text is too long" past kMaxRawTextBytes, "unsupported
// parse_mode", "can't parse entities: ...".
absl::StatusOr<FormattedText> ReadText(const Fields& fields, absl::string_view name);

// An array of MessageEntity.
nlohmann::json ToJson(const std::vector<TextEntity>& entities);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_MARKUP_MESSAGE_TEXT_H_
