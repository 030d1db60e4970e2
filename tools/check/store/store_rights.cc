#include "tools/check/store/store_rights.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "notify/words/text.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {
namespace {

using notify::Pluralize;

// The first directory on the path of `path` that `who` may not enter; empty if there is none.
std::string ClosedAbove(const Identity& who, const std::string& path) {
  std::filesystem::path above;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  for (const std::filesystem::path& name : parent) {
    above /= name;
    if (!MayAccess(who, above.string(), X_OK).ok()) return above.string();
  }
  return "";
}

Finding FindOwner(const std::string& store, const Collector& collector, const Inventory& inventory,
                  const struct stat& directory) {
  const uid_t owner = directory.st_uid;
  Finding finding = {.id = "store_owner", .subject = "owner of the store"};
  const std::string name = UserText(owner);
  const uid_t collects = collector.who.user;
  if (name == absl::StrCat(owner) && owner != geteuid() && collects != owner &&
      collector.who.name != absl::StrCat(collects)) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat(store, " belongs to user id ", name, ", which has no account");
    finding.mends = {ChangeStore(
        store, "chown",
        absl::StrCat("--from=", name, " ", OwnerSpec(collects, collector.who.groups[0])))};
    return finding;
  }
  if (inventory.of_others == 0) {
    finding.text = absl::StrCat("all of it belongs to ", name);
    if (collector.who.user != owner && collector.who.user != 0) {
      finding.level = Level::kCritical;
      absl::StrAppend(&finding.text, ", but ", collector.who.name, " collects (", collector.source,
                      ")");
      finding.mends = {GiveStoreTo(store, OwnerSpec(collector.who.user, collector.who.groups[0]))};
    }
    return finding;
  }
  // Files created by others lock the owner out, unless the owner is root.
  finding.level = owner == 0 ? Level::kWarning : Level::kCritical;
  finding.text =
      absl::StrCat(store, " belongs to ", name, ", but ", Pluralize(inventory.of_others, "file"),
                   " in it ", inventory.of_others == 1 ? "does" : "do", " not, for example ",
                   inventory.first_other, "; ", name, " may not be able to read or replace them");
  finding.mends = {ChangeStore(store, "chown", OwnerSpec(owner, directory.st_gid))};
  return finding;
}

}  // namespace

Finding CheckStoreOwner(const std::string& store, const Collector& collector,
                        const Inventory& inventory, const struct stat& directory) {
  Finding finding = FindOwner(store, collector, inventory, directory);
  if (inventory.linked.empty() || finding.mends.empty()) return finding;
  // chown would also give away the file under its other name, wherever that is.
  finding.mends.clear();
  finding.advice = {absl::StrCat(inventory.linked,
                                 " has another name as well, maybe outside of the store: check "
                                 "what it is, and move it out before you change the owner")};
  return finding;
}

Finding CheckStoreWritable(const std::string& store, const Collector& collector) {
  Finding finding = {.id = "store_writable", .subject = "right to write"};
  const Identity& who = collector.who;
  const std::string snapshots = store + "/snapshots";
  const std::string lock = store + "/lock";
  // As FileLock has it, which makes one where there is none.
  constexpr off_t kLongestLock = 31;
  struct stat lock_info;
  if (lstat(lock.c_str(), &lock_info) == 0 &&
      (!S_ISREG(lock_info.st_mode) || lock_info.st_nlink > 1 || lock_info.st_size > kLongestLock)) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat(lock, ": is not a lock of cpuagg, and nothing can be collected");
    finding.mends = {absl::StrCat("mv ", ShellWord(lock), " ", ShellWord(store + ".lock.other"))};
    return finding;
  }
  for (const std::string& path : {store, snapshots, lock}) {
    const bool is_lock = absl::EndsWith(path, "/lock");
    const absl::Status status = MayAccess(who, path, is_lock ? R_OK | W_OK : R_OK | W_OK | X_OK);
    if (status.ok() || absl::IsNotFound(status)) continue;
    finding.text = std::string(status.message());
    if (absl::IsPermissionDenied(status)) {
      finding.level = Level::kNote;
      return finding;
    }
    // An ordinary user checks somebody else's store.
    if (who.user == geteuid() && who.user != 0 && collector.source == kWhoAsks) {
      finding.level = Level::kNote;
      return finding;
    }
    finding.level = Level::kCritical;
    struct statvfs volume;
    if (statvfs(path.c_str(), &volume) == 0 && (volume.f_flag & ST_RDONLY) != 0) {
      absl::StrAppend(&finding.text, " (its file system is mounted read-only)");
      finding.mends = {
          absl::StrCat("mount -o remount,rw $(findmnt -no TARGET -T ", ShellWord(store), ")")};
    } else if (const std::string closed = ClosedAbove(who, store); !closed.empty()) {
      finding.mends = {
          absl::StrCat("chmod o+x ", ShellWord(closed), "  # or set STORE to a folder elsewhere")};
    } else {
      const std::string spec = OwnerSpec(who.user, who.groups[0]);
      struct stat info;
      const bool is_his = stat(store.c_str(), &info) == 0 && info.st_uid == who.user;
      if (IsStoreAlone(store) || path != store) {
        finding.mends = {absl::StrCat(ChangeStore(store, "chown", spec), " && ",
                                      ChangeStore(store, "chmod", "u+rwX"))};
      } else {
        finding.mends = {is_his ? absl::StrCat("chmod u+rwx ", ShellWord(store))
                                : GiveStoreTo(store, spec)};
      }
    }
    return finding;
  }
  finding.text = absl::StrCat(who.name, " may write to ", store, " (", collector.source, ")");
  return finding;
}

}  // namespace cpuagg::tools::check
