// BoundedDirectory: a user directory that takes no longer than it may.
//
//   BoundedDirectory names(std::make_shared<NssDirectory>(), absl::Seconds(5));
//   names.NamesOf(uids)  // within five seconds, whatever NSS does

#ifndef CPUAGG_AGGREGATE_NAMES_BOUNDED_DIRECTORY_H_
#define CPUAGG_AGGREGATE_NAMES_BOUNDED_DIRECTORY_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/record/units.h"
#include "aggregate/names/user_directory.h"

namespace cpuagg::aggregate {

// Asks another directory, each id once, and for no longer than `budget` altogether: what that one
// has not said by then is DeadlineExceeded, and it is not asked any more. A single call may hang
// for as long as it likes (NSS waits half a minute for a server that is gone): calls are made on a
// thread, which is left behind then. Where no thread can be made, the caller's makes them, and
// looks at the time in between. What comes at once is cheaper than one after the other, since each
// time something is handed over to a thread and back.
class BoundedDirectory : public UserDirectory {
 public:
  // `budget` is finite. `directory` must not have anything that is gone before the process is.
  BoundedDirectory(std::shared_ptr<UserDirectory> directory, absl::Duration budget);
  ~BoundedDirectory() override;
  BoundedDirectory(const BoundedDirectory&) = delete;
  BoundedDirectory& operator=(const BoundedDirectory&) = delete;

  NameAnswer NameOf(acct::Uid uid) override;
  NameAnswer NameOf(acct::Gid gid) override;
  std::vector<NameAnswer> NamesOf(absl::Span<const acct::Uid> ids) override;
  std::vector<NameAnswer> NamesOf(absl::Span<const acct::Gid> ids) override;
  NameAnswer AccountNamed(const std::string& name) override;

  UnknownNames unknown_users() const override { return unknown_users_; }
  UnknownNames unknown_groups() const override { return unknown_groups_; }

 private:
  template <typename Id>
  using Answers = absl::flat_hash_map<Id, NameAnswer>;
  struct Batch;
  struct Shared;

  // The answers to `ids`, from `known` or else from the directory.
  template <typename Id>
  std::vector<NameAnswer> Find(absl::Span<const Id> ids, Answers<Id>& known, UnknownNames& unknown);
  // The first answers of `batch`: as many as there are in what is left of the budget.
  std::vector<NameAnswer> Ask(Batch batch);
  NameAnswer Late() const;
  // False if there can be none.
  bool HasThread();

  const std::shared_ptr<UserDirectory> directory_;
  const absl::Duration budget_;
  absl::Duration left_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
  Answers<acct::Uid> users_;
  Answers<acct::Gid> groups_;
  UnknownNames unknown_users_;
  UnknownNames unknown_groups_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_BOUNDED_DIRECTORY_H_
