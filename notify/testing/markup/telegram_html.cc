#include "notify/testing/markup/telegram_html.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "notify/testing/markup/formatted_text.h"
#include "notify/testing/markup/html_entity.h"
#include "notify/testing/markup/telegram_link.h"
#include "notify/testing/markup/utf8.h"

namespace cpuagg::notify::testing {
namespace {

struct Tag {
  absl::string_view name;
  absl::string_view entity;
};

constexpr std::array<Tag, 16> kTags = {{
    {"a", "text_link"},
    {"b", "bold"},
    {"strong", "bold"},
    {"i", "italic"},
    {"em", "italic"},
    {"s", "strikethrough"},
    {"strike", "strikethrough"},
    {"del", "strikethrough"},
    {"u", "underline"},
    {"ins", "underline"},
    {"tg-spoiler", "spoiler"},
    {"span", "spoiler"},
    {"tg-emoji", "custom_emoji"},
    {"pre", "pre"},
    {"code", "code"},
    {"blockquote", "blockquote"},
}};

const Tag* FindTag(absl::string_view name) {
  const auto* found =
      std::find_if(kTags.begin(), kTags.end(), [name](const Tag& tag) { return tag.name == name; });
  return found == kTags.end() ? nullptr : found;
}

// TDLib's notion of a space includes NUL, which is also what Parser::At() gives past the end: a
// scan for a space stops there by itself.
bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\0';
}

class Parser {
 public:
  explicit Parser(absl::string_view html) : html_(html) {}

  absl::StatusOr<FormattedText> Parse() {
    while (pos_ < html_.size()) {
      if (At(pos_) == '&' && DecodeEntity(output_.text)) continue;
      if (At(pos_) != '<') {
        output_.text += html_[pos_++];
        continue;
      }
      absl::Status status = At(pos_ + 1) == '/' ? ParseEndTag() : ParseStartTag();
      if (!status.ok()) return status;
    }
    if (!open_.empty()) {
      return Error("Can't find end tag corresponding to start tag \"", open_.back().tag->name,
                   "\"");
    }
    if (!IsValidUtf8(output_.text)) {
      return Error(
          "Text contains invalid Unicode characters after decoding HTML entities, check for "
          "unmatched surrogate code units");
    }
    // The language of a <code> that is not alone inside a <pre> is forgotten.
    for (TextEntity& entity : output_.entities) {
      if (entity.type == "code") entity.argument.clear();
    }
    std::stable_sort(output_.entities.begin(), output_.entities.end(),
                     [](const TextEntity& a, const TextEntity& b) {
                       return std::tie(a.offset, b.length) < std::tie(b.offset, a.length);
                     });
    return std::move(output_);
  }

 private:
  struct OpenTag {
    const Tag* tag;
    std::string argument;
    size_t offset;      // UTF-16
    size_t text_begin;  // bytes of output
  };

  template <typename... Parts>
  static absl::Status Error(const Parts&... parts) {
    return absl::InvalidArgumentError(absl::StrCat(parts...));
  }

  char At(size_t pos) const { return pos < html_.size() ? html_[pos] : '\0'; }
  bool AtEnd() const { return At(pos_) == '\0'; }

  void SkipSpaces() {
    while (!AtEnd() && IsSpace(At(pos_))) ++pos_;
  }

  // Decodes the entity at `pos_` into `out` and steps over it. Returns false, and moves nothing,
  // if it is not an entity that Telegram knows.
  bool DecodeEntity(std::string& out) {
    const size_t bytes = DecodeHtmlEntity(html_.substr(pos_), out);
    pos_ += bytes;
    return bytes > 0;
  }

  absl::Status ParseStartTag() {
    const size_t begin = pos_++;
    while (!IsSpace(At(pos_)) && At(pos_) != '>') ++pos_;
    if (AtEnd()) return Error("Unclosed start tag at byte offset ", begin);
    const std::string name = absl::AsciiStrToLower(html_.substr(begin + 1, pos_ - begin - 1));
    const Tag* tag = FindTag(name);
    if (tag == nullptr) {
      return Error("Unsupported start tag \"", name, "\" at byte offset ", begin);
    }
    std::string argument;
    for (SkipSpaces(); At(pos_) != '>'; SkipSpaces()) {
      if (absl::Status status = ParseAttribute(*tag, begin, argument); !status.ok()) return status;
    }
    ++pos_;
    if (name == "span" && argument != "spoiler") {
      return Error("Tag \"span\" must have class \"tg-spoiler\" at byte offset ", begin);
    }
    open_.push_back({tag, std::move(argument), Utf16Length(output_.text), output_.text.size()});
    return absl::OkStatus();
  }

