// Fuzzes the names memory: any entries of a names.pb with a right checksum, and any bytes as such a
// file. What is read can be written and read again; valid entries have a valid name or none, and
// were asked for within the last hour.

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/testing/fuzz_check.h"
#include "aggregate/names/name_memory.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::Require;

// In the format of NamesFile of names.proto.
std::string FileOf(const std::string& names) {
  const std::string checked = absl::StrCat("1:", names);
  auto crc = static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size()));
  std::string file = "\x08\x01\x15";
  for (int i = 0; i < 4; ++i, crc >>= 8) file.push_back(static_cast<char>(crc & 0xff));
  file.push_back('\x1a');
  size_t size = names.size();
  for (; size >= 0x80; size >>= 7) file.push_back(static_cast<char>(size | 0x80));
  file.push_back(static_cast<char>(size));
  return file + names;
}

void Run(const std::string& input) {
  DecodeNames(input, "");
  NameMemory memory = DecodeNames(FileOf(input), "");
  Require(DecodeNames(EncodeNames(memory, ""), "") == memory, "what is written comes back");
  const absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  ForgetNames(now, memory);
  for (const auto& [uid, remembered] : memory) {
    Require(remembered.asked_at <= now && now < remembered.asked_at + kNamesAreRemembered,
            "it was asked within the hour");
    Require(!remembered.name.has_value() ||
                (!remembered.name->empty() && remembered.name->find('\0') == std::string::npos),
            "it is a name");
  }
}

}  // namespace
}  // namespace cpuagg::aggregate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::aggregate::Run(std::string(data, data + size));
  return 0;
}
