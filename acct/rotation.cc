#include "acct/rotation.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "acct/decompressor.h"
#include "acct/open_source.h"

namespace cpuagg::acct {
namespace {

// The paths of the generations of `path`, newest first.
absl::StatusOr<std::vector<std::string>> ListGenerations(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string base = slash == std::string::npos ? path : path.substr(slash + 1);
  DIR* const stream = opendir(directory.c_str());
  if (stream == nullptr) {
    if (errno == ENOENT) return std::vector<std::string>();
    return ErrnoStatus(errno, directory, "list the directory");
  }
  const absl::Cleanup close = [stream] { closedir(stream); };
  std::vector<std::pair<std::vector<int64_t>, std::string>> found;
  while (const dirent* const entry = readdir(stream)) {
    absl::string_view suffix = entry->d_name;
    if (!absl::ConsumePrefix(&suffix, base)) continue;
    std::optional<std::vector<int64_t>> age = AgeByName(suffix);
    if (!age.has_value()) continue;
    // A link to nothing is no generation, whatever it is called.
    std::string name = absl::StrCat(path, suffix);
    struct stat info;
    if (stat(name.c_str(), &info) == 0) found.emplace_back(*std::move(age), std::move(name));
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  paths.reserve(found.size());
  for (auto& [age, name] : found) paths.push_back(std::move(name));
  return paths;
}

// Opens what exists of `paths`, which are newest first.
absl::StatusOr<std::vector<Generation>> OpenAll(const std::vector<std::string>& paths) {
  std::vector<Generation> generations;
  generations.reserve(paths.size());
  for (const std::string& path : paths) {
    absl::StatusOr<File> file = File::OpenForReading(path);
    if (absl::IsNotFound(file.status())) continue;
    if (!file.ok()) return file.status();
    absl::StatusOr<struct stat> info = file->Stat();
    if (!info.ok()) return info.status();
    if (!S_ISREG(info->st_mode)) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": is not a regular file; accounting is collected from a file that can be reread"));
    }
    const absl::StatusOr<std::string> magic = file->ReadAt(0, kMagicBytes);
    if (!magic.ok()) return magic.status();
    constexpr int64_t kNanosPerSecond = 1'000'000'000;
    generations.push_back(
        {.file = *std::move(file),
         .size = static_cast<uint64_t>(info->st_size),
         .modified_nanos = info->st_mtim.tv_sec * kNanosPerSecond + info->st_mtim.tv_nsec,
         .device = info->st_dev,
         .inode = info->st_ino,
         .is_compressed = DecompressorFor(*magic) != nullptr});
  }
  return generations;
}

// Whether the names still stand for what was opened under them.
bool AreStillThere(const std::vector<Generation>& generations) {
  return std::all_of(generations.begin(), generations.end(), [](const Generation& generation) {
    struct stat info;
    return stat(generation.file.path().c_str(), &info) == 0 && info.st_dev == generation.device &&
           info.st_ino == generation.inode &&
           static_cast<uint64_t>(info.st_size) >= generation.size;
  });
}

// Leaves of several names for one file the newest.
void RemoveOtherNames(std::vector<Generation>& generations) {
  for (size_t i = 0; i < generations.size(); ++i) {
    for (size_t j = generations.size(); --j > i;) {
      if (generations[i].device == generations[j].device &&
          generations[i].inode == generations[j].inode) {
        generations.erase(generations.begin() + static_cast<ptrdiff_t>(j));
      }
    }
  }
}

bool IsSealedBy(const Generation& generation, const Cursor& cursor) {
  return generation.is_compressed && cursor.sealed_bytes != 0 &&
         generation.size == cursor.sealed_bytes &&
         generation.modified_nanos == cursor.sealed_nanos && generation.device == cursor.device &&
         generation.inode == cursor.inode;
}

