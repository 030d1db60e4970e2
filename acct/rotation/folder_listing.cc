#include "acct/rotation/folder_listing.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "acct/io/file.h"
#include "acct/rotation/generation_name.h"

namespace cpuagg::acct {
namespace {

// A folder to search, and the prefix of the names of generations in it. With an empty prefix, every
// file counts.
struct Folder {
  std::string path;
  std::string base;
  bool has_current = false;  // it contains the accounting file

  friend auto operator<=>(const Folder&, const Folder&) = default;
};

Folder FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path, true};
  return {path.substr(0, slash + 1), path.substr(slash + 1), true};
}

// The targets of a chain of symbolic links from `path`, one for each step. Works even if the last
// target does not exist, as in the middle of a rotation.
std::vector<std::string> LinkTargets(std::string path) {
  constexpr int kMostLinks = 40;  // Linux follows no more
  std::vector<std::string> targets;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code error;
    const std::filesystem::path target = std::filesystem::read_symlink(path, error);
    if (error) break;
    path = target.is_absolute() ? target.string() : FolderOf(path).path + target.string();
    targets.push_back(path);
  }
  return targets;
}

std::set<Folder> FoldersOf(const AccountingFiles& files) {
  std::set<Folder> folders;
  if (IsDirectory(files.path)) {
    folders.insert({absl::EndsWith(files.path, "/") ? files.path : files.path + "/", ""});
    return folders;
  }
  std::vector<std::string> names = {files.path};
  for (std::string& target : LinkTargets(files.path)) {
    const bool is_elsewhere = FolderOf(target).path != FolderOf(files.path).path;
    if (!is_elsewhere || !files.only_own_folder) names.push_back(std::move(target));
  }
  for (const std::string& name : names) {
    folders.insert(FolderOf(name));
    for (const std::string& other : files.other_folders) {
      folders.insert({absl::EndsWith(other, "/") ? other : other + "/", FolderOf(name).base});
    }
  }
  return folders;
}

// Adds the content of `folder`. A folder that does not exist counts as empty.
absl::Status AddFolder(const Folder& folder, FolderListing& listing) {
  const std::string name = folder.path.empty() ? "." : folder.path;
  DIR* const stream = opendir(name.c_str());
  if (stream == nullptr && (errno == ENOENT || errno == ENOTDIR) && !folder.has_current) {
    listing.passed_over.push_back({name, "no such folder", /*has_usual_name=*/true});
    return absl::OkStatus();
  }
  if (stream == nullptr) {
    if (errno == ENOENT) return absl::OkStatus();
    return ErrnoStatus(errno, name, "list the directory");
  }
  const absl::Cleanup close = [stream] { closedir(stream); };
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(stream);
    if (entry == nullptr) {
      if (errno == 0) return absl::OkStatus();
      return ErrnoStatus(errno, name, "list the directory");
    }
    absl::string_view suffix = entry->d_name;
    if (!absl::ConsumePrefix(&suffix, folder.base)) continue;
    if (folder.base.empty() && absl::StartsWith(suffix, ".")) continue;
    Found found = {.path = absl::StrCat(folder.path, entry->d_name),
                   .age = folder.base.empty() ? AgeByNumber(suffix) : AgeByName(suffix),
                   .is_current = folder.has_current && suffix.empty(),
                   .has_unknown_ending = !folder.base.empty() && HasUnknownEnding(suffix)};
    // The accounting file, moved to another folder under its own name.
    if (suffix.empty() && !found.is_current) found.age.reset();
    if (fstatat(dirfd(stream), entry->d_name, &found.info, 0) != 0) {
      if (errno != ENOENT && errno != ELOOP) return ErrnoStatus(errno, found.path, "stat");
      // It has disappeared, or it is a link.
      if (fstatat(dirfd(stream), entry->d_name, &found.info, AT_SYMLINK_NOFOLLOW) == 0 &&
          !found.is_current) {
        listing.passed_over.push_back({.path = std::move(found.path),
                                       .why = "is a broken link",
                                       .has_usual_name = found.age.has_value()});
      }
      continue;
    }
    if (S_ISREG(found.info.st_mode)) {
      listing.files.push_back(std::move(found));
      continue;
    }
    const bool is_directory = S_ISDIR(found.info.st_mode);
    listing.passed_over.push_back({.path = std::move(found.path),
                                   .why = is_directory ? "is a directory" : "is not a regular file",
                                   .has_usual_name = found.age.has_value()});
  }
}

// Newest first: the accounting file, then usual names in their order. Each unusual name comes
// before the first file that was last written no later.
void Sort(std::vector<Found>& files) {
  const auto unusual = std::partition(files.begin(), files.end(),
                                      [](const Found& file) { return file.age.has_value(); });
  std::sort(files.begin(), unusual, [](const Found& a, const Found& b) {
    return std::tuple(!a.is_current, a.age, a.path) < std::tuple(!b.is_current, b.age, b.path);
  });
  const auto is_newer = [](const Found& a, const Found& b) {
    return std::tuple(a.modified_nanos(), b.path) > std::tuple(b.modified_nanos(), a.path);
  };
  std::sort(unusual, files.end(), is_newer);
  std::vector<Found> sorted;
  sorted.reserve(files.size());
  auto next = unusual;
  for (auto usual = files.begin(); usual != unusual; ++usual) {
    while (!usual->is_current && next != files.end() && is_newer(*next, *usual)) {
      sorted.push_back(std::move(*next++));
    }
    sorted.push_back(std::move(*usual));
  }
  std::move(next, files.end(), std::back_inserter(sorted));
  files = std::move(sorted);
}

// If a file has several names, keeps the newest, and a usual one if there is any. savelog links the
// file to its new name before it puts an empty one in its place.
void RemoveOtherNames(std::vector<Found>& files) {
  std::map<std::pair<dev_t, ino_t>, const Found*> kept;
  for (const Found& file : files) {
    const Found*& best = kept[{file.info.st_dev, file.info.st_ino}];
    if (best == nullptr || (file.age.has_value() && !best->age.has_value())) best = &file;
  }
  std::vector<Found> left;
  left.reserve(kept.size());
  for (Found& file : files) {
    if (kept[{file.info.st_dev, file.info.st_ino}] == &file) left.push_back(std::move(file));
  }
  files = std::move(left);
}

}  // namespace

bool IsDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

absl::StatusOr<FolderListing> ListFolders(const AccountingFiles& files) {
  FolderListing listing;
  for (const Folder& folder : FoldersOf(files)) {
    if (absl::Status status = AddFolder(folder, listing); !status.ok()) return status;
  }
  Sort(listing.files);
  RemoveOtherNames(listing.files);
  return listing;
}

bool IsUnchanged(const FolderListing& before, const FolderListing& after) {
  return std::equal(before.files.begin(), before.files.end(), after.files.begin(),
                    after.files.end(), [](const Found& a, const Found& b) {
                      return a.path == b.path && a.IsSameFile(b) &&
                             a.info.st_size <= b.info.st_size;
                    });
}

}  // namespace cpuagg::acct
