#include "aggregate/names/name_memory.h"

#include <zlib.h>
#include <filesystem>

#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/store_owner.h"
#include "aggregate/names/names.pb.h"

namespace cpuagg::aggregate {
namespace {

constexpr uint32_t kFormatVersion = 1;

// Includes the version.
uint32_t Crc32(uint32_t version, absl::string_view names) {
  const std::string bytes = absl::StrCat(version, ":", names);
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Whether a directory can have returned it. No user has a name that is empty or contains a zero.
bool IsName(absl::string_view name) { return !name.empty() && !absl::StrContains(name, '\0'); }

}  // namespace

void ForgetNames(absl::Time now, NameMemory& memory) {
  for (auto entry = memory.begin(); entry != memory.end();) {
    const absl::Time asked_at = entry->second.asked_at;
    const bool counts = asked_at <= now && now - asked_at < kNamesAreRemembered;
    entry = counts ? std::next(entry) : memory.erase(entry);
  }
}

std::string EncodeNames(const NameMemory& memory, absl::string_view accounts) {
  storage::Names names;
  names.set_accounts_version(std::string(accounts));
  for (const auto& [uid, remembered] : memory) {
    storage::RememberedName& added = *names.add_names();
    added.set_uid(uid.value());
    if (remembered.name.has_value()) added.set_name(*remembered.name);
    added.set_asked_at_seconds(absl::ToUnixSeconds(remembered.asked_at));
  }
  storage::NamesFile file;
  file.set_format_version(kFormatVersion);
  file.set_names(names.SerializeAsString());
  file.set_names_crc32(Crc32(kFormatVersion, file.names()));
  return file.SerializeAsString();
}

NameMemory DecodeNames(absl::string_view bytes, absl::string_view accounts) {
  NameMemory memory;
  storage::NamesFile file;
  storage::Names names;
  if (!file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      file.format_version() != kFormatVersion ||
      file.names_crc32() != Crc32(kFormatVersion, file.names()) ||
      !names.ParseFromString(file.names()) || names.accounts_version() != accounts) {
    return memory;
  }
  for (storage::RememberedName& entry : *names.mutable_names()) {
    if (entry.has_name() && !IsName(entry.name())) continue;
    RememberedName remembered{.asked_at = absl::FromUnixSeconds(entry.asked_at_seconds())};
    if (entry.has_name()) remembered.name = std::move(*entry.mutable_name());
    memory.try_emplace(acct::Uid(entry.uid()), std::move(remembered));
  }
  return memory;
}

NameMemory LoadNames(const std::string& path, absl::string_view accounts) {
  const absl::StatusOr<std::string> bytes = acct::ReadWholeFile(path);
  return bytes.ok() ? DecodeNames(*bytes, accounts) : NameMemory();
}

absl::Status SaveNames(const NameMemory& memory, absl::string_view accounts,
                       const std::string& path, acct::FileSystem& changes) {
  const acct::AsStoreOwner owner(std::filesystem::path(path).parent_path().string());
  return acct::WriteFileAtomically(path, EncodeNames(memory, accounts), 0640, changes);
}

}  // namespace cpuagg::aggregate
