#include "acct/rotation/rotation.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "acct/io/decompressor.h"
#include "acct/io/open_source.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"

namespace cpuagg::acct {
namespace {

// The creation time of the file at `path`; 0 if unknown.
int64_t BornNanos(const std::string& path) {
  struct statx info = {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &info) != 0 ||
      (info.stx_mask & STATX_BTIME) == 0) {
    return 0;
  }
  return info.stx_btime.tv_sec * kNanosPerSecond + info.stx_btime.tv_nsec;
}

// The cursors (indices) of each file, by device and inode.
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

// Whether a cursor with the file's inode knows its creation time.
bool MayBeKnownByBirth(const Generation& generation, const std::vector<Cursor>& cursors,
                       const Seals& seals) {
  const auto found = seals.find({generation.device, generation.inode});
  return found != seals.end() && std::any_of(found->second.begin(), found->second.end(),
                                             [&](size_t c) { return cursors[c].born_nanos != 0; });
}

// Does not block if the file has become a pipe since it was listed.
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

// Whether a file with an unusual name has records near its beginning. One is enough if it comes
// first. After a torn one, several are necessary, as when records are found again after damage. So
// they are for version 0, which zeros and small numbers resemble.
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

// `status` describes the problem.
PassedOver Unreadable(const Generation& generation, const absl::Status& status) {
  absl::string_view why = status.message();
  absl::ConsumePrefix(&why, absl::StrCat(generation.path, ": "));
  return {.path = generation.path,
          .why = std::string(why),
          .has_usual_name = generation.has_usual_name,
          .is_unreadable = true};
}

// Opens the unsealed files, and passes over those without records. nullopt if a file has been
// replaced since it was listed.
absl::StatusOr<std::optional<GenerationListing>> Opened(FolderListing listed,
                                                        const std::vector<Cursor>& cursors,
                                                        const AccountingFiles& files) {
  const bool passes_over_unreadable = files.passes_over_unreadable;
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
    if (generation.seal.has_value() || generation.size == 0 ||
        files.known.contains({generation.device, generation.inode})) {
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
        listing.passed_over.push_back({generation.path,
                                       found.has_unknown_ending
                                           ? "holds no accounting records that can be read; cpuagg "
                                             "can decompress gzip, xz, zstd and bzip2"
                                           : "holds no accounting records",
                                       found.has_unknown_ending});
        continue;
      }
    }
    listing.generations.push_back(std::move(generation));
  }
  return std::optional(std::move(listing));
}

// The accounting file itself must be a regular file or a folder, which can be read again.
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

absl::StatusOr<std::unique_ptr<ByteSource>> Generation::OpenContent(Progress* progress) const {
  absl::StatusOr<File> file = Open();
  if (!file.ok()) return file.status();
  if (!is_compressed) return MapSource(*std::move(file), 0, size, progress);
  return OpenSource(*std::move(file), progress);
}

absl::StatusOr<GenerationListing> ListGenerations(const AccountingFiles& files,
                                                  const std::vector<Cursor>& cursors) {
  if (absl::Status status = CheckIsFile(files.path); !status.ok()) return status;
  // A file that is renamed, copied or compressed between the listing and the opening may be found
  // twice, or not at all. So the result is valid only if a second listing shows no change.
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<FolderListing> before = ListFolders(files);
    if (!before.ok()) return before.status();
    FolderListing listed = *before;
    absl::StatusOr<std::optional<GenerationListing>> listing =
        Opened(std::move(listed), cursors, files);
    if (!listing.ok()) return listing.status();
    const absl::StatusOr<FolderListing> after = ListFolders(files);
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
      return absl::NotFoundError(
          absl::StrCat(files.path,
                       ": no such file; is process accounting on (package acct, `accton`)? If the "
                       "file is elsewhere, name it with --accounting-file"));
    }
    return **std::move(listing);
  }
  return absl::UnavailableError(absl::StrCat(
      files.path, ": kept changing while it was being opened (is it being rotated?); run again"));
}

}  // namespace cpuagg::acct