// The first bytes of a generation's content.
absl::StatusOr<std::string> HeadOf(const Generation& generation) {
  if (!generation.is_compressed) return generation.file.ReadAt(0, Cursor::kMarkBytes);
  absl::StatusOr<std::unique_ptr<ByteSource>> content = OpenContent(generation);
  if (!content.ok()) return content.status();
  const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
  if (!block.ok()) return block.status();
  const absl::Span<const uint8_t> head = block->subspan(0, Cursor::kMarkBytes);
  return std::string(reinterpret_cast<const char*>(head.data()), head.size());
}

// Whether two files begin alike, as far as both go.
bool AreAlike(absl::string_view a, absl::string_view b) {
  const size_t length = std::min(a.size(), b.size());
  return length > 0 && a.substr(0, length) == b.substr(0, length);
}

// How a generation that begins as the one of a cursor does goes on.
enum class Fit {
  kNone,     // otherwise
  kShorter,  // not at all: it ends before the cursor
  kReaches,  // with what stands before the cursor
};

absl::StatusOr<Fit> FitOf(const Generation& generation, const Cursor& cursor) {
  // A cursor comes from a file as well, so its parts may disagree.
  if (cursor.tail.size() > cursor.offset) return Fit::kNone;
  if (!generation.is_compressed) {
    if (generation.size < cursor.offset) return Fit::kShorter;
    absl::StatusOr<std::string> tail =
        generation.file.ReadAt(cursor.offset - cursor.tail.size(), cursor.tail.size());
    if (!tail.ok()) return tail.status();
    return *tail == cursor.tail ? Fit::kReaches : Fit::kNone;
  }
  absl::StatusOr<std::unique_ptr<ByteSource>> content = OpenContent(generation);
  if (!content.ok()) return content.status();
  Marks marks;
  for (uint64_t left = cursor.offset; left > 0;) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) return Fit::kShorter;
    const absl::Span<const uint8_t> part = block->subspan(0, left);
    marks.Add(part);
    left -= part.size();
  }
  return marks.cursor().tail == cursor.tail ? Fit::kReaches : Fit::kNone;
}

// Of several generations with the same content as far as it goes, the one with the largest rank is
// read: one that has all that was read before, the one whose inode is known, one that may still
// grow, the longest.
auto RankOf(const Generation& generation, Fit fit, const Cursor& cursor) {
  const bool same_inode = generation.device == cursor.device && generation.inode == cursor.inode;
  return std::tuple(fit == Fit::kReaches, same_inode, !generation.is_compressed, generation.size);
}

}  // namespace

