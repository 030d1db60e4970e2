#include "notify/secret.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::notify {
namespace {

constexpr absl::string_view kRedacted = "<token>";
constexpr size_t kShortestSecretHalf = 20;  // of what is shaped like a token
constexpr size_t kShortestKnownHalf = 8;    // a shorter one could be a word of the text

bool IsTokenCharacter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; }

// A text as it reads once what is encoded is decoded, and which bytes each character is made of.
struct Decoded {
  std::string text;
  std::vector<uint32_t> ends;  // of each character, in the original

  uint32_t BeginOf(size_t index) const { return index == 0 ? 0 : ends[index - 1]; }
};

// Takes a number of `base` with at most `most` digits from the front of `rest`; -1 if there is
// none.
int ConsumeNumber(absl::string_view& rest, int base, size_t most) {
  int number = 0;
  size_t at = 0;
  while (at < rest.size() && at < most) {
    const char c = absl::ascii_tolower(rest[at]);
    const bool is_letter = base == 16 && c >= 'a' && c <= 'f';
    if (!absl::ascii_isdigit(c) && !is_letter) break;
    number = number * base + (is_letter ? c - 'a' + 10 : c - '0');
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
  absl::string_view end;  // may be missing, as browsers let it
};
constexpr std::array<Escape, 5> kEscapes = {{{"%", 16, 2, 2, ""},
                                             {"&#x", 16, 1, 8, ";"},
                                             {"&#", 10, 1, 8, ";"},
                                             {"\\u", 16, 4, 4, ""},
                                             {"\\x", 16, 2, 2, ""}}};

struct Name {
  absl::string_view name;
  char character;
};
// Of what tokens, and the other escapes, are made of.
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

// What is encoded several times over as well.
Decoded Decode(absl::string_view text) {
  Decoded decoded = {.text = std::string(text)};
  decoded.ends.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) decoded.ends.push_back(static_cast<uint32_t>(i + 1));
  constexpr int kMostTimes = 4;
  for (int i = 0; i < kMostTimes; ++i) {
    if (decoded.text.find_first_of("%&\\") == std::string::npos) return decoded;
    Decoded next;
    absl::string_view rest = decoded.text;
    while (!rest.empty()) {
      next.text.push_back(ConsumeCharacter(rest));
      next.ends.push_back(decoded.ends[decoded.text.size() - rest.size() - 1]);
    }
    const bool is_plain = next.text.size() == decoded.text.size();
    decoded = std::move(next);
    if (is_plain) return decoded;
  }
  return decoded;
}

// The length of what looks like a token at the beginning of `text`, with at least so many
// characters behind the colon; zero if nothing does.
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
    // However little of it a text that was cut off has.
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

std::string Without(absl::string_view value, absl::string_view text) {
  const Decoded decoded = Decode(text);
  const absl::string_view plain = decoded.text;
  std::string redacted;
  for (size_t at = 0; at < plain.size();) {
    size_t length = KnownLength(plain.substr(at), value);
    // A run of digits is looked at once, from its beginning.
    const bool goes_on = at > 0 && absl::ascii_isdigit(plain[at - 1]);
    if (length == 0 && !goes_on) length = TokenLength(plain.substr(at));
    if (length > 0) {
      absl::StrAppend(&redacted, kRedacted);
      at += length;
      continue;
    }
    absl::StrAppend(&redacted,
                    text.substr(decoded.BeginOf(at), decoded.ends[at] - decoded.BeginOf(at)));
    ++at;
  }
  return redacted;
}

}  // namespace

std::string Secret::Redact(absl::string_view text) const { return Without(value_, text); }

std::string RedactTokens(absl::string_view text) { return Without("", text); }

bool HasToken(absl::string_view text) { return RedactTokens(text) != text; }

}  // namespace cpuagg::notify
