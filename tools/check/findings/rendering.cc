#include "tools/check/findings/rendering.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"
#include "notify/telegram/secret.h"
#include "notify/words/text.h"

namespace cpuagg::tools::check {
namespace {

struct Mark {
  const char* symbol;
  const char* word;
  const char* color;  // of a terminal: ECMA-48
};

Mark MarkOf(Level level) {
  switch (level) {
    case Level::kOk:
      return {"✔", "ok", "32"};
    case Level::kNote:
      return {"·", "-", "2"};
    case Level::kWarning:
      return {"!", "!", "33"};
    case Level::kUnknown:
      return {"?", "?", "35"};
    case Level::kCritical:
      return {"✘", "X", "31"};
  }
  return {"?", "?", "35"};
}

// `text` in a form that is safe to print.
std::string Shown(absl::string_view text) { return notify::Printable(notify::RedactTokens(text)); }

std::string Counts(absl::Span<const Finding> findings) {
  const auto count = [&](Level level) {
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Finding& finding) { return finding.level == level; });
  };
  std::string text = absl::StrCat(
      notify::Pluralize(static_cast<uint64_t>(count(Level::kOk)), "thing"), " in order");
  if (count(Level::kNote) > 0)
    absl::StrAppend(&text, ", ", count(Level::kNote), " not applicable or not checked");
  return text;
}

std::string Summary(absl::Span<const Finding> findings) {
  const Level worst = WorstOf(findings);
  // For somebody on call, a note counts as ok.
  if (worst <= Level::kNote) return absl::StrCat("OK - ", Counts(findings));
  const auto is_worst = [&](const Finding& finding) { return finding.level == worst; };
  const auto first = std::find_if(findings.begin(), findings.end(), is_worst);
  std::string text = absl::StrCat(absl::AsciiStrToUpper(LevelName(worst)), " - ");
  if (first == findings.end()) return absl::StrCat(text, "nothing could be checked");
  absl::StrAppend(&text, first->subject, ": ", first->text);
  const auto others =
      std::count_if(findings.begin(), findings.end(),
                    [](const Finding& finding) { return finding.level > Level::kNote; }) -
      1;
  if (others > 0) absl::StrAppend(&text, " (and ", others, " more)");
  return text;
}

std::string PerformanceData(absl::Span<const Finding> findings) {
  std::string text;
  for (const Finding& finding : findings) {
    for (const Number& number : finding.numbers) {
      absl::StrAppend(&text, text.empty() ? " | " : " ", number.name, "=", number.value,
                      number.unit);
    }
  }
  return text;
}

}  // namespace

Level WorstOf(absl::Span<const Finding> findings) {
  if (findings.empty()) return Level::kUnknown;
  return std::max_element(findings.begin(), findings.end(),
                          [](const Finding& a, const Finding& b) { return a.level < b.level; })
      ->level;
}

int ExitStatusOf(Level level) {
  switch (level) {
    case Level::kOk:
    case Level::kNote:
      return 0;
    case Level::kWarning:
      return 1;
    case Level::kCritical:
      return 2;
    case Level::kUnknown:
      break;
  }
  return 3;
}

std::string RenderText(absl::Span<const Finding> findings, const TextForm& form) {
  // Before the first | of a plugin's output is text; after it are numbers.
  std::string text = absl::StrReplaceAll(Shown(Summary(findings)), {{"|", "/"}});
  if (form.has_numbers) absl::StrAppend(&text, PerformanceData(findings));
  absl::StrAppend(&text, "\n");
  for (const Finding& finding : findings) {
    if (form.only_problems && finding.level <= Level::kNote) continue;
    const Mark mark = MarkOf(finding.level);
    const std::string sign = form.has_utf8 ? mark.symbol : notify::LeftAligned(mark.word, 2);
    absl::StrAppend(
        &text, form.has_color ? absl::StrCat("\x1b[", mark.color, "m", sign, "\x1b[0m") : sign, " ",
        absl::StrReplaceAll(Shown(absl::StrCat(finding.subject, ": ", finding.text)), {{"|", "/"}}),
        "\n");
    for (const std::string& mend : finding.mends) {
      absl::StrAppend(&text, "    $ ", Shown(mend), "\n");
    }
    for (const std::string& sentence : finding.advice) {
      absl::StrAppend(&text, form.has_utf8 ? "    → " : "    -> ", Shown(sentence), "\n");
    }
  }
  return text;
}

std::string RenderJson(absl::Span<const Finding> findings) {
  using nlohmann::ordered_json;
  const Level worst = WorstOf(findings);
  ordered_json json = {{"schema", 1},
                       {"level", worst == Level::kNote ? "ok" : LevelName(worst)},
                       {"exit_status", ExitStatusOf(worst)},
                       {"summary", Shown(Summary(findings))},
                       {"findings", ordered_json::array()}};
  for (const Finding& finding : findings) {
    ordered_json entry = {{"id", finding.id},
                          {"level", LevelName(finding.level)},
                          {"subject", Shown(finding.subject)},
                          {"text", Shown(finding.text)},
                          {"mends", ordered_json::array()},
                          {"commands", ordered_json::array()},
                          {"numbers", ordered_json::object()}};
    for (const std::string& mend : finding.mends) {
      entry["mends"].push_back(Shown(mend));
      entry["commands"].push_back(Shown(mend));
    }
    for (const std::string& sentence : finding.advice) entry["mends"].push_back(Shown(sentence));
    for (const Number& number : finding.numbers) entry["numbers"][number.name] = number.value;
    json["findings"].push_back(std::move(entry));
  }
  return absl::StrCat(json.dump(2), "\n");
}

}  // namespace cpuagg::tools::check