std::optional<std::vector<int64_t>> AgeByName(absl::string_view suffix) {
  constexpr int64_t kCurrent = 0;
  constexpr int64_t kNumbered = 1;
  constexpr int64_t kDated = 2;
  constexpr size_t kDateDigits = 8;
  for (const absl::string_view extension : {".gz", ".xz", ".zst", ".bz2"}) {
    if (absl::ConsumeSuffix(&suffix, extension)) break;
  }
  if (suffix.empty()) return std::vector<int64_t>{kCurrent};
  if (suffix[0] != '.' && suffix[0] != '-') return std::nullopt;
  const bool is_dotted = suffix[0] == '.';
  suffix.remove_prefix(1);
  // A number, or a date and whatever else tells times of a day apart.
  std::vector<int64_t> age = {0};
  for (const absl::string_view part : absl::StrSplit(suffix, absl::ByAnyChar("-._"))) {
    int64_t number = 0;
    if (part.empty() || !std::all_of(part.begin(), part.end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(part, &number)) {
      return std::nullopt;
    }
    const bool is_date = age.size() > 1 || part.size() >= kDateDigits;
    if (age.size() == 1) age[0] = is_date ? kDated : kNumbered;
    if (!is_date && !is_dotted) return std::nullopt;
    // Of dates the larger is the newer.
    age.push_back(age[0] == kDated ? -number : number);
  }
  return age;
}

absl::StatusOr<std::vector<Generation>> OpenGenerations(const std::string& path) {
  // A file that is renamed, copied or compressed between the listing and the opening is found
  // twice, or not at all; what was found counts if nothing has changed when it is looked at again.
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    const absl::StatusOr<std::vector<std::string>> paths = ListGenerations(path);
    if (!paths.ok()) return paths.status();
    absl::StatusOr<std::vector<Generation>> generations = OpenAll(*paths);
    if (!generations.ok()) return generations.status();
    const absl::StatusOr<std::vector<std::string>> again = ListGenerations(path);
    if (!again.ok()) return again.status();
    if (*paths != *again || generations->size() != paths->size() || !AreStillThere(*generations)) {
      absl::SleepFor(absl::Milliseconds(10));
      continue;
    }
    if (generations->empty()) {
      return absl::NotFoundError(absl::StrCat(
          path,
          ": no such file; is process accounting on (package acct, `accton`)? Another place "
          "is given with --accounting-file"));
    }
    // savelog links the file to its new name before it puts an empty one in its place.
    RemoveOtherNames(*generations);
    return generations;
  }
  return absl::UnavailableError(
      absl::StrCat(path, ": is renamed faster than it can be opened; run again"));
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenContent(const Generation& generation) {
  absl::StatusOr<File> file = generation.file.Duplicate();
  if (!file.ok()) return file.status();
  if (!generation.is_compressed) return MapSource(*std::move(file), 0, generation.size);
  return OpenSource(*std::move(file));
}

absl::StatusOr<std::vector<KnownGeneration>> Recognise(const std::vector<Generation>& generations,
                                                       const std::vector<Cursor>& cursors) {
  std::vector<KnownGeneration> known(generations.size());
  std::vector<std::string> heads(generations.size());
  std::vector<bool> is_settled(generations.size());
  std::vector<bool> is_sealed(cursors.size());
  for (size_t g = 0; g < generations.size(); ++g) {
    if (!generations[g].is_compressed) known[g].size = generations[g].size;
    const auto seal = std::find_if(cursors.begin(), cursors.end(), [&](const Cursor& cursor) {
      return IsSealedBy(generations[g], cursor);
    });
    if (seal != cursors.end()) {
      known[g].cursor = static_cast<size_t>(seal - cursors.begin());
      known[g].holds_nothing_new = true;
      is_settled[g] = true;
      is_sealed[*known[g].cursor] = true;
      continue;
    }
    absl::StatusOr<std::string> head = HeadOf(generations[g]);
    if (!head.ok()) return head.status();
    heads[g] = *std::move(head);
  }

  for (size_t c = 0; c < cursors.size(); ++c) {
    std::optional<std::pair<decltype(RankOf(Generation(), Fit::kNone, Cursor())), size_t>> best;
    for (size_t g = 0; g < generations.size(); ++g) {
      if (is_settled[g] || !AreAlike(heads[g], cursors[c].head)) continue;
      const absl::StatusOr<Fit> fit = FitOf(generations[g], cursors[c]);
      if (!fit.ok()) return fit.status();
      if (*fit == Fit::kNone) continue;
      is_settled[g] = true;
      known[g].cursor = c;
      known[g].holds_nothing_new = true;
      // What is compressed and ends early will not grow any more.
      if (is_sealed[c] || (*fit == Fit::kShorter && generations[g].is_compressed)) continue;
      const std::pair candidate(RankOf(generations[g], *fit, cursors[c]), g);
      if (!best.has_value() || candidate.first > best->first) best = candidate;
    }
    if (best.has_value()) known[best->second].holds_nothing_new = false;
  }

  // What nobody has seen before may be there twice as well, while it is compressed or copied.
  for (size_t g = 0; g < generations.size(); ++g) {
    if (is_settled[g]) continue;
    size_t best = g;
    for (size_t h = g; h < generations.size(); ++h) {
      if (is_settled[h] || !AreAlike(heads[g], heads[h])) continue;
      is_settled[h] = true;
      known[h].holds_nothing_new = true;
      if (RankOf(generations[h], Fit::kReaches, Cursor()) >
          RankOf(generations[best], Fit::kReaches, Cursor())) {
        best = h;
      }
    }
    known[best].holds_nothing_new = false;
  }
  return known;
}

}  // namespace cpuagg::acct
