#include "aggregate/names/user_directory.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/io/file.h"

namespace cpuagg::aggregate {

namespace {

// Calls `get(buffer, size, name)`, which wraps getpwuid_r or getgrgid_r for one id: it sets `name`
// if it finds one, and returns their result.
//
// Only the result 0 means that nobody has the id. getpwuid_r(3) lists ENOENT, ESRCH, EBADF and
// EPERM among the results for that on other systems, but glibc differs: it returns 0 if the last
// service that it asked said so, and otherwise that service's error. With these errors a service
// says that it is unreachable, most often ENOENT, since its socket does not exist while it does not
// run (nslcd, sssd).
template <typename Get>
NameAnswer Ask(std::vector<char>& buffer, int suggestion, Get get) {
  if (buffer.empty()) {
    const long suggested = sysconf(suggestion);
    buffer.resize(suggested > 0 ? static_cast<size_t>(suggested) : 1024);
  }
  // An entry may be larger than the suggested size; no real one reaches the limit.
  constexpr size_t kLimit = size_t{1} << 20;
  std::optional<std::string> name;
  int error;
  while ((error = get(buffer.data(), buffer.size(), name)) == ERANGE && buffer.size() < kLimit) {
    buffer.resize(buffer.size() * 2);
  }
  if (error == 0) return name;
  return absl::UnavailableError(absl::StrCat("the user directory failed (", strerror(error), ")"));
}

template <typename Id>
std::vector<NameAnswer> OneByOne(UserDirectory& directory, absl::Span<const Id> ids) {
  std::vector<NameAnswer> answers;
  answers.reserve(ids.size());
  for (const Id id : ids) answers.push_back(directory.NameOf(id));
  return answers;
}

}  // namespace

void UnknownNames::Count(const NameAnswer& answer) {
  ++ids;
  if (answer.ok()) return;
  ++unknown;
  const std::string reason(answer.status().message());
  if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
}

std::vector<NameAnswer> UserDirectory::NamesOf(absl::Span<const acct::Uid> ids) {
  return OneByOne(*this, ids);
}
std::vector<NameAnswer> UserDirectory::NamesOf(absl::Span<const acct::Gid> ids) {
  return OneByOne(*this, ids);
}

NameAnswer UserDirectory::AccountNamed(const std::string&) {
  return absl::UnimplementedError("this user directory only knows ids");
}

NameAnswer UserDirectory::IdOfGroup(const std::string&) {
  return absl::UnimplementedError("this user directory has no groups");
}

NameAnswer NssDirectory::NameOf(acct::Uid uid) {
  return Ask(buffer_, _SC_GETPW_R_SIZE_MAX,
             [uid](char* buffer, size_t size, std::optional<std::string>& name) {
               passwd entry;
               passwd* found = nullptr;
               const int error = getpwuid_r(uid.value(), &entry, buffer, size, &found);
               if (error == 0 && found != nullptr) name = found->pw_name;
               return error;
             });
}

NameAnswer NssDirectory::NameOf(acct::Gid gid) {
  return Ask(buffer_, _SC_GETGR_R_SIZE_MAX,
             [gid](char* buffer, size_t size, std::optional<std::string>& name) {
               group entry;
               group* found = nullptr;
               const int error = getgrgid_r(gid.value(), &entry, buffer, size, &found);
               if (error == 0 && found != nullptr) name = found->gr_name;
               return error;
             });
}

NameAnswer NssDirectory::AccountNamed(const std::string& name) {
  return Ask(buffer_, _SC_GETPW_R_SIZE_MAX,
             [&](char* buffer, size_t size, std::optional<std::string>& answer) {
               passwd entry;
               passwd* found = nullptr;
               const int error = getpwnam_r(name.c_str(), &entry, buffer, size, &found);
               if (error == 0 && found != nullptr) answer = found->pw_name;
               return error;
             });
}

NameAnswer NssDirectory::IdOfGroup(const std::string& name) {
  return Ask(buffer_, _SC_GETGR_R_SIZE_MAX,
             [&](char* buffer, size_t size, std::optional<std::string>& answer) {
               group entry;
               group* found = nullptr;
               const int error = getgrnam_r(name.c_str(), &entry, buffer, size, &found);
               if (error == 0 && found != nullptr) answer = absl::StrCat(found->gr_gid);
               return error;
             });
}

absl::StatusOr<std::unique_ptr<PasswdFileDirectory>> PasswdFileDirectory::Load(
    const std::string& path) {
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path);
  if (!file.ok()) return file.status();
  // A pipe, such as <(getent passwd), has no length.
  constexpr uint64_t kMost = uint64_t{1} << 30;
  const absl::StatusOr<std::string> content = file->ReadToEnd(kMost + 1);
  if (!content.ok()) return content.status();
  if (content->size() > kMost) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is larger than 1 GiB, so it is not a list of accounts"));
  }
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
    // SimpleAtoi() accepts blanks and signs, with which the field would be another id, or none.
    if (fields.size() < 4 || fields[0].empty() || fields[2].empty() ||
        !std::all_of(fields[2].begin(), fields[2].end(), absl::ascii_isdigit)) {
      continue;
    }
    uint32_t uid;
    if (absl::SimpleAtoi(fields[2], &uid)) names_.emplace(acct::Uid(uid), fields[0]);
  }
}

NameAnswer PasswdFileDirectory::NameOf(acct::Uid uid) {
  const auto found = names_.find(uid);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

NameAnswer PasswdFileDirectory::AccountNamed(const std::string& name) {
  for (const auto& [uid, other] : names_) {
    if (other == name) return name;
  }
  return std::nullopt;
}

}  // namespace cpuagg::aggregate
