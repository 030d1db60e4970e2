#include "tools/check/accounting/file_check.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "acct/io/byte_source.h"
#include "acct/io/decompressor.h"
#include "acct/io/file.h"
#include "acct/io/open_source.h"
#include "acct/record/byte_order.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/rotation/rotation.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/for_each_record.h"
#include "acct/scan/input_set.h"
#include "aggregate/report/folder_history.h"
#include "aggregate/report/history.h"
#include "aggregate/usage/period.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::tools::check {
namespace {

using notify::Pluralize;

// A summary of the records of a file.
struct Contents {
  std::map<std::pair<uint8_t, acct::ByteOrder>, uint64_t> kinds;  // the number of records of each
                                                                  // kind
  absl::flat_hash_set<acct::Uid> users;
  int64_t first_end = 0;  // in hundredths of a second since 1970
  int64_t last_end = 0;
  bool is_empty = true;

  template <typename Record>
  void Add(const Record& any) {
    const acct::RecordView record = any.view();
    ++kinds[{record.version(), record.byte_order()}];
    users.insert(record.uid());
    const int64_t end = record.end_hundredths();
    first_end = is_empty ? end : std::min(first_end, end);
    last_end = is_empty ? end : std::max(last_end, end);
    is_empty = false;
  }
};

// "gzip"; empty if the file is plain, or if it comes through a pipe, which can be read only once.
std::string CompressionOf(const std::string& path) {
  if (path == "-") return "";
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
  const absl::StatusOr<acct::File> file = acct::File::OpenForReading(path, O_NONBLOCK);
  if (!file.ok()) return "";
  const absl::StatusOr<std::string> head = file->ReadAt(0, acct::kMagicBytes);
  if (!head.ok()) return "";
  const std::unique_ptr<acct::Decompressor> decompressor = acct::DecompressorFor(*head);
  return decompressor == nullptr ? "" : std::string(decompressor->name());
}

// The kind of a file without content; nullptr for one with content.
const char* KindWithoutRecords(mode_t mode) {
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return nullptr;
}

// A pipe with a name, which may have no writer. A shell's pipe, as in `<(zcat FILE)`, has a writer
// from the beginning.
bool IsNamedPipe(const acct::File& file, const struct stat& info) {
  constexpr auto kPipesWithoutName = 0x50495045;  // PIPEFS_MAGIC of linux/magic.h
  struct statfs volume;
  return S_ISFIFO(info.st_mode) && fstatfs(file.fd(), &volume) == 0 &&
         volume.f_type != kPipesWithoutName;
}

absl::StatusOr<std::unique_ptr<acct::ByteSource>> Open(const std::string& path) {
  if (path == "-") return acct::OpenSource(path);
  // Opening a device may have side effects, and a socket cannot be opened.
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    if (const char* const kind = KindWithoutRecords(info.st_mode); kind != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("is ", kind, ", and accounting files are regular files, or pipes"));
    }
  }
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path, O_NONBLOCK | O_NOCTTY);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> opened = file->Stat();
  if (!opened.ok()) return opened.status();
  if (IsNamedPipe(*file, *opened)) {
    constexpr int kPatienceMs = 5000;
    pollfd pipe = {.fd = file->fd(), .events = POLLIN, .revents = 0};
    int ready;
    while ((ready = poll(&pipe, 1, kPatienceMs)) < 0 && errno == EINTR) {
    }
    if (ready == 0) {
      return absl::UnavailableError("is a named pipe, to which nobody has written for 5 s");
    }
  }
  if (fcntl(file->fd(), F_SETFL, 0) != 0) return acct::ErrnoStatus(errno, path, "be read");
  return acct::OpenSource(*std::move(file));
}

absl::StatusOr<acct::ByteAccount> Read(const std::string& path, const acct::RecordFormat& format,
                                       Contents& contents) {
  const absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = Open(path);
  if (!source.ok()) return source.status();
  return acct::ForEachRecord(**source, {.format = format}, [&](const auto& record, uint64_t) {
    contents.Add(record);
    return true;
  });
}

// There is at least one record.
std::string ContentsText(const acct::ByteAccount& account, const Contents& contents,
                         absl::TimeZone zone) {
  std::string text = Pluralize(account.records, "record");
  const char* before = " of version ";
  for (const auto& [kind, count] : contents.kinds) {
    absl::StrAppend(&text, before, static_cast<int>(kind.first),
                    kind.second == acct::ByteOrder::kBig ? " (big-endian)" : "");
    if (contents.kinds.size() > 1) absl::StrAppend(&text, ": ", count);
    before = ", version ";
  }
  const aggregate::Period ends = {absl::FromUnixMillis(contents.first_end * 10),
                                  absl::FromUnixMillis(contents.last_end * 10)};
  return absl::StrCat(text, ", ended ", notify::PeriodText(ends, zone), ", of ",
                      Pluralize(contents.users.size(), "user"));
}

