#include "notify/fleet/checked_file.h"

#include <zlib.h>

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/io/atomic_file.h"
#include "acct/io/store_owner.h"
#include "notify/fleet/fleet.pb.h"

namespace cpuagg::notify {
namespace {

constexpr uint32_t kFormatVersion = 1;

// Includes the version, so that a file that was cut off before its content is not taken for an
// empty one.
uint32_t Crc32(absl::string_view content) {
  const std::string bytes = absl::StrCat(kFormatVersion, ":", content);
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::optional<std::string> ReadCheckedFile(const std::string& path) {
  const absl::StatusOr<std::string> bytes = acct::ReadWholeFile(path);
  storage::CheckedFile file;
  if (!bytes.ok() || !file.ParseFromString(*bytes) || file.format_version() != kFormatVersion ||
      file.content_crc32() != Crc32(file.content())) {
    return std::nullopt;
  }
  return std::move(*file.mutable_content());
}

absl::Status WriteCheckedFile(const std::string& path, absl::string_view content) {
  storage::CheckedFile file;
  file.set_format_version(kFormatVersion);
  file.set_content_crc32(Crc32(content));
  file.set_content(std::string(content));
  const acct::AsStoreOwner owner(std::filesystem::path(path).parent_path().string());
  return acct::WriteFileAtomically(path, file.SerializeAsString(), 0640);
}

}  // namespace cpuagg::notify
