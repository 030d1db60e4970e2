// UserDirectory: maps user and group ids to names.
//
//   std::unique_ptr<UserDirectory> names = ...PasswdFileDirectory::Load("testdata/lab/passwd");
//   names->NameOf(acct::Uid(1001))  // "alice"
//
// A directory may be unreachable, or take half a minute to answer. So "no answer" and "no account
// has this id" are different answers: after the first, the id is asked for again later.

#ifndef CPUAGG_AGGREGATE_NAMES_USER_DIRECTORY_H_
#define CPUAGG_AGGREGATE_NAMES_USER_DIRECTORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

// The whole name, in whatever bytes the directory has; nullopt if no account has the id; an error,
// in words for people, if that is unknown: Unavailable if the directory failed, DeadlineExceeded if
// there was no time left to ask.
using NameAnswer = absl::StatusOr<std::optional<std::string>>;

// How many ids a directory was asked for, how many of them got no answer, and why.
struct UnknownNames {
  uint64_t ids = 0;
  uint64_t unknown = 0;
  std::vector<std::string> reasons;  // each once

  void Count(const NameAnswer& answer);
};

class UserDirectory {
 public:
  virtual ~UserDirectory() = default;
  virtual NameAnswer NameOf(acct::Uid uid) = 0;
  // The same for a group. A directory without groups returns nullopt.
  virtual NameAnswer NameOf(acct::Gid) { return std::nullopt; }
  // The answers for `ids`, in the same order. Faster than single calls if each call has an
  // overhead.
  virtual std::vector<NameAnswer> NamesOf(absl::Span<const acct::Uid> ids);
  virtual std::vector<NameAnswer> NamesOf(absl::Span<const acct::Gid> ids);

  // The name itself if an account has that name. A directory that can only look up ids does not
  // know.
  virtual NameAnswer AccountNamed(const std::string& name);

  // The id of the group with that name, in digits; nullopt if there is none. Unimplemented of a
  // directory without groups.
  virtual NameAnswer IdOfGroup(const std::string& name);

  // Counts each id once that a directory with a time limit was asked for.
  virtual UnknownNames unknown_users() const { return {}; }
  virtual UnknownNames unknown_groups() const { return {}; }
};

// The accounts of this host through NSS, so that users from LDAP and sssd have names too. It asks
// NSS at each call and waits as long as NSS does; bounded_directory.h avoids both.
class NssDirectory : public UserDirectory {
 public:
  NameAnswer NameOf(acct::Uid uid) override;
  NameAnswer NameOf(acct::Gid gid) override;
  NameAnswer AccountNamed(const std::string& name) override;
  NameAnswer IdOfGroup(const std::string& name) override;

 private:
  std::vector<char> buffer_;
};

// The accounts of a file in the format of /etc/passwd (passwd(5)), for example from another host.
// If several lines have the same id, the first is used, as with NSS. Lines that are not accounts
// are ignored.
class PasswdFileDirectory : public UserDirectory {
 public:
  // `path` may be a pipe. NotFound, FailedPrecondition and so on if it cannot be read.
  // InvalidArgument if it is not empty but has no account, or if it is longer than 1 GiB.
  static absl::StatusOr<std::unique_ptr<PasswdFileDirectory>> Load(const std::string& path);
  explicit PasswdFileDirectory(absl::string_view content);

  using UserDirectory::NameOf;
  NameAnswer NameOf(acct::Uid uid) override;
  NameAnswer AccountNamed(const std::string& name) override;
  bool empty() const { return names_.empty(); }

 private:
  absl::flat_hash_map<acct::Uid, std::string> names_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_USER_DIRECTORY_H_