void AddDamage(const acct::ByteAccount& account, const std::string& name, Findings& findings) {
  constexpr size_t kMost = 20;
  const auto add = [&](std::string text) {
    findings.Add(
        {.id = "file_damage", .level = Level::kWarning, .subject = name, .text = std::move(text)});
  };
  for (size_t i = 0; i < std::min(kMost, account.skipped.size()); ++i) {
    const acct::SkippedRegion& region = account.skipped[i];
    add(absl::StrCat(Pluralize(region.end - region.begin, "byte"), " at offset ", region.begin,
                     ": ", acct::SkipReasonText(region.reason)));
  }
  if (account.regions > kMost) {
    add(absl::StrCat("and ", Pluralize(account.regions - kMost, "more place")));
  }
  if (!account.cut_short.empty()) add(account.cut_short);
  if (account.trailing_bytes > 0) {
    add(absl::StrCat("the last ", Pluralize(account.trailing_bytes, "byte"), ", from offset ",
                     account.bytes - account.trailing_bytes,
                     ", are not a whole record: the file was cut off, or is being written"));
  }
}

}  // namespace

void CheckFile(const std::string& path, const acct::RecordFormat& format, absl::TimeZone zone,
               Findings& findings) {
  Finding finding = {.id = "file", .subject = acct::DisplayName(path)};
  Contents contents;
  const absl::StatusOr<acct::ByteAccount> account = Read(path, format, contents);
  if (!account.ok()) {
    finding.level = Level::kCritical;
    absl::string_view text = account.status().message();
    absl::ConsumePrefix(&text, absl::StrCat(path, ": "));
    finding.text = std::string(text);
    findings.Add(std::move(finding));
    return;
  }
  const std::string compression = CompressionOf(path);
  const std::string size = absl::StrCat(
      Pluralize(account->bytes, "byte"),
      compression.empty() ? "" : absl::StrCat(" (as decompressed from ", compression, ")"));
  finding.numbers = {{"bytes", static_cast<int64_t>(account->bytes), "B"},
                     {"records", static_cast<int64_t>(account->records), ""},
                     {"skipped_bytes", static_cast<int64_t>(account->skipped_bytes), "B"},
                     {"trailing_bytes", static_cast<int64_t>(account->trailing_bytes), "B"}};
  if (account->records == 0 && (account->bytes > 0 || !account->cut_short.empty())) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat("nothing in it is an accounting record: ", size,
                                *account->foreign_format == '\0' ? "" : "; it looks like one of ",
                                account->foreign_format);
  } else if (account->damaged()) {
    finding.level = Level::kWarning;
    finding.text = absl::StrCat("damaged: ", size, ", of which ",
                                account->skipped_bytes + account->trailing_bytes,
                                " are not records; ", ContentsText(*account, contents, zone));
  } else if (account->bytes == 0 && path == "-" && acct::StandardInputIsPiped()) {
    finding.level = Level::kWarning;
    finding.text = "has no bytes; has the command that writes to it failed?";
  } else {
    finding.text = account->bytes == 0 ? std::string("whole, and empty")
                                       : absl::StrCat("whole: ", size, "; ",
                                                      ContentsText(*account, contents, zone));
  }
  const std::string name = finding.subject;
  findings.Add(std::move(finding));
  // If nothing is a record, there are no damaged places to tell apart.
  if (account->damaged() && account->records > 0) AddDamage(*account, name, findings);
}

void CheckFolder(const std::string& folder, const acct::RecordFormat& format, absl::TimeZone zone,
                 Findings& findings) {
  const absl::StatusOr<aggregate::History> history = aggregate::FindInFolder(folder);
  if (!history.ok()) {
    absl::string_view text = history.status().message();
    absl::ConsumePrefix(&text, absl::StrCat(folder, ": "));
    findings.Add({.id = "file",
                  .level = Level::kCritical,
                  .subject = acct::DisplayName(folder),
                  .text = std::string(text)});
    return;
  }
  for (const std::string& path : history->paths) CheckFile(path, format, zone, findings);
  for (const acct::PassedOver& other : history->passed_over) {
    findings.Add({.id = "file_passed_over",
                  .level = Level::kNote,
                  .subject = acct::DisplayName(other.path),
                  .text = absl::StrCat("not checked: ", other.why)});
  }
}

}  // namespace cpuagg::tools::check
