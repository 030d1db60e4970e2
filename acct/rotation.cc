#include "acct/rotation.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "acct/decompressor.h"
#include "acct/generation_name.h"
#include "acct/layout.h"
#include "acct/open_source.h"
#include "acct/plausibility.h"
#include "acct/record_view.h"

namespace cpuagg::acct {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// A folder to look into, and what the names of generations there begin with; everything there is
// one if that is empty.
struct Folder {
  std::string path;
  std::string base;
  bool has_current = false;  // the accounting file is in it

  friend auto operator<=>(const Folder&, const Folder&) = default;
};

// A file as the listing of its folder has it.
struct Found {
  std::string path;
  struct stat info;
  // By its name: smaller is newer. nullopt if the name is an unusual one.
  std::optional<std::vector<int64_t>> age;
  bool is_current = false;
  bool has_unknown_ending = false;

  int64_t modified_nanos() const {
    return info.st_mtim.tv_sec * kNanosPerSecond + info.st_mtim.tv_nsec;
  }
  bool IsSameFile(const Found& other) const {
    return info.st_dev == other.info.st_dev && info.st_ino == other.info.st_ino;
  }
};

struct RawListing {
  std::vector<Found> files;  // newest first
  std::vector<PassedOver> passed_over;
};

Folder FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path, true};
  return {path.substr(0, slash + 1), path.substr(slash + 1), true};
}

bool IsDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Where a chain of symbolic links from `path` leads, each step; also if there is nothing at its
// end, as between the two halves of a rotation.
std::vector<std::string> LinkTargets(std::string path) {
  constexpr int kMostLinks = 40;  // as many as Linux follows
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
  std::vector<std::string> names = LinkTargets(files.path);
  names.push_back(files.path);
  for (const std::string& name : names) {
    folders.insert(FolderOf(name));
    for (const std::string& other : files.other_folders) {
      folders.insert({absl::EndsWith(other, "/") ? other : other + "/", FolderOf(name).base});
    }
  }
  return folders;
}

