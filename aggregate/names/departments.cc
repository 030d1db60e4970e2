#include "aggregate/names/departments.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "acct/io/file.h"

namespace cpuagg::aggregate {
namespace {

constexpr char kExample[] = "write a user and a department in each line: alice Physics";
// As tables have it: notify/words/labels.h.
constexpr char kNoDepartment[] = "(none)";
constexpr char kSeparators[] = " \t,:";

struct Field {
  std::string text;
  bool is_quoted = false;
};

// Takes the text in quotes from the beginning of `line`; two quotes in it are one. nullopt if they
// have no end.
std::optional<Field> TakeQuoted(absl::string_view& line) {
  Field field = {.is_quoted = true};
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '"' && (i + 1 == line.size() || line[i + 1] != '"')) {
      line.remove_prefix(i + 1);
      return field;
    }
    if (line[i] == '"') ++i;
    field.text += line[i];
  }
  return std::nullopt;
}

// Takes the text before the next of `separators`, or all of it.
std::optional<Field> Take(absl::string_view& line, absl::string_view separators) {
  if (absl::StartsWith(line, "\"")) return TakeQuoted(line);
  const absl::string_view text = line.substr(0, line.find_first_of(separators));
  line.remove_prefix(text.size());
  return Field{.text = std::string(absl::StripTrailingAsciiWhitespace(text))};
}

// Drops blanks, and one comma or colon among them.
void SkipSeparator(absl::string_view& line) {
  line = absl::StripLeadingAsciiWhitespace(line);
  if (absl::ConsumePrefix(&line, ",") || absl::ConsumePrefix(&line, ":")) {
    line = absl::StripLeadingAsciiWhitespace(line);
  }
}

// Where the comment begins, which is not in quotes.
size_t FindComment(absl::string_view line) {
  bool is_quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') is_quoted = !is_quoted;
    if (line[i] == '#' && !is_quoted && (i == 0 || absl::ascii_isspace(line[i - 1]))) return i;
  }
  return absl::string_view::npos;
}

// Two fields, neither of which is empty; or what is wrong with the line, and the fix.
absl::StatusOr<std::pair<std::string, std::string>> ParseLine(absl::string_view line) {
  const std::optional<Field> user = Take(line, kSeparators);
  SkipSeparator(line);
  const std::optional<Field> department = Take(line, "");
  if (!user.has_value() || !department.has_value()) {
    return absl::InvalidArgumentError("a '\"' is not closed; add the other, or leave both out");
  }
  if (user->text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("a user is missing; ", kExample));
  }
  if (department->text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", user->text, "' has no department; ", kExample));
  }
  if (department->text == kNoDepartment) {
    return absl::InvalidArgumentError(
        absl::StrCat("the department ", kNoDepartment, " of '", user->text,
                     "' is what reports call users without one; leave the line out, or give the "
                     "department another name"));
  }
  // As in a line of /etc/group, or of a list with more columns.
  if (!line.empty() ||
      (!department->is_quoted && department->text.find_first_of(",:\"") != std::string::npos)) {
    return absl::InvalidArgumentError(absl::StrCat("has more than a user and a department; ",
                                                   kExample,
                                                   "; a department with a comma, a colon or quotes "
                                                   "is written in quotes: \"Physics, Theory\""));
  }
  return std::pair(user->text, department->text);
}

// Whether it is the line above a list, as spreadsheets have it.
bool IsHeader(const std::string& user, const std::string& department) {
  constexpr absl::string_view kUsers[] = {"user", "users", "username", "login", "name", "uid"};
  constexpr absl::string_view kDepartments[] = {"department", "departments", "dept", "group"};
  const auto is_among = [](const std::string& text, const auto& names) {
    return std::find(std::begin(names), std::end(names), absl::AsciiStrToLower(text)) !=
           std::end(names);
  };
  return is_among(user, kUsers) && is_among(department, kDepartments);
}

}  // namespace

absl::StatusOr<Departments> Departments::Load(const std::string& path) {
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path);
  if (!file.ok()) return file.status();
  constexpr uint64_t kMost = uint64_t{1} << 26;
  const absl::StatusOr<std::string> content = file->ReadToEnd(kMost + 1);
  if (!content.ok()) return content.status();
  if (content->size() > kMost) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is larger than 64 MiB, so it is not a list of departments"));
  }
  return Parse(*content, path);
}

absl::StatusOr<Departments> Departments::Parse(absl::string_view content, absl::string_view name) {
  Departments departments;
  absl::ConsumePrefix(&content, "\xEF\xBB\xBF");  // the mark of some editors, before UTF-8
  size_t number = 0;
  bool is_first = true;
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line.substr(0, FindComment(line)));
    if (line.empty()) continue;
    absl::StatusOr<std::pair<std::string, std::string>> parsed = ParseLine(line);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ":", number, ": ", parsed.status().message()));
    }
    auto& [user, department] = *parsed;
    if (std::exchange(is_first, false) && IsHeader(user, department)) continue;
    const auto [place, is_new] = departments.lines_.try_emplace(user, Line{department, number});
    if (is_new || place->second.department == department) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, ":", number, ": '", user, "' is in ", department, " here, and in ",
                     place->second.department, " in line ", place->second.number,
                     "; a user has one department, so leave one of the lines out"));
  }
  if (departments.lines_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": names no user; ", kExample));
  }
  return departments;
}

std::optional<std::string> Departments::Of(acct::Uid uid, const std::optional<std::string>& name,
                                           const absl::flat_hash_set<std::string>& named) const {
  auto found = name.has_value() ? lines_.find(*name) : lines_.end();
  const std::string id = absl::StrCat(uid.value());
  if (found == lines_.end() && !named.contains(id)) found = lines_.find(id);
  if (found == lines_.end()) return std::nullopt;
  return found->second.department;
}

std::vector<std::string> Departments::Users() const {
  std::vector<std::string> users;
  for (const auto& [user, line] : lines_) users.push_back(user);
  std::sort(users.begin(), users.end());
  return users;
}

std::vector<std::string> Departments::Names() const {
  std::set<std::string> names;
  for (const auto& [user, line] : lines_) names.insert(line.department);
  return {names.begin(), names.end()};
}

}  // namespace cpuagg::aggregate