  // Parses one attribute at `pos_`; sets `argument` if it is the one that this tag heeds.
  absl::Status ParseAttribute(const Tag& tag, size_t tag_begin, std::string& argument) {
    const size_t begin = pos_;
    while (!IsSpace(At(pos_)) && At(pos_) != '=' && At(pos_) != '>') ++pos_;
    const absl::string_view name = html_.substr(begin, pos_ - begin);
    if (name.empty() && AtEnd()) return Error("Unclosed start tag at byte offset ", tag_begin);
    if (name.empty()) {
      return Error("Empty attribute name in the tag \"", tag.name, "\" at byte offset ", tag_begin);
    }
    const bool expandable = tag.name == "blockquote" && name == "expandable";
    SkipSpaces();
    if (At(pos_) != '=') {
      if (AtEnd()) return Error("Unclosed start tag at byte offset ", tag_begin);
      if (tag.name != "blockquote") {
        return Error("Expected equal sign in declaration of an attribute of the tag \"", tag.name,
                     "\" at byte offset ", tag_begin);
      }
      if (expandable) argument = "expandable";
      return absl::OkStatus();
    }
    ++pos_;
    SkipSpaces();
    if (AtEnd()) {
      return Error("Unclosed start tag \"", tag.name, "\" at byte offset ", tag_begin);
    }
    absl::StatusOr<std::string> value = ParseAttributeValue();
    if (!value.ok()) return value.status();
    if (AtEnd()) return Error("Unclosed start tag at byte offset ", tag_begin);

    const absl::string_view given = *value;
    if ((tag.name == "a" && name == "href") || (tag.name == "tg-emoji" && name == "emoji-id")) {
      argument = std::string(given);
    } else if (tag.name == "code" && name == "class" && absl::StartsWith(given, "language-")) {
      argument = std::string(absl::StripPrefix(given, "language-"));
    } else if (tag.name == "span" && name == "class" && absl::StartsWith(given, "tg-")) {
      argument = std::string(absl::StripPrefix(given, "tg-"));
    } else if (expandable) {
      argument = "expandable";
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ParseAttributeValue() {
    const char quote = At(pos_);
    const size_t begin = pos_;
    if (quote != '"' && quote != '\'') {
      const auto is_token = [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
      };
      while (is_token(At(pos_))) ++pos_;
      if (!IsSpace(At(pos_)) && At(pos_) != '>') {
        return Error("Unexpected end of name token at byte offset ", begin);
      }
      return absl::AsciiStrToLower(html_.substr(begin, pos_ - begin));
    }
    ++pos_;
    std::string value;
    while (At(pos_) != quote && !AtEnd()) {
      if (At(pos_) == '&' && DecodeEntity(value)) continue;
      value += html_[pos_++];
    }
    if (!AtEnd()) ++pos_;
    return value;
  }

  absl::Status ParseEndTag() {
    const size_t begin = pos_;
    if (open_.empty()) return Error("Unexpected end tag at byte offset ", begin);
    pos_ += 2;
    const size_t name_begin = pos_;
    while (!IsSpace(At(pos_)) && At(pos_) != '>') ++pos_;
    const std::string name = absl::AsciiStrToLower(html_.substr(name_begin, pos_ - name_begin));
    SkipSpaces();
    if (At(pos_) != '>') return Error("Unclosed end tag at byte offset ", begin);
    ++pos_;
    const absl::string_view expected = open_.back().tag->name;
    if (!name.empty() && name != expected) {
      return Error("Unmatched end tag at byte offset ", begin, ", expected \"</", expected,
                   ">\", found \"</", name, ">\"");
    }
    OpenTag open = std::move(open_.back());
    open_.pop_back();
    return AddEntity(std::move(open));
  }

  absl::Status AddEntity(OpenTag open) {
    const size_t length = Utf16Length(output_.text) - open.offset;
    if (length == 0) return absl::OkStatus();
    TextEntity entity{std::string(open.tag->entity), open.offset, length, std::move(open.argument)};

    if (entity.type == "spoiler") {
      entity.argument.clear();
    } else if (entity.type == "blockquote" && !entity.argument.empty()) {
      entity.type = "expandable_blockquote";
      entity.argument.clear();
    } else if (entity.type == "custom_emoji") {
      int64_t id = 0;
      if (!absl::SimpleAtoi(entity.argument, &id) || id == 0) {
        return Error("Invalid custom emoji identifier specified");
      }
    } else if (entity.type == "text_link") {
      if (!ResolveLink(open.text_begin, entity)) return absl::OkStatus();
    } else if (MergesWithLast(entity)) {
      // <pre><code class="language-x">, either way round, is one block with a language.
      TextEntity& last = output_.entities.back();
      last.argument = absl::StrCat(last.argument, entity.argument);
      last.type = "pre";
      return absl::OkStatus();
    }
    output_.entities.push_back(std::move(entity));
    return absl::OkStatus();
  }

  bool MergesWithLast(const TextEntity& entity) const {
    if (output_.entities.empty()) return false;
    const TextEntity& last = output_.entities.back();
    const bool pre_and_code = (entity.type == "pre" && last.type == "code") ||
                              (entity.type == "code" && last.type == "pre");
    const TextEntity& code = entity.type == "code" ? entity : last;
    return pre_and_code && last.offset == entity.offset && last.length == entity.length &&
           !code.argument.empty();
  }

  // Turns `entity` into what its link means. Returns false if the link is not valid.
  bool ResolveLink(size_t text_begin, TextEntity& entity) const {
    constexpr absl::string_view kMention = "tg://user?id=";
    if (entity.argument.empty()) entity.argument = output_.text.substr(text_begin);
    if (absl::StartsWith(entity.argument, kMention)) {
      entity.type = "text_mention";
      entity.argument = std::string(absl::StripPrefix(entity.argument, kMention));
      return true;
    }
    entity.argument = CheckedLink(entity.argument);
    return !entity.argument.empty();
  }

  const absl::string_view html_;
  size_t pos_ = 0;
  std::vector<OpenTag> open_;
  FormattedText output_;
};

}  // namespace

absl::StatusOr<FormattedText> ParseTelegramHtml(absl::string_view html) {
  return Parser(html).Parse();
}

}  // namespace cpuagg::notify::testing
