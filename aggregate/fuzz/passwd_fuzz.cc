// Fuzzes the parsing of passwd files: the names must be those of a simpler parser.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "acct/record/units.h"
#include "acct/testing/fuzz_check.h"
#include "aggregate/names/user_directory.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::Require;

// The value of a string of only digits; nullopt if it exceeds 32 bits.
std::optional<uint32_t> IdOf(const std::string& digits) {
  if (digits.empty()) return std::nullopt;
  uint64_t id = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    id = id * 10 + static_cast<uint64_t>(c - '0');
    if (id > 0xffff'ffff) return std::nullopt;
  }
  return static_cast<uint32_t>(id);
}

// The first name of every id, parsed character by character.
std::map<uint32_t, std::string> Model(const std::string& content) {
  std::map<uint32_t, std::string> names;
  std::vector<std::string> fields(1);
  const auto end_line = [&] {
    if (fields.size() >= 4 && !fields[0].empty()) {
      const std::optional<uint32_t> id = IdOf(fields[2]);
      if (id.has_value()) names.emplace(*id, fields[0]);
    }
    fields.assign(1, "");
  };
  for (const char c : content) {
    if (c == '\n') {
      end_line();
    } else if (c == ':') {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  end_line();
  return names;
}

void Run(const std::string& content) {
  const std::map<uint32_t, std::string> model = Model(content);
  PasswdFileDirectory directory{absl::string_view(content)};
  Require(directory.empty() == model.empty(), "it is empty if no line is an account");
  const auto require_same = [&](uint32_t id) {
    const auto found = model.find(id);
    const std::optional<std::string> name = directory.NameOf(acct::Uid(id)).value();
    Require(name.has_value() == (found != model.end()), "the same ids have names");
    Require(!name.has_value() || *name == found->second, "the names are the same");
    Require(!directory.NameOf(acct::Gid(id)).value().has_value(), "groups have no names");
  };
  for (const auto& [id, name] : model) {
    require_same(id);
    require_same(id + 1);
    require_same(id - 1);
  }
  for (const uint32_t id : {0u, 1u, 1000u, 65'534u, 0x7fff'ffffu, 0xffff'ffffu}) require_same(id);
}

}  // namespace
}  // namespace cpuagg::aggregate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::aggregate::Run(std::string(data, data + size));
  return 0;
}
