// Fuzzes snapshots with any header and body with right checksums: such a file is refused, or it can
// be written, merged and reported, and is read back unchanged. The input begins with the length of
// the header in two bytes, the lower one first, followed by the header without body_crc32, and then
// the body.

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/testing/fuzz_check.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::Require;

std::string Crc32(const std::string& bytes) {
  auto crc =
      static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  std::string encoded;
  for (int i = 0; i < 4; ++i, crc >>= 8) encoded.push_back(static_cast<char>(crc & 0xff));
  return encoded;
}

std::string Varint(uint64_t value) {
  std::string encoded;
  for (; value >= 0x80; value >>= 7) encoded.push_back(static_cast<char>(value | 0x80));
  encoded.push_back(static_cast<char>(value));
  return encoded;
}

// In the format of SnapshotFile of snapshot.proto.
std::string FileOf(const std::string& header_without_crc, const std::string& body) {
  const std::string header = absl::StrCat(header_without_crc, "\x85\x01", Crc32(body));
  return absl::StrCat("\x08\x02\x25", Crc32(absl::StrCat("2:", header)), "\x2a",
                      Varint(header.size()), header) +
         absl::StrCat("\x32", Varint(body.size()), body);
}

Usage SumOf(const std::vector<UserRow>& rows) {
  Usage sum;
  for (const UserRow& row : rows) sum += row.usage;
  return sum;
}
Usage SumOf(const std::vector<CommandRow>& rows) {
  Usage sum;
  for (const CommandRow& row : rows) sum += row.usage;
  return sum;
}

void Run(absl::string_view input) {
  if (input.size() < 2) return;
  const size_t header_size = static_cast<uint8_t>(input[0]) + static_cast<uint8_t>(input[1]) * 256u;
  input.remove_prefix(2);
  const std::string file =
      FileOf(std::string(input.substr(0, header_size)),
             std::string(header_size < input.size() ? input.substr(header_size) : ""));
  absl::StatusOr<Snapshot> snapshot = DecodeSnapshot(file, "fuzz.pb");
  if (!snapshot.ok()) {
    Require(absl::IsDataLoss(snapshot.status()), "it is damaged, and no other version");
    return;
  }
  const std::string written = EncodeSnapshot(*snapshot);
  const absl::StatusOr<Snapshot> again = DecodeSnapshot(written, "again.pb");
  Require(again.ok(), "what is written can be read");
  Require(EncodeSnapshot(*again) == written, "and is the same");
  Require(again->users == snapshot->users, "the users come back");
  Require(again->commands == snapshot->commands, "the commands come back");

  const Usage users = SumOf(snapshot->users);
  const Usage commands = SumOf(snapshot->commands);
  const BucketPolicy policy =
      BucketPolicyAt(absl::FromUnixSeconds(1'795'000'000), absl::UTCTimeZone(), 1);
  std::vector<Snapshot> parts;
  parts.push_back(*again);
  parts.push_back(*std::move(snapshot));
  Usage twice = users;
  twice += users;
  Usage commands_twice = commands;
  commands_twice += commands;
  const Snapshot merged = Merged(std::move(parts), MergeLevel::kMonth, {}, policy);
  Require(SumOf(merged.users) == twice, "merging changes no sum of users");
  Require(SumOf(merged.commands) == commands_twice, "nor of commands");
  Require(DecodeSnapshot(EncodeSnapshot(merged), "merged.pb").ok(), "and can be written");
}

}  // namespace
}  // namespace cpuagg::aggregate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::aggregate::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
