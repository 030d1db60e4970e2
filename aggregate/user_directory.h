// UserDirectory: user and group ids -> names.
//
//   std::unique_ptr<UserDirectory> names = ...PasswdFileDirectory::Load("testdata/lab/passwd");
//   names->NameOf(acct::Uid(1001))  // "alice"

#ifndef CPUAGG_AGGREGATE_USER_DIRECTORY_H_
#define CPUAGG_AGGREGATE_USER_DIRECTORY_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/units.h"

namespace cpuagg::aggregate {

class UserDirectory {
 public:
  virtual ~UserDirectory() = default;
  // The whole name, in whatever bytes it is kept; nullopt if no account has this id.
  virtual std::optional<std::string> NameOf(acct::Uid uid) = 0;
  // The same for a group; a directory that knows no groups has none.
  virtual std::optional<std::string> NameOf(acct::Gid) { return std::nullopt; }
};

// The accounts of this host through NSS, so that LDAP and sssd users have names as well. Each id is
// looked up once.
class NssDirectory : public UserDirectory {
 public:
  std::optional<std::string> NameOf(acct::Uid uid) override;
  std::optional<std::string> NameOf(acct::Gid gid) override;

 private:
  absl::flat_hash_map<acct::Uid, std::optional<std::string>> users_;
  absl::flat_hash_map<acct::Gid, std::optional<std::string>> groups_;
};

// The accounts of a file in the format of /etc/passwd (passwd(5)), for example from another host.
// Of several lines with one id the first counts, as with NSS. Lines that are no accounts are
// ignored.
class PasswdFileDirectory : public UserDirectory {
 public:
  // NotFound, FailedPrecondition and so on if the file cannot be read; InvalidArgument if it has
  // content and not one account.
  static absl::StatusOr<std::unique_ptr<PasswdFileDirectory>> Load(const std::string& path);
  explicit PasswdFileDirectory(absl::string_view content);

  using UserDirectory::NameOf;
  std::optional<std::string> NameOf(acct::Uid uid) override;
  bool empty() const { return names_.empty(); }

 private:
  absl::flat_hash_map<acct::Uid, std::string> names_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USER_DIRECTORY_H_