// Adds what is in `folder`. A folder that is not there has nothing in it.
absl::Status AddFolder(const Folder& folder, RawListing& listing) {
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
    // Moved away under its own name.
    if (suffix.empty() && !found.is_current) found.age.reset();
    if (fstatat(dirfd(stream), entry->d_name, &found.info, 0) != 0) {
      if (errno != ENOENT && errno != ELOOP) return ErrnoStatus(errno, found.path, "stat");
      // It has gone since, or is a link.
      if (fstatat(dirfd(stream), entry->d_name, &found.info, AT_SYMLINK_NOFOLLOW) == 0 &&
          !found.is_current) {
        listing.passed_over.push_back({.path = std::move(found.path),
                                       .why = "is a link to nothing",
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

// Newest first: the accounting file, then those of usual names in their order; each of the others
// before the first that was written no later.
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

// Leaves of several names for one file the newest, and a usual one if there is any: savelog links
// the file to its new name before it puts an empty one in its place.
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

absl::StatusOr<RawListing> ListFolders(const AccountingFiles& files) {
  RawListing listing;
  for (const Folder& folder : FoldersOf(files)) {
    if (absl::Status status = AddFolder(folder, listing); !status.ok()) return status;
  }
  Sort(listing.files);
  RemoveOtherNames(listing.files);
  return listing;
}

// Whether all files that were listed are still where they were, and none has come.
bool IsUnchanged(const RawListing& before, const RawListing& after) {
  return std::equal(before.files.begin(), before.files.end(), after.files.begin(),
                    after.files.end(), [](const Found& a, const Found& b) {
                      return a.path == b.path && a.IsSameFile(b) &&
                             a.info.st_size <= b.info.st_size;
                    });
}

// When the file at `path` was made; 0 if that is not known.
int64_t BornNanos(const std::string& path) {
  struct statx info = {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &info) != 0 ||
      (info.stx_mask & STATX_BTIME) == 0) {
    return 0;
  }
  return info.stx_btime.tv_sec * kNanosPerSecond + info.stx_btime.tv_nsec;
}

// By which file a cursor was made.
using Seals = absl::flat_hash_map<std::pair<uint64_t, uint64_t>, std::vector<size_t>>;

std::optional<size_t> SealOf(const Generation& generation, const std::vector<Cursor>& cursors,
                             const Seals& seals) {
  const auto found = seals.find({generation.device, generation.inode});
  if (found == seals.end()) return std::nullopt;
  for (const size_t c : found->second) {
    if (cursors[c].sealed_bytes != 0 && cursors[c].sealed_bytes == generation.size &&
        cursors[c].sealed_nanos == generation.modified_nanos) {
      return c;
    }
  }
  return std::nullopt;
}

// Whether the file has the inode of one of which it is known when it was made.
bool MayBeKnownByBirth(const Generation& generation, const std::vector<Cursor>& cursors,
                       const Seals& seals) {
  const auto found = seals.find({generation.device, generation.inode});
  return found != seals.end() && std::any_of(found->second.begin(), found->second.end(),
                                             [&](size_t c) { return cursors[c].born_nanos != 0; });
}

// Without waiting for the other end of what has become a pipe since it was listed.
absl::StatusOr<File> OpenListed(const Generation& generation) {
  absl::StatusOr<File> file = File::OpenForReading(generation.path, O_NONBLOCK);
  if (!file.ok() && !absl::IsNotFound(file.status())) return file.status();
  if (file.ok()) {
    const absl::StatusOr<struct stat> info = file->Stat();
    if (!info.ok()) return info.status();
    if (info->st_dev == generation.device && info->st_ino == generation.inode) return file;
  }
  return absl::AbortedError(
      absl::StrCat(generation.path, ": was replaced while it was read; run again"));
}

// Whether a file of an unusual name has records near its beginning. One is enough if it comes
// first; behind a torn one it takes several, by which records are found again behind damage.
// Version 0, which comes close to zeros and small numbers, always takes several.
absl::StatusOr<bool> HasRecords(const Generation& generation) {
  absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
  if (!content.ok()) return content.status();
  const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
  if (!block.ok()) return block.status();
  const std::optional<RecordView> first = RecordAt(*block, RecordFormat());
  if (first.has_value() && first->version() != kVersion0.version && IsRegular(*first)) return true;
  constexpr size_t kSearchedBytes = 4096;
  for (size_t at = 0; at < std::min(block->size(), kSearchedBytes); ++at) {
    const absl::Span<const uint8_t> rest = block->subspan(at);
    if (RecordsBegin(rest.subspan(0, kLookaheadBytes), RecordFormat(),
                     /*is_all=*/rest.size() <= kLookaheadBytes)) {
      return true;
    }
  }
  return false;
}

// `status` says what is wrong with it.
PassedOver Unreadable(const Generation& generation, const absl::Status& status) {
  absl::string_view why = status.message();
  absl::ConsumePrefix(&why, absl::StrCat(generation.path, ": "));
  return {.path = generation.path,
          .why = std::string(why),
          .has_usual_name = generation.has_usual_name,
          .is_unreadable = true};
}

// Opens what is not sealed, and passes over what holds no records. nullopt if it has been replaced
// since it was listed.
absl::StatusOr<std::optional<GenerationListing>> Opened(RawListing listed,
                                                        const std::vector<Cursor>& cursors,
                                                        bool passes_over_unreadable) {
  Seals seals;
  for (size_t c = 0; c < cursors.size(); ++c) {
    seals[{cursors[c].device, cursors[c].inode}].push_back(c);
  }
  GenerationListing listing{.passed_over = std::move(listed.passed_over)};
  listing.generations.reserve(listed.files.size());
  size_t held = 0;
  for (Found& found : listed.files) {
    Generation generation;
    generation.path = std::move(found.path);
    generation.size = static_cast<uint64_t>(found.info.st_size);
    generation.modified_nanos = found.modified_nanos();
    generation.device = found.info.st_dev;
    generation.inode = found.info.st_ino;
    generation.is_current = found.is_current;
    generation.has_usual_name = found.age.has_value();
    generation.seal = SealOf(generation, cursors, seals);
    if (generation.is_current || generation.size == 0 ||
        MayBeKnownByBirth(generation, cursors, seals)) {
      generation.born_nanos = BornNanos(generation.path);
    }
    if (generation.seal.has_value() || generation.size == 0) {
      listing.generations.push_back(std::move(generation));
      continue;
    }
    absl::StatusOr<File> file = OpenListed(generation);
    if (absl::IsAborted(file.status())) return std::optional<GenerationListing>();
    if (!file.ok() && found.age.has_value() && !passes_over_unreadable) return file.status();
    if (!file.ok()) {
      listing.passed_over.push_back(Unreadable(generation, file.status()));
      continue;
    }
    const absl::StatusOr<std::string> magic = file->ReadAt(0, kMagicBytes);
    if (!magic.ok()) {
      if (!passes_over_unreadable) return magic.status();
      listing.passed_over.push_back(Unreadable(generation, magic.status()));
      continue;
    }
    generation.is_compressed = DecompressorFor(*magic) != nullptr;
    if (held < kMostHeld) {
      ++held;
      generation.Hold(*std::move(file));
    }
    if (!found.age.has_value()) {
      const absl::StatusOr<bool> has_records = HasRecords(generation);
      if (!has_records.ok()) {
        if (!passes_over_unreadable) return has_records.status();
        listing.passed_over.push_back(Unreadable(generation, has_records.status()));
        continue;
      }
      if (!*has_records) {
        listing.passed_over.push_back(
            {generation.path,
             found.has_unknown_ending
                 ? "holds no accounting records that can be read; if it is compressed, gzip, xz, "
                   "zstd and bzip2 are known"
                 : "holds no accounting records",
             found.has_unknown_ending});
        continue;
      }
    }
    listing.generations.push_back(std::move(generation));
  }
  return std::optional(std::move(listing));
}

// The accounting file itself has to be one that can be read again.
absl::Status CheckIsFile(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": is not a regular file; accounting is collected from a file that can be reread"));
}

}  // namespace

absl::StatusOr<File> Generation::Open() const {
  return held_ != nullptr ? held_->Duplicate() : OpenListed(*this);
}

absl::StatusOr<std::unique_ptr<ByteSource>> Generation::OpenContent() const {
  absl::StatusOr<File> file = Open();
  if (!file.ok()) return file.status();
  if (!is_compressed) return MapSource(*std::move(file), 0, size);
  return OpenSource(*std::move(file));
}

absl::StatusOr<GenerationListing> ListGenerations(const AccountingFiles& files,
                                                  const std::vector<Cursor>& cursors) {
  if (absl::Status status = CheckIsFile(files.path); !status.ok()) return status;
  // A file that is renamed, copied or compressed between the listing and the opening is found
  // twice, or not at all; what was found counts if nothing has changed when it is looked at again.
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<RawListing> before = ListFolders(files);
    if (!before.ok()) return before.status();
    RawListing listed = *before;
    absl::StatusOr<std::optional<GenerationListing>> listing =
        Opened(std::move(listed), cursors, files.passes_over_unreadable);
    if (!listing.ok()) return listing.status();
    const absl::StatusOr<RawListing> after = ListFolders(files);
    if (!after.ok()) return after.status();
    if (!listing->has_value() || !IsUnchanged(*before, *after)) {
      absl::SleepFor(absl::Milliseconds(10));
      continue;
    }
    const bool has_unreadable =
        std::any_of((*listing)->passed_over.begin(), (*listing)->passed_over.end(),
                    [](const PassedOver& other) { return other.is_unreadable; });
    const bool is_listing = files.passes_over_unreadable && has_unreadable;
    if ((*listing)->generations.empty() && !is_listing) {
      if (IsDirectory(files.path)) {
        return absl::NotFoundError(
            absl::StrCat(files.path,
                         ": this folder holds no accounting files; name the file with "
                         "--accounting-file"));
      }
      return absl::NotFoundError(absl::StrCat(
          files.path,
          ": no such file; is process accounting on (package acct, `accton`)? Another place "
          "is given with --accounting-file"));
    }
    return **std::move(listing);
  }
  return absl::UnavailableError(
      absl::StrCat(files.path, ": is renamed faster than it can be opened; run again"));
}

}  // namespace cpuagg::acct
