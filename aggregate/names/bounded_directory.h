// BoundedDirectory: a user directory with a time limit.
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

// Asks another directory for each id once, for at most `budget` altogether. Ids without an answer
// by then get DeadlineExceeded, and no more are asked for. A single call may hang for any length of
// time: NSS waits half a minute for a server that is gone. So a separate thread makes the calls,
// and is abandoned if it hangs. If no thread can be started, the caller's thread makes the calls
// and checks the time between them. Asking for several ids in one call is cheaper, since each call
// hands work to the other thread and waits for the answer.
class BoundedDirectory : public UserDirectory {
 public:
  // `budget` is finite. `directory` must not use anything that is destroyed before the process
  // ends, because an abandoned thread may still use it.
  BoundedDirectory(std::shared_ptr<UserDirectory> directory, absl::Duration budget);
  ~BoundedDirectory() override;
  BoundedDirectory(const BoundedDirectory&) = delete;
  BoundedDirectory& operator=(const BoundedDirectory&) = delete;

  NameAnswer NameOf(acct::Uid uid) override;
  NameAnswer NameOf(acct::Gid gid) override;
  std::vector<NameAnswer> NamesOf(absl::Span<const acct::Uid> ids) override;
  std::vector<NameAnswer> NamesOf(absl::Span<const acct::Gid> ids) override;
  NameAnswer AccountNamed(const std::string& name) override;
  NameAnswer IdOfGroup(const std::string& name) override;

  UnknownNames unknown_users() const override { return unknown_users_; }
  UnknownNames unknown_groups() const override { return unknown_groups_; }

 private:
  template <typename Id>
  using Answers = absl::flat_hash_map<Id, NameAnswer>;
  struct Batch;
  struct Shared;

  // The answers for `ids`, from `known` or else from the directory.
  template <typename Id>
  std::vector<NameAnswer> Find(absl::Span<const Id> ids, Answers<Id>& known, UnknownNames& unknown);
  // The first answers for `batch`: as many as arrive within the rest of the budget.
  std::vector<NameAnswer> Ask(Batch batch);
  NameAnswer Late() const;
  // Starts the thread if necessary. False if it cannot be started.
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
