#include "notify/telegram/secret.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::notify {
namespace {

constexpr absl::string_view kRedacted = "<token>";
constexpr size_t kShortestSecretHalf = 20;  // of anything with the shape of a token
constexpr size_t kShortestKnownHalf = 8;    // a shorter one could be an ordinary word

bool IsTokenCharacter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; }

// A text after decoding, and the original bytes of each of its characters.
struct Decoded {
  std::string text;
  std::vector<uint32_t> ends;  // the end of each character in the original

  uint32_t BeginOf(size_t index) const { return index == 0 ? 0 : ends[index - 1]; }
};

// Takes a number of `base` with at most `most` digits from the front of `rest`. Returns -1 if it
// does not begin with one, and more than 127 if the number is not an ASCII character.
int ConsumeNumber(absl::string_view& rest, int base, size_t most) {
  constexpr int kNoCharacter = 128;
  int number = 0;
  size_t at = 0;
  while (at < rest.size() && at < most) {
    const char c = absl::ascii_tolower(rest[at]);
    const bool is_letter = base == 16 && c >= 'a' && c <= 'f';
    if (!absl::ascii_isdigit(c) && !is_letter) break;
    number = std::min(number * base + (is_letter ? c - 'a' + 10 : c - '0'), kNoCharacter);
    ++at;
  }
  rest.remove_prefix(at);
  return at == 0 ? -1 : number;
}

bool ConsumePrefixIgnoreCase(absl::string_view& rest, absl::string_view prefix) {
  if (!absl::StartsWithIgnoreCase(rest, prefix)) return false;
  rest.remove_prefix(prefix.size());
  return true;
}

// A way to write a character by its number.
struct Escape {
  absl::string_view begin;
  int base;
  size_t fewest;
  size_t most;
  absl::string_view end;  // may be missing, as browsers allow
};
constexpr size_t kMostDigits = 64;
constexpr std::array<Escape, 5> kEscapes = {{{"%", 16, 2, 2, ""},
                                             // Any number of leading zeros is allowed.
                                             {"&#x", 16, 1, kMostDigits, ";"},
                                             {"&#", 10, 1, kMostDigits, ";"},
                                             {"\\u", 16, 4, 4, ""},
                                             {"\\x", 16, 2, 2, ""}}};

struct Name {
  absl::string_view name;
  char character;
};
// The characters of tokens and of the other escapes.
constexpr std::array<Name, 8> kNames = {{{"&colon;", ':'},
                                         {"&lowbar;", '_'},
                                         {"&UnderBar;", '_'},
                                         {"&amp;", '&'},
                                         {"&num;", '#'},
                                         {"&percnt;", '%'},
                                         {"&bsol;", '\\'},
                                         {"\\\\", '\\'}}};

// Takes one character from the front of `rest`, which is not empty.
char ConsumeCharacter(absl::string_view& rest) {
  for (const Escape& escape : kEscapes) {
    absl::string_view after = rest;
    if (!ConsumePrefixIgnoreCase(after, escape.begin)) continue;
    const size_t before = after.size();
    const int number = ConsumeNumber(after, escape.base, escape.most);
    if (before - after.size() < escape.fewest || number < 1 || number > 127) continue;
    ConsumePrefixIgnoreCase(after, escape.end);
    rest = after;
    return static_cast<char>(number);
  }
  for (const Name& name : kNames) {
    if (ConsumePrefixIgnoreCase(rest, name.name)) return name.character;
  }
  const char character = rest[0];
  rest.remove_prefix(1);
  return character;
}

Decoded AsItStands(absl::string_view text) {
  Decoded plain = {.text = std::string(text)};
  plain.ends.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) plain.ends.push_back(static_cast<uint32_t>(i + 1));
  return plain;
}

Decoded DecodedOnceMore(const Decoded& before) {
  Decoded after;
  absl::string_view rest = before.text;
  while (!rest.empty()) {
    after.text.push_back(ConsumeCharacter(rest));
    after.ends.push_back(before.ends[before.text.size() - rest.size() - 1]);
  }
  return after;
}

// The length of anything with the shape of a token at the beginning of `text`, with at least
// `shortest` characters after the colon; zero if there is none.
size_t TokenLength(absl::string_view text, size_t shortest = kShortestSecretHalf) {
  size_t at = 0;
  while (at < text.size() && absl::ascii_isdigit(text[at])) ++at;
  if (at == 0 || at == text.size() || text[at] != ':') return 0;
  const size_t begin = ++at;
  while (at < text.size() && IsTokenCharacter(text[at])) ++at;
  return at - begin >= shortest ? at : 0;
}

// The length of the token `value`, or of enough of it, at the beginning of `text`.
size_t KnownLength(absl::string_view text, absl::string_view value) {
  if (value.empty()) return 0;
  const size_t colon = value.find(':');
  if (colon != absl::string_view::npos) {
    // However little of it a truncated text has.
    if (absl::StartsWithIgnoreCase(text, value.substr(0, colon + 1))) {
      const size_t length = TokenLength(text, 1);
      if (length > 0) return length;
    }
    const absl::string_view half = value.substr(colon + 1);
    if (half.size() >= kShortestKnownHalf && absl::StartsWithIgnoreCase(text, half)) {
      return half.size();
    }
  }
  return absl::StartsWithIgnoreCase(text, value) ? value.size() : 0;
}

// Marks in `hidden` the bytes that must be hidden; `decoded` has the decoded text.
void Hide(const Decoded& decoded, absl::string_view value, std::vector<bool>& hidden) {
  const absl::string_view text = decoded.text;
  for (size_t at = 0; at < text.size();) {
    size_t length = KnownLength(text.substr(at), value);
    // Checks a run of digits once, from its beginning.
    const bool goes_on = at > 0 && absl::ascii_isdigit(text[at - 1]);
    if (length == 0 && !goes_on) length = TokenLength(text.substr(at));
    if (length > 0) {
      std::fill(hidden.begin() + decoded.BeginOf(at),
                hidden.begin() + decoded.ends[at + length - 1], true);
    }
    at += std::max<size_t>(length, 1);
  }
}

std::string Without(absl::string_view value, absl::string_view text) {
  std::vector<bool> hidden(text.size());
  Decoded decoded = AsItStands(text);
  // What looks like an escape may not be one, and an escape may hide another. So the secret is
  // searched for in the original text and after each decoding.
  constexpr int kMostTimes = 4;
  for (int i = 0; i <= kMostTimes; ++i) {
    Hide(decoded, value, hidden);
    Decoded next = DecodedOnceMore(decoded);
    if (next.text.size() == decoded.text.size()) break;
    decoded = std::move(next);
  }
  std::string redacted;
  for (size_t at = 0; at < text.size(); ++at) {
    if (!hidden[at]) {
      redacted.push_back(text[at]);
    } else if (at == 0 || !hidden[at - 1]) {
      absl::StrAppend(&redacted, kRedacted);
    }
  }
  return redacted;
}

}  // namespace

std::string Secret::Redact(absl::string_view text) const { return Without(value_, text); }

std::string RedactTokens(absl::string_view text) { return Without("", text); }

bool HasToken(absl::string_view text) { return RedactTokens(text) != text; }

}  // namespace cpuagg::notify
