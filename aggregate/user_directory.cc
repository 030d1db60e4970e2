#include "aggregate/user_directory.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/file.h"

namespace cpuagg::aggregate {

namespace {

// Calls `get(buffer, size)`, which is getpwuid_r or getgrgid_r for one id and returns what they
// return, with a buffer that is large enough.
template <typename Get>
void WithBuffer(int suggestion, Get get) {
  const long suggested = sysconf(suggestion);
  std::vector<char> buffer(suggested > 0 ? static_cast<size_t>(suggested) : 1024);
  // An entry may be larger than the suggestion; no real one is as large as the limit.
  constexpr size_t kLimit = size_t{1} << 20;
  while (get(buffer.data(), buffer.size()) == ERANGE && buffer.size() < kLimit) {
    buffer.resize(buffer.size() * 2);
  }
}

}  // namespace

std::optional<std::string> NssDirectory::NameOf(acct::Uid uid) {
  const auto [place, is_new] = users_.try_emplace(uid);
  std::optional<std::string>& name = place->second;
  if (!is_new) return name;
  WithBuffer(_SC_GETPW_R_SIZE_MAX, [&](char* buffer, size_t size) {
    passwd entry;
    passwd* found = nullptr;
    const int error = getpwuid_r(uid.value(), &entry, buffer, size, &found);
    if (error == 0 && found != nullptr) name = found->pw_name;
    return error;
  });
  return name;
}

std::optional<std::string> NssDirectory::NameOf(acct::Gid gid) {
  const auto [place, is_new] = groups_.try_emplace(gid);
  std::optional<std::string>& name = place->second;
  if (!is_new) return name;
  WithBuffer(_SC_GETGR_R_SIZE_MAX, [&](char* buffer, size_t size) {
    group entry;
    group* found = nullptr;
    const int error = getgrgid_r(gid.value(), &entry, buffer, size, &found);
    if (error == 0 && found != nullptr) name = found->gr_name;
    return error;
  });
  return name;
}

absl::StatusOr<std::unique_ptr<PasswdFileDirectory>> PasswdFileDirectory::Load(
    const std::string& path) {
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  // A pipe has no length and cannot be read by offset.
  if (!S_ISREG(info->st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  }
  const absl::StatusOr<std::string> content = file->ReadAt(0, static_cast<uint64_t>(info->st_size));
  if (!content.ok()) return content.status();
  auto directory = std::make_unique<PasswdFileDirectory>(*content);
  if (directory->empty() && !content->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has no line in the format of /etc/passwd (name:password:uid:...)"));
  }
  return directory;
}

PasswdFileDirectory::PasswdFileDirectory(absl::string_view content) {
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    // SimpleAtoi takes blanks and signs, which make another id, or none, of the field.
    if (fields.size() < 4 || fields[0].empty() || fields[2].empty() ||
        !std::all_of(fields[2].begin(), fields[2].end(), absl::ascii_isdigit)) {
      continue;
    }
    uint32_t uid;
    if (absl::SimpleAtoi(fields[2], &uid)) names_.emplace(acct::Uid(uid), fields[0]);
  }
}

std::optional<std::string> PasswdFileDirectory::NameOf(acct::Uid uid) {
  const auto found = names_.find(uid);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

}  // namespace cpuagg::aggregate
