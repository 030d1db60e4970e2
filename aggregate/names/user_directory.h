// UserDirectory: user and group ids -> names.
//
//   std::unique_ptr<UserDirectory> names = ...PasswdFileDirectory::Load("testdata/lab/passwd");
//   names->NameOf(acct::Uid(1001))  // "alice"
//
// A directory may be out of reach, or take half a minute for an answer. That it did not say whose
// an id is and that it is nobody's are two answers: the first one is asked again some time.

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

// The whole name, in whatever bytes it is kept; nullopt if no account has the id; an error, in
// words for people, if that is not known: Unavailable if the directory failed, DeadlineExceeded if
// there was no time left to ask it.
using NameAnswer = absl::StatusOr<std::optional<std::string>>;

// How many of the ids that a directory was to say the names of it did not answer for, and why.
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
  // The same for a group; a directory that knows no groups has none.
  virtual NameAnswer NameOf(acct::Gid) { return std::nullopt; }
  // The answers for all of `ids`, in their order: quicker than one after the other where each takes
  // a way.
  virtual std::vector<NameAnswer> NamesOf(absl::Span<const acct::Uid> ids);
  virtual std::vector<NameAnswer> NamesOf(absl::Span<const acct::Gid> ids);

  // The name itself if there is an account of that name. A directory that is asked for ids alone
  // does not know.
  virtual NameAnswer AccountNamed(const std::string& name);

  // Of all that a directory with a limit of time was asked for, each id once.
  virtual UnknownNames unknown_users() const { return {}; }
  virtual UnknownNames unknown_groups() const { return {}; }
};

// The accounts of this host through NSS, so that LDAP and sssd users have names as well. It asks
// each time it is asked, and waits for as long as NSS does; bounded_directory.h does neither.
class NssDirectory : public UserDirectory {
 public:
  NameAnswer NameOf(acct::Uid uid) override;
  NameAnswer NameOf(acct::Gid gid) override;
  NameAnswer AccountNamed(const std::string& name) override;

 private:
  std::vector<char> buffer_;
};

// The accounts of a file in the format of /etc/passwd (passwd(5)), for example from another host.
// Of several lines with one id the first counts, as with NSS. Lines that are no accounts are
// ignored.
class PasswdFileDirectory : public UserDirectory {
 public:
  // `path` may be a pipe. NotFound, FailedPrecondition and so on if it cannot be read;
  // InvalidArgument if it has content and not one account, or more than 1 GiB.
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
